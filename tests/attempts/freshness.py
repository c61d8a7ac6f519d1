"""Attempts at the exercises of notebooks/3_benchmarking/05_freshness."""

import math

from attempts import Attempts
from labs import metrics

# which_answer -------------------------------------------------------------------------


def _which_right(said, new, old):
    text = metrics.normalise(said)
    for name, wordings in (("new", new), ("old", old)):
        if text in [metrics.normalise(wording) for wording in wordings]:
            return name
    return "neither"


def _which_old_first(said, new, old):
    if metrics.exact_match(said, old):
        return "old"
    return "new" if metrics.exact_match(said, new) else "neither"


def _which_contains(said, new, old):
    if any(wording in said for wording in new):
        return "new"
    return "old" if any(wording in said for wording in old) else "neither"


def _which_to_the_letter(said, new, old):
    return "new" if said in new else "old" if said in old else "neither"


def _which_first_wording(said, new, old):
    return _which_right(said, new[:1], old[:1])


def _which_wrong_is_old(said, new, old):
    return "new" if metrics.exact_match(said, new) else "old"


def _which_swapped(said, new, old):
    return _which_right(said, old, new)


# fresh_share --------------------------------------------------------------------------


def _share_right(rate, interval):
    x = rate * interval
    return (1 - math.exp(-x)) / x if x else 1.0


def _share_at_the_end(rate, interval):
    return math.exp(-rate * interval)


def _share_straight(rate, interval):
    return 1 - rate * interval / 2


def _share_at_half_time(rate, interval):
    return math.exp(-rate * interval / 2)


def _share_divides_by_zero(rate, interval):
    x = rate * interval
    return (1 - math.exp(-x)) / x


def _share_stale(rate, interval):
    return 1 - _share_right(rate, interval)


def _share_zero_is_stale(rate, interval):
    return _share_right(rate, interval) if rate * interval else 0.0


def _share_divides_by_interval(rate, interval):
    return (1 - math.exp(-rate * interval)) / interval if rate * interval else 1.0


ATTEMPTS = {
    "which_answer": Attempts(
        _which_right,
        (
            _which_old_first,
            _which_contains,
            _which_to_the_letter,
            _which_first_wording,
            _which_wrong_is_old,
            _which_swapped,
        ),
    ),
    "fresh_share": Attempts(
        _share_right,
        (
            _share_at_the_end,
            _share_straight,
            _share_at_half_time,
            _share_divides_by_zero,
            _share_stale,
            _share_zero_is_stale,
            _share_divides_by_interval,
        ),
    ),
}
