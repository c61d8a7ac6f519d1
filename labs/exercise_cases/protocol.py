"""Exercises of notebooks/3_benchmarking/01_protocol."""

from math import ceil
from statistics import NormalDist

from labs.exercise_cases import Case, Exercise


def questions_needed(sd: float, difference: float, power: float) -> int:
    """How many questions show a true difference with this power (`labs.power`)."""
    normal = NormalDist()
    reach = normal.inv_cdf(0.975) + normal.inv_cdf(power)
    return ceil((reach * sd / difference) ** 2)


def chosen_and_told(
    dev: dict[str, list[float]], test: dict[str, list[float]]
) -> tuple[str, float]:
    """The variant with the best mean on dev, and its mean on test."""
    best = max(dev, key=lambda name: sum(dev[name]) / len(dev[name]))
    return best, sum(test[best]) / len(test[best])


EXERCISES = (
    Exercise(
        questions_needed,
        "smallest_difference is (1.96 + 0.84) * sd / sqrt(n) at a power of 0.8. Solve "
        "that for n, and round up with math.ceil. NormalDist().inv_cdf gives both "
        "figures: at 0.975 the first, at the power the second.",
        (
            Case((0.5, 0.1, 0.8), 197, "(2.80 x 0.5 / 0.1) squared is 196.2."),
            Case((0.5, 0.05, 0.8), 785, "Half the difference: four times as many."),
            Case((0.25, 0.05, 0.8), 197, "Half the spread: a quarter as many."),
            Case((0.5, 0.1, 0.9), 263, "More power needs more questions."),
            Case((0.5, 0.1, 0.5), 97, "At a power of one half, 1.96 is all."),
            Case((0.5, -0.1, 0.8), 197, "Worse is found as easily as better."),
            Case((0.1, 0.5, 0.8), 1, "At least one question, and a whole one."),
        ),
    ),
    Exercise(
        chosen_and_told,
        "max(dev, key=…) gives the name with the highest mean on dev, the first one of "
        "several. Only then look into test, and only at this name.",
        (
            Case(
                (
                    {"a": [1.0, 1.0, 0.0, 0.0], "b": [1.0, 1.0, 1.0, 0.0]},
                    {"a": [1.0, 1.0, 1.0, 1.0], "b": [1.0, 0.0, 1.0, 0.0]},
                ),
                ("b", 0.5),
                "b is best on dev; that a is better on test nobody may know.",
            ),
            Case(
                (
                    {"a": [1.0, 1.0], "b": [0.0, 1.0]},
                    {"a": [0.0, 1.0], "b": [0.0, 0.0]},
                ),
                ("a", 0.5),
                "Told is the score on test, not the one that chose.",
            ),
            Case(
                ({"a": [0.5], "b": [0.25]}, {"a": [0.0], "b": [1.0]}),
                ("a", 0.0),
                "It may go wrong on test, and is told all the same.",
            ),
            Case(
                (
                    {"a": [0.0, 1.0], "b": [1.0, 0.0]},
                    {"a": [0.25], "b": [0.75]},
                ),
                ("a", 0.25),
                "Equal on dev: the first one, not the one that test likes.",
            ),
            Case(
                (
                    {"a": [1.0, 0.0, 0.0, 0.0], "b": [0.5, 0.5, 0.5, 0.5]},
                    {"b": [0.5, 1.0], "a": [1.0, 1.0]},
                ),
                ("b", 0.75),
                "The mean decides, not the best single question.",
            ),
            Case(({"a": [0.0]}, {"a": [0.5]}), ("a", 0.5), "A choice of one."),
        ),
    ),
)
