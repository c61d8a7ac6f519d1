"""Exercises of notebooks/1_rag/02_before_retrieval."""

from labs.exercise_cases import Case, Exercise


def join_sentences(
    sentences: list[str], distances: list[float], limit: float
) -> list[str]:
    """Neighbours joined by spaces, but not over a distance above the limit."""
    passages = []
    for i, sentence in enumerate(sentences):
        if i > 0 and distances[i - 1] <= limit:
            passages[-1] += " " + sentence
        else:
            passages.append(sentence)
    return passages


def headings_above(lines: list[str]) -> list[list[str]]:
    """For each line of Markdown the headings under which it stands, outermost first."""
    above: dict[int, str] = {}
    found = []
    for line in lines:
        marks, _, text = line.partition(" ")
        if marks and set(marks) == {"#"}:
            above = {n: h for n, h in above.items() if n < len(marks)}
            above[len(marks)] = text.strip()
        found.append(list(above.values()))
    return found


def read_parents(ranked: list[str], parent_of: dict[str, str], k: int) -> list[str]:
    """The first `k` parents of the ranked children, each once, the best first."""
    parents = []
    for child in ranked:
        if parent_of[child] not in parents:
            parents.append(parent_of[child])
    return parents[:k]


EXERCISES = (
    Exercise(
        join_sentences,
        "distances[i] lies between sentences[i] and sentences[i + 1]. Go through the "
        "sentences; add to the last passage where the distance before is at most the "
        "limit, begin a new one where it is above.",
        (
            Case((["a", "b"], [0.1], 0.5), ["a b"], "Near: one passage."),
            Case((["a", "b"], [0.9], 0.5), ["a", "b"], "Far: a border."),
            Case(
                (["a", "b", "c", "d"], [0.1, 0.8, 0.2], 0.5),
                ["a b", "c d"],
                "distances[1] is that of the second and the third sentence.",
            ),
            Case(
                (["a", "b"], [0.5], 0.5), ["a b"], "As far as the limit is not above."
            ),
            Case((["a"], [], 0.5), ["a"], "A single sentence has no distance."),
            Case(
                (["a", "b", "c"], [0.9, 0.1], 0.5),
                ["a", "b c"],
                "What follows the last border is a passage too.",
            ),
            Case(([], [], 0.5), [], "Nothing to join."),
        ),
    ),
    Exercise(
        headings_above,
        "Keep the open headings by their level (the number of #). A new heading closes "
        "those of its own level and of deeper ones.",
        (
            Case(
                (["# Pump", "Fill it."],),
                [["Pump"], ["Pump"]],
                "A heading stands under itself, without its marks.",
            ),
            Case(
                (["# Pump", "## Oil", "Fill it."],),
                [["Pump"], ["Pump", "Oil"], ["Pump", "Oil"]],
                "The outermost heading comes first.",
            ),
            Case(
                (["# Pump", "## Oil", "## Seals", "Replace them."],),
                [["Pump"], ["Pump", "Oil"], ["Pump", "Seals"], ["Pump", "Seals"]],
                "A heading closes the one of its own level.",
            ),
            Case(
                (["# Pump", "## Oil", "### Grade", "## Seals"],),
                [
                    ["Pump"],
                    ["Pump", "Oil"],
                    ["Pump", "Oil", "Grade"],
                    ["Pump", "Seals"],
                ],
                "It closes deeper ones as well.",
            ),
            Case((["Before.", "# Pump"],), [[], ["Pump"]], "No heading yet."),
            Case(
                (["# Pump", "Order #5 now.", "#7 is next."],),
                [["Pump"], ["Pump"], ["Pump"]],
                "A # that no space follows, or within a line, is no heading.",
            ),
            Case(
                (["# Pump", "", "Fill it."],),
                [["Pump"], ["Pump"], ["Pump"]],
                "An empty line closes nothing.",
            ),
        ),
    ),
    Exercise(
        read_parents,
        "Go through the ranking; take a child's parent unless it is there already; "
        "cut after k parents, not after k children.",
        (
            Case(
                (["a1", "b1"], {"a1": "A", "b1": "B"}, 2),
                ["A", "B"],
                "Each child leads to its parent.",
            ),
            Case(
                (["a1", "a2", "b1"], {"a1": "A", "a2": "A", "b1": "B"}, 3),
                ["A", "B"],
                "Two children of one parent: it is read once.",
            ),
            Case(
                (["a1", "a2", "b1"], {"a1": "A", "a2": "A", "b1": "B"}, 2),
                ["A", "B"],
                "k counts parents, not children.",
            ),
            Case(
                (["b1", "a1", "b2"], {"a1": "A", "b1": "B", "b2": "B"}, 2),
                ["B", "A"],
                "A parent has the rank of its best child.",
            ),
            Case(
                (["b1", "a1", "c1"], {"a1": "A", "b1": "B", "c1": "C"}, 2),
                ["B", "A"],
                "Only the first k parents.",
            ),
            Case(([], {"a1": "A"}, 2), [], "Nothing was found."),
        ),
    ),
)
