"""Exercises of notebooks/3_benchmarking/04_cost_and_roi."""

import math

from labs.exercise_cases import Case, Exercise


def cheaper_from(fixed_a: float, each_a: float, fixed_b: float, each_b: float) -> float:
    """The number of questions above which b is cheaper than a; inf if never."""
    if each_b > each_a:
        return math.inf
    if each_b == each_a:
        return 0.0 if fixed_b < fixed_a else math.inf
    return max(0.0, (fixed_b - fixed_a) / (each_a - each_b))


def bearable_cost(right: float, wrong: float, value: float, cost: float) -> float:
    """What a wrong answer may cost at most, so that a question loses nothing."""
    earned = right * value - cost
    if earned < 0:
        return 0.0
    return earned / wrong if wrong else math.inf


EXERCISES = (
    Exercise(
        cheaper_from,
        "Both costs are lines: fixed + each * n. Set them equal and solve for n. Then "
        "think of a b that is dearer by the question, of two that are alike by the "
        "question, and of a crossing below zero.",
        (
            Case(
                (100.0, 0.5, 400.0, 0.2),
                1000.0,
                "b costs 300 more at first and saves 0.3 a question.",
            ),
            Case(
                (100.0, 0.2, 400.0, 0.5),
                math.inf,
                "Dearer at first and dearer by the question: never.",
            ),
            Case(
                (400.0, 0.2, 100.0, 0.5),
                math.inf,
                "Cheaper at first only: above a number it is the dearer one.",
            ),
            Case(
                (400.0, 0.5, 100.0, 0.2),
                0.0,
                "Cheaper from the first question on; a negative number says no more.",
            ),
            Case((400.0, 0.2, 100.0, 0.2), 0.0, "Parallel lines, b the lower one."),
            Case(
                (100.0, 0.2, 100.0, 0.2), math.inf, "The same line: b is not cheaper."
            ),
        ),
    ),
    Exercise(
        bearable_cost,
        "What a question earns is right * value - wrong * x - cost. Set it to 0 and "
        "solve for x. Without wrong answers any x will do, unless the question loses "
        "money anyway.",
        (
            Case(
                (0.5, 0.25, 4.0, 1.0),
                4.0,
                "It earns 0.5 * 4 - 1 = 1 by right ones, and a quarter is wrong.",
            ),
            Case((0.5, 0.5, 4.0, 0.0), 4.0, "As many wrong as right: as much."),
            Case((0.1, 0.5, 4.0, 1.0), 0.0, "It loses money even if errors are free."),
            Case((0.5, 0.0, 4.0, 1.0), math.inf, "No wrong answers, no limit."),
            Case((0.0, 0.0, 4.0, 1.0), 0.0, "Refusing all of them costs, and no more."),
            Case(
                (0.25, 0.5, 4.0, 1.0),
                0.0,
                "It earns just what it costs: errors must be free.",
            ),
        ),
    ),
)
