"""Attempts at the exercises of notebooks/1_rag/03_query."""

import re
from itertools import zip_longest

from attempts import Attempts

# take_turns ---------------------------------------------------------------------------


def _turns_right(rankings):
    found = []
    for item in (item for turn in zip_longest(*rankings) for item in turn):
        if item is not None and item not in found:
            found.append(item)
    return found


def _turns_one_after_the_other(rankings):
    return list(dict.fromkeys(item for row in rankings for item in row))


def _turns_shortest_only(rankings):
    turns = zip(*rankings, strict=False)
    return list(dict.fromkeys(item for turn in turns for item in turn))


def _turns_with_doubles(rankings):
    return [item for turn in zip_longest(*rankings) for item in turn if item]


def _turns_with_gaps(rankings):
    return list(dict.fromkeys(i for turn in zip_longest(*rankings) for i in turn))


def _turns_in_a_set(rankings):
    return sorted({item for row in rankings for item in row}, reverse=True)


def _turns_backwards(rankings):
    return _turns_right(rankings[::-1])[::-1]


def _turns_fail_on_none(rankings):
    return _turns_right(rankings) or None


# fill_in ------------------------------------------------------------------------------


def _fill_right(part, answers):
    known = {f"#{i}": answer for i, answer in enumerate(answers, start=1)}
    return re.sub(r"#\d+", lambda mark: known.get(mark[0], mark[0]), part)


def _fill_one_after_the_other(part, answers):
    for i, answer in enumerate(answers, start=1):
        part = part.replace(f"#{i}", answer)
    return part


def _fill_from_zero(part, answers):
    known = {f"#{i}": answer for i, answer in enumerate(answers)}
    return re.sub(r"#\d+", lambda mark: known.get(mark[0], mark[0]), part)


def _fill_first_only(part, answers):
    return part.replace("#1", answers[0], 1)


def _fill_by_index(part, answers):
    return re.sub(r"#(\d+)", lambda mark: answers[int(mark[1]) - 1], part)


def _fill_one_digit(part, answers):
    known = {f"#{i}": answer for i, answer in enumerate(answers, start=1)}
    return re.sub(r"#\d", lambda mark: known.get(mark[0], mark[0]), part)


def _fill_drops_unknown(part, answers):
    known = {f"#{i}": answer for i, answer in enumerate(answers, start=1)}
    return re.sub(r"#\d+", lambda mark: known.get(mark[0], ""), part)


ATTEMPTS = {
    "take_turns": Attempts(
        _turns_right,
        (
            _turns_one_after_the_other,
            _turns_shortest_only,
            _turns_with_doubles,
            _turns_with_gaps,
            _turns_in_a_set,
            _turns_backwards,
            _turns_fail_on_none,
        ),
    ),
    "fill_in": Attempts(
        _fill_right,
        (
            _fill_one_after_the_other,
            _fill_from_zero,
            _fill_first_only,
            _fill_by_index,
            _fill_one_digit,
            _fill_drops_unknown,
        ),
    ),
}
