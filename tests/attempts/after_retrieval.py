"""Attempts at the exercises of notebooks/1_rag/05_after_retrieval."""

import numpy as np

from attempts import Attempts

# reorder ------------------------------------------------------------------------------


def _reorder_right(passages, scores, k):
    order = np.argsort(-np.array(scores, dtype=float), kind="stable")
    return [passages[i] for i in order][:k]


def _reorder_lowest_first(passages, scores, k):
    order = sorted(range(len(passages)), key=lambda i: scores[i])
    return [passages[i] for i in order[:k]]


def _reorder_without_k(passages, scores, k):
    order = sorted(range(len(passages)), key=lambda i: -scores[i])
    return [passages[i] for i in order]


def _reorder_cuts_first(passages, scores, k):
    return _reorder_right(passages[:k], scores[:k], k)


def _reorder_by_name_where_equal(passages, scores, k):
    pairs = sorted(zip(scores, passages, strict=True), key=lambda p: (-p[0], p[1]))
    return [passage for _, passage in pairs[:k]]


def _reorder_by_dict(passages, scores, k):
    score_of = dict(zip(passages, scores, strict=True))
    return sorted(score_of, key=lambda p: -score_of[p])[:k]


def _reorder_by_size(passages, scores, k):
    order = sorted(range(len(passages)), key=lambda i: -abs(scores[i]))
    return [passages[i] for i in order[:k]]


def _reorder_needs_k(passages, scores, k):
    order = sorted(range(len(passages)), key=lambda i: -scores[i])
    return [passages[order[i]] for i in range(k)]


# best_run -----------------------------------------------------------------------------


def _run_right(values):
    best, best_sum = (0, 0), 0.0
    for end in range(1, len(values) + 1):
        for start in reversed(range(end)):
            if sum(values[start:end]) > best_sum:
                best, best_sum = (start, end), sum(values[start:end])
    return best


def _run_everything(values):
    return (0, len(values))


def _run_first_to_last_good(values):
    good = [i for i, value in enumerate(values) if value > 0]
    return (good[0], good[-1] + 1) if good else (0, 0)


def _run_without_gaps(values):
    best = (0, 0)
    start = None
    for i, value in enumerate([*values, 0.0]):
        if value > 0 and start is None:
            start = i
        elif value <= 0 and start is not None:
            if sum(values[start:i]) > sum(values[slice(*best)]):
                best = (start, i)
            start = None
    return best


def _run_end_included(values):
    start, end = _run_right(values)
    return (start, end - 1)


def _run_least_bad(values):
    runs = [
        (sum(values[i:j]), -i, -j)
        for i in range(len(values))
        for j in range(i + 1, len(values) + 1)
    ]
    _, i, j = max(runs)
    return (-i, -j)


def _run_longest_of_equal(values):
    runs = [
        (sum(values[i:j]), j - i, -i)
        for i in range(len(values))
        for j in range(i + 1, len(values) + 1)
    ]
    total, size, i = max(runs, default=(0, 0, 0))
    return (-i, -i + size) if total > 0 else (0, 0)


# refused_in_vain ----------------------------------------------------------------------


def _vain_right(scores, unanswerable, threshold):
    n_told = n_refused = 0
    for score, is_open in zip(scores, unanswerable, strict=True):
        n_told += not is_open
        n_refused += not is_open and score < threshold
    return n_refused / max(1, n_told)


def _vain_over_all(scores, unanswerable, threshold):
    pairs = zip(scores, unanswerable, strict=True)
    return sum(s < threshold and not o for s, o in pairs) / len(scores)


def _vain_at_threshold(scores, unanswerable, threshold):
    told = [s for s, o in zip(scores, unanswerable, strict=True) if not o]
    return sum(s <= threshold for s in told) / max(1, len(told))


def _vain_above(scores, unanswerable, threshold):
    told = [s for s, o in zip(scores, unanswerable, strict=True) if not o]
    return sum(s > threshold for s in told) / max(1, len(told))


def _vain_divides_by_none(scores, unanswerable, threshold):
    told = [s for s, o in zip(scores, unanswerable, strict=True) if not o]
    return sum(s < threshold for s in told) / len(told)


def _vain_counts(scores, unanswerable, threshold):
    return float(_vain_right(scores, unanswerable, threshold) * len(scores))


def _vain_by_size(scores, unanswerable, threshold):
    told = [s for s, o in zip(scores, unanswerable, strict=True) if not o]
    return sum(abs(s) < abs(threshold) for s in told) / max(1, len(told))


ATTEMPTS = {
    "reorder": Attempts(
        _reorder_right,
        (
            _reorder_lowest_first,
            _reorder_without_k,
            _reorder_cuts_first,
            _reorder_by_name_where_equal,
            _reorder_by_dict,
            _reorder_by_size,
            _reorder_needs_k,
        ),
    ),
    "best_run": Attempts(
        _run_right,
        (
            _run_everything,
            _run_first_to_last_good,
            _run_without_gaps,
            _run_end_included,
            _run_least_bad,
            _run_longest_of_equal,
        ),
    ),
    "refused_in_vain": Attempts(
        _vain_right,
        (
            _vain_over_all,
            _vain_at_threshold,
            _vain_above,
            _vain_divides_by_none,
            _vain_counts,
            _vain_by_size,
        ),
    ),
}
