"""What is done with ranked passages before the reader gets them.

Each function takes passages, the best first, and returns passages whose texts still
stand literally in their documents, so that evidence can be looked for in them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from labs.corpus import Document
from labs.retrieval import Chunk, Embed

_SENTENCE_END = re.compile(r"(?<=[.!?])[ \t]+(?=[A-Z*|-])|\n+")
_WORD = re.compile(r"\w+(?:[.:/-]\w+)*")


# Less text ----------------------------------------------------------------------------


def sentences(passage: Chunk) -> list[Chunk]:
    """The passage's sentences and lines, each as a passage of its own.

    A row of a table and an item of a list are lines.
    """
    texts = [text.strip() for text in _SENTENCE_END.split(passage.text)]
    return [
        Chunk(f"{passage.id}s{i}", passage.document, text)
        for i, text in enumerate(filter(None, texts), start=1)
    ]


def compress(
    question: str, passages: Sequence[Chunk], embed: Embed, share: float = 0.5
) -> list[Chunk]:
    """The sentences of the passages that are nearest to the question, in their order.

    Extractive compression (the extractive half of RECOMP, Xu et al. 2023, arXiv
    2310.04408, with a plain embedder): more passages fit, each in part. First shown in
    notebooks/1_rag/05_after_retrieval.

    Args:
        embed: turns texts into unit vectors (n, d).
        share: of all sentences, those that are kept.
    """
    parts = [part for passage in passages for part in sentences(passage)]
    if not parts:
        return []
    nearness = embed([part.text for part in parts]) @ embed([question])[0]
    limit = np.quantile(nearness, 1 - share)
    return [part for part, near in zip(parts, nearness, strict=True) if near >= limit]


# More of the same place ---------------------------------------------------------------


def best_run(values: Sequence[float]) -> tuple[int, int]:
    """Start and end (not included) of the neighbours with the largest sum.

    Of equal ones that which ends first, and the shortest of these; (0, 0) where nothing
    is above zero. By Kadane's algorithm, in one pass. First shown in
    notebooks/1_rag/05_after_retrieval.
    """
    best, best_sum = (0, 0), 0.0
    start, total = 0, 0.0
    for i, value in enumerate(values):
        if total <= 0:
            start, total = i, 0.0
        total += value
        if total > best_sum:
            best, best_sum = (start, i + 1), total
    return best


def segments(
    passages: Sequence[Chunk],
    of_document: Mapping[str, Sequence[Chunk]],
    penalty: float = 0.2,
) -> list[Chunk]:
    """The passages, those of a good run of neighbours together and without gaps.

    Relevant-segment extraction (as in dsRAG): a passage found at rank r is worth 1 / r
    less a penalty, one that was not found costs the penalty, and of each document the
    run with the largest sum is read in the order of the text. A passage between two
    good ones comes along. First shown in notebooks/1_rag/05_after_retrieval.

    Args:
        of_document: all passages of each document, in their order.
    """
    worth = {passage.id: 1 / r for r, passage in enumerate(passages, start=1)}
    runs = {}
    for document in {passage.document for passage in passages}:
        own = of_document[document]
        start, end = best_run([worth.get(p.id, 0.0) - penalty for p in own])
        runs[document] = own[start:end]
    read: list[Chunk] = []
    for passage in passages:
        run = runs[passage.document]
        read += run if passage in run else [passage]
    return list(dict.fromkeys(read))


# Less of the same ---------------------------------------------------------------------


def deduplicate(passages: Sequence[Chunk], threshold: float = 0.9) -> list[Chunk]:
    """The passages without those that repeat one before them.

    A repetition has nearly the same words (Jaccard similarity) and exactly the same
    numbers and codes: sibling handbooks differ in one figure, and that is the point of
    them. First shown in notebooks/1_rag/05_after_retrieval.
    """
    kept: list[tuple[Chunk, frozenset[str]]] = []
    for passage in passages:
        own = frozenset(_WORD.findall(passage.text.lower()))
        if not any(_repeats(own, other, threshold) for _, other in kept):
            kept.append((passage, own))
    return [passage for passage, _ in kept]


def _repeats(a: frozenset[str], b: frozenset[str], threshold: float) -> bool:
    if any(any(c.isdigit() for c in word) for word in a ^ b):
        return False
    return len(a & b) >= threshold * len(a | b)


# What is still in force ---------------------------------------------------------------


def superseded(documents: Iterable[Document]) -> set[str]:
    """Ids of the documents that another one replaces."""
    return {document.supersedes for document in documents if document.supersedes}


def demote(passages: Sequence[Chunk], stale: set[str]) -> list[Chunk]:
    """The passages of superseded documents last, otherwise in their order.

    Demoted, not dropped: a question may be about the old document. First shown in
    notebooks/1_rag/05_after_retrieval.
    """
    return sorted(passages, key=lambda passage: passage.document in stale)
