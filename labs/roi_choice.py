"""What to choose, or why nothing.

Import these names from `labs.roi`. First shown in
notebooks/3_benchmarking/04_cost_and_roi.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labs.stats import Interval

SAME_COST = 0.01  # costs nearer than this share count as equal: seconds are measured


@dataclass(frozen=True, slots=True)
class Offer:
    """An arm with all that a decision needs."""

    name: str
    net: float  # money over the plan
    cost: float  # money over the plan
    accuracy: Interval
    net_range: tuple[float, float] | None = None  # 95% interval of `net`, if known


def pareto(offers: Sequence[Offer]) -> list[Offer]:
    """Offers that no other one beats in cost and in accuracy at once, cheapest first.

    Of equal ones the first stays.
    """
    front: list[Offer] = []
    for offer in sorted(offers, key=lambda o: (o.cost, -o.accuracy.mean)):
        if not front or offer.accuracy.mean > front[-1].accuracy.mean:
            front.append(offer)
    return front


@dataclass(frozen=True, slots=True)
class Advice:
    """What to take, or None, and why."""

    choice: str | None
    reasons: tuple[str, ...]


def recommend(
    offers: Sequence[Offer], differences: Mapping[tuple[str, str], Interval]
) -> Advice:
    """The offer that earns most, unless that it earns, or what sets it apart, is open.

    A dearer offer is only taken over a cheaper one where it is better beyond doubt:
    where the interval of the difference holds 0, there is no recommendation between the
    two but the cheaper one's price. Costs within `SAME_COST` of each other are equal.

    Args:
        differences: what the first name's answers are worth minus those of the second,
            paired: accuracy or, better, money a question.

    Raises ValueError without offers, or where a difference that is needed is missing.
    """
    if not offers:
        raise ValueError("there is no offer to choose from")
    best = max(offers, key=lambda offer: offer.net)
    if best.net <= 0:
        why = f"{best.name} would earn the most, and that is {best.net:,.0f}: a loss"
        return Advice(None, (why,))
    reasons = [f"{best.name} earns the most: {best.net:,.0f} net of {best.cost:,.0f}"]
    if best.net_range and best.net_range[0] <= 0:
        low, high = best.net_range
        reasons.append(
            f"whether it earns at all is open: the 95% interval goes from {low:,.0f} "
            f"to {high:,.0f}. Ask more questions"
        )
        return Advice(None, tuple(reasons))
    for other in sorted(offers, key=lambda offer: offer.cost):
        if other.cost >= (1 - SAME_COST) * best.cost or other.net <= 0:
            continue
        shown = differences.get((best.name, other.name))
        if shown is None:
            raise ValueError(
                f"no difference of {best.name} and {other.name} was given: it decides"
            )
        if shown.low <= 0:
            reasons.append(
                f"{other.name} is cheaper ({other.cost:,.0f}), and whether {best.name} "
                f"is better is open: {shown}. Ask more questions, or take the cheaper"
            )
            return Advice(None, tuple(reasons))
        reasons.append(f"it is better than the cheaper {other.name}: {shown}")
    return Advice(best.name, tuple(reasons))
