"""Attempts at the exercises of notebooks/2_finetuning/04_human_feedback."""

import math
from collections import Counter

from attempts import Attempts

# majority -----------------------------------------------------------------------------


def _majority_right(choices):
    top = max(choices.count(choice) for choice in choices)
    leaders = {choice for choice in choices if choices.count(choice) == top}
    return leaders.pop() if len(leaders) == 1 else "tie"


def _majority_first_of_equals(choices):
    return Counter(choices).most_common(1)[0][0]


def _majority_needs_half(choices):
    choice, n = Counter(choices).most_common(1)[0]
    return choice if n > len(choices) / 2 else "tie"


def _majority_without_ties(choices):
    decided = [c for c in choices if c in ("first", "second")]
    return _majority_right(decided) if decided else "tie"


def _majority_last_vote(choices):
    return choices[-1]


def _majority_first_vote(choices):
    return choices[0]


def _majority_always_first(choices):
    return "first" if choices.count("first") >= choices.count("second") else "second"


def _majority_of_all(choices):
    return choices[0] if len(set(choices)) == 1 else "tie"


def _majority_needs_two(choices):
    return _majority_right(choices) if len(choices) > 1 else "tie"


# dpo_of_one_pair ----------------------------------------------------------------------


def _dpo_right(chosen, rejected, ref_chosen, ref_rejected, beta):
    margin = beta * (chosen - rejected - ref_chosen + ref_rejected)
    return -margin if margin < -500 else math.log1p(math.exp(-margin))


def _dpo_overflows(chosen, rejected, ref_chosen, ref_rejected, beta):
    margin = beta * ((chosen - ref_chosen) - (rejected - ref_rejected))
    return -math.log(1 / (1 + math.exp(-margin)))


def _dpo_without_reference(chosen, rejected, ref_chosen, ref_rejected, beta):
    return _dpo_right(chosen, rejected, 0.0, 0.0, beta)


def _dpo_wrong_sign(chosen, rejected, ref_chosen, ref_rejected, beta):
    return _dpo_right(rejected, chosen, ref_rejected, ref_chosen, beta)


def _dpo_without_beta(chosen, rejected, ref_chosen, ref_rejected, beta):
    return _dpo_right(chosen, rejected, ref_chosen, ref_rejected, 1.0)


def _dpo_chosen_alone(chosen, rejected, ref_chosen, ref_rejected, beta):
    return _dpo_right(chosen, 0.0, ref_chosen, 0.0, beta)


def _dpo_margin_itself(chosen, rejected, ref_chosen, ref_rejected, beta):
    return -beta * ((chosen - ref_chosen) - (rejected - ref_rejected))


ATTEMPTS = {
    "majority": Attempts(
        _majority_right,
        (
            _majority_first_of_equals,
            _majority_needs_half,
            _majority_without_ties,
            _majority_last_vote,
            _majority_first_vote,
            _majority_always_first,
            _majority_of_all,
            _majority_needs_two,
        ),
    ),
    "dpo_of_one_pair": Attempts(
        _dpo_right,
        (
            _dpo_overflows,
            _dpo_without_reference,
            _dpo_wrong_sign,
            _dpo_without_beta,
            _dpo_chosen_alone,
            _dpo_margin_itself,
        ),
    ),
}
