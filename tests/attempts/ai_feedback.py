"""Attempts at the exercises of notebooks/2_finetuning/05_ai_feedback."""

from attempts import Attempts

# agreed_verdict -----------------------------------------------------------------------


def _verdict_right(forward, backward):
    votes = {"A": 0, "B": 1}.get(forward), {"B": 0, "A": 1}.get(backward)
    same = votes[0] is not None and votes[0] == votes[1]
    return ("first", "second")[votes[0]] if same else "tie"


def _verdict_one_order(forward, backward):
    return {"A": "first", "B": "second"}.get(forward, "tie")


def _verdict_other_order(forward, backward):
    return {"B": "first", "A": "second"}.get(backward, "tie")


def _verdict_without_swap(forward, backward):
    if forward == backward and forward:
        return "first" if forward == "A" else "second"
    return "tie"


def _verdict_silence_is_assent(forward, backward):
    if forward in ("A", "") and backward in ("B", ""):
        return "first"
    return "second" if forward in ("B", "") and backward in ("A", "") else "tie"


def _verdict_always_tie(forward, backward):
    return "tie"


# kappa --------------------------------------------------------------------------------


def _kappa_right(first, second):
    n = len(first)
    seen = sum(map(str.__eq__, first, second)) / n
    chance = sum(a == b for a in first for b in second) / n**2
    return 0.0 if chance == 1 else 1 - (1 - seen) / (1 - chance)


def _kappa_raw_agreement(first, second):
    return sum(map(str.__eq__, first, second)) / len(first)


def _kappa_chance_is_half(first, second):
    return 2 * _kappa_raw_agreement(first, second) - 1


def _kappa_divides_by_zero(first, second):
    n = len(first)
    seen = _kappa_raw_agreement(first, second)
    chance = sum(first.count(x) * second.count(x) for x in set(first)) / n**2
    return (seen - chance) / (1 - chance)


def _kappa_one_rater_twice(first, second):
    n = len(first)
    seen = _kappa_raw_agreement(first, second)
    chance = sum(first.count(x) ** 2 for x in set(first)) / n**2
    return 0.0 if chance == 1 else (seen - chance) / (1 - chance)


def _kappa_not_below_zero(first, second):
    return max(0.0, _kappa_right(first, second))


def _kappa_without_denominator(first, second):
    n = len(first)
    chance = sum(first.count(x) * second.count(x) for x in set(first)) / n**2
    return _kappa_raw_agreement(first, second) - chance


def _kappa_one_for_one_label(first, second):
    return 1.0 if first == second else _kappa_right(first, second)


def _kappa_of_sets(first, second):
    return len({*first} & {*second}) / len({*first} | {*second})


ATTEMPTS = {
    "agreed_verdict": Attempts(
        _verdict_right,
        (
            _verdict_one_order,
            _verdict_other_order,
            _verdict_without_swap,
            _verdict_silence_is_assent,
            _verdict_always_tie,
        ),
    ),
    "kappa": Attempts(
        _kappa_right,
        (
            _kappa_raw_agreement,
            _kappa_chance_is_half,
            _kappa_divides_by_zero,
            _kappa_one_rater_twice,
            _kappa_not_below_zero,
            _kappa_without_denominator,
            _kappa_one_for_one_label,
            _kappa_of_sets,
        ),
    ),
}
