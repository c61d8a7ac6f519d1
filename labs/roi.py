"""What an arm costs, what its answers are worth, and when another one is better.

Everything here is arithmetic on what was measured elsewhere: no model, no index. How
sure it is stands in `labs.roi_doubt`, what to choose in `labs.roi_choice`; both are
handed on here. First shown in notebooks/3_benchmarking/04_cost_and_roi.
"""

import math

import numpy as np

# Handed on: one module for money.
from labs.roi_choice import Advice as Advice
from labs.roi_choice import Offer as Offer
from labs.roi_choice import pareto as pareto
from labs.roi_choice import recommend as recommend
from labs.roi_doubt import Swing as Swing
from labs.roi_doubt import changed as changed
from labs.roi_doubt import monte_carlo as monte_carlo
from labs.roi_doubt import quality_draws as quality_draws
from labs.roi_doubt import scenarios as scenarios
from labs.roi_doubt import tornado as tornado
from labs.roi_terms import Outcomes as Outcomes
from labs.roi_terms import Plan as Plan
from labs.roi_terms import Prices as Prices
from labs.roi_terms import Usage as Usage
from labs.stats import bootstrap_mean, paired_bootstrap

HOURS_PER_MONTH = 730  # 8,760 hours of a year over 12

# Cost ---------------------------------------------------------------------------------


def machines(device_s: float, cpu_s: float, prices: Prices) -> float:
    """What seconds of both machines cost."""
    return (device_s * prices.per_device_hour + cpu_s * prices.per_cpu_hour) / 3600


def per_question(usage: Usage, prices: Prices) -> float:
    """What one more question costs."""
    tokens = usage.tokens_in * prices.per_million_in
    tokens += usage.tokens_out * prices.per_million_out
    return tokens / 1e6 + machines(usage.device_s, usage.cpu_s, prices)


def once(usage: Usage, prices: Prices) -> float:
    """What it costs before the first question."""
    people = usage.setup_hours * prices.per_person_hour
    trained = usage.setup_tokens / 1e6 * prices.per_million_trained
    return people + trained + machines(usage.setup_s, usage.setup_cpu_s, prices)


def per_update(usage: Usage, prices: Prices) -> float:
    """What it costs to take in documents that changed."""
    people = usage.update_hours * prices.per_person_hour
    trained = usage.update_tokens / 1e6 * prices.per_million_trained
    return people + trained + machines(usage.update_s, usage.update_cpu_s, prices)


def per_month(usage: Usage, prices: Prices, updates_per_month: float) -> float:
    """What a month costs without any question: what is kept, and what updates take."""
    kept = usage.stored_gb * prices.per_gb_month + prices.per_service_month
    return kept + updates_per_month * per_update(usage, prices)


def fixed(usage: Usage, prices: Prices, plan: Plan) -> float:
    """All costs over the months of the plan that no question changes."""
    monthly = per_month(usage, prices, plan.updates_per_month)
    return once(usage, prices) + plan.months * monthly


def total_cost(usage: Usage, prices: Prices, plan: Plan) -> float:
    """All costs over the months of the plan."""
    asked = plan.questions * per_question(usage, prices)
    return fixed(usage, prices, plan) + asked


_PARTS = {
    "people": ("per_person_hour",),
    "machines": ("per_device_hour", "per_cpu_hour", "per_service_month"),
    "tokens": ("per_million_in", "per_million_out", "per_million_trained"),
    "storage": ("per_gb_month",),
}


def parts(usage: Usage, prices: Prices, plan: Plan) -> dict[str, float]:
    """The total cost by what it is paid for: each with all other prices at nothing."""
    found = {}
    for name, paid in _PARTS.items():
        only = Prices(**{field: getattr(prices, field) for field in paid})
        found[name] = total_cost(usage, only, plan)
    return found


def per_thousand_right(
    usage: Usage, prices: Prices, plan: Plan, accuracy: float
) -> float:
    """Total cost over thousand right answers; infinite where none is right."""
    right = accuracy * plan.questions
    cost = total_cost(usage, prices, plan)
    return 1000 * cost / right if right else math.inf


