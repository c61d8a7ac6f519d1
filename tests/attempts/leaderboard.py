"""Attempts at the exercises of notebooks/1_rag/08_leaderboard."""

import numpy as np

from attempts import Attempts
from labs.stats import paired_bootstrap

# pareto_front -------------------------------------------------------------------------


def _beats(a, b):
    return a[0] <= b[0] and a[1] >= b[1] and a != b


def _front_right(points):
    kept = [
        n for n, p in points.items() if not any(_beats(o, p) for o in points.values())
    ]
    return sorted(kept, key=lambda name: points[name][0])


def _front_in_any_order(points):
    return [
        n for n, p in points.items() if not any(_beats(o, p) for o in points.values())
    ]


def _front_strictly_beaten(points):
    def beaten(p):
        return any(o[0] < p[0] and o[1] > p[1] for o in points.values())

    kept = [n for n, p in points.items() if not beaten(p)]
    return sorted(kept, key=lambda name: points[name][0])


def _front_neighbour_only(points):
    order = sorted(points, key=lambda name: (points[name][0], -points[name][1]))
    return [
        n
        for i, n in enumerate(order)
        if not i or points[n][1] > points[order[i - 1]][1]
    ]


def _front_best_only(points):
    return [max(points, key=lambda name: points[name][1])] if points else []


def _front_by_cost(points):
    return sorted(points, key=lambda name: points[name][0])


def _front_none_if_empty(points):
    return _front_right(points) or None


# cheapest_as_good ---------------------------------------------------------------------


def _cheapest_right(scores, costs, best):
    highs = {n: paired_bootstrap(own, scores[best]).high for n, own in scores.items()}
    return min((n for n in scores if highs[n] >= 0), key=lambda n: costs[n])


def _cheapest_of_all(scores, costs, best):
    return min(scores, key=costs.__getitem__)


def _cheapest_is_best(scores, costs, best):
    return best


def _cheapest_not_lower(scores, costs, best):
    top = np.mean(scores[best])
    return max((n for n in scores if np.mean(scores[n]) >= top), key=costs.__getitem__)


def _cheapest_where_better(scores, costs, best):
    lows = {n: paired_bootstrap(own, scores[best]).low for n, own in scores.items()}
    return min((n for n in scores if lows[n] > 0 or n == best), key=costs.__getitem__)


def _cheapest_of_the_others(scores, costs, best):
    others = {name: own for name, own in scores.items() if name != best}
    return _cheapest_right(others | {best: scores[best]}, costs, best) if others else ""


ATTEMPTS = {
    "pareto_front": Attempts(
        _front_right,
        (
            _front_in_any_order,
            _front_strictly_beaten,
            _front_neighbour_only,
            _front_best_only,
            _front_by_cost,
            _front_none_if_empty,
        ),
    ),
    "cheapest_as_good": Attempts(
        _cheapest_right,
        (
            _cheapest_of_all,
            _cheapest_is_best,
            _cheapest_not_lower,
            _cheapest_where_better,
            _cheapest_of_the_others,
        ),
    ),
}
