"""Rankings joined: reciprocal ranks, a convex combination of scores, diversity."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from labs.retrieval import BM25Index, Chunk, DenseIndex, Searcher

Item = TypeVar("Item", bound=Hashable)


def fuse_rrf(rankings: Sequence[Sequence[Item]], constant: float = 60) -> list[Item]:
    """Items by the sum of 1 / (constant + rank) over the rankings that hold them.

    Reciprocal-rank fusion (Cormack et al. 2009, doi 10.1145/1571941.1572114); ranks
    count from 1. Scores are not looked at, so any rankings can be joined. First shown
    in notebooks/1_rag/04_retrieval.
    """
    scores: dict[Item, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + 1 / (constant + rank)
    return sorted(scores, key=scores.__getitem__, reverse=True)


@dataclass(frozen=True, slots=True)
class Fused:
    """Several searchers as one, their rankings joined by `fuse_rrf`."""

    searchers: Sequence[Searcher]
    depth: int = 50  # passages of each that are joined

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        """The `k` best passages for each question, the best first."""
        found = [s.search(questions, max(k, self.depth)) for s in self.searchers]
        return [fuse_rrf(rankings)[:k] for rankings in zip(*found, strict=True)]


def min_max(scores: np.ndarray) -> np.ndarray:
    """Each row scaled from 0 to 1; a row of equal scores becomes zeros."""
    low = scores.min(axis=1, keepdims=True)
    width = scores.max(axis=1, keepdims=True) - low
    return (scores - low) / np.where(width > 0, width, 1)


def fuse_convex(dense: np.ndarray, sparse: np.ndarray, weight: float) -> np.ndarray:
    """`weight` times the dense and 1 - `weight` times the sparse scores, both 0 to 1.

    Both of shape (questions, passages). Bruch et al. 2023 (doi 10.1145/3596512). First
    shown in notebooks/1_rag/04_retrieval.
    """
    return weight * min_max(dense) + (1 - weight) * min_max(sparse)


@dataclass(frozen=True, slots=True)
class Convex:
    """Dense and BM25 over the same passages, their scores joined by `fuse_convex`."""

    dense: DenseIndex
    sparse: BM25Index
    weight: float  # of the dense score: 1 is dense alone

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        """The `k` best passages for each question, the best first."""
        cosine = self.dense.embed(questions) @ self.dense.vectors.T
        scores = fuse_convex(cosine, self.sparse.scores(questions), self.weight)
        best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return [[self.dense.chunks[i] for i in row] for row in best]


def mmr(
    relevance: np.ndarray, similarity: np.ndarray, k: int, weight: float
) -> list[int]:
    """`k` rows, each the best by weight * relevance - (1 - weight) * redundancy.

    Redundancy is the greatest similarity to a row chosen before. Maximal marginal
    relevance (Carbonell & Goldstein 1998, doi 10.1145/290941.291025). First shown in
    notebooks/1_rag/04_retrieval.

    Args:
        relevance: to the question, (n,).
        similarity: of the rows to each other, (n, n).
    """
    chosen: list[int] = []
    redundancy = np.zeros(len(relevance))
    left = np.ones(len(relevance), dtype=bool)
    while left.any() and len(chosen) < k:
        value = weight * relevance - (1 - weight) * redundancy
        best = int(np.where(left, value, -np.inf).argmax())
        left[best] = False
        chosen.append(best)
        redundancy = similarity[:, chosen].max(axis=1)
    return chosen


@dataclass(frozen=True, slots=True)
class Diverse:
    """The first passages of a dense index, ordered anew by `mmr`."""

    dense: DenseIndex
    weight: float  # of relevance: 1 changes nothing
    depth: int = 50  # passages to choose from

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        """`k` passages for each question, in the order of their choice."""
        cosine = self.dense.embed(questions) @ self.dense.vectors.T
        found = []
        for row in cosine:
            near = np.argsort(-row, kind="stable")[: max(k, self.depth)]
            vectors = self.dense.vectors[near]
            order = mmr(row[near], vectors @ vectors.T, k, self.weight)
            found.append([self.dense.chunks[near[i]] for i in order])
        return found
