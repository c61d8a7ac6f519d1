"""Attempts at the exercises of notebooks/1_rag/06_knowledge_graph."""

import re
from collections import deque

from attempts import Attempts

# same_entity --------------------------------------------------------------------------


def _same_right(a, b):
    def parts(name):
        words = re.findall(r"[a-z]+|\d+", name.lower())
        words = words[1:] if words[:1] == ["the"] else words
        return words[:-1] if re.search(r"['\u2019]s$", name) else words

    return parts(a) == parts(b)


def _same_by_case(a, b):
    return a.lower() == b.lower()


def _same_with_case(a, b):
    def parts(name):
        name = re.sub("['\u2019]s$", "", re.sub("^[Tt]he ", "", name))
        return re.findall(r"[A-Za-z]+|\d+", name)

    return parts(a) == parts(b)


def _same_by_letters(a, b):
    return re.findall("[a-z]+", a.lower()) == re.findall("[a-z]+", b.lower())


def _same_by_first_word(a, b):
    return a.lower().replace("the ", "").split()[0].rstrip("'s") == (
        b.lower().replace("the ", "").split()[0].rstrip("'s")
    )


def _same_as_a_set_of_characters(a, b):
    return set(a.lower().replace("the ", "")) == set(b.lower().replace("the ", ""))


def _same_by_containment(a, b):
    return a.lower() in b.lower() or b.lower() in a.lower()


def _same_squeezed(a, b):
    def bare(name):
        name = re.sub("['\u2019]s$", "", name.lower().removeprefix("the "))
        return re.sub(r"\W", "", name)

    return bare(a) == bare(b)


def _same_article_anywhere(a, b):
    def parts(name):
        name = re.sub("['\u2019]s$", "", name.lower().removeprefix("the"))
        return re.findall(r"[a-z]+|\d+", name)

    return parts(a) == parts(b)


# one_step -----------------------------------------------------------------------------


def _step_right(found, links, seeds, damping):
    def arrives(node):
        return sum(found[n] / len(links[n]) for n in found if node in links[n])

    return {n: (1 - damping) * seeds.get(n, 0.0) + damping * arrives(n) for n in found}


def _step_without_return(found, links, seeds, damping):
    return _step_right(found, links, {}, damping)


def _step_not_parted(found, links, seeds, damping):
    return {
        n: (1 - damping) * seeds.get(n, 0.0)
        + damping * sum(found[m] for m in found if n in links[m])
        for n in found
    }


def _step_damping_turned(found, links, seeds, damping):
    return _step_right(found, links, seeds, 1 - damping)


def _step_returns_to_where_it_was(found, links, seeds, damping):
    return _step_right(found, links, found, damping)


def _step_seeds_alone(found, links, seeds, damping):
    return {node: seeds.get(node, 0.0) for node in found}


# shortest_path ------------------------------------------------------------------------


def _path_right(passages, start, goal):
    queue, seen = deque([(start, [])]), {start}
    while queue:
        entity, path = queue.popleft()
        if entity == goal:
            return path
        for passage, named in passages.items():
            if entity in named:
                for other in named:
                    if other not in seen:
                        seen.add(other)
                        queue.append((other, [*path, passage]))
    return []


def _path_depth_first(passages, start, goal, seen=()):
    if start == goal:
        return []
    for passage, named in passages.items():
        if start in named and passage not in seen:
            for other in named:
                if other != start:
                    rest = _path_depth_first(passages, other, goal, (*seen, passage))
                    if rest or other == goal:
                        return [passage, *rest]
    return []


def _path_one_passage(passages, start, goal):
    return [p for p, named in passages.items() if start in named and goal in named][:1]


def _path_forwards_only(passages, start, goal):
    path, at = [], start
    for passage, named in passages.items():
        if at in named and at != goal:
            path, at = [*path, passage], named[-1]
    return path if at == goal else []


def _path_names_entities(passages, start, goal):
    return [start, goal] if _path_right(passages, start, goal) else []


def _path_without_any(passages, start, goal):
    return _path_right(passages, start, goal) or [start]


ATTEMPTS = {
    "same_entity": Attempts(
        _same_right,
        (
            _same_by_case,
            _same_with_case,
            _same_by_letters,
            _same_by_first_word,
            _same_as_a_set_of_characters,
            _same_by_containment,
            _same_squeezed,
            _same_article_anywhere,
        ),
    ),
    "one_step": Attempts(
        _step_right,
        (
            _step_without_return,
            _step_not_parted,
            _step_damping_turned,
            _step_returns_to_where_it_was,
            _step_seeds_alone,
        ),
    ),
    "shortest_path": Attempts(
        _path_right,
        (
            _path_depth_first,
            _path_one_passage,
            _path_forwards_only,
            _path_names_entities,
            _path_without_any,
        ),
    ),
}
