"""A tree of summaries over the passages: RAPTOR, with its parts in the open.

Sarthi et al. 2024 (arXiv 2401.18059) cluster softly with Gaussian mixtures after a
projection (UMAP) and summarise with an LLM. Here the clusters are of k-means, and
whatever summarises is handed in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from labs.retrieval import Chunk, DenseIndex, Embed

Summarise = Callable[[Sequence[Chunk]], str]  # passages of a cluster -> a text

TREE = "tree"  # stands for the document of a node, which has none


@dataclass(frozen=True, slots=True)
class Tree:
    """Levels of nodes over the passages; the first level are the passages."""

    levels: list[list[Chunk]]
    vectors: list[np.ndarray]  # of each level, (n, d)
    children: dict[str, list[Chunk]]  # of each node's id, one level below

    def leaves(self, node: Chunk) -> list[Chunk]:
        """The passages below a node; a passage itself."""
        if node.id not in self.children:
            return [node]
        return [leaf for child in self.children[node.id] for leaf in self.leaves(child)]


def clusters(vectors: np.ndarray, size: int, seed: int = 0) -> list[list[int]]:
    """Positions of like vectors, some `size` of them in each cluster on average.

    By k-means; fewer clusters where vectors repeat. First shown in
    notebooks/1_rag/07_many_documents.
    """
    from sklearn.cluster import KMeans

    n_different = len(np.unique(vectors, axis=0))
    n = max(1, min(len(vectors) // size, n_different))
    model = KMeans(n, n_init=1, max_iter=30, random_state=seed).fit(vectors)
    groups = [np.flatnonzero(model.labels_ == label) for label in range(n)]
    return [group.tolist() for group in groups if len(group)]


def grow(
    passages: Sequence[Chunk],
    vectors: np.ndarray,
    embed: Embed,
    summarise: Summarise,
    size: int = 8,
    top: int = 8,
) -> Tree:
    """Cluster, summarise, embed the summaries, and again, down to `top` nodes or fewer.

    First shown in notebooks/1_rag/07_many_documents.

    Args:
        vectors: of the passages, (n, d).
        size: children of a node on average, at least 2.
    """
    tree = Tree([list(passages)], [vectors], {})
    while len(tree.levels[-1]) > top:
        below, n_level = tree.levels[-1], len(tree.levels)
        groups = clusters(tree.vectors[-1], size)
        nodes = []
        for i, group in enumerate(groups, start=1):
            own = [below[j] for j in group]
            nodes.append(Chunk(f"{TREE}#{n_level}.{i}", TREE, summarise(own)))
            tree.children[nodes[-1].id] = own
        tree.levels.append(nodes)
        tree.vectors.append(embed([node.text for node in nodes]))
    return tree


@dataclass(frozen=True, slots=True)
class Collapsed:
    """All levels of a tree searched as one index ("collapsed tree" retrieval).

    A node is a summary, not a literal text of a document, and so no evidence. With
    `opened`, a node that is found gives way to that many of the passages below it, the
    nearest to the question: then all that is read stands in the documents. First shown
    in notebooks/1_rag/07_many_documents.
    """

    tree: Tree
    index: DenseIndex  # over the nodes and passages of all levels
    opened: int = 0  # passages read in a node's place; 0 reads the node itself

    @classmethod
    def build(cls, tree: Tree, embed: Embed, opened: int = 0) -> "Collapsed":
        """Put all levels into one index; nothing is embedded anew."""
        everything = [chunk for level in tree.levels for chunk in level]
        vectors = np.concatenate(tree.vectors)
        return cls(tree, DenseIndex(everything, vectors, embed), opened)

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        """At most `k` nodes or passages for each question, the best first."""
        if not self.opened:
            return self.index.search(questions, k)
        nearness = self.index.embed(questions) @ self.tree.vectors[0].T
        place = {leaf.id: i for i, leaf in enumerate(self.tree.levels[0])}
        found = self.index.search(questions, 2 * k)
        read = []
        for near, row in zip(nearness, found, strict=True):
            worth = {leaf: near[i] for leaf, i in place.items()}
            parts = [leaf for chunk in row for leaf in self._open(chunk, worth)]
            read.append(list(dict.fromkeys(parts))[:k])
        return read

    def _open(self, chunk: Chunk, worth: Mapping[str, float]) -> list[Chunk]:
        leaves = self.tree.leaves(chunk)
        return sorted(leaves, key=lambda leaf: -worth[leaf.id])[: self.opened]
