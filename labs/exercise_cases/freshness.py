"""Exercises of notebooks/3_benchmarking/05_freshness."""

import math

from labs.exercise_cases import Case, Exercise
from labs.freshness import fresh_share, which_answer

_NEW, _OLD = ["36 months", "three years"], ["40 months", "forty months"]

EXERCISES = (
    Exercise(
        which_answer,
        "Ask `metrics.exact_match(said, new)` first, then the same of the old "
        "wordings; what is left is neither.",
        (
            Case(("36 months", _NEW, _OLD), "new", "The new answer."),
            Case(("40 months", _NEW, _OLD), "old", "The old answer: out of date."),
            Case(
                ("4 months", _NEW, _OLD), "neither", "It only looks like the old one."
            ),
            Case(
                ("Three years. [2]", _NEW, _OLD), "new", "Case and citation are none."
            ),
            Case(("Forty months", _NEW, _OLD), "old", "Another accepted wording."),
            Case(("136 months", _NEW, _OLD), "neither", "Another figure."),
            Case(
                ("36 months, not 40 months", _NEW, _OLD),
                "neither",
                "Who names both has not answered.",
            ),
            Case(("I do not know.", _NEW, _OLD), "neither", "A refusal is not stale."),
            Case(("yes", ["yes"], ["yes"]), "new", "What did not change is right."),
        ),
    ),
    Exercise(
        fresh_share,
        "With x = rate * interval the share is (1 - exp(-x)) / x; for x = 0 it is 1. "
        "`-math.expm1(-x)` is 1 - exp(-x).",
        (
            Case((1.0, 1.0), 1 - math.exp(-1), "x = 1."),
            Case((0.5, 4.0), (1 - math.exp(-2)) / 2, "x = 2: rate times interval."),
            Case((0.0, 6.0), 1.0, "Nothing ever changes."),
            Case((2.0, 0.0), 1.0, "Updated at every moment."),
            Case((0.1, 3.0), (1 - math.exp(-0.3)) / 0.3, "Slow change, by quarters."),
            Case((10.0, 12.0), (1 - math.exp(-120)) / 120, "Nearly all is stale."),
        ),
    ),
)
