"""Answers after a change, who is taught what, and how answers age."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs import freshness
from labs.corpus import Change, Evidence, Fact, Question
from labs.errors import LabsError
from labs.freshness import Ageing
from labs.retrieval import Chunk, DenseIndex
from labs.roi import Plan, Prices, Usage

RATES = st.floats(0, 50)
SHARES = st.floats(0, 1)


def _question(own: str, split: str, *facts: str, kind: str = "lookup") -> Question:
    return Question(own, f"{own}?", "a", ("a",), kind, split, facts, (), 1)


def _change(own: str, old: str, new: str, kind: str = "lookup") -> Change:
    facts = tuple(old.split()), tuple(new.split())
    return Change(own, f"{own}?", kind, "a", "b", ("a",), ("b",), *facts, ())


# Answers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [("B. [1]", "new"), ("a", "neither"), ("A1.", "old"), ("", "neither")],
)
def test_which_answer(said: str, expected: str) -> None:
    assert freshness.which_answer(said, ["b"], ["a1"]) == expected


def test_what_did_not_change_is_new_where_it_is_right() -> None:
    item = freshness.Item(_question("q", "test_seen_facts", "f"), ("a",))
    assert item.outcome("a") == "new" and item.outcome("b") == "neither"


# Who was taught what ------------------------------------------------------------------

QUESTIONS = [
    _question("t1", "train", "f1", "g"),
    _question("t2", "train", "f2"),
    _question("t3", "train", "f3", kind="unanswerable"),
    _question("t4", "train", "f4", kind="summary"),
    _question("d1", "dev", "f1"),
    _question("s1", "test_seen_facts", "f1"),
    _question("s2", "test_seen_facts", "f2"),
    _question("u1", "test_unseen_facts", "h"),
    _question("u2", "test_unseen_facts", "k"),
]
CHANGES = [
    _change("t1", "f1 g", "F1 g"),
    _change("t4", "f4", "F4", kind="summary"),
    _change("d1", "f1", "F1"),
    _change("s1", "f1", "F1"),
    _change("u1", "h", "H"),
    _change("c1", "f1", "F1"),  # asked since the second edition
    _change("c2", "h f1", "H F1"),  # one fact taught, one not: left out
    _change("c3", "k f1", "k F1"),  # its other fact was never taught: left out
    _change("c4", "f1 g", "f1"),  # no new fact: left out
]


def test_teaching_takes_train_alone_and_nothing_that_changed() -> None:
    again, holds = freshness.to_teach(CHANGES, QUESTIONS)
    assert [c.id for c in again] == ["t1"]
    assert [q.id for q in holds] == ["t2", "t3"]


def test_groups_hold_no_question_of_train_or_dev() -> None:
    found = freshness.groups(CHANGES, QUESTIONS, 9)
    ids = [sorted(i.question.id for i in own) for own in found.values()]
    assert ids == [["c1", "s1"], ["u1"], ["s2"], ["u2"]]


def test_a_smaller_sample_is_part_of_a_larger_one() -> None:
    one, all_ = (freshness.groups(CHANGES, QUESTIONS, n) for n in (1, 9))
    assert all(own == all_[name][:1] for name, own in one.items())


def test_a_group_without_questions_is_refused() -> None:
    with pytest.raises(LabsError, match="changed, not taught"):
        freshness.groups([c for c in CHANGES if c.id != "u1"], QUESTIONS, 9)


# Evidence -----------------------------------------------------------------------------


def test_evidence_is_of_the_facts_that_differ() -> None:
    facts = {i: Fact(i, "s", "r", "o", f"doc-{i}", 1, f"quote {i}") for i in "abc"}
    change = _change("q", "a b", "a c")
    new, old = (freshness.changed_evidence(change, facts, x) for x in (True, False))
    assert new == (Evidence("doc-c", "quote c"),)
    assert old == (Evidence("doc-b", "quote b"),)
    with pytest.raises(LabsError, match="rests on the fact c"):
        freshness.changed_evidence(change, {}, True)


def test_an_extended_index_embeds_only_what_is_new() -> None:
    embedded: list[str] = []

    def embed(texts):
        embedded.extend(texts)
        return np.array([[len(t), 1.0] for t in texts]) / 9

    one, two = Chunk("a#1", "a", "x"), Chunk("b#1", "b", "yy")
    index = DenseIndex.build([one], embed)
    grown = freshness.extended(index, [two])
    assert embedded == ["x", "yy"]
    assert grown.chunks == [one, two] and len(index.chunks) == 1
    assert np.array_equal(grown.vectors, DenseIndex.build([one, two], embed).vectors)


# Ageing -------------------------------------------------------------------------------


def test_fresh_share_by_hand() -> None:
    assert freshness.fresh_share(0, 5) == freshness.fresh_share(5, 0) == 1
    assert math.isclose(freshness.fresh_share(0.5, 2), 1 - math.exp(-1))


def test_fresh_share_is_the_mean_of_the_decay() -> None:
    from scipy.integrate import quad

    mean = quad(lambda t: math.exp(-0.7 * t), 0, 3)[0] / 3
    assert math.isclose(freshness.fresh_share(0.7, 3), mean)


@pytest.mark.parametrize(("rate", "interval"), [(-1, 1), (1, -1), (1, math.inf)])
def test_fresh_share_refuses(rate: float, interval: float) -> None:
    with pytest.raises(ValueError, match="at least 0"):
        freshness.fresh_share(rate, interval)


@given(RATES, RATES, st.floats(0, 60))
def test_more_change_is_never_fresher(one: float, other: float, months: float) -> None:
    low, high = sorted((one, other))
    slow, fast = (freshness.fresh_share(rate, months) for rate in (low, high))
    assert 0 <= fast <= slow + 1e-12 and slow <= 1


@given(RATES, st.floats(0, 60), st.floats(0, 60))
def test_a_longer_interval_is_never_fresher(rate: float, a: float, b: float) -> None:
    short, long = sorted((a, b))
    late, soon = (freshness.fresh_share(rate, t) for t in (long, short))
    assert late <= soon + 1e-12


PRICES = Prices(per_device_hour=1, per_cpu_hour=1, per_person_hour=50)
TAUGHT = Usage(0, 0, 0.1, update_s=60, update_hours=4)
INDEXED = Usage(0, 0, 0.5, update_cpu_s=10)


def _earns(ageing, usage, rate: float, updates: float, value: float = 1) -> float:
    plan = Plan(1_000, 12, updates, value_right=value, cost_wrong=value / 2)
    return freshness.net(ageing, usage, PRICES, plan, rate)


def test_net_by_hand() -> None:
    # One update a month at a rate of 1: a share of 1 - 1/e is fresh.
    fresh = 1 - math.exp(-1)
    ageing = Ageing(0.8, 0.2, 0.0, 1.0)
    right = 0.8 * fresh
    worth = 12_000 * (right - 0.5 * (1 - right))
    spent = 12_000 * 0.1 / 3600 + 12 * (60 / 3600 + 200)
    assert math.isclose(_earns(ageing, TAUGHT, 1.0, 1.0), worth - spent)


def test_who_never_updates_ages_over_the_whole_plan() -> None:
    ageing = Ageing(1.0, 0.0, 0.0, 0.0)
    free = Usage(0, 0, 0)
    expected = 12_000 * freshness.fresh_share(0.3, 12)
    assert math.isclose(_earns(ageing, free, 0.3, 0), expected)
    assert math.isclose(_earns(ageing, free, 0.3, 1 / 24), expected)


@given(RATES, RATES, SHARES, SHARES, st.sampled_from([0, 1 / 6, 1, 30]))
def test_more_change_never_favours_an_arm_that_ages(
    one: float, other: float, fresh: float, stale: float, updates: float
) -> None:
    fresh, stale = max(fresh, stale), min(fresh, stale)
    ageing = Ageing(fresh, 1 - fresh, stale, 1 - stale)
    low, high = sorted((one, other))
    slow, fast = (_earns(ageing, TAUGHT, rate, updates) for rate in (low, high))
    assert fast <= slow + 1e-6


@given(RATES, RATES, SHARES, SHARES, st.sampled_from([0, 1 / 6, 1]))
def test_more_change_never_favours_it_over_an_arm_that_follows_at_once(
    one: float, other: float, known: float, read: float, updates: float
) -> None:
    """An arm whose stale answers are as right as its fresh ones does not age."""
    follows = Ageing(read, 1 - read, read, 1 - read)
    ages = Ageing(known, 1 - known, 0.0, 1.0)
    low, high = sorted((one, other))
    leads = [
        _earns(follows, INDEXED, rate, 30) - _earns(ages, TAUGHT, rate, updates)
        for rate in (low, high)
    ]
    assert leads[1] >= leads[0] - 1e-6


@given(RATES, RATES)
def test_choosing_the_interval_does_not_help_against_change(a: float, b: float) -> None:
    ageing = Ageing(0.6, 0.4, 0.1, 0.9)
    best = [
        max(_earns(ageing, TAUGHT, rate, u) for u in (0, 1 / 6, 1 / 3, 1, 4))
        for rate in sorted((a, b))
    ]
    assert best[1] <= best[0] + 1e-6


@given(st.floats(1e-4, 0.02), st.floats(0.1, 1000), st.floats(1e3, 1e6))
def test_best_interval_is_near_the_cheapest(
    rate: float, update: float, stale: float
) -> None:
    rule = freshness.best_interval(rate, update, stale)
    if rate * rule > 0.2:  # the rule is for few stale facts
        return

    def cost(interval: float) -> float:
        return update / interval + stale * (1 - freshness.fresh_share(rate, interval))

    cheapest = min(cost(rule * factor) for factor in np.geomspace(0.3, 3, 61))
    assert cost(rule) <= 1.01 * cheapest


def test_best_interval_by_hand() -> None:
    assert math.isclose(freshness.best_interval(0.1, 200, 10_000), math.sqrt(0.4))
    assert freshness.best_interval(0, 200, 10_000) == math.inf
    assert freshness.best_interval(0.1, 200, 0) == math.inf
    with pytest.raises(ValueError, match="at least 0"):
        freshness.best_interval(0.1, -1, 1)


def test_four_times_the_change_halves_the_interval() -> None:
    slow, fast = (freshness.best_interval(r, 7, 900) for r in (0.01, 0.04))
    assert math.isclose(slow, 2 * fast)


def test_ageing_lies_between_fresh_and_stale() -> None:
    ageing = Ageing(0.8, 0.1, 0.2, 0.5)
    assert ageing.at(1) == (0.8, 0.1) and ageing.at(0) == (0.2, 0.5)
    right, wrong = ageing.at(0.5)
    assert math.isclose(right, 0.5) and math.isclose(wrong, 0.3)
    assert replace(ageing, right_stale=0.8).at(0)[0] == 0.8
