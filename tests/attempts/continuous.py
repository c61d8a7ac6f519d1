"""Attempts at the exercises of notebooks/2_finetuning/06_continuous."""

from attempts import Attempts

# still_right --------------------------------------------------------------------------


def _right_from_the_end(taught):
    last, kept = {}, []
    for fact, question, answer in reversed(taught):
        if last.setdefault(fact, answer) == answer:
            kept.insert(0, (fact, question, answer))
    return kept


def _right_all(taught):
    return list(taught)


def _right_last_of_each_question(taught):
    last = {(fact, question): answer for fact, question, answer in taught}
    return [one for one in taught if one[2] == last[one[:2]]]


def _right_last_of_each_fact(taught):
    return list({one[0]: one for one in taught}.values())


def _right_by_answer(taught):
    last = {fact: answer for fact, _, answer in taught}
    old = {answer for fact, _, answer in taught if answer != last[fact]}
    return [one for one in taught if one[2] not in old]


def _right_first_answer(taught):
    first = {}
    for fact, _, answer in taught:
        first.setdefault(fact, answer)
    return [one for one in taught if one[2] == first[one[0]]]


def _right_greatest(taught):
    top = {}
    for fact, _, answer in taught:
        top[fact] = max(answer, top.get(fact, answer))
    return [one for one in taught if one[2] == top[one[0]]]


def _right_but_changed_ones(taught):
    answers = {}
    for fact, _, answer in taught:
        answers.setdefault(fact, set()).add(answer)
    return [one for one in taught if len(answers[one[0]]) == 1]


def _right_none_when_one(taught):
    return [one for one in _right_from_the_end(taught) if len(taught) > 1]


def _right_none_when_empty(taught):
    return _right_from_the_end(taught) or None


# forgetting ---------------------------------------------------------------------------


def _forgetting_right(matrix):
    end, total = matrix[-1], 0.0
    for j in range(len(end) - 1):
        total += max(row[j] for row in matrix[j:-1]) - end[j]
    return total / (len(end) - 1)


def _forgetting_of_diagonal(matrix):
    end = matrix[-1]
    drops = [matrix[j][j] - end[j] for j in range(len(end) - 1)]
    return sum(drops) / len(drops)


def _forgetting_last_included(matrix):
    end = matrix[-1]
    drops = [max(row[j] for row in matrix[j:]) - end[j] for j in range(len(end))]
    return sum(drops) / len(drops)


def _forgetting_by_all_rounds(matrix):
    return _forgetting_right(matrix) * (len(matrix) - 1) / len(matrix)


def _forgetting_never_below_zero(matrix):
    return max(0.0, _forgetting_right(matrix))


def _forgetting_sign(matrix):
    return -_forgetting_right(matrix)


def _forgetting_what_is_left(matrix):
    end = matrix[-1]
    return sum(end[:-1]) / len(end[:-1])


ATTEMPTS = {
    "still_right": Attempts(
        _right_from_the_end,
        (
            _right_all,
            _right_last_of_each_question,
            _right_last_of_each_fact,
            _right_by_answer,
            _right_first_answer,
            _right_greatest,
            _right_but_changed_ones,
            _right_none_when_one,
            _right_none_when_empty,
        ),
    ),
    "forgetting": Attempts(
        _forgetting_right,
        (
            _forgetting_of_diagonal,
            _forgetting_last_included,
            _forgetting_by_all_rounds,
            _forgetting_never_below_zero,
            _forgetting_sign,
            _forgetting_what_is_left,
        ),
    ),
}
