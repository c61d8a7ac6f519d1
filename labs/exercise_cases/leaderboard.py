"""Exercises of notebooks/1_rag/08_leaderboard."""

from labs.exercise_cases import Case, Exercise
from labs.leaderboard import cheapest_as_good, pareto_front

_ALIKE = {"plain": [0.0, 1.0] * 20, "dear": [1.0, 0.0] * 20}
_APART = {"plain": [0.0] * 40, "good": [1.0] * 40, "dear": [1.0] * 40}

EXERCISES = (
    Exercise(
        pareto_front,
        "Go from the cheapest to the dearest, of equally cheap ones the best first, "
        "and keep a name whose quality is higher than all before.",
        (
            Case(
                ({"a": (1, 0.3), "b": (2, 0.5)},),
                ["a", "b"],
                "Dearer and better: both stand on the front.",
            ),
            Case(
                ({"a": (1, 0.3), "b": (2, 0.2)},), ["a"], "Dearer and worse is beaten."
            ),
            Case(
                ({"b": (2, 0.5), "a": (1, 0.3)},),
                ["a", "b"],
                "The cheapest comes first, in whatever order they are given.",
            ),
            Case(
                ({"a": (1, 0.5), "b": (2, 0.5)},),
                ["a"],
                "As good but dearer is beaten.",
            ),
            Case(
                ({"a": (1, 0.3), "b": (1, 0.5)},),
                ["b"],
                "As cheap but worse is beaten.",
            ),
            Case(
                ({"a": (1, 0.5), "b": (2, 0.4), "c": (3, 0.45)},),
                ["a"],
                "Better than the one before is not enough: a is cheaper and better.",
            ),
            Case(
                ({"a": (1, 0.5), "b": (1, 0.5)},),
                ["a", "b"],
                "Two that are the same do not beat each other.",
            ),
            Case(({},), [], "No points, no front."),
        ),
    ),
    Exercise(
        cheapest_as_good,
        "Keep those whose metrics.paired_bootstrap(own, the best one's) reaches up to "
        "0, and take the one with the lowest cost.",
        (
            Case(
                (_APART, {"plain": 1, "good": 2, "dear": 9}, "dear"),
                "good",
                "As good as the best, and cheaper.",
            ),
            Case(
                (_APART, {"plain": 1, "good": 9, "dear": 2}, "dear"),
                "dear",
                "The best itself may be the cheapest of its like.",
            ),
            Case(
                (_ALIKE, {"plain": 1, "dear": 9}, "dear"),
                "plain",
                "Means alike and an interval around zero: take the cheap one.",
            ),
            Case(
                (
                    _ALIKE | {"worst": [0.0] * 40},
                    {"worst": 1, "plain": 2, "dear": 9},
                    "dear",
                ),
                "plain",
                "The cheapest of all may be worse for certain.",
            ),
            Case(
                ({"a": [1.0] * 40}, {"a": 5}, "a"), "a", "With one, there is no choice."
            ),
        ),
    ),
)
