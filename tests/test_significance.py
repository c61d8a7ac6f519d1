"""Tests of pairs, of many at once, and over training seeds, against hand and scipy."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from labs import significance
from labs.stats import Interval, bootstrap_mean

BITS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1)
P_VALUES = st.lists(st.floats(0, 1, allow_subnormal=False), max_size=12)


@given(BITS)
def test_mcnemar_is_the_exact_sign_test(pairs):
    a, b = map(list, zip(*pairs, strict=True))
    more, n = sum(x > y for x, y in pairs), sum(x != y for x, y in pairs)
    expected = scipy_stats.binomtest(more, n).pvalue if n else 1
    assert significance.mcnemar(a, b) == pytest.approx(expected)


def test_mcnemar_is_the_permutation_test_with_every_swap():
    change = np.array([1, 1, 1, 1, 1, -1, 0, 0])
    swaps = np.array(list(product((1, -1), repeat=len(change)))) @ change
    p = significance.mcnemar(np.maximum(change, 0), np.maximum(-change, 0))
    assert p == np.mean(np.abs(swaps) >= change.sum())


def test_mcnemar_of_many_questions_as_numpy_gives_them():
    a, b = np.ones(200), np.zeros(200)
    assert 0 < significance.mcnemar(a, b) < 1e-50


@pytest.mark.parametrize("a, b", [([1, 0], [1]), ([0.5], [1]), ([2], [0])])
def test_mcnemar_takes_zeros_and_ones_of_the_same_questions(a, b):
    with pytest.raises(ValueError, match="all 0 or 1"):
        significance.mcnemar(a, b)


def test_holm_by_hand():
    # 0.005 * 4, then 0.01 * 3, 0.03 * 2, and 0.04 * 1, which is less than 0.06.
    found = significance.holm([0.01, 0.04, 0.03, 0.005])
    assert found == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert significance.holm([0.5, 0.6]) == [1, 1]
    assert significance.holm([]) == []


@given(P_VALUES)
def test_holm_lies_between_the_plain_and_the_bonferroni_p(p_values):
    found = significance.holm(p_values)
    for p, own in zip(p_values, found, strict=True):
        assert p <= own <= min(1, max(1, len(p_values)) * p) + 1e-15
    order = np.argsort(p_values, kind="stable")
    assert all(np.diff(np.array(found)[order]) >= 0)


@given(P_VALUES, st.sampled_from([0.011, 0.053, 0.107]))
def test_discoveries_are_those_of_scipy(p_values, share):
    adjusted = scipy_stats.false_discovery_control(p_values) if p_values else []
    clear = not np.isclose(adjusted, share, rtol=1e-9).any()
    if clear:
        expected = [i for i, p in enumerate(adjusted) if p <= share]
        assert significance.discoveries(p_values, share) == expected


def test_all_pairs_count_the_pairs_and_say_who_is_better():
    scores = {"none": [0.0] * 30, "all": [1.0] * 30, "nearly": [1.0] * 29 + [0.0]}
    pairs = significance.all_pairs(scores, 2_000)
    told = [(pair.first, pair.second, pair.verdict) for pair in pairs]
    assert told == [
        ("none", "all", "worse"),
        ("none", "nearly", "worse"),
        ("all", "nearly", "not distinguishable"),
    ]
    assert pairs[0].p_holm == pytest.approx(3 * pairs[0].p)
    assert pairs[2].difference.mean == pytest.approx(1 / 30)


@pytest.mark.parametrize(
    "low, high, said",
    [(0.1, 0.2, "better"), (-0.2, -0.1, "worse"), (0, 0.2, "not distinguishable")],
)
def test_a_verdict_needs_an_interval_without_zero(low, high, said):
    assert significance.verdict(Interval(0.0, low, high, 9)) == said


def test_two_levels_with_one_seed_are_the_bootstrap_over_questions():
    scores = np.random.default_rng(0).random(60)
    both = significance.two_level(scores[None, :]), bootstrap_mean(scores)
    for name in ("mean", "low", "high"):
        assert getattr(both[0], name) == pytest.approx(getattr(both[1], name), abs=0.01)
    assert both[0].n == 60


def test_seeds_that_differ_widen_the_interval():
    questions = np.random.default_rng(1).random(200) * 0.2
    alike, apart = np.tile(questions, (3, 1)), questions + [[0.0], [0.4], [0.8]]
    narrow, wide = significance.two_level(alike), significance.two_level(apart)
    assert wide.high - wide.low > 5 * (narrow.high - narrow.low)
    assert wide.mean == pytest.approx(narrow.mean + 0.4)


def test_two_levels_of_a_difference_share_the_questions():
    hard = np.random.default_rng(2).random(50)
    gain = significance.two_level((hard + 0.1)[None, :], np.tile(hard, (3, 1)))
    assert (gain.low, gain.mean, gain.high) == pytest.approx((0.1, 0.1, 0.1))


@pytest.mark.parametrize("a, b", [([1, 2], None), ([[]], None), ([[1, 2]], [[1]])])
def test_two_levels_refuse_what_is_no_table(a, b):
    with pytest.raises(ValueError, match="expected"):
        significance.two_level(a, b)
