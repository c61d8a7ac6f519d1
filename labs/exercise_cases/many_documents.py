"""Exercises of notebooks/1_rag/07_many_documents."""

from labs.documents import fair_shares
from labs.exercise_cases import Case, Exercise


def merge_findings(
    findings: list[tuple[str | None, str]],
) -> dict[str, list[str]]:
    """The documents that tell each value, each once, in their order."""
    merged: dict[str, list[str]] = {}
    for value, document in findings:
        if value is not None and document not in merged.setdefault(value, []):
            merged[value].append(document)
    return merged


def leaders(values: dict[str, float | None]) -> tuple[list[str], int]:
    """The names with the highest value, and how many values are missing."""
    known = {n: v for n, v in values.items() if v is not None and v == v}
    best = max(known.values(), default=None)
    return [n for n, v in known.items() if v == best], len(values) - len(known)


EXERCISES = (
    Exercise(
        fair_shares,
        "Go through the needs from the smallest to the largest: each gets what it "
        "needs, but at most what is left // how many are still waiting. Put the share "
        "in its own place.",
        (
            Case(([100, 300, 300], 500), [100, 200, 200], "The rest is shared alike."),
            Case(([300, 100, 300], 500), [200, 100, 200], "Shares stay in place."),
            Case(([50, 60], 500), [50, 60], "There is enough for all."),
            Case(([200, 200], 100), [50, 50], "Halves."),
            Case(([9, 9, 9], 10), [3, 3, 4], "A fraction is cut; the last gets it."),
            Case(([0, 80], 60), [0, 60], "Who needs nothing gets nothing."),
            Case(([10, 20, 90, 90], 120), [10, 20, 45, 45], "Two small needs."),
            Case(([], 100), [], "Nobody asks."),
        ),
    ),
    Exercise(
        merge_findings,
        "Go over the pairs. Leave out None; setdefault(value, []) opens the list of a "
        "new value; add the document unless it is in it.",
        (
            Case(([("30 days", "a")],), {"30 days": ["a"]}, "One value, one source."),
            Case(
                ([("30 days", "a"), ("14 days", "b"), ("30 days", "c")],),
                {"30 days": ["a", "c"], "14 days": ["b"]},
                "Two documents tell the same.",
            ),
            Case(([(None, "a"), ("3 km", "b")],), {"3 km": ["b"]}, "One is silent."),
            Case(
                ([("x", "a"), ("x", "a")],),
                {"x": ["a"]},
                "Two windows of one document are one source.",
            ),
            Case(([("x", "b"), ("x", "a")],), {"x": ["b", "a"]}, "Documents in order."),
            Case(
                ([("x", "a"), ("y", "a")],),
                {"x": ["a"], "y": ["a"]},
                "A document may tell two things.",
            ),
            Case(([("", "a")],), {"": ["a"]}, "An empty text is a value: only None."),
            Case(([],), {}, "Nothing was asked."),
        ),
    ),
    Exercise(
        leaders,
        "Keep the values that are not None and equal to themselves (nan is not), take "
        "max(..., default=None), then collect the names that have it.",
        (
            Case(({"a": 1.0, "b": 2.0},), (["b"], 0), "The highest."),
            Case(({"a": 2.0, "b": None},), (["a"], 1), "A missing value is counted."),
            Case(
                ({"b": 2.0, "c": 1.0, "a": 2.0},),
                (["b", "a"], 0),
                "Two share the top, in the order given.",
            ),
            Case(({"a": float("nan"), "b": 1.0},), (["b"], 1), "nan is missing too."),
            Case(({"a": None},), ([], 1), "No value at all."),
            Case(({"a": -3.0, "b": None, "c": -5.0},), (["a"], 1), "All below zero."),
            Case(({"a": 0.0, "b": None},), (["a"], 1), "Zero is a value."),
            Case(({},), ([], 0), "An empty table."),
        ),
    ),
)
