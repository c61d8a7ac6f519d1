"""Attempts at the exercises of notebooks/3_benchmarking/06_decide."""

from attempts import Attempts

# dearer_if_better ---------------------------------------------------------------------


def _dearer_right(costs, lows):
    left = sorted(costs.items(), key=lambda pair: pair[1])
    name, _ = left.pop(0)
    while left:
        other, _ = left.pop(0)
        name = other if lows[other, name] > 0 else name
    return name


def _dearer_cheapest(costs, lows):
    return min(costs, key=costs.get)


def _dearer_dearest(costs, lows):
    return max(costs, key=costs.get)


def _dearer_as_named(costs, lows):
    taken, *others = costs
    for name in others:
        if lows.get((name, taken), 1) > 0:
            taken = name
    return taken


def _dearer_against_the_cheapest(costs, lows):
    first, *others = sorted(costs, key=costs.get)
    better = [name for name in others if lows[name, first] > 0]
    return better[-1] if better else first


def _dearer_against_the_neighbour(costs, lows):
    order = sorted(costs, key=costs.get)
    taken = order[0]
    for below, name in zip(order, order[1:], strict=False):
        if lows[name, below] > 0:
            taken = name
    return taken


def _dearer_or_alike(costs, lows):
    order = sorted(costs, key=costs.get)
    taken = order[0]
    for name in order[1:]:
        if lows[name, taken] >= 0:
            taken = name
    return taken


def _dearer_stops_at_the_first(costs, lows):
    order = sorted(costs, key=costs.get)
    for taken, name in zip(order, order[1:], strict=False):
        if lows[name, taken] <= 0:
            return taken
    return order[-1]


def _dearer_looks_at_two(costs, lows):
    first, second, *_ = sorted(costs, key=costs.get)
    return second if lows[second, first] > 0 else first


# gate_verdict -------------------------------------------------------------------------


def _verdict_right(low, high, margin):
    n_below = (low < -margin) + (high < -margin)
    return ("held", "open", "worse")[n_below]


def _verdict_without_margin(low, high, margin):
    return "worse" if high < 0 else "open" if low < 0 else "held"


def _verdict_margin_sign(low, high, margin):
    return "worse" if high < margin else "open" if low < margin else "held"


def _verdict_by_low(low, high, margin):
    return "worse" if low < -margin else "held"


def _verdict_by_high(low, high, margin):
    return "worse" if high < -margin else "held"


def _verdict_by_mean(low, high, margin):
    return "worse" if (low + high) / 2 < -margin else "held"


def _verdict_at_the_margin(low, high, margin):
    return "worse" if high <= -margin else "open" if low <= -margin else "held"


def _verdict_turned(low, high, margin):
    said = _verdict_right(low, high, margin)
    return {"worse": "held", "held": "worse"}.get(said, said)


def _verdict_of_any_change(low, high, margin):
    return "worse" if low > margin else _verdict_right(low, high, margin)


def _verdict_own_margin(low, high, margin):
    return _verdict_right(low, high, margin or 0.05)


ATTEMPTS = {
    "dearer_if_better": Attempts(
        _dearer_right,
        (
            _dearer_cheapest,
            _dearer_dearest,
            _dearer_as_named,
            _dearer_against_the_cheapest,
            _dearer_against_the_neighbour,
            _dearer_or_alike,
            _dearer_stops_at_the_first,
            _dearer_looks_at_two,
        ),
    ),
    "gate_verdict": Attempts(
        _verdict_right,
        (
            _verdict_without_margin,
            _verdict_margin_sign,
            _verdict_by_low,
            _verdict_by_high,
            _verdict_by_mean,
            _verdict_at_the_margin,
            _verdict_turned,
            _verdict_of_any_change,
            _verdict_own_margin,
        ),
    ),
}
