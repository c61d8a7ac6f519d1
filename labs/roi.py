"""What an arm costs, what its answers are worth, and when another one is better.

Money is in one currency throughout, `Prices.currency`; volumes are questions a month.
Everything here is arithmetic on what was measured elsewhere: no model, no index.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from labs.stats import Interval


def _check(owner: object, *names: str) -> None:
    """Refuse what is no finite number of at least zero."""
    for name in names:
        value = getattr(owner, name)
        if not (isinstance(value, int | float) and math.isfinite(value) and value >= 0):
            raise ValueError(
                f"{type(owner).__name__}.{name} is {value!r}, expected a number of at "
                "least 0"
            )


@dataclass(frozen=True, slots=True)
class Usage:
    """What an arm was measured to use; seconds are of the device that it ran on."""

    tokens_in: float  # a question
    tokens_out: float  # a question
    device_s: float  # a question
    setup_s: float = 0.0  # once: indexing, training
    update_s: float = 0.0  # for each update of the documents: re-indexing, re-training
    stored_gb: float = 0.0  # weights, vectors, texts
    setup_hours: float = 0.0  # of people, once
    update_hours: float = 0.0  # of people, for each update

    def __post_init__(self) -> None:
        _check(self, *(field.name for field in fields(self)))


@dataclass(frozen=True, slots=True)
class Prices:
    """What is paid; set what an offer does not charge for to 0."""

    per_million_in: float = 0.0  # tokens read by an API
    per_million_out: float = 0.0  # tokens written by an API
    per_device_hour: float = 0.0  # of the machine of one's own or rented
    per_gb_month: float = 0.0
    per_person_hour: float = 0.0
    currency: str = "USD"

    def __post_init__(self) -> None:
        _check(self, *(f.name for f in fields(self) if f.name != "currency"))


@dataclass(frozen=True, slots=True)
class Plan:
    """How the arm would be used, and what its answers are worth."""

    questions_per_month: float
    months: float
    updates_per_month: float = 0.0
    value_right: float = 0.0  # of a right answer: minutes saved, say, in money
    cost_wrong: float = 0.0  # of a wrong answer that somebody acts on

    def __post_init__(self) -> None:
        _check(self, *(field.name for field in fields(self)))
        if not self.questions_per_month or not self.months:
            raise ValueError("a plan needs at least one question and some months")


# Cost ---------------------------------------------------------------------------------


def per_question(usage: Usage, prices: Prices) -> float:
    """What one more question costs."""
    tokens = usage.tokens_in * prices.per_million_in
    tokens += usage.tokens_out * prices.per_million_out
    return tokens / 1e6 + usage.device_s / 3600 * prices.per_device_hour


def once(usage: Usage, prices: Prices) -> float:
    """What it costs before the first question."""
    people = usage.setup_hours * prices.per_person_hour
    return people + usage.setup_s / 3600 * prices.per_device_hour


def per_month(usage: Usage, prices: Prices, updates_per_month: float) -> float:
    """What a month costs without any question: storage, and what updates take."""
    update = usage.update_hours * prices.per_person_hour
    update += usage.update_s / 3600 * prices.per_device_hour
    return usage.stored_gb * prices.per_gb_month + updates_per_month * update


def total_cost(usage: Usage, prices: Prices, plan: Plan) -> float:
    """All costs over the months of the plan."""
    monthly = per_month(usage, prices, plan.updates_per_month)
    monthly += plan.questions_per_month * per_question(usage, prices)
    return once(usage, prices) + plan.months * monthly


def per_thousand_right(
    usage: Usage, prices: Prices, plan: Plan, accuracy: float
) -> float:
    """Total cost over thousand right answers; infinite where none is right."""
    right = accuracy * plan.questions_per_month * plan.months
    cost = total_cost(usage, prices, plan)
    return 1000 * cost / right if right else math.inf


def break_even(one: Usage, other: Usage, prices: Prices, plan: Plan) -> float | None:
    """Questions a month at which both cost the same over the plan's months.

    Both costs are straight lines in the volume, so the crossing is exact. None where
    they do not cross at a positive volume: one is cheaper throughout.
    """

    def fixed(usage: Usage) -> float:
        monthly = per_month(usage, prices, plan.updates_per_month)
        return once(usage, prices) + plan.months * monthly

    slope = plan.months * (per_question(one, prices) - per_question(other, prices))
    if not slope:
        return None
    volume = (fixed(other) - fixed(one)) / slope
    return volume if volume > 0 else None


# Value --------------------------------------------------------------------------------


def benefit(plan: Plan, accuracy: float, wrong: float) -> float:
    """What the answers are worth over the plan: right ones gain, wrong ones cost.

    Args:
        accuracy: share of right answers.
        wrong: share of wrong answers given; refusals are neither right nor wrong.
    """
    if not (0 <= accuracy <= 1 and 0 <= wrong <= 1 and accuracy + wrong <= 1 + 1e-9):
        raise ValueError(
            f"shares {accuracy} right and {wrong} wrong: expected both between 0 and "
            "1, and no more than 1 together"
        )
    a_question = accuracy * plan.value_right - wrong * plan.cost_wrong
    return plan.questions_per_month * plan.months * a_question


def net(
    usage: Usage, prices: Prices, plan: Plan, accuracy: float, wrong: float
) -> float:
    """Benefit minus total cost, in money."""
    return benefit(plan, accuracy, wrong) - total_cost(usage, prices, plan)


def roi(
    usage: Usage, prices: Prices, plan: Plan, accuracy: float, wrong: float
) -> float:
    """Return on investment: net over cost, 1 for each unit earned beyond each spent.

    Infinite where nothing is spent and something is earned.
    """
    cost = total_cost(usage, prices, plan)
    gained = net(usage, prices, plan, accuracy, wrong)
    if cost:
        return gained / cost
    return math.copysign(math.inf, gained) if gained else 0.0


# Doubt --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Swing:
    """How an outcome moves when one assumption goes to its low and its high end."""

    name: str
    low: float
    high: float


def tornado(
    outcome: Callable[[Plan, Prices], float],
    plan: Plan,
    prices: Prices,
    ranges: Mapping[str, tuple[float, float]],
) -> list[Swing]:
    """One assumption at a time, all others as they are; the widest swing first.

    Args:
        ranges: low and high of fields of `Plan` or `Prices`, by name.
    """
    swings = []
    for name, ends in ranges.items():
        low, high = (outcome(*_with(plan, prices, {name: end})) for end in ends)
        swings.append(Swing(name, low, high))
    return sorted(swings, key=lambda swing: -abs(swing.high - swing.low))


def _with(
    plan: Plan, prices: Prices, values: Mapping[str, float]
) -> tuple[Plan, Prices]:
    of_plan = {field.name for field in fields(Plan)}
    known = of_plan | {field.name for field in fields(Prices)}
    if unknown := sorted(values.keys() - known):
        raise ValueError(f"{unknown[0]!r} is no field of Plan or Prices: {known}")
    own = {name: value for name, value in values.items() if name in of_plan}
    paid = {name: value for name, value in values.items() if name not in of_plan}
    return replace(plan, **own), replace(prices, **paid)


def monte_carlo(
    outcome: Callable[[Plan, Prices], float],
    plan: Plan,
    prices: Prices,
    ranges: Mapping[str, tuple[float, float]],
    n: int = 2_000,
    seed: int = 0,
) -> np.ndarray:
    """`n` outcomes, each assumption drawn between its ends, evenly and on its own."""
    rng = np.random.default_rng(seed)
    drawn = {name: rng.uniform(*ends, size=n) for name, ends in ranges.items()}
    return np.array(
        [
            outcome(*_with(plan, prices, {name: v[i] for name, v in drawn.items()}))
            for i in range(n)
        ]
    )


# Choice -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """An arm with all that a decision needs."""

    name: str
    net: float  # money over the plan
    cost: float  # money over the plan
    accuracy: Interval


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
    """The offer that earns most, unless what sets it apart was not shown.

    A dearer offer is only taken over a cheaper one where its answers are better beyond
    doubt: where the interval of the difference holds 0, there is no recommendation
    between the two but the cheaper one's price.

    Args:
        differences: accuracy of the first name minus that of the second, paired.

    Raises ValueError without offers, or where a difference that is needed is missing.
    """
    if not offers:
        raise ValueError("there is no offer to choose from")
    best = max(offers, key=lambda offer: offer.net)
    if best.net <= 0:
        why = f"{best.name} would earn the most, and that is {best.net:,.0f}: a loss"
        return Advice(None, (why,))
    reasons = [f"{best.name} earns the most: {best.net:,.0f} net of {best.cost:,.0f}"]
    for other in sorted(offers, key=lambda offer: offer.cost):
        if other.cost >= best.cost or other.net <= 0:
            continue
        shown = differences.get((best.name, other.name))
        if shown is None:
            raise ValueError(
                f"no difference of {best.name} and {other.name} was given: it decides"
            )
        if shown.low <= 0:
            reasons.append(
                f"{other.name} is cheaper ({other.cost:,.0f}), and whether {best.name} "
                f"answers better is open: {shown}. Ask more questions"
            )
            return Advice(None, tuple(reasons))
        reasons.append(f"it answers better than the cheaper {other.name}: {shown}")
    return Advice(best.name, tuple(reasons))
