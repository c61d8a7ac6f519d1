"""How sure money is: each assumption alone, all at once, and what quality adds to it.

Import these names from `labs.roi`. First shown in
notebooks/3_benchmarking/04_cost_and_roi.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np

from labs.roi_terms import Outcomes, Plan, Prices

Ranges = Mapping[str, tuple[float, float]]  # low and high of fields of Plan or Prices
Outcome = Callable[[Plan, Prices], float]


@dataclass(frozen=True, slots=True)
class Swing:
    """How an outcome moves when one assumption goes to its low and its high end."""

    name: str
    low: float
    high: float


def changed(
    plan: Plan, prices: Prices, values: Mapping[str, float]
) -> tuple[Plan, Prices]:
    """Plan and prices with other values of some fields.

    Raises ValueError for a name that neither has.
    """
    of_plan = {field.name for field in fields(Plan)}
    known = of_plan | {field.name for field in fields(Prices)}
    if unknown := sorted(values.keys() - known):
        raise ValueError(
            f"{unknown[0]!r} is no field of Plan or Prices, expected one of "
            f"{', '.join(sorted(known))}"
        )
    own = {name: value for name, value in values.items() if name in of_plan}
    paid = {name: value for name, value in values.items() if name not in of_plan}
    return replace(plan, **own), replace(prices, **paid)


def tornado(
    outcome: Outcome, plan: Plan, prices: Prices, ranges: Ranges
) -> list[Swing]:
    """One assumption at a time, all others as they are; the widest swing first.

    Args:
        ranges: low and high of fields of `Plan` or `Prices`, by name.
    """
    swings = []
    for name, ends in ranges.items():
        low, high = (outcome(*changed(plan, prices, {name: end})) for end in ends)
        swings.append(Swing(name, low, high))
    return sorted(swings, key=lambda swing: -abs(swing.high - swing.low))


def scenarios(
    plan: Plan, prices: Prices, ranges: Ranges, n: int = 2_000, seed: int = 0
) -> list[tuple[Plan, Prices]]:
    """`n` plans and prices, each assumption drawn between its ends, evenly, alone."""
    rng = np.random.default_rng(seed)
    drawn = {name: rng.uniform(*ends, size=n) for name, ends in ranges.items()}
    return [
        changed(plan, prices, {name: float(v[i]) for name, v in drawn.items()})
        for i in range(n)
    ]


def monte_carlo(
    outcome: Outcome,
    plan: Plan,
    prices: Prices,
    ranges: Ranges,
    n: int = 2_000,
    seed: int = 0,
) -> np.ndarray:
    """`n` outcomes, one for each of `scenarios`."""
    return np.array([outcome(*s) for s in scenarios(plan, prices, ranges, n, seed)])


def quality_draws(
    outcomes: Mapping[str, Outcomes], n: int = 2_000, seed: int = 0
) -> dict[str, np.ndarray]:
    """Shares right and wrong (n, 2) of each arm, had other questions been asked.

    A bootstrap: each draw takes as many questions with replacement, the same ones for
    every arm. Raises ValueError where arms have different numbers of questions.
    """
    sizes = {name: len(own.right) for name, own in outcomes.items()}
    if len(set(sizes.values())) != 1:
        raise ValueError(f"questions by arm: {sizes}; expected the same for all")
    size = next(iter(sizes.values()))
    drawn = np.random.default_rng(seed).integers(size, size=(n, size))
    return {
        name: np.stack([own.right[drawn].mean(1), own.wrong[drawn].mean(1)], axis=1)
        for name, own in outcomes.items()
    }
