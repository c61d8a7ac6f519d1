"""Fusion and diversity, on rankings and scores small enough to work out by hand."""

from collections.abc import Sequence

import numpy as np
import pytest

from labs.fusion import Convex, Diverse, Fused, fuse_convex, fuse_rrf, min_max, mmr
from labs.retrieval import BM25Index, Chunk, DenseIndex

CHUNKS = [
    Chunk("D#1", "D", "F-2317 means low oil"),
    Chunk("D#2", "D", "F-2371 means a worn brake"),
    Chunk("E#1", "E", "the crane lifts a load"),
]
VECTORS = np.array([[1, 0], [0.8, 0.6], [0, 1]], dtype=np.float32)


def _embed(texts: Sequence[str]) -> np.ndarray:
    """Every question points to the first passage."""
    return np.array([[1, 0]] * len(texts), dtype=np.float32)


DENSE = DenseIndex(CHUNKS, VECTORS, _embed)
BM25 = BM25Index.build(CHUNKS)


def _ids(found: list[list[Chunk]]) -> list[list[str]]:
    return [[passage.id for passage in row] for row in found]


# Reciprocal ranks ---------------------------------------------------------------------


def test_reciprocal_ranks_add_up() -> None:
    # y: 1/62 + 1/61; x: 1/61 + 1/63; z: 1/63 + 1/62
    assert fuse_rrf(["xyz", "yzx"]) == ["y", "x", "z"]


def test_items_of_one_ranking_only_count() -> None:
    # a: 1/1 + nothing; b: 1/2 + 1/1 = 1.5; c: 1/2
    assert fuse_rrf([["a", "b"], ["b", "c"]], constant=0) == ["b", "a", "c"]
    assert fuse_rrf([["a"], [], ["b"]]) == ["a", "b"]  # a tie keeps its order
    assert fuse_rrf([]) == []


def test_a_small_constant_trusts_the_first_ranks() -> None:
    rankings = ["xab", "yab", "zba"]
    assert fuse_rrf(rankings, constant=60)[0] == "a"
    assert fuse_rrf(rankings, constant=0)[0] == "a"  # 1/2 + 1/2 + 1/3 > 1
    assert fuse_rrf(["xa", "xa", "ay"], constant=0)[0] == "x"  # 2 = 1/2 + 1/2 + 1


def test_fused_joins_what_its_searchers_find() -> None:
    [found] = _ids(Fused([DENSE, BM25]).search(["the crane"], k=2))
    # crane: third by vector, first by words; D#1: first by vector only
    assert found == ["E#1", "D#1"]


# Convex combination -------------------------------------------------------------------


def test_min_max_scales_each_row() -> None:
    scaled = min_max(np.array([[2.0, 4.0, 3.0], [5.0, 5.0, 5.0]]))
    assert scaled.tolist() == [[0, 1, 0.5], [0, 0, 0]]


def test_convex_weighs_scaled_scores() -> None:
    dense, sparse = np.array([[0.9, 0.8, 0.1]]), np.array([[0.0, 6.0, 3.0]])
    fused = fuse_convex(dense, sparse, 0.5)
    assert np.allclose(fused, [[0.5, 0.9375, 0.25]])


@pytest.mark.parametrize(
    ("weight", "expected"),
    [(1.0, ["D#1", "D#2", "E#1"]), (0.0, ["D#2", "D#1", "E#1"])],
)
def test_convex_ends_are_the_two_alone(weight: float, expected: list[str]) -> None:
    found = Convex(DENSE, BM25, weight).search(["What means F-2371?"], k=3)
    assert _ids(found) == [expected]


# Diversity ----------------------------------------------------------------------------


def _at(*degrees: float) -> np.ndarray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def test_mmr_puts_the_twin_last() -> None:
    vectors = _at(10, 12, -50)
    order = mmr(vectors[:, 0], vectors @ vectors.T, 3, 0.5)
    assert order == [0, 2, 1]


def test_mmr_of_weight_one_is_the_ranking() -> None:
    vectors = _at(40, 10, 20)
    assert mmr(vectors[:, 0], vectors @ vectors.T, 9, 1.0) == [1, 2, 0]


def test_mmr_heeds_every_earlier_pick() -> None:
    # After 0 and 2, row 1 is the twin of 0, not of the pick before; 3 is like neither.
    vectors = _at(5, 6, -60, 89)
    assert mmr(vectors[:, 0], vectors @ vectors.T, 3, 0.4) == [0, 2, 3]


def test_diverse_chooses_within_its_depth() -> None:
    found = Diverse(DENSE, weight=0.2, depth=3).search(["any"], k=2)
    assert _ids(found) == [["D#1", "E#1"]]
    assert _ids(Diverse(DENSE, 1.0).search(["any"], 3)) == [["D#1", "D#2", "E#1"]]
    assert _ids(Diverse(DENSE, 0.0, depth=2).search(["any"], 2)) == [["D#1", "D#2"]]
