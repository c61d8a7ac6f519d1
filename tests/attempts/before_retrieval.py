"""Attempts at the exercises of notebooks/1_rag/02_before_retrieval."""

from attempts import Attempts

# join_sentences -----------------------------------------------------------------------


def _join_right(sentences, distances, limit):
    borders = [i + 1 for i, d in enumerate(distances) if d > limit]
    edges = [0, *borders, len(sentences)]
    groups = [sentences[a:b] for a, b in zip(edges, edges[1:], strict=False)]
    return [" ".join(group) for group in groups if group]


def _join_all(sentences, distances, limit):
    return [" ".join(sentences)]


def _join_none(sentences, distances, limit):
    return list(sentences)


def _join_at_limit(sentences, distances, limit):
    return _join_right(sentences, [d + 1e-9 for d in distances], limit)


def _join_near_apart(sentences, distances, limit):
    return _join_right(sentences, [-d for d in distances], -limit)


def _join_shifted(sentences, distances, limit):
    return _join_right(sentences, distances[1:], limit)


def _join_without_last(sentences, distances, limit):
    passages, passage = [], []
    for sentence, distance in zip(sentences, distances, strict=False):
        passage.append(sentence)
        if distance > limit:
            passages.append(" ".join(passage))
            passage = []
    return passages


# headings_above -----------------------------------------------------------------------


def _headings_right(lines):
    stack, found = [], []
    for line in lines:
        level = len(line) - len(line.lstrip("#"))
        if level and line[level : level + 1] == " ":
            stack = [pair for pair in stack if pair[0] < level]
            stack.append((level, line[level:].strip()))
        found.append([text for _, text in stack])
    return found


def _headings_with_marks(lines):
    return [
        [f"# {text}" for text in path] if path else path
        for path in _headings_right(lines)
    ]


def _headings_never_closed(lines):
    path, found = [], []
    for line in lines:
        if line.startswith("#") and line.lstrip("#").startswith(" "):
            path.append(line.lstrip("# "))
        found.append(list(path))
    return found


def _headings_innermost_first(lines):
    return [path[::-1] for path in _headings_right(lines)]


def _headings_own_level_only(lines):
    above, found = {}, []
    for line in lines:
        level = len(line) - len(line.lstrip("#"))
        if level and line[level : level + 1] == " ":
            above[level] = line[level:].strip()
        found.append(list(above.values()))
    return found


def _headings_any_mark(lines):
    return _headings_right([line.replace("#", "# ", 1) for line in lines])


def _headings_blank_closes(lines):
    found = _headings_right(lines)
    blank = lines.index("") if "" in lines else len(lines)
    return found[:blank] + [[] for _ in lines[blank:]]


def _headings_before_any(lines):
    return [path or [""] for path in _headings_right(lines)]


# read_parents -------------------------------------------------------------------------


def _parents_right(ranked, parent_of, k):
    return list(dict.fromkeys(parent_of[child] for child in ranked))[:k]


def _parents_twice(ranked, parent_of, k):
    return [parent_of[child] for child in ranked][:k]


def _parents_cut_children(ranked, parent_of, k):
    return list(dict.fromkeys(parent_of[child] for child in ranked[:k]))


def _parents_sorted(ranked, parent_of, k):
    return sorted({parent_of[child] for child in ranked})[:k]


def _parents_all(ranked, parent_of, k):
    return list(dict.fromkeys(parent_of[child] for child in ranked))


def _parents_children(ranked, parent_of, k):
    return list(ranked[:k])


def _parents_of_everything(ranked, parent_of, k):
    return list(dict.fromkeys(parent_of.values()))[:k]


ATTEMPTS = {
    "join_sentences": Attempts(
        _join_right,
        (
            _join_all,
            _join_none,
            _join_at_limit,
            _join_near_apart,
            _join_shifted,
            _join_without_last,
        ),
    ),
    "headings_above": Attempts(
        _headings_right,
        (
            _headings_with_marks,
            _headings_never_closed,
            _headings_innermost_first,
            _headings_own_level_only,
            _headings_any_mark,
            _headings_blank_closes,
            _headings_before_any,
        ),
    ),
    "read_parents": Attempts(
        _parents_right,
        (
            _parents_twice,
            _parents_cut_children,
            _parents_sorted,
            _parents_all,
            _parents_children,
            _parents_of_everything,
        ),
    ),
}
