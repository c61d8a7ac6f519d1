"""Attempts at the exercises of notebooks/1_rag/01_baseline."""

import re

from attempts import Attempts
from labs.metrics import normalise

# recall_at_k --------------------------------------------------------------------------


def _recall_right(ranked, relevant, k):
    return sum(item in ranked[:k] for item in relevant) / len(relevant)


def _recall_over_k(ranked, relevant, k):  # precision
    return len(set(ranked[:k]) & relevant) / k


def _recall_without_cut(ranked, relevant, k):
    return len(set(ranked) & relevant) / len(relevant)


def _recall_any_hit(ranked, relevant, k):  # hit rate
    return float(any(item in relevant for item in ranked[:k]))


def _recall_counts_twice(ranked, relevant, k):
    return sum(item in relevant for item in ranked[:k]) / len(relevant)


def _recall_over_found(ranked, relevant, k):
    top = ranked[:k]
    return len(set(top) & relevant) / len(top)


def _recall_eats_input(ranked, relevant, k):
    n = len(relevant)
    for item in ranked[:k]:
        relevant.discard(item)
    return (n - len(relevant)) / n


# reciprocal_rank ----------------------------------------------------------------------


def _rank_right(ranked, relevant):
    ranks = [i + 1 for i, item in enumerate(ranked) if item in relevant]
    return 1 / min(ranks) if ranks else 0.0


def _rank_from_zero(ranked, relevant):
    for i, item in enumerate(ranked):
        if item in relevant:
            return 1 / i
    return 0.0


def _rank_last(ranked, relevant):
    score = 0.0
    for i, item in enumerate(ranked, start=1):
        if item in relevant:
            score = 1 / i
    return score


def _rank_sums(ranked, relevant):
    return sum(1 / i for i, item in enumerate(ranked, start=1) if item in relevant)


def _rank_not_reciprocal(ranked, relevant):
    return next((i for i, item in enumerate(ranked, 1) if item in relevant), 0)


def _rank_none_if_missing(ranked, relevant):
    for i, item in enumerate(ranked, start=1):
        if item in relevant:
            return 1 / i


# chunk_words --------------------------------------------------------------------------


def _chunk_right(text, size, overlap):
    words = text.split()
    if not words:
        return []
    if len(words) <= size:
        return [" ".join(words)]
    rest = " ".join(words[size - overlap :])
    return [" ".join(words[:size]), *_chunk_right(rest, size, overlap)]


def _chunk_without_stop(text, size, overlap):
    words = text.split()
    step = size - overlap
    return [" ".join(words[i : i + size]) for i in range(0, len(words), step)]


def _chunk_without_overlap(text, size, overlap):
    words = text.split()
    return [" ".join(words[i : i + size]) for i in range(0, len(words), size)]


def _chunk_characters(text, size, overlap):
    return [text[i : i + size] for i in range(0, len(text), size - overlap)]


def _chunk_full_windows_only(text, size, overlap):
    words = text.split()
    starts = range(0, len(words) - size + 1, size - overlap)
    return [" ".join(words[i : i + size]) for i in starts]


def _chunk_word_lists(text, size, overlap):
    return [chunk.split() for chunk in _chunk_right(text, size, overlap)]


def _chunk_split_at_blanks(text, size, overlap):
    words = text.split(" ")
    chunks = []
    for i in range(0, max(1, len(words) - overlap), size - overlap):
        chunks.append(" ".join(words[i : i + size]))
    return chunks


def _chunk_never_ends(text, size, overlap):
    words, start = text.split(), 0
    while start < len(words):
        start = start + size - size
    return words


# exact_match_rate ---------------------------------------------------------------------


def _rate_right(predictions, accepted):
    n = 0
    for prediction, wordings in zip(predictions, accepted, strict=True):
        if normalise(prediction) in map(normalise, wordings):
            n += 1
    return n / len(predictions)


def _rate_without_normalising(predictions, accepted):
    pairs = list(zip(predictions, accepted, strict=True))
    return sum(p in wordings for p, wordings in pairs) / len(pairs)


def _rate_lower_case_only(predictions, accepted):
    pairs = list(zip(predictions, accepted, strict=True))
    return sum(p.lower() in [w.lower() for w in a] for p, a in pairs) / len(pairs)


def _rate_one_side_normalised(predictions, accepted):
    pairs = list(zip(predictions, accepted, strict=True))
    return sum(normalise(p) in wordings for p, wordings in pairs) / len(pairs)


def _rate_letters_only(predictions, accepted):
    def strip(text):
        return re.sub("[^a-z]", "", normalise(text))

    pairs = list(zip(predictions, accepted, strict=True))
    return sum(strip(p) in map(strip, a) for p, a in pairs) / len(pairs)


def _rate_first_wording(predictions, accepted):
    pairs = list(zip(predictions, accepted, strict=True))
    return sum(normalise(p) == normalise(a[0]) for p, a in pairs) / len(pairs)


def _rate_contains(predictions, accepted):
    pairs = list(zip(predictions, accepted, strict=True))
    hits = [any(normalise(w) in normalise(p) for w in a) for p, a in pairs]
    return sum(hits) / len(pairs)


def _rate_counts(predictions, accepted):
    return _rate_right(predictions, accepted) * len(predictions)


ATTEMPTS = {
    "recall_at_k": Attempts(
        _recall_right,
        (
            _recall_over_k,
            _recall_without_cut,
            _recall_any_hit,
            _recall_counts_twice,
            _recall_over_found,
            _recall_eats_input,
        ),
    ),
    "reciprocal_rank": Attempts(
        _rank_right,
        (
            _rank_from_zero,
            _rank_last,
            _rank_sums,
            _rank_not_reciprocal,
            _rank_none_if_missing,
        ),
    ),
    "chunk_words": Attempts(
        _chunk_right,
        (
            _chunk_without_stop,
            _chunk_without_overlap,
            _chunk_characters,
            _chunk_full_windows_only,
            _chunk_word_lists,
            _chunk_split_at_blanks,
            _chunk_never_ends,
        ),
    ),
    "exact_match_rate": Attempts(
        _rate_right,
        (
            _rate_without_normalising,
            _rate_lower_case_only,
            _rate_one_side_normalised,
            _rate_letters_only,
            _rate_first_wording,
            _rate_contains,
            _rate_counts,
        ),
    ),
}