def break_even(
    one: Usage,
    other: Usage,
    prices: Prices,
    plan: Plan,
    other_prices: Prices | None = None,
) -> float | None:
    """Questions a month at which both cost the same over the plan's months.

    Both costs are straight lines in the volume, so the crossing is exact. None where
    they do not cross at a positive volume: one is cheaper throughout.

    Args:
        other_prices: where the other one runs elsewhere.
    """
    theirs = prices if other_prices is None else other_prices
    slope = per_question(one, prices) - per_question(other, theirs)
    if not slope:
        return None
    gap = fixed(other, theirs, plan) - fixed(one, prices, plan)
    volume = gap / (plan.months * slope)
    return volume if volume > 0 else None


def busy(usage: Usage, plan: Plan, speed: float = 1.0) -> float:
    """The share of its hours that the device answers; above 1, one is too few.

    Args:
        speed: how many times faster it is than the one that was measured.
    """
    seconds = plan.questions_per_month * usage.device_s / speed
    return seconds / (HOURS_PER_MONTH * 3600)


# Value --------------------------------------------------------------------------------


def benefit(plan: Plan, accuracy: float, wrong: float) -> float:
    """What the answers are worth over the plan: right ones gain, wrong ones cost.

    Args:
        accuracy: share of right answers.
        wrong: share of wrong answers given; refusals are neither right nor wrong.

    Raises ValueError for shares that cannot be.
    """
    if not (0 <= accuracy <= 1 and 0 <= wrong <= 1 and accuracy + wrong <= 1 + 1e-9):
        raise ValueError(
            f"shares {accuracy} right and {wrong} wrong: expected both between 0 and "
            "1, and no more than 1 together"
        )
    a_question = accuracy * plan.value_right - wrong * plan.cost_wrong
    return plan.questions * a_question


def net(
    usage: Usage, prices: Prices, plan: Plan, accuracy: float, wrong: float
) -> float:
    """Benefit minus total cost, in money."""
    return benefit(plan, accuracy, wrong) - total_cost(usage, prices, plan)


def net_each(
    usage: Usage, prices: Prices, plan: Plan, outcomes: Outcomes
) -> np.ndarray:
    """What each measured question earns, its share of all costs taken off: (n,)."""
    worth = outcomes.right * plan.value_right - outcomes.wrong * plan.cost_wrong
    return worth - total_cost(usage, prices, plan) / plan.questions


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


def pays_from(
    usage: Usage, prices: Prices, plan: Plan, accuracy: float, wrong: float
) -> float:
    """Questions a month from which on it earns more than it costs; inf if never."""
    a_question = benefit(plan, accuracy, wrong) / plan.questions
    a_question -= per_question(usage, prices)
    if a_question <= 0:
        return math.inf
    return fixed(usage, prices, plan) / (plan.months * a_question)


# Advice -------------------------------------------------------------------------------


def advise(
    usages: dict[str, Usage],
    prices: Prices,
    plan: Plan,
    outcomes: dict[str, Outcomes],
    n_resamples: int = 2_000,
) -> tuple[list[Offer], Advice]:
    """All arms as offers, and which to take: `recommend` on paired intervals of money.

    What is compared is what a question earns net of its share of the costs, on the
    same questions. Raises ValueError where an arm has usage and no outcomes.
    """
    if lacking := sorted(usages.keys() - outcomes.keys()):
        raise ValueError(f"no outcomes of {lacking[0]!r}, expected some for each arm")
    each = {n: net_each(u, prices, plan, outcomes[n]) for n, u in usages.items()}
    offers = []
    for name, own in each.items():
        net_ = bootstrap_mean(own, n_resamples)
        offers.append(
            Offer(
                name,
                net_.mean * plan.questions,
                total_cost(usages[name], prices, plan),
                bootstrap_mean(outcomes[name].right, n_resamples),
                (net_.low * plan.questions, net_.high * plan.questions),
            )
        )
    best = max(offers, key=lambda offer: offer.net).name
    differences = {
        (best, name): paired_bootstrap(each[best], own, n_resamples)
        for name, own in each.items()
        if name != best
    }
    return offers, recommend(offers, differences)
