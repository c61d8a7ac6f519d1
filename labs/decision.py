"""From measurements to a plan: which arm a case should take, and why.

A case says what is asked (the shares of the tasks), how often, and what a right answer
is worth. The results of the benchmark say the rest. A dearer arm is advised only where
its answers are better beyond doubt; nothing is advised from too few questions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations

import numpy as np

from labs import price_table, results, roi, tasks, usage
from labs.errors import LabsError
from labs.price_table import PriceTable
from labs.results import Result
from labs.roi import Offer, Outcomes, Plan, Prices, Usage
from labs.stats import Interval, Scores
from labs.usage import Indexing

MIN_QUESTIONS = 50  # as labs.synthetic.FEW: a share of a half is then known to ± 0.14
_RESAMPLES = 4_000


@dataclass(frozen=True, slots=True)
class Case:
    """What a reader says of their own case."""

    plan: Plan
    table: PriceTable
    deployment: str = "own-cpu"  # one of price_table.DEPLOYMENTS
    mix: Mapping[str, float] = field(default_factory=dict)  # task: share; {}: as asked
    update_share: float = 0.1  # of the documents, which an update brings

    @property
    def prices(self) -> Prices:
        return price_table.prices(self.table, self.deployment)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to take, or None, and all that it rests on."""

    choice: str | None
    reasons: tuple[str, ...]
    offers: tuple[Offer, ...]
    usages: Mapping[str, Usage]
    wrong: Mapping[str, Interval]  # wrong answers given, by arm
    differences: Mapping[tuple[str, str], Interval]  # right, first minus second
    mix: Mapping[str, float]
    n: int  # questions
    enough: bool  # whether they are enough to advise on


def decide(
    found: Sequence[Result],
    case: Case,
    indexing: Mapping[str, Indexing],
    least: int = MIN_QUESTIONS,
) -> Decision:
    """The arm that a case should take.

    Args:
        indexing: of each index that an arm reads, by `usage.measure_index`.
        least: with fewer questions nothing is advised.

    Raises:
        LabsError: the results do not belong together, or the mix names no task of
            theirs.
    """
    results.check(found)
    mix = shares(found, case.mix)
    right = {t: results.scores(found, t) for t in mix}
    outcomes = {t: usage.outcomes(found, [t]) for t in mix}
    usages = spent(found, case, mix, indexing)
    worth = {t: _worth(own, usages, case) for t, own in outcomes.items()}
    offers = [_offer(arm, usages[arm], right, worth, case, mix) for arm in usages]
    n = offers[0].accuracy.n
    choice, reasons = None, [too_few(n, least)]
    if n >= least:
        choice, reasons = choose(offers, _paired(worth, mix))
    wrong = {arm: {t: outcomes[t][arm].wrong for t in mix} for arm in usages}
    return Decision(
        choice,
        tuple(reasons),
        tuple(offers),
        usages,
        {arm: weighted_mean(own, mix) for arm, own in wrong.items()},
        _paired(right, mix),
        mix,
        n,
        n >= least,
    )


def too_few(n: int, least: int = MIN_QUESTIONS) -> str:
    """Why nothing is advised from `n` questions."""
    if not n:
        return "Nothing was measured: there is no test question. Nothing is advised."
    wide = min(1.0, 0.98 / n**0.5)
    return (
        f"{n} test questions are too few to advise on, {least} are the least: a share "
        f"is known to about ± {wide:.2f}. Write more, or let a larger model write."
    )


def choose(
    offers: Sequence[Offer], differences: Mapping[tuple[str, str], Interval]
) -> tuple[str | None, list[str]]:
    """Of those shown to earn at all, what earns most, if more than any cheaper one.

    Where its lead over a cheaper one is not shown, it is left out. `roi.recommend`
    judges each step. First shown in
    notebooks/3_benchmarking/06_decide.

    Args:
        differences: what a question earns, first minus second, in money.

    Raises ValueError as `roi.recommend`.
    """
    left: list[Offer] = []
    reasons: list[str] = []
    for offer in offers:
        low, high = offer.net_range or (offer.net, offer.net)
        if low > 0:
            left.append(offer)
        else:
            net = f"{round(offer.net):,} [{round(low):,}, {round(high):,}]"
            reasons.append(f"{offer.name} is not shown to earn its cost: {net}")
    while left:
        advice = roi.recommend(left, differences)
        reasons += advice.reasons
        if advice.choice:
            return advice.choice, reasons
        best = max(left, key=lambda offer: offer.net)
        reasons.append(f"so {best.name} is left out: what is not shown is not paid for")
        left.remove(best)
    return None, reasons


