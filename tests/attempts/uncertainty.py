"""Attempts at the exercises of notebooks/3_benchmarking/03_uncertainty_and_errors."""

from math import comb

import numpy as np
from scipy import stats

from attempts import Attempts

# mcnemar ------------------------------------------------------------------------------


def _counts(a, b):
    change = np.subtract(a, b)
    return int((change > 0).sum()), int((change < 0).sum())


def _mcnemar_right(a, b):
    more, less = _counts(a, b)
    return float(stats.binomtest(more, more + less).pvalue) if more + less else 1.0


def _mcnemar_one_side(a, b):
    more, less = _counts(a, b)
    n = more + less
    return sum(comb(n, k) for k in range(min(more, less) + 1)) / 2**n


def _mcnemar_above_one(a, b):
    return 2 * _mcnemar_one_side(a, b)


def _mcnemar_a_alone(a, b):
    more, less = _counts(a, b)
    n = more + less
    return min(1.0, 2 * sum(comb(n, k) for k in range(less + 1)) / 2**n)


def _mcnemar_point(a, b):
    more, less = _counts(a, b)
    return min(1.0, 2 * comb(more + less, more) / 2 ** (more + less))


def _mcnemar_all_questions(a, b):
    return float(stats.binomtest(_counts(a, b)[0], len(a)).pvalue)


def _mcnemar_chi_squared(a, b):
    more, less = _counts(a, b)
    if more + less == 0:
        return 1.0
    return float(stats.chi2.sf((more - less) ** 2 / (more + less), 1))


# discoveries --------------------------------------------------------------------------


def _found_right(p_values, share):
    if not p_values:
        return []
    adjusted = stats.false_discovery_control(p_values)
    return [i for i, p in enumerate(adjusted) if p <= share + 1e-12]


def _found_unadjusted(p_values, share):
    return [i for i, p in enumerate(p_values) if p <= share]


def _found_bonferroni(p_values, share):
    return [i for i, p in enumerate(p_values) if p <= share / len(p_values)]


def _found_below_own_limit(p_values, share):
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    m = len(order)
    return sorted(i for k, i in enumerate(order, 1) if p_values[i] <= share * k / m)


def _found_stops_early(p_values, share):
    order, found = sorted(range(len(p_values)), key=p_values.__getitem__), []
    for k, i in enumerate(order, 1):
        if p_values[i] > share * k / len(order):
            break
        found.append(i)
    return sorted(found)


def _found_by_p_value(p_values, share):
    return sorted(_found_right(p_values, share), key=p_values.__getitem__)


def _found_unsorted_ranks(p_values, share):
    m = len(p_values)
    below = [k for k, p in enumerate(p_values, 1) if p <= share * k / m]
    return list(range(below[-1])) if below else []


def _found_no_guard(p_values, share):
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    m = len(order)
    last = max(k for k, i in enumerate(order) if p_values[i] <= share * (k + 1) / m)
    return sorted(order[: last + 1])


def _found_values(p_values, share):
    return [p_values[i] for i in _found_right(p_values, share)]


ATTEMPTS = {
    "mcnemar": Attempts(
        _mcnemar_right,
        (
            _mcnemar_one_side,
            _mcnemar_above_one,
            _mcnemar_a_alone,
            _mcnemar_point,
            _mcnemar_all_questions,
            _mcnemar_chi_squared,
        ),
    ),
    "discoveries": Attempts(
        _found_right,
        (
            _found_unadjusted,
            _found_bonferroni,
            _found_below_own_limit,
            _found_stops_early,
            _found_by_p_value,
            _found_unsorted_ranks,
            _found_no_guard,
            _found_values,
        ),
    ),
}
