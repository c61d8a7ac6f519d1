"""Attempts at the exercises of notebooks/1_rag/04_retrieval."""

from collections import Counter
from math import exp, log, log10

from attempts import Attempts

# bm25_weight --------------------------------------------------------------------------


def _idf(df, n):
    return log((n + 1) / (df + 0.5))  # the same as 1 + (n - df + 0.5) / (df + 0.5)


def _weight_right(tf, df, n, length, mean_length, k1, b):
    shorter = k1 * (1 + b * (length / mean_length - 1))
    return _idf(df, n) * (tf / (tf + shorter)) if tf else 0.0


def _weight_without_saturation(tf, df, n, length, mean_length, k1, b):
    return _idf(df, n) * tf


def _weight_without_length(tf, df, n, length, mean_length, k1, b):
    return _idf(df, n) * tf / (tf + k1)


def _weight_length_upside_down(tf, df, n, length, mean_length, k1, b):
    norm = 1 - b + b * mean_length / length
    return _idf(df, n) * tf / (tf + k1 * norm)


def _weight_b_swapped(tf, df, n, length, mean_length, k1, b):
    norm = b + (1 - b) * length / mean_length
    return _idf(df, n) * tf / (tf + k1 * norm)


def _weight_common_logarithm(tf, df, n, length, mean_length, k1, b):
    right = _weight_right(tf, df, n, length, mean_length, k1, b)
    return right / log(10)


def _weight_one_more(tf, df, n, length, mean_length, k1, b):
    return _weight_right(tf + 1, df, n, length, mean_length, k1, b)


def _weight_plain_idf(tf, df, n, length, mean_length, k1, b):
    norm = 1 - b + b * length / mean_length
    return log10(n / df) * tf / (tf + k1 * norm)


# merge --------------------------------------------------------------------------------


def _merge_right(found, parent_of, n_children):
    hits = Counter(parent_of[child] for child in found)
    whole = {parent for parent, n in hits.items() if 2 * n > n_children[parent]}
    read = [parent_of[c] if parent_of[c] in whole else c for c in found]
    return list(dict.fromkeys(read))


def _merge_from_half(found, parent_of, n_children):
    hits = Counter(parent_of[child] for child in found)
    whole = {parent for parent, n in hits.items() if 2 * n >= n_children[parent]}
    read = [parent_of[c] if parent_of[c] in whole else c for c in found]
    return list(dict.fromkeys(read))


def _merge_only_whole(found, parent_of, n_children):
    hits = Counter(parent_of[child] for child in found)
    whole = {parent for parent, n in hits.items() if n == n_children[parent]}
    read = [parent_of[c] if parent_of[c] in whole else c for c in found]
    return list(dict.fromkeys(read))


def _merge_twice(found, parent_of, n_children):
    hits = Counter(parent_of[child] for child in found)
    return [
        parent_of[c] if 2 * hits[parent_of[c]] > n_children[parent_of[c]] else c
        for c in found
    ]


def _merge_parents_last(found, parent_of, n_children):
    read = _merge_right(found, parent_of, n_children)
    return sorted(read, key=lambda item: item in n_children)


def _merge_never(found, parent_of, n_children):
    return list(found)


def _merge_first_for_nothing(found, parent_of, n_children):
    return _merge_right(found, parent_of, n_children) or [next(iter(n_children))]


# contrastive_loss ---------------------------------------------------------------------


def _loss_right(cosines, scale):
    losses = []
    for i, row in enumerate(cosines):
        weights = [exp(scale * cosine) for cosine in row]
        losses.append(-log(weights[i] / sum(weights)))
    return sum(losses) / len(losses)


def _loss_without_scale(cosines, scale):
    return _loss_right(cosines, 1.0)


def _loss_of_first_column(cosines, scale):
    rows = [[row[0], *row] for row in cosines]
    losses = [log(sum(exp(scale * (c - r[0])) for c in r[1:])) for r in rows]
    return sum(losses) / len(losses)


def _loss_summed(cosines, scale):
    return _loss_right(cosines, scale) * len(cosines)


def _loss_without_own(cosines, scale):
    losses = []
    for i, row in enumerate(cosines):
        others = [exp(scale * c) for j, c in enumerate(row) if j != i] or [2.0]
        losses.append(log(sum(others)) - scale * row[i])
    return sum(losses) / len(losses)


def _loss_square_only(cosines, scale):
    n = len(cosines)
    return _loss_right([row[:n] for row in cosines], scale)


def _loss_in_bits(cosines, scale):
    return _loss_right(cosines, scale) / log(2)


ATTEMPTS = {
    "bm25_weight": Attempts(
        _weight_right,
        (
            _weight_without_saturation,
            _weight_without_length,
            _weight_length_upside_down,
            _weight_b_swapped,
            _weight_common_logarithm,
            _weight_one_more,
            _weight_plain_idf,
        ),
    ),
    "merge": Attempts(
        _merge_right,
        (
            _merge_from_half,
            _merge_only_whole,
            _merge_twice,
            _merge_parents_last,
            _merge_never,
            _merge_first_for_nothing,
        ),
    ),
    "contrastive_loss": Attempts(
        _loss_right,
        (
            _loss_without_scale,
            _loss_of_first_column,
            _loss_summed,
            _loss_without_own,
            _loss_square_only,
            _loss_in_bits,
        ),
    ),
}
