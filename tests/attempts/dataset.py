"""Attempts at the exercises of notebooks/2_finetuning/01_dataset."""

from collections import Counter

from attempts import Attempts

# label_mask ---------------------------------------------------------------------------


def _mask_right(ids, assistant, end):
    labels = [-100] * len(ids)
    i = 0
    while i < len(ids):
        if ids[i] == assistant:
            i += 1
            while i < len(ids):
                labels[i] = ids[i]
                if ids[i] == end:
                    break
                i += 1
        i += 1
    return labels


def _mask_without_end(ids, assistant, end):
    return [-100 if t == end else t for t in _mask_right(ids, assistant, end)]


def _mask_with_marker(ids, assistant, end):
    pairs = zip(ids, _mask_right(ids, assistant, end), strict=True)
    return [t if t == assistant else label for t, label in pairs]


def _mask_last_turn(ids, assistant, end):
    if assistant not in ids:
        return [-100] * len(ids)
    last = len(ids) - 1 - ids[::-1].index(assistant)
    own = _mask_right(ids[last:], assistant, end)
    return [-100] * last + own


def _mask_from_first_on(ids, assistant, end):
    first = ids.index(assistant) + 1 if assistant in ids else len(ids)
    return [-100] * first + ids[first:]


def _mask_everything(ids, assistant, end):
    return list(ids)


def _mask_drops(ids, assistant, end):
    return [t for t in _mask_right(ids, assistant, end) if t != -100]


def _mask_fixed_ids(ids, assistant, end):
    return _mask_right(ids, 4, 2)


def _mask_only_whole_turns(ids, assistant, end):
    labels = _mask_right(ids, assistant, end)
    if labels and labels[-1] not in (-100, end):
        return [-100] * len(ids)
    return labels


def _mask_needs_a_token(ids, assistant, end):
    return _mask_right(ids, assistant, end) or [-100]


# drop_repeats -------------------------------------------------------------------------


def _likeness(a, b):
    left, right = set(a.lower().split()), set(b.lower().split())
    return len(left & right) / max(1, len(left | right))


def _repeats_right(questions, threshold):
    kept = []
    for question in questions:
        if all(_likeness(question, other) < threshold for other in kept):
            kept.append(question)
    return kept


def _repeats_exact_only(questions, threshold):
    return list(dict.fromkeys(questions))


def _repeats_above(questions, threshold):
    kept = []
    for question in questions:
        if all(_likeness(question, other) <= threshold for other in kept):
            kept.append(question)
    return kept


def _repeats_against_all(questions, threshold):
    return [
        question
        for i, question in enumerate(questions)
        if all(_likeness(question, o) < threshold for o in questions[:i])
    ]


def _repeats_with_case(questions, threshold):
    kept = []
    for question in questions:
        own = set(question.split())
        sets = [set(other.split()) for other in kept]
        if all(len(own & s) / max(1, len(own | s)) < threshold for s in sets):
            kept.append(question)
    return kept


def _repeats_keeps_last(questions, threshold):
    return _repeats_right(questions[::-1], threshold)[::-1]


def _repeats_sorted(questions, threshold):
    return sorted(_repeats_right(questions, threshold))


def _repeats_counts_words(questions, threshold):
    kept = []
    for question in questions:
        own = Counter(question.lower().split())
        bags = [Counter(other.lower().split()) for other in kept]
        if all((own & b).total() / (own | b).total() < threshold for b in bags):
            kept.append(question)
    return kept


def _repeats_over_the_shorter(questions, threshold):
    kept = []
    for question in questions:
        own = set(question.lower().split())
        sets = [set(other.lower().split()) for other in kept]
        if all(len(own & s) / min(len(own), len(s)) < threshold for s in sets):
            kept.append(question)
    return kept


def _repeats_not_dropped(questions, threshold):
    return list(questions)


def _repeats_needs_one(questions, threshold):
    return _repeats_right(questions, threshold) or [""]


ATTEMPTS = {
    "label_mask": Attempts(
        _mask_right,
        (
            _mask_without_end,
            _mask_with_marker,
            _mask_last_turn,
            _mask_from_first_on,
            _mask_everything,
            _mask_drops,
            _mask_fixed_ids,
            _mask_only_whole_turns,
            _mask_needs_a_token,
        ),
    ),
    "drop_repeats": Attempts(
        _repeats_right,
        (
            _repeats_exact_only,
            _repeats_above,
            _repeats_against_all,
            _repeats_with_case,
            _repeats_keeps_last,
            _repeats_sorted,
            _repeats_counts_words,
            _repeats_over_the_shorter,
            _repeats_not_dropped,
            _repeats_needs_one,
        ),
    ),
}
