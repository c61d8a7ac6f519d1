"""Exercises of notebooks/1_rag/06_knowledge_graph."""

import re

from labs.exercise_cases import Case, Exercise


def same_entity(a: str, b: str) -> bool:
    """Whether two spellings differ only in case, dashes, article and possessive."""

    def bare(name: str) -> list[str]:
        name = re.sub(r"^the\s+", "", name.strip().lower())
        name = re.sub(r"['\u2019]s?$", "", name)
        return re.findall(r"[a-z]+|\d+", name)

    return bare(a) == bare(b)


def one_step(
    found: dict[str, float],
    links: dict[str, list[str]],
    seeds: dict[str, float],
    damping: float,
) -> dict[str, float]:
    """One step of personalised PageRank along links of equal weight."""
    moved = {node: (1 - damping) * seeds.get(node, 0.0) for node in found}
    for node, share in found.items():
        for other in links[node]:
            moved[other] += damping * share / len(links[node])
    return moved


def shortest_path(
    passages: dict[str, list[str]], start: str, goal: str
) -> list[str] | None:
    """The fewest passages that lead from one entity to another; [] if not at all."""
    paths, seen = {start: []}, {start}
    while paths and goal not in paths:
        longer = {}
        for entity, path in paths.items():
            for passage, named in passages.items():
                for other in named if entity in named else ():
                    if other not in seen:
                        seen.add(other)
                        longer[other] = [*path, passage]
        paths = longer
    return paths.get(goal, [])


_LINKS = {"a": ["p"], "p": ["a", "b"], "b": ["p", "q"], "q": ["b"]}
_START = {"a": 1.0, "p": 0.0, "b": 0.0, "q": 0.0}
_TOY = {"p1": ["a", "b"], "p2": ["b", "c"], "p3": ["c", "d"], "p4": ["a", "x"]}

EXERCISES = (
    Exercise(
        same_entity,
        "Bring both names into one form: lower case, without the article before and "
        "the possessive behind. Then compare their words and figures in order: "
        r're.findall(r"[a-z]+|\d+", name).',
        (
            Case(("Merlin 60", "MERLIN 60"), True, "Case does not count."),
            Case(("Merlin-60", "Merlin 60"), True, "Nor does a dash."),
            Case(("the Merlin 60", "Merlin 60"), True, "Nor does an article."),
            Case(("Merlin 60's", "Merlin 60"), True, "Nor does a possessive."),
            Case(("Merlin 60", "Merlin 64"), False, "A sibling is somebody else."),
            Case(("F-2317", "F-2371"), False, "One figure makes it another code."),
            Case(("Merlin 60", "Merlin"), False, "A family is not its model."),
            Case(("Theory 60", "ory 60"), False, "Only a whole word is an article."),
            Case(("P-11", "P-1 1"), False, "Figures end where a space stands."),
        ),
    ),
    Exercise(
        one_step,
        "Each node begins with (1 - damping) of its seed. Then every node hands "
        "damping times its share on, in equal parts to those that it links to.",
        (
            Case(
                (_START, _LINKS, {"a": 1.0}, 0.5),
                {"a": 0.5, "p": 0.5, "b": 0.0, "q": 0.0},
                "From one entity to its only passage.",
            ),
            Case(
                ({"a": 0.5, "p": 0.5, "b": 0.0, "q": 0.0}, _LINKS, {"a": 1.0}, 0.5),
                {"a": 0.625, "p": 0.25, "b": 0.125, "q": 0.0},
                "A passage that names two parts its share.",
            ),
            Case(
                (_START, _LINKS, {"b": 1.0}, 0.5),
                {"a": 0.0, "p": 0.5, "b": 0.5, "q": 0.0},
                "What returns, returns to the seeds and not to where it was.",
            ),
            Case(
                (_START, _LINKS, {"a": 1.0}, 0.0),
                {"a": 1.0, "p": 0.0, "b": 0.0, "q": 0.0},
                "At damping 0 nothing moves on.",
            ),
            Case(
                ({"a": 0.25, "b": 0.75}, {"a": ["b"], "b": ["a"]}, {"a": 1.0}, 1.0),
                {"a": 0.75, "b": 0.25},
                "At damping 1 nothing returns.",
            ),
        ),
    ),
    Exercise(
        shortest_path,
        "Go out from the start, one passage further at a time: whom does a passage "
        "name together with somebody who was reached? Remember the passages on the "
        "way, and who was seen already.",
        (
            Case((_TOY, "a", "b"), ["p1"], "One passage names both."),
            Case((_TOY, "a", "c"), ["p1", "p2"], "Two passages share b."),
            Case((_TOY, "a", "d"), ["p1", "p2", "p3"], "Three passages."),
            Case((_TOY, "d", "x"), ["p3", "p2", "p1", "p4"], "Backwards as well."),
            Case(
                ({"p1": ["a", "b"], "p2": ["b", "c"], "p3": ["a", "c"]}, "a", "c"),
                ["p3"],
                "The shorter way, though it was found later.",
            ),
            Case((_TOY, "a", "a"), [], "Already there."),
            Case(
                ({"p1": ["a", "b"], "p2": ["c"]}, "a", "c"),
                [],
                "No way leads there.",
            ),
        ),
    ),
)
