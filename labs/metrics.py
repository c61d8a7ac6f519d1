"""What an answer or a ranking is worth, and how sure that is.

Every metric scores one question, between 0 and 1; `bootstrap_mean` turns the scores
of many into a mean with its interval. Nothing here knows of models or indexes.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from math import log2, nan
from typing import NamedTuple

import numpy as np

# Handed on: one module for scores and for how sure they are.
from labs.stats import Interval as Interval
from labs.stats import bootstrap_mean as bootstrap_mean
from labs.stats import compare as compare
from labs.stats import paired_bootstrap as paired_bootstrap
from labs.stats import permutation_test as permutation_test

# Text ---------------------------------------------------------------------------------

_CITATION = re.compile(r"\[(\d+(?:\s*[,;]\s*\d+)*)\]")
_TYPEWRITTEN = str.maketrans("\u2010\u2011\u2012\u2013\u2212\u2019", "-----'")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_ARTICLE = re.compile(r"(?:\b(?:[Tt]he|[Aa]n|a)|^A)(?=\s+\w)")
_SIGN = re.compile(r"[%°€$£]")
_KEPT = r"(?!(?<=\d)\S(?=\d)|(?<!\w)-(?=\d))"  # between two digits, or a minus
_JOINING_MARK = re.compile(rf"{_KEPT}[.'-]")
_OTHER_MARK = re.compile(rf"{_KEPT}[^\w\s%°€$£]")


def normalise(text: str) -> str:
    """Text without what does not make an answer wrong.

    As SQuAD does (Rajpurkar et al. 2016): case, articles, punctuation, white space.
    Beyond that, citations ([1]) and thousands separators (1,200) go. What makes a
    figure or a code another one stays: the point of 2.4, the minus of -20, the dashes
    of 2031-03-01, the percent sign, the letter of "shelf A".
    """
    text = unicodedata.normalize("NFKC", text).translate(_TYPEWRITTEN)
    text = _THOUSANDS.sub("", _CITATION.sub(" ", text))
    text = _ARTICLE.sub(" ", text.strip()).casefold()
    text = _OTHER_MARK.sub(" ", _JOINING_MARK.sub("", text))
    return " ".join(_SIGN.sub(r" \g<0> ", text).split())


def exact_match(prediction: str, accepted: Sequence[str]) -> bool:
    """Whether the prediction is one of the accepted wordings, after `normalise`."""
    _check_accepted(accepted)
    return normalise(prediction) in {normalise(wording) for wording in accepted}


def token_f1(prediction: str, accepted: Sequence[str]) -> float:
    """F1 of the words shared with the accepted wording that fits best."""
    _check_accepted(accepted)
    return max(_word_f1(prediction, wording) for wording in accepted)


def rouge_l(prediction: str, accepted: Sequence[str]) -> float:
    """F1 of the longest common subsequence of words, for the best accepted wording.

    ROUGE-L (Lin 2004), with the words of the package rouge-score: runs of a-z and 0-9.
    """
    _check_accepted(accepted)
    return max(_subsequence_f1(prediction, wording) for wording in accepted)


def semantic_similarity(vectors: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Cosine (n,) of each row of `vectors` (n, d) with that row of `references`.

    Embeddings come from the caller. Raises ValueError when the shapes differ.
    """
    if vectors.shape != references.shape:
        raise ValueError(
            f"vectors of shape {vectors.shape} and references of shape "
            f"{references.shape}: expected the same (n, d)"
        )
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(references, axis=1)
    return (vectors * references).sum(axis=1) / np.maximum(lengths, 1e-12)


def _check_accepted(accepted: Sequence[str]) -> None:
    if isinstance(accepted, str) or not accepted:
        raise ValueError(
            f"accepted is {accepted!r}: expected a list of at least one wording"
        )


def _f1(n_shared: int, n_predicted: int, n_expected: int) -> float:
    return 2 * n_shared / (n_predicted + n_expected) if n_shared else 0.0


def _word_f1(prediction: str, wording: str) -> float:
    predicted, expected = normalise(prediction).split(), normalise(wording).split()
    n_shared = (Counter(predicted) & Counter(expected)).total()
    return _f1(n_shared, len(predicted), len(expected))


def _subsequence_f1(prediction: str, wording: str) -> float:
    predicted, expected = (
        re.findall("[a-z0-9]+", text.lower()) for text in (prediction, wording)
    )
    n_shared = _common_subsequence_length(predicted, expected)
    return _f1(n_shared, len(predicted), len(expected))


def _common_subsequence_length(a: list[str], b: list[str]) -> int:
    row = [0] * (len(b) + 1)
    for x in a:
        diagonal = 0
        for j, y in enumerate(b, start=1):
            best = diagonal + 1 if x == y else max(row[j], row[j - 1])
            diagonal, row[j] = row[j], best
    return row[-1]


# Rankings -----------------------------------------------------------------------------


