"""Costs and returns by hand, and that they move the right way."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs import roi
from labs.roi import Advice, Offer, Plan, Prices, Usage
from labs.stats import Interval

API = Prices(per_million_in=2.0, per_million_out=10.0, per_person_hour=60.0)
OWN = Prices(per_device_hour=1.8, per_gb_month=0.5, per_person_hour=60.0)
RAG = Usage(1_000, 100, 2.0, setup_s=600, update_s=60, stored_gb=2, setup_hours=4)
TUNED = Usage(100, 50, 0.5, setup_s=7_200, update_s=7_200, stored_gb=1, setup_hours=20)
PLAN = Plan(10_000, 12, updates_per_month=2)


def test_a_question_costs_its_tokens_and_its_seconds():
    assert roi.per_question(RAG, API) == pytest.approx(0.002 + 0.001)
    assert roi.per_question(RAG, OWN) == pytest.approx(2 * 1.8 / 3600)


def test_total_cost_by_hand():
    # once: 4 h x 60 + 600 s; a month: 2 GB x 0.5 + 2 x 60 s + 10,000 x 2 s
    monthly = 1.0 + 2 * 60 * 1.8 / 3600 + 10_000 * 2 * 1.8 / 3600
    expected = 240 + 600 * 1.8 / 3600 + 12 * monthly
    assert roi.total_cost(RAG, OWN, PLAN) == pytest.approx(expected)


def test_a_thousand_right_answers():
    cost = roi.total_cost(RAG, OWN, PLAN)
    found = roi.per_thousand_right(RAG, OWN, PLAN, 0.5)
    assert found == pytest.approx(1000 * cost / 60_000)
    assert roi.per_thousand_right(RAG, OWN, PLAN, 0) == math.inf


def test_at_break_even_both_cost_the_same():
    volume = roi.break_even(RAG, TUNED, OWN, PLAN)
    at = Plan(volume, 12, updates_per_month=2)
    assert roi.total_cost(RAG, OWN, at) == pytest.approx(roi.total_cost(TUNED, OWN, at))
    less = Plan(volume / 2, 12, updates_per_month=2)
    assert roi.total_cost(RAG, OWN, less) < roi.total_cost(TUNED, OWN, less)


def test_lines_that_do_not_cross():
    worse = Usage(2_000, 200, 3.0, setup_s=700, setup_hours=5)
    better = Usage(1_000, 100, 2.0, setup_s=600, setup_hours=4)
    assert roi.break_even(worse, better, OWN, PLAN) is None
    assert roi.break_even(RAG, RAG, OWN, PLAN) is None


@given(st.floats(1, 20), st.floats(1, 50))
def test_more_updates_move_the_break_even_away_from_training(updates, more):
    """Re-training is dearer than re-indexing: it then needs a larger volume."""
    few, many = (Plan(1, 12, updates_per_month=n) for n in (updates, updates + more))
    volumes = [roi.break_even(RAG, TUNED, OWN, plan) for plan in (few, many)]
    assert volumes[1] > volumes[0]


@given(st.floats(0, 1e6), st.floats(0.01, 1e3))
def test_nothing_gets_cheaper_as_volume_or_a_price_grows(volume, more):
    plan, larger = Plan(volume + 1, 6), Plan(volume + 1 + more, 6)
    assert roi.total_cost(RAG, OWN, larger) >= roi.total_cost(RAG, OWN, plan)
    dearer = Prices(per_device_hour=1.8 + more, per_gb_month=0.5, per_person_hour=60)
    assert roi.total_cost(RAG, dearer, plan) > roi.total_cost(RAG, OWN, plan)


def test_value_and_return_by_hand():
    plan = Plan(1_000, 1, value_right=2.0, cost_wrong=10.0)
    free = Usage(0, 0, 0)
    assert roi.benefit(plan, 0.8, 0.1) == pytest.approx(1_000 * (1.6 - 1.0))
    assert roi.roi(free, OWN, plan, 0.8, 0.1) == math.inf
    paid = Usage(0, 0, 0, setup_hours=5)  # 300
    assert roi.net(paid, OWN, plan, 0.8, 0.1) == pytest.approx(300)
    assert roi.roi(paid, OWN, plan, 0.8, 0.1) == pytest.approx(1.0)


@pytest.mark.parametrize("shares", [(0.8, 0.3), (-0.1, 0), (0.5, 1.2)])
def test_shares_that_cannot_be(shares):
    with pytest.raises(ValueError, match="shares"):
        roi.benefit(PLAN, *shares)


@pytest.mark.parametrize("bad", [-1, math.nan, math.inf, "3"])
def test_bad_prices_are_refused(bad):
    with pytest.raises(ValueError, match=r"Prices\.per_device_hour"):
        Prices(per_device_hour=bad)


def test_no_volume_is_no_plan():
    with pytest.raises(ValueError, match="at least one question"):
        Plan(0, 12)


# Doubt --------------------------------------------------------------------------------


def cost(plan: Plan, prices: Prices) -> float:
    return roi.total_cost(RAG, prices, plan)


def test_the_widest_swing_comes_first():
    ranges = {
        "per_gb_month": (0.1, 1.0),
        "questions_per_month": (1_000, 100_000),
        "per_person_hour": (60, 60),
    }
    swings = roi.tornado(cost, PLAN, OWN, ranges)
    assert [s.name for s in swings][0] == "questions_per_month"
    assert swings[-1].low == swings[-1].high == pytest.approx(cost(PLAN, OWN))
    with pytest.raises(ValueError, match="no field"):
        roi.tornado(cost, PLAN, OWN, {"volume": (1, 2)})


def test_drawn_outcomes_lie_between_the_ends():
    ranges = {"questions_per_month": (5_000, 15_000)}
    drawn = roi.monte_carlo(cost, PLAN, OWN, ranges, n=500, seed=3)
    ends = [cost(Plan(v, 12, 2), OWN) for v in (5_000, 15_000)]
    assert ends[0] <= drawn.min() < drawn.max() <= ends[1]
    assert np.mean(drawn) == pytest.approx(np.mean(ends), rel=0.05)
    again = roi.monte_carlo(cost, PLAN, OWN, ranges, n=500, seed=3)
    assert (drawn == again).all()


# Choice -------------------------------------------------------------------------------


def offer(name: str, net: float, price: float, accuracy: float) -> Offer:
    return Offer(name, net, price, Interval(accuracy, 0, 1, 100))


def test_the_front_by_hand():
    offers = [
        offer("dear", 0, 9, 0.9),
        offer("beaten", 0, 5, 0.4),
        offer("cheap", 0, 1, 0.5),
        offer("same", 0, 1, 0.5),
    ]
    assert [o.name for o in roi.pareto(offers)] == ["cheap", "dear"]


def test_what_earns_most_is_recommended_where_it_was_shown_to_be_better():
    offers = [offer("both", 900, 100, 0.8), offer("rag", 500, 50, 0.6)]
    shown = {("both", "rag"): Interval(0.2, 0.1, 0.3, 100)}
    assert roi.recommend(offers, shown).choice == "both"
    open_ = {("both", "rag"): Interval(0.2, -0.1, 0.5, 10)}
    advice = roi.recommend(offers, open_)
    assert advice.choice is None and "Ask more questions" in advice.reasons[-1]
    with pytest.raises(ValueError, match="it decides"):
        roi.recommend(offers, {})


@pytest.mark.parametrize(("cost", "choice"), [(99.5, "both"), (98, None)])
def test_costs_that_differ_by_less_than_one_in_a_hundred_are_equal(cost, choice):
    offers = [offer("both", 900, 100, 0.8), offer("rag", 880, cost, 0.8)]
    open_ = {("both", "rag"): Interval(0.0, -0.1, 0.1, 100)}
    assert roi.recommend(offers, open_).choice == choice


def test_the_cheapest_needs_no_proof_against_dearer_ones():
    offers = [offer("both", 300, 100, 0.8), offer("rag", 500, 50, 0.6)]
    assert roi.recommend(offers, {}).choice == "rag"


def test_a_loss_is_not_recommended():
    assert roi.recommend([offer("rag", -1, 50, 0.6)], {}) == Advice(
        None, ("rag would earn the most, and that is -1: a loss",)
    )


# Parts, doubt and advice --------------------------------------------------------------


def test_every_price_is_charged_for_its_own_use():
    usage = Usage(
        1e6, 2e6, 3600, setup_s=7200, update_s=3600, stored_gb=3, setup_hours=5,
        update_hours=6, cpu_s=7200, setup_cpu_s=3600, update_cpu_s=3600,
        setup_tokens=4e6, update_tokens=5e6,
    )  # fmt: skip
    prices = Prices(
        per_million_in=1,
        per_million_out=10,
        per_device_hour=100,
        per_cpu_hour=1_000,
        per_gb_month=7,
        per_person_hour=11,
        per_million_trained=13,
        per_service_month=17,
    )
    assert roi.per_question(usage, prices) == pytest.approx(1 + 20 + 100 + 2_000)
    assert roi.once(usage, prices) == pytest.approx(55 + 52 + 200 + 1_000)
    update = 66 + 65 + 100 + 1_000
    assert roi.per_update(usage, prices) == pytest.approx(update)
    assert roi.per_month(usage, prices, 2) == pytest.approx(21 + 17 + 2 * update)
    plan = Plan(3, 2, updates_per_month=2)
    found = roi.parts(usage, prices, plan)
    assert sum(found.values()) == pytest.approx(roi.total_cost(usage, prices, plan))
    assert found["storage"] == pytest.approx(2 * 21)


def test_break_even_of_one_arm_in_two_places():
    kept_on = Prices(per_service_month=365.0, per_person_hour=60)
    volume = roi.break_even(RAG, RAG, API, PLAN, kept_on)
    # 0.003 a question at the API; storage and seconds are free in both
    assert volume == pytest.approx(365 / 0.003)
    assert roi.break_even(RAG, RAG, kept_on, PLAN, API) == pytest.approx(volume)


def test_it_pays_from_where_the_net_is_zero():
    plan = Plan(100, 12, updates_per_month=2, value_right=1, cost_wrong=0.5)
    volume = roi.pays_from(RAG, OWN, plan, 0.6, 0.2)
    at = Plan(volume, 12, updates_per_month=2, value_right=1, cost_wrong=0.5)
    assert roi.net(RAG, OWN, at, 0.6, 0.2) == pytest.approx(0, abs=1e-6)
    assert roi.pays_from(RAG, OWN, plan, 0.1, 0.2) == math.inf


def test_a_busy_machine():
    month_s = roi.HOURS_PER_MONTH * 3600
    assert roi.busy(RAG, Plan(month_s / 4, 1)) == pytest.approx(0.5)
    assert roi.busy(RAG, Plan(month_s / 4, 1), speed=5) == pytest.approx(0.1)


@pytest.mark.parametrize(
    "shares", [([0.5], [0.6]), ([-0.1], [0]), ([], []), ([1.0, 0.0], [0.0])]
)
def test_outcomes_that_cannot_be(shares):
    with pytest.raises(ValueError, match=r"shares|shapes"):
        roi.Outcomes(*map(np.array, shares))


def outcomes(right: float, wrong: float, n: int = 100) -> roi.Outcomes:
    """In each question the first shares of it right, the next ones wrong."""
    place = (np.arange(n) + 0.5) / n
    return roi.Outcomes(
        (place < right).astype(float),
        ((place >= right) & (place < right + wrong)).astype(float),
    )


def test_each_questions_net_adds_up():
    plan = Plan(1_000, 3, value_right=2, cost_wrong=1)
    own = outcomes(0.5, 0.2)
    each = roi.net_each(RAG, OWN, plan, own)
    total = roi.net(RAG, OWN, plan, 0.5, 0.2)
    assert each.mean() * plan.questions == pytest.approx(total)


def test_draws_of_quality_are_paired_and_near_the_shares():
    same = outcomes(0.5, 0.2)
    drawn = roi.quality_draws({"a": same, "b": same}, n=400)
    assert (drawn["a"] == drawn["b"]).all()
    assert drawn["a"].mean(0) == pytest.approx([0.5, 0.2], abs=0.01)
    assert drawn["a"][:, 0].std() == pytest.approx(0.05, rel=0.2)  # sqrt(.25 / 100)
    with pytest.raises(ValueError, match="expected the same"):
        roi.quality_draws({"a": same, "b": outcomes(0.5, 0.2, n=50)})


def test_advice_on_arms_without_outcomes():
    with pytest.raises(ValueError, match="no outcomes of 'rag'"):
        roi.advise({"rag": RAG}, OWN, PLAN, {})


def test_a_net_that_may_be_a_loss_is_not_recommended():
    plan = Plan(1_000, 12, value_right=1, cost_wrong=1)
    lucky = outcomes(0.52, 0.48)
    offers, advice = roi.advise({"rag": Usage(1, 1, 0)}, OWN, plan, {"rag": lucky})
    assert offers[0].net > 0 and advice.choice is None
    assert "95% interval" in advice.reasons[-1]


def test_where_quality_does_not_differ_the_dearer_is_not_recommended():
    mixed = np.tile([1.0, 0.0], 50)
    turned = np.append(1 - mixed[:-2], [1.0, 1.0])  # as good, and one better by luck
    made = {n: roi.Outcomes(r, 1 - r) for n, r in (("rag", mixed), ("both", turned))}
    usages = {"rag": RAG, "both": Usage(1_000, 100, 2.0, setup_hours=8)}
    plan = Plan(50_000, 1, value_right=1.0)
    offers, advice = roi.advise(usages, OWN, plan, made)
    assert max(offers, key=lambda o: o.net).name == "both"
    assert advice.choice is None and "Ask more questions" in advice.reasons[-1]


ARMS = {"rag": RAG, "tuned": TUNED}
money = st.floats(0, 50)


def most(plan: Plan, prices: Prices, made: dict[str, roi.Outcomes]) -> str:
    offers, advice = roi.advise(ARMS, prices, plan, made, n_resamples=50)
    best = max(offers, key=lambda offer: offer.net).name
    assert advice.choice in (best, None)
    return best


@given(st.floats(0, 1), st.floats(0, 1), money, money, money)
def test_dearer_errors_never_move_the_choice_to_who_errs_more(a, b, value, cost, more):
    made = {"rag": outcomes(1 - a, a), "tuned": outcomes(1 - b, b)}
    before = most(Plan(1_000, 6, 1, value, cost), OWN, made)
    after = most(Plan(1_000, 6, 1, value, cost + more), OWN, made)
    assert made[after].wrong.mean() <= made[before].wrong.mean() + 1e-9


@given(st.floats(0, 1), st.floats(0, 1), money, money)
def test_more_worth_never_moves_the_choice_to_who_is_less_right(a, b, value, more):
    made = {"rag": outcomes(a, 0), "tuned": outcomes(b, 0)}
    before = most(Plan(1_000, 6, 1, value), OWN, made)
    after = most(Plan(1_000, 6, 1, value + more), OWN, made)
    assert made[after].right.mean() >= made[before].right.mean() - 1e-9


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 50), st.floats(0, 50))
def test_more_updates_never_move_the_choice_to_training(a, b, updates, more):
    made = {"rag": outcomes(a, 0), "tuned": outcomes(b, 0)}
    before = most(Plan(1_000, 6, updates, 1), OWN, made)
    after = most(Plan(1_000, 6, updates + more, 1), OWN, made)
    assert (before, after) != ("rag", "tuned")


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 100), st.floats(0, 100))
def test_dearer_tokens_never_move_the_choice_to_longer_prompts(a, b, price, more):
    made = {"rag": outcomes(a, 0), "tuned": outcomes(b, 0)}
    plan = Plan(1_000, 6, 0, 1)
    before = most(plan, Prices(per_million_in=price), made)
    after = most(plan, Prices(per_million_in=price + more), made)
    assert (before, after) != ("tuned", "rag")


@given(st.floats(1, 1e6), st.floats(1, 1e6))
def test_more_volume_never_moves_the_choice_to_dearer_questions(volume, more):
    """Equal answers: what a question costs decides at last."""
    made = {name: outcomes(0.5, 0.1) for name in ARMS}
    before = most(Plan(volume, 6, 0, 1), API, made)
    after = most(Plan(volume + more, 6, 0, 1), API, made)
    assert (before, after) != ("tuned", "rag")