def weighted_mean(
    scores: Mapping[str, Scores], weights: Mapping[str, float], seed: int = 0
) -> Interval:
    """The mean of tasks by weight, with its 95% interval: each resampled on its own.

    A stratified bootstrap: how many questions of each task were asked is no accident,
    so it does not vary. First shown in notebooks/3_benchmarking/06_decide.

    Args:
        scores: by task, (n,) each; differences of paired scores for a comparison.
        weights: by task, of any sum above 0.
    """
    rng = np.random.default_rng(seed)
    total = sum(weights.values())
    mean, means = 0.0, np.zeros(_RESAMPLES)
    for task, weight in weights.items():
        own = np.asarray(scores[task], dtype=float)
        drawn = own[rng.integers(len(own), size=(_RESAMPLES, len(own)))]
        mean += weight / total * own.mean()
        means += weight / total * drawn.mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    n = sum(len(scores[task]) for task in weights)
    return Interval(float(mean), float(low), float(high), n)


# What is known of an arm --------------------------------------------------------------


def spent(
    found: Sequence[Result],
    case: Case,
    mix: Mapping[str, float],
    indexing: Mapping[str, Indexing],
) -> dict[str, Usage]:
    """What each arm uses, its questions by the tasks' shares.

    Raises:
        LabsError: as `labs.usage.of_arms`.
    """
    total = sum(mix.values())
    of_task = {
        task: usage.of_arms(found, [task], indexing, case.table, case.update_share)
        for task in mix
    }
    usages = {}
    for arm, own in of_task[next(iter(mix))].items():
        means = {
            name: sum(
                w / total * getattr(of_task[t][arm], name) for t, w in mix.items()
            )
            for name in ("tokens_in", "tokens_out", "device_s")
        }
        usages[arm] = replace(own, **means)
    return usages


def _worth(
    outcomes: Mapping[str, Outcomes], usages: Mapping[str, Usage], case: Case
) -> dict[str, np.ndarray]:
    """What each question earns each arm, its share of all costs taken off."""
    return {
        arm: roi.net_each(usages[arm], case.prices, case.plan, own)
        for arm, own in outcomes.items()
    }


def _offer(
    arm: str,
    own: Usage,
    right: Mapping[str, Mapping[str, np.ndarray]],
    worth: Mapping[str, Mapping[str, np.ndarray]],
    case: Case,
    mix: Mapping[str, float],
) -> Offer:
    earned = weighted_mean({task: worth[task][arm] for task in mix}, mix)
    net = earned.mean * case.plan.questions
    ends = earned.low * case.plan.questions, earned.high * case.plan.questions
    cost = float(roi.total_cost(own, case.prices, case.plan))
    accuracy = weighted_mean({task: right[task][arm] for task in mix}, mix)
    return Offer(arm, net, cost, accuracy, ends)


def _paired(
    scores: Mapping[str, Mapping[str, np.ndarray]], mix: Mapping[str, float]
) -> dict[tuple[str, str], Interval]:
    """Differences of all pairs of arms, on the same questions of each task."""
    arms = next(iter(scores.values()))
    return {
        (a, b): weighted_mean({t: scores[t][a] - scores[t][b] for t in mix}, mix)
        for a, b in permutations(arms, 2)
    }


def shares(found: Sequence[Result], given: Mapping[str, float]) -> dict[str, float]:
    """The shares of the tasks; where none are given, as many of each as were asked.

    Other domains (`tasks.GENERAL`) count only where they are named.

    Raises:
        LabsError: a task that was not measured, or no share above 0.
    """
    asked = {r["task"]: len(r["answers"]) for r in found if r["answers"]}
    there = {task: asked[task] for task in results.measured(found) if task in asked}
    own = {task: n for task, n in there.items() if task != tasks.GENERAL}
    mix = {task: share for task, share in (given or own).items() if share}
    if not mix or not mix.keys() <= there.keys() or min(mix.values()) < 0:
        raise LabsError(
            f"The mix of questions is {dict(given)}, expected shares of at least 0 of "
            f"some of these tasks: {', '.join(there)}."
        )
    return mix
