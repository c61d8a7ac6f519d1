"""Attempts at the exercises of notebooks/3_benchmarking/04_cost_and_roi."""

import math

from attempts import Attempts

# cheaper_from -------------------------------------------------------------------------


def _from_right(fixed_a, each_a, fixed_b, each_b):
    saved, more = each_a - each_b, fixed_b - fixed_a
    if saved > 0:
        return more / saved if more > 0 else 0.0
    return 0.0 if saved == 0 and more < 0 else math.inf


def _from_crossing(fixed_a, each_a, fixed_b, each_b):
    return (fixed_b - fixed_a) / (each_a - each_b)


def _from_crossing_or_never(fixed_a, each_a, fixed_b, each_b):
    if each_a == each_b:
        return math.inf
    volume = (fixed_b - fixed_a) / (each_a - each_b)
    return volume if volume > 0 else math.inf


def _from_turned(fixed_a, each_a, fixed_b, each_b):
    return _from_right(fixed_b, each_b, fixed_a, each_a)


def _from_not_below_zero(fixed_a, each_a, fixed_b, each_b):
    if each_a == each_b:
        return 0.0
    return max(0.0, (fixed_b - fixed_a) / (each_a - each_b))


# bearable_cost ------------------------------------------------------------------------


def _bearable_right(right, wrong, value, cost):
    earned = right * value - cost
    if not wrong:
        return math.inf if earned >= 0 else 0.0
    return max(0.0, earned / wrong)


def _bearable_without_cost(right, wrong, value, cost):
    return right * value / wrong if wrong else math.inf


def _bearable_below_zero(right, wrong, value, cost):
    return (right * value - cost) / wrong if wrong else math.inf


def _bearable_by_zero(right, wrong, value, cost):
    return max(0.0, (right * value - cost) / wrong)


def _bearable_of_all(right, wrong, value, cost):
    return max(0.0, right * value - cost)


ATTEMPTS = {
    "cheaper_from": Attempts(
        _from_right,
        (_from_crossing, _from_crossing_or_never, _from_turned, _from_not_below_zero),
    ),
    "bearable_cost": Attempts(
        _bearable_right,
        (
            _bearable_without_cost,
            _bearable_below_zero,
            _bearable_by_zero,
            _bearable_of_all,
        ),
    ),
}
