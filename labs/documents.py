"""Documents as wholes: what stands for one, the way to it, a budget shared fairly."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from labs.contexts import Rule
from labs.corpus import Document, Question
from labs.fusion import Fused
from labs.passages import sentences
from labs.queries import names_in, take_turns
from labs.retrieval import (
    CONTEXT_BUDGET,
    BM25Index,
    Chunk,
    DenseIndex,
    Embed,
    Searcher,
    n_tokens,
    within,
    words,
)

_EVERYTHING = 1 << 30


def by_document(passages: Sequence[Chunk]) -> dict[str, list[Chunk]]:
    """The passages of each document, in their order."""
    own: dict[str, list[Chunk]] = {}
    for passage in passages:
        own.setdefault(passage.document, []).append(passage)
    return own


# What stands for a document -----------------------------------------------------------


def card(document: Document, summary: Sequence[Chunk] = ()) -> Chunk:
    """A document as one text to be searched: its title, then a summary if given.

    A card leads to its document; it is not read as evidence.
    """
    told = " ".join(part.text for part in summary)
    return Chunk(document.id, document.id, f"{document.title}. {told}".strip())


def central(passages: Sequence[Chunk], vectors: np.ndarray, budget: int) -> list[Chunk]:
    """The passages nearest to the mean of all, as many as fit, in their order.

    First shown in notebooks/1_rag/07_many_documents.

    Args:
        vectors: of the passages, (n, d), of length one.
        budget: tokens.
    """
    if not passages:
        return []
    nearness = vectors @ vectors.mean(axis=0)
    ranked = [passages[i] for i in np.argsort(-nearness, kind="stable")]
    kept = {passage.id for passage in within(ranked, budget)}
    return [passage for passage in passages if passage.id in kept]


def typical(passages: Sequence[Chunk], budget: int) -> list[Chunk]:
    """The sentences whose words are frequent in the passages, in the passages' order.

    SumBasic (Nenkova & Vanderwende 2005, MSR-TR-2005-101): the sentence with the most
    probable words is taken, then the probabilities of its words are squared, so that
    the next one tells something else. Words of three letters and fewer do not count.
    No model is needed. First shown in notebooks/1_rag/07_many_documents.

    Args:
        budget: tokens of all sentences together.
    """
    parts = [part for passage in passages for part in sentences(passage)]
    bags = [sorted({w for w in words(part.text) if len(w) > 3}) for part in parts]
    count = Counter(word for bag in bags for word in bag)
    chance = {word: n / count.total() for word, n in count.items()}
    left = {i for i, bag in enumerate(bags) if bag}
    chosen: list[int] = []
    while left:
        worth = {i: sum(chance[w] for w in bags[i]) / len(bags[i]) for i in left}
        best = min(left, key=lambda i: (-worth[i], i))
        left.remove(best)
        size = n_tokens(parts[best].text)
        if size <= budget:
            budget -= size
            chosen.append(best)
            chance |= {word: chance[word] ** 2 for word in bags[best]}
    return [parts[i] for i in sorted(chosen)]


def vectors_by_document(
    passages: Sequence[Chunk], vectors: np.ndarray
) -> dict[str, np.ndarray]:
    """The vectors of each document's passages: (its passages, d), in their order."""
    places: dict[str, list[int]] = {}
    for i, passage in enumerate(passages):
        places.setdefault(passage.document, []).append(i)
    return {name: vectors[own] for name, own in places.items()}


def card_index(cards: Sequence[Chunk], embed: Embed) -> Fused:
    """Cards by dense vectors and by words, fused."""
    own = list(cards)
    return Fused([DenseIndex.build(own, embed), BM25Index.build(own)], depth=len(own))


def mean_index(vectors: Mapping[str, np.ndarray], embed: Embed) -> DenseIndex:
    """Documents by the mean vectors of their passages, as `vectors_by_document` gives.

    What it finds are empty cards.
    """
    means = np.stack([own.mean(axis=0) for own in vectors.values()])
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    cards = [Chunk(name, name, "") for name in vectors]
    return DenseIndex(cards, means / np.maximum(lengths, 1e-12), embed)


# The way to it ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Routed:
    """Documents first, then the passages of these documents alone.

    First shown in notebooks/1_rag/07_many_documents.
    """

    cards: Searcher  # over one text for each document
    passages: Searcher
    n_documents: int = 5  # that a question is routed to

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        """The `k` best passages of the routed documents, for each question."""
        routed = self.cards.search(questions, self.n_documents)
        ranked = self.passages.search(questions, _EVERYTHING)
        allowed = [{card.document for card in row} for row in routed]
        return [
            [passage for passage in row if passage.document in own][:k]
            for row, own in zip(ranked, allowed, strict=True)
        ]


def named(documents: Sequence[Document]) -> Rule:
    """A rule for `labs.contexts.Filtered`: documents whose title shares a name.

    Names are codes and capitalised words (`labs.queries.names_in`). A question without
    a name that some title has is not restricted. First shown in
    notebooks/1_rag/07_many_documents.
    """
    names = {doc.id: frozenset(names_in(doc.title)) for doc in documents}

    def rule(question: str) -> set[str] | None:
        asked = {name.removesuffix("'s") for name in names_in(question)}
        return {i for i, own in names.items() if own & asked} or None

    return rule


class Once:
    """A searcher whose rankings of these questions are made once and kept whole."""

    def __init__(self, searcher: Searcher, questions: Sequence[str]) -> None:
        ranked = searcher.search(questions, _EVERYTHING)
        self.rows = dict(zip(questions, ranked, strict=True))

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        """The `k` best for each question; it must be one of those given before."""
        return [self.rows[question][:k] for question in questions]


def document_recall(question: Question, ranked: Sequence[Chunk], n: int) -> float:
    """Share of the evidence's documents among the first `n` that the ranking is of.

    Raises ValueError for a question without evidence.
    """
    wanted = {evidence.document for evidence in question.evidence}
    if not wanted:
        raise ValueError(f"{question.id} has no evidence: leave such questions out")
    first = list(dict.fromkeys(passage.document for passage in ranked))[:n]
    return len(wanted.intersection(first)) / len(wanted)


# A budget shared ----------------------------------------------------------------------


def fair_shares(needs: Sequence[int], budget: int) -> list[int]:
    """How much of the budget each gets: nobody more than needed, the rest alike.

    What a small need leaves goes to the others (max-min fairness); fractions are cut.
    First shown in notebooks/1_rag/07_many_documents.
    """
    shares = [0] * len(needs)
    order = sorted(range(len(needs)), key=lambda i: needs[i])
    for place, i in enumerate(order):
        shares[i] = min(needs[i], budget // (len(order) - place))
        budget -= shares[i]
    return shares


def in_shares(
    rankings: Sequence[Sequence[Chunk]], budget: int = CONTEXT_BUDGET
) -> list[Chunk]:
    """Rankings joined so that each fills its fair share of the budget first.

    What the shares leave over goes round in turns. First shown in
    notebooks/1_rag/07_many_documents.
    """
    needs = [sum(n_tokens(passage.text) for passage in row) for row in rankings]
    shares = fair_shares(needs, budget)
    first = [within(row, n) for row, n in zip(rankings, shares, strict=True)]
    return list(dict.fromkeys([*take_turns(first), *take_turns(rankings)]))
