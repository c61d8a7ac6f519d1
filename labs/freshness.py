"""What becomes of answers when documents change, and how often to update an arm.

The second edition of a domain changes the right answers of some questions. Time is in
months throughout, a rate is in changes of a fact a month.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labs import embedding, metrics, roi
from labs.corpus import Change, Evidence, Fact, Question
from labs.errors import LabsError
from labs.retrieval import Chunk, DenseIndex
from labs.roi import Plan, Prices, Usage

KINDS = ("lookup", "multi_hop", "comparison")  # their answers are short: one matches
OUTCOMES = ("new", "old", "neither")
GROUPS = (
    "changed, taught again",
    "changed, not taught",
    "unchanged, taught",
    "unchanged, not taught",
)
_SEED = 5  # of the samples


# Answers ------------------------------------------------------------------------------


def which_answer(said: str, new: Sequence[str], old: Sequence[str]) -> str:
    """Whether an answer is the new one, the old one, or neither.

    An arm that tells the old answer is stale; one that tells neither cannot read, or
    does not know. First shown in notebooks/3_benchmarking/05_freshness.

    Args:
        new: accepted wordings after the change.
        old: accepted wordings before it.
    """
    if metrics.exact_match(said, new):
        return "new"
    return "old" if metrics.exact_match(said, old) else "neither"


@dataclass(frozen=True, slots=True)
class Item:
    """A question asked before and after the second edition."""

    question: Question  # with the answer that is right after it
    old: tuple[str, ...]  # accepted before it; the same where nothing changed

    def outcome(self, said: str) -> str:
        """One of `OUTCOMES`; what did not change is "new" where it is right."""
        return which_answer(said, self.question.accepted, self.old)


# Who was taught what ------------------------------------------------------------------


def new_facts(change: Change) -> set[str]:
    """The facts of a change that the first edition did not hold."""
    return set(change.facts) - set(change.facts_old)


def to_teach(
    changes: Sequence[Change], questions: Sequence[Question]
) -> tuple[list[Change], list[Question]]:
    """What a model is trained on again: changes of train, and what still holds there.

    No question of dev or test, and no row with an answer that changed. First shown in
    notebooks/3_benchmarking/05_freshness.
    """
    changed = {change.id for change in changes}
    train = {q.id: q for q in questions if q.split == "train"}
    known = (*KINDS, "unanswerable")
    again = [c for c in changes if c.id in train and c.kind in KINDS]
    holds = [q for q in train.values() if q.id not in changed and q.kind in known]
    return again, holds


def groups(
    changes: Sequence[Change], questions: Sequence[Question], n: int
) -> dict[str, list[Item]]:
    """At most `n` questions of each of `GROUPS`, none of them of train or dev.

    *Taught* is a question whose facts all stand in train in other words, *not taught*
    one of whose changed facts none does; what lies between is left out. First shown in
    notebooks/3_benchmarking/05_freshness.

    Raises:
        LabsError: a group has no question.
    """
    by_id = {question.id: question for question in questions}
    again, _ = to_teach(changes, questions)
    taught = {fact for change in again for fact in new_facts(change)}
    before = {f for q in questions if q.split == "train" for f in q.facts}
    found: dict[str, list[Item]] = {name: [] for name in GROUPS}
    for change in changes:
        own, asked = new_facts(change), by_id.get(change.id)
        tested = asked is None or asked.split.startswith("test_")
        if not tested or change.kind not in KINDS or not own:
            continue
        if own <= taught and set(change.facts_old) <= before:
            found[GROUPS[0]].append(changed_item(change))
        elif not own & taught:
            found[GROUPS[1]].append(changed_item(change))
    changed = {change.id for change in changes}
    for name, split in zip(GROUPS[2:], ("seen", "unseen"), strict=True):
        found[name] = [
            Item(q, q.accepted)
            for q in questions
            if q.split == f"test_{split}_facts" and q.kind in KINDS
            if q.id not in changed
        ]
    return {name: _drawn(name, own, n) for name, own in found.items()}


def _drawn(name: str, items: list[Item], n: int) -> list[Item]:
    """The first of one order: a smaller sample is part of a larger one."""
    if not items:
        raise LabsError(
            f"There is no test question of the group {name!r}. Expected some in "
            "questions.jsonl and edition2/changes.jsonl; `make data` writes both."
        )
    random.Random(_SEED).shuffle(items)
    return items[:n]


def changed_item(change: Change) -> Item:
    """The question of a change, with both answers."""
    question = Question(
        change.id,
        change.question,
        change.new_answer,
        change.accepted,
        change.kind,
        "test_seen_facts",
        change.facts,
        change.evidence,
        2,
    )
    return Item(question, change.old_accepted)


# Evidence -----------------------------------------------------------------------------


def changed_evidence(
    change: Change, facts: Mapping[str, Fact], new: bool
) -> tuple[Evidence, ...]:
    """The quotes that tell the new answer, or the old one, and not the other.

    First shown in notebooks/3_benchmarking/05_freshness.

    Args:
        facts: of both editions, by id.

    Raises:
        LabsError: a fact is not there.
    """
    one, other = change.facts, change.facts_old
    own = set(one) - set(other) if new else set(other) - set(one)
    if lacking := sorted(own - facts.keys()):
        raise LabsError(
            f"Change {change.id} rests on the fact {lacking[0]}, which neither edition "
            "holds. Expected the facts of both: load_facts(1) and load_facts(2)."
        )
    return tuple(Evidence(facts[i].document, facts[i].quote) for i in sorted(own))


def extended(index: DenseIndex, passages: Sequence[Chunk]) -> DenseIndex:
    """The index with more passages: these alone are embedded.

    First shown in notebooks/3_benchmarking/05_freshness.
    """
    import numpy as np

    fresh = index.embed([passage.text for passage in passages])
    vectors = np.concatenate([index.vectors, fresh])
    return DenseIndex([*index.chunks, *passages], vectors, index.embed)


def embed_uncached(encoder: tuple[Any, Any], passages: Sequence[Chunk]) -> None:
    """Embed passages as `Embedder` does, past its cache: for a clock.

    Args:
        encoder: what `Embedder.load_encoder` gives.
    """
    import torch

    texts = sorted((passage.text for passage in passages), key=len)
    with torch.inference_mode():
        for i in range(0, len(texts), 64):
            embedding.mean_pooled(*encoder, texts[i : i + 64])


# Ageing -------------------------------------------------------------------------------


def fresh_share(rate: float, interval: float) -> float:
    """Share of the facts that have not changed since the last update, over time.

    With changes that come by chance (a Poisson process), a fact is still the same
    after the time t with probability exp(-rate t); this is its mean over an interval
    between two updates, (1 - exp(-x)) / x for x = rate * interval. First shown in
    notebooks/3_benchmarking/05_freshness.

    Args:
        rate: changes of a fact a month.
        interval: months between two updates.

    Raises ValueError for what is below zero or no number.
    """
    expected = rate * interval
    if not (rate >= 0 and interval >= 0 and math.isfinite(expected)):
        raise ValueError(
            f"rate {rate} and interval {interval}: expected numbers of at least 0"
        )
    return -math.expm1(-expected) / expected if expected else 1.0


@dataclass(frozen=True, slots=True)
class Ageing:
    """Shares of right and of wrong answers, on facts as last learnt and since changed.

    Refusals are neither right nor wrong.
    """

    right_fresh: float
    wrong_fresh: float
    right_stale: float
    wrong_stale: float

    def at(self, fresh: float) -> tuple[float, float]:
        """Right and wrong where this share of the facts is fresh."""
        return (
            fresh * self.right_fresh + (1 - fresh) * self.right_stale,
            fresh * self.wrong_fresh + (1 - fresh) * self.wrong_stale,
        )


def net(ageing: Ageing, usage: Usage, prices: Prices, plan: Plan, rate: float) -> float:
    """What an arm earns over a plan (money), its answers ageing between updates.

    `plan.updates_per_month` says how often it is brought up to date; 0 is never. First
    shown in notebooks/3_benchmarking/05_freshness.
    """
    updates = plan.updates_per_month
    interval = min(plan.months, 1 / updates) if updates else plan.months
    right, wrong = ageing.at(fresh_share(rate, interval))
    return roi.net(usage, prices, plan, right, wrong)


def best_interval(rate: float, update_cost: float, stale_cost: float) -> float:
    """Months between updates at which updating and being stale cost the least.

    The square-root rule of stock keeping (Harris 1913): at an interval T, updates cost
    update_cost / T a month, and about rate * T / 2 of the facts are stale. Good for
    rate * T well below 1; infinite where nothing changes or staleness is free. First
    shown in notebooks/3_benchmarking/05_freshness.

    Args:
        update_cost: money for one update.
        stale_cost: money a month if all facts were stale.

    Raises ValueError where one of the three is below 0.
    """
    if min(rate, update_cost, stale_cost) < 0:
        raise ValueError(
            f"rate {rate}, costs {update_cost} and {stale_cost}: expected at least 0"
        )
    lost = rate * stale_cost
    return math.sqrt(2 * update_cost / lost) if lost else math.inf
