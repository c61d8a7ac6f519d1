"""Attempts at the exercises of notebooks/3_benchmarking/02_four_arms."""

import math

import numpy as np

from attempts import Attempts

# three_outcomes -----------------------------------------------------------------------


def _three(right, refused, wrong):
    means = (float(np.mean(own)) for own in (right, refused, wrong))
    return dict(zip(("right", "refused", "wrong"), means, strict=True))


def _outcomes_right(right, refused):
    own, no = np.array(right), np.array(refused)
    return _three(own, (1 - own) * no, (1 - own) * ~no)


def _outcomes_refusals_all(right, refused):
    own, no = np.array(right), np.array(refused)
    return _three(own, no, (1 - own) * ~no)


def _outcomes_refused_never_right(right, refused):
    own, no = np.array(right), np.array(refused)
    return _three(own * ~no, no, (1 - own) * ~no)


def _outcomes_whole_answers(right, refused):
    own, no = np.array(right) >= 1, np.array(refused)
    return _three(own, ~own & no, ~own & ~no)


def _outcomes_counts(right, refused):
    shares = _outcomes_right(right, refused)
    return {name: own * len(right) for name, own in shares.items()}


def _outcomes_two(right, refused):
    mean = sum(right) / len(right)
    return {"right": mean, "refused": 0.0, "wrong": 1 - mean}


def _outcomes_without_zeros(right, refused):
    return {k: v for k, v in _outcomes_right(right, refused).items() if v}


# wrong_price --------------------------------------------------------------------------


def _price_right(bold, timid):
    def behind(price):
        worth = [own["right"] - price * own["wrong"] for own in (bold, timid)]
        return worth[0] > worth[1] + 1e-12

    if behind(1e9):
        return math.inf
    if not behind(0):
        return 0.0
    return (bold["right"] - timid["right"]) / (bold["wrong"] - timid["wrong"])


def _price_plain(bold, timid):
    spared = bold["wrong"] - timid["wrong"]
    return (bold["right"] - timid["right"]) / spared if spared else math.inf


def _price_no_floor(bold, timid):
    spared = bold["wrong"] - timid["wrong"]
    found = _price_right(bold, timid)
    return (bold["right"] - timid["right"]) / spared if spared > 0 else found


def _price_upside_down(bold, timid):
    found = _price_right(bold, timid)
    return 1 / found if found not in (0, math.inf) else found


def _price_lost_only(bold, timid):
    found = _price_right(bold, timid)
    return found if found == math.inf else max(0.0, bold["right"] - timid["right"])


def _price_by_refusals(bold, timid):
    more = timid["refused"] - bold["refused"]
    return max(0.0, (bold["right"] - timid["right"]) / more) if more else math.inf


def _price_never_inf(bold, timid):
    found = _price_right(bold, timid)
    return 0.0 if found == math.inf else found


def _price_only_if_righter(bold, timid):
    return math.inf if bold["right"] == timid["right"] else _price_right(bold, timid)


def _price_right_first(bold, timid):
    return 0.0 if timid["right"] >= bold["right"] else _price_right(bold, timid)


ATTEMPTS = {
    "three_outcomes": Attempts(
        _outcomes_right,
        (
            _outcomes_refusals_all,
            _outcomes_refused_never_right,
            _outcomes_whole_answers,
            _outcomes_counts,
            _outcomes_two,
            _outcomes_without_zeros,
        ),
    ),
    "wrong_price": Attempts(
        _price_right,
        (
            _price_plain,
            _price_no_floor,
            _price_upside_down,
            _price_lost_only,
            _price_by_refusals,
            _price_never_inf,
            _price_only_if_righter,
            _price_right_first,
        ),
    ),
}
