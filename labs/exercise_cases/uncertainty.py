"""Exercises of notebooks/3_benchmarking/03_uncertainty_and_errors."""

from labs.exercise_cases import Case, Exercise
from labs.significance import discoveries, mcnemar

EXERCISES = (
    Exercise(
        mcnemar,
        "Count the questions that a alone gets right, and those that b alone does; "
        "call their sum n. The smaller count and all below it are the tail: the sum of "
        "math.comb(n, k), over 2**n. Both sides count, and p is at most 1.",
        (
            Case(
                ([1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0]),
                0.03125,
                "Six to nothing: 1 of 64 tosses on each side.",
            ),
            Case(
                ([0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1]),
                0.03125,
                "Whichever of the two it is.",
            ),
            Case(
                ([1, 1, 1, 0, 1], [0, 0, 0, 1, 1]),
                0.625,
                "Three to one: tails of 1 + 4 of 16 tosses, on both sides.",
            ),
            Case(
                (
                    [1, 1, 1, 0] + [1] * 40 + [0] * 40,
                    [0, 0, 0, 1] + [1] * 40 + [0] * 40,
                ),
                0.625,
                "Where both are right, or both wrong, nothing is told.",
            ),
            Case(([1, 0], [0, 1]), 1.0, "One to one: p is no more than 1."),
            Case(([1, 0, 1], [1, 0, 1]), 1.0, "They never differ."),
            Case(
                ([1] * 8 + [0, 0], [0] * 8 + [1, 1]),
                0.109375,
                "Eight to two: 1 + 10 + 45 of 1,024 tosses, on both sides.",
            ),
        ),
    ),
    Exercise(
        discoveries,
        "Sort the places by their p-values. The k-th of m (from 1) may be as large as "
        "share * k / m. Find the largest k that is not above its limit: it counts, and "
        "so do all before it, even those above their own limits.",
        (
            Case(
                ([0.01, 0.09, 0.5, 0.9], 0.1),
                [0],
                "0.01 is below 0.1 * 1 / 4, 0.09 is above 0.1 * 2 / 4.",
            ),
            Case(
                ([0.9, 0.03, 0.5, 0.01], 0.1),
                [1, 3],
                "0.03 is the second: its limit is 0.05. Places, in their order.",
            ),
            Case(
                ([0.01, 0.06, 0.07, 0.9], 0.1),
                [0, 1, 2],
                "0.06 is above its limit of 0.05, but 0.07 is below 0.075: both count.",
            ),
            Case(
                ([0.04, 0.04, 0.04, 0.04], 0.05),
                [0, 1, 2, 3],
                "Holm would keep none of these.",
            ),
            Case(([0.3, 0.2, 0.6], 0.1), [], "Nothing found is a result."),
            Case(([0.04], 0.05), [0], "One comparison is not adjusted."),
            Case(([], 0.1), [], "No comparisons, no finds."),
        ),
    ),
)