def recall_at_k(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Share of the relevant ids that stand among the first `k` of the ranked ids.

    Raises ValueError where nothing is relevant: leave such questions out.
    """
    if not relevant:
        raise ValueError("recall_at_k needs at least one relevant id")
    return len(set(ranked[:k]) & set(relevant)) / len(set(relevant))


def reciprocal_rank(ranked: Sequence[str], relevant: Collection[str]) -> float:
    """One over the rank of the first relevant id, 0 without one; its mean is the MRR.

    Raises ValueError where nothing is relevant: leave such questions out.
    """
    if not relevant:
        raise ValueError("reciprocal_rank needs at least one relevant id")
    for rank, item in enumerate(ranked, start=1):
        if item in relevant:
            return 1 / rank
    return 0.0


def ndcg_at_k(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Discounted gain of the first `k` ranked ids, over that of the best ranking.

    A relevant id at rank r gains 1 / log2(r + 1) (Järvelin & Kekäläinen 2002); one that
    comes again gains nothing. Raises ValueError where nothing is relevant.
    """
    if not relevant:
        raise ValueError("ndcg_at_k needs at least one relevant id")
    first_rank: dict[str, int] = {}
    for rank, item in enumerate(ranked[:k], start=1):
        first_rank.setdefault(item, rank)
    gain = sum(1 / log2(first_rank[i] + 1) for i in set(relevant) & first_rank.keys())
    best_ranks = range(1, min(k, len(set(relevant))) + 1)
    return gain / sum(1 / log2(rank + 1) for rank in best_ranks)


# Refusals, citations, forms, summaries ------------------------------------------------

_SOURCES = r"(?:documents?|passages?|sources?|context|texts?|information)"
_REFUSAL = re.compile(
    rf"\b{_SOURCES}\b.{{0,30}}\b(?:do not|does not|dont|doesnt)"
    r" (?:tell|say|mention|state|contain|provide|specify|include|give|answer)"
    rf"|\bno {_SOURCES} (?:tell|say|mention|state|give|is|about|on)"
    r"|\bi (?:do not|dont) (?:know|have)|\bi (?:cannot|cant) (?:tell|answer|find|say)"
    r"|\bcannot be (?:answered|determined)|^(?:unknown|unanswerable)$"
    rf"|\bnot (?:mentioned|stated|specified|provided|given)(?: in {_SOURCES})?$"
)


class PrecisionRecall(NamedTuple):
    """Precision and recall; nan where there was nothing to judge."""

    precision: float
    recall: float


def is_refusal(prediction: str) -> bool:
    """Whether the answer says that it cannot answer.

    Knows the wordings of `labs.prompts` and the usual ones of instruct models.
    """
    return _REFUSAL.search(normalise(prediction)) is not None


def refusal_precision_recall(
    predictions: Sequence[str], unanswerable: Sequence[bool]
) -> PrecisionRecall:
    """How many refusals were right, and how many unanswerable questions were refused.

    Raises ValueError when the lengths differ.
    """
    refused = [is_refusal(prediction) for prediction in predictions]
    n_right = sum(a and b for a, b in zip(refused, unanswerable, strict=True))
    n_refused, n_unanswerable = sum(refused), sum(unanswerable)
    return PrecisionRecall(
        n_right / n_refused if n_refused else nan,
        n_right / n_unanswerable if n_unanswerable else nan,
    )


def cited_passages(prediction: str) -> set[int]:
    """Numbers of the passages that an answer cites, as [1], [1][2] or [1, 2]."""
    lists = _CITATION.findall(prediction)
    return {int(number) for numbers in lists for number in re.findall(r"\d+", numbers)}


def citation_precision(prediction: str, gold: Collection[int]) -> float:
    """Share of the cited passages that are gold; 0 for an answer that cites nothing."""
    cited = cited_passages(prediction)
    return len(cited & set(gold)) / len(cited) if cited else 0.0


def form_fields(text: str) -> dict[str, str]:
    """The `Field: value` lines of a form, both sides normalised; a title is no field.

    Of a field that comes twice, the first line counts.
    """
    fields: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(normalise(name), normalise(value))
    return fields


def form_accuracy(prediction: str, reference: str) -> float:
    """Share of the reference's fields that the predicted form fills in alike.

    Raises ValueError when the reference has no `Field: value` line.
    """
    given, expected = form_fields(prediction), form_fields(reference)
    if not expected:
        raise ValueError(f"reference {reference!r} has no line `Field: value`")
    return sum(given.get(name) == expected[name] for name in expected) / len(expected)


def summary_coverage(prediction: str, objects: Sequence[str]) -> float:
    """Share of the facts' objects whose words stand in the text, in one piece.

    Raises ValueError without objects.
    """
    if not objects:
        raise ValueError("summary_coverage needs at least one object")
    text = f" {normalise(prediction)} "
    return sum(f" {normalise(obj)} " in text for obj in objects) / len(objects)
