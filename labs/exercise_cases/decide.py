"""Exercises of notebooks/3_benchmarking/06_decide."""

from labs.exercise_cases import Case, Exercise
from labs.regression import gate_verdict


def dearer_if_better(
    costs: dict[str, float], lows: dict[tuple[str, str], float]
) -> str:
    """From the cheapest on: a dearer arm takes over only if it is shown to be better.

    Args:
        lows: for (dearer, cheaper) where the interval of their difference begins.
    """
    order = sorted(costs, key=lambda name: costs[name])
    taken = order[0]
    for name in order[1:]:
        if lows[name, taken] > 0:
            taken = name
    return taken


_THREE = {"plain": 1.0, "rag": 5.0, "both": 9.0}


def _lows(rag: float, both: float, over_rag: float) -> dict[tuple[str, str], float]:
    return {
        ("rag", "plain"): rag,
        ("both", "plain"): both,
        ("both", "rag"): over_rag,
    }


EXERCISES = (
    Exercise(
        dearer_if_better,
        "Sort the names by cost and take the first. Go through the others: where "
        "lows[name, taken] is above 0, name is taken in its place.",
        (
            Case(({"plain": 1.0}, {}), "plain", "One arm alone."),
            Case(
                (_THREE, _lows(0.1, 0.2, 0.05)),
                "both",
                "Each is better than the one below: the dearest is worth it.",
            ),
            Case(
                (_THREE, _lows(0.1, 0.2, -0.01)),
                "rag",
                "both beats plain, but not the cheaper rag that was taken.",
            ),
            Case(
                (_THREE, _lows(-0.1, 0.2, 0.3)),
                "both",
                "rag is not taken, so both is held against plain.",
            ),
            Case(
                (_THREE, _lows(-0.1, -0.2, 0.3)),
                "plain",
                "both is better than rag, but rag was never taken.",
            ),
            Case(
                (_THREE, _lows(0.0, 0.0, 0.0)),
                "plain",
                "An interval that begins at 0 does not show a difference.",
            ),
            Case(
                ({"both": 9.0, "rag": 5.0, "plain": 1.0}, _lows(0.1, 0.2, -0.3)),
                "rag",
                "The order of the names tells nothing: cost does.",
            ),
        ),
    ),
    Exercise(
        gate_verdict,
        "Compare with -margin: if high lies below it, all of the interval does; if "
        "only low does, a part of it.",
        (
            Case((-0.30, -0.10, 0.05), "worse", "All of it lies below the margin."),
            Case((-0.30, 0.10, 0.05), "open", "A part of it does: nobody knows."),
            Case((-0.02, 0.10, 0.05), "held", "None of it does."),
            Case((-0.04, -0.01, 0.05), "held", "A little worse, within the margin."),
            Case((-0.30, -0.03, 0.05), "open", "Worse than 0, not than the margin."),
            Case((-0.25, 0.10, 0.25), "held", "It begins at the margin, not below."),
            Case((-0.50, -0.25, 0.25), "open", "It ends at the margin, not below."),
            Case((0.10, 0.30, 0.05), "held", "Better."),
            Case((-0.02, -0.01, 0.0), "worse", "Without a margin any loss counts."),
            Case((0.0, 0.0, 0.0), "held", "The same answers."),
        ),
    ),
)
