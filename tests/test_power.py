"""Power by hand, against drawing, and that it moves the right way."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs import power
from labs.errors import LabsError

# 100 questions: 40 right by both, 18 by the first alone, 8 by the second, 34 by none.
FIRST = [1.0] * 40 + [1.0] * 18 + [0.0] * 8 + [0.0] * 34
SECOND = [1.0] * 40 + [0.0] * 18 + [1.0] * 8 + [0.0] * 34

spreads = st.floats(0.05, 1)
differences = st.floats(0.01, 0.5)


def test_spread_by_hand():
    assert power.sd_paired(FIRST, SECOND) == pytest.approx(0.5)  # 0.26 - 0.1 ** 2
    expected = math.sqrt(0.58 * 0.42 + 0.48 * 0.52)
    assert power.sd_unpaired(FIRST, SECOND) == pytest.approx(expected)


def test_pairing_does_not_help_where_answers_have_nothing_in_common():
    a, b = [0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]
    assert power.sd_paired(a, b) == pytest.approx(power.sd_unpaired(a, b))


def test_questions_by_hand():
    # ((1.95996 + 0.84162) * 0.5 / 0.1) ** 2 = 196.2
    assert power.questions_needed(0.5, 0.1) == 197
    assert power.questions_needed(0.5, -0.1) == 197
    assert power.questions_needed(0.5, 0.05) == 785
    assert power.smallest_difference(0.5, 100) == pytest.approx(0.140079, abs=1e-6)


def test_power_without_a_difference_is_the_level():
    assert power.power_of(0, 0.5, 40) == pytest.approx(power.LEVEL)


@given(spreads, st.integers(2, 5000), st.floats(0.1, 0.99))
def test_the_smallest_difference_is_found_as_often_as_asked(sd, n, wanted):
    smallest = power.smallest_difference(sd, n, wanted)
    far_side = power.LEVEL / 2  # found with the wrong sign
    found = power.power_of(smallest, sd, n)
    assert wanted - 1e-9 <= found <= wanted + far_side


@given(spreads, differences)
def test_one_question_fewer_is_too_few(sd, difference):
    n = power.questions_needed(sd, difference)
    assert power.smallest_difference(sd, n) <= difference + 1e-12
    if n > 1:
        assert power.smallest_difference(sd, n - 1) > difference - 1e-12


@given(spreads, differences, st.integers(2, 500))
def test_more_questions_show_more(sd, difference, n):
    assert power.power_of(difference, sd, 2 * n) >= power.power_of(difference, sd, n)
    assert power.smallest_difference(sd, 4 * n) == pytest.approx(
        power.smallest_difference(sd, n) / 2
    )


@pytest.mark.parametrize("paired", [True, False])
def test_drawing_finds_what_the_formula_says(paired):
    sd = (power.sd_paired if paired else power.sd_unpaired)(FIRST, SECOND)
    for n in (80, 320):
        drawn = power.found(FIRST, SECOND, n, paired)
        assert drawn == pytest.approx(power.power_of(0.1, sd, n), abs=0.05)


def test_drawing_from_equal_arms_finds_by_chance_alone():
    a, b = [1.0] * 30 + [0.0] * 70, [0.0] * 70 + [1.0] * 30
    assert power.found(a, b, 100) == pytest.approx(power.LEVEL, abs=0.02)
    assert power.found(a, a, 100) == 0  # the same answers: never a difference


def test_drawing_is_repeatable():
    same = [power.found(FIRST, SECOND, 50, seed=s) for s in (1, 1, 2)]
    assert same[0] == same[1] != same[2]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: power.sd_paired([], []), "one number a question"),
        (lambda: power.sd_unpaired([1.0], [1.0, 0.0]), "same questions"),
        (lambda: power.found(np.ones((2, 2)), np.ones((2, 2)), 5), "shapes"),
        (lambda: power.found(FIRST, SECOND, 0), "n = 0"),
        (lambda: power.power_of(0.1, 0, 40), "sd = 0"),
        (lambda: power.smallest_difference(0.5, 0), "n = 0"),
        (lambda: power.smallest_difference(0.5, 40, 1.0), "power of 1.0"),
        (lambda: power.questions_needed(0.5, 0.0), "difference = 0"),
        (lambda: power.questions_needed(math.nan, 0.1), "sd = nan"),
    ],
)
def test_what_cannot_be_planned_is_refused(call, told):
    with pytest.raises(LabsError, match=told):
        call()
