"""Passages found by a walk over the graph of entities and the passages naming them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from labs.errors import LabsError
from labs.fusion import fuse_convex, min_max
from labs.graph_entities import Gazetteer, Key
from labs.queries import take_turns
from labs.retrieval import BM25Index, Chunk, DenseIndex

_STEPS = 25  # damping to this power is small: a walk's tail
Relevance = Callable[[Sequence[str]], np.ndarray]  # -> (questions, passages), 0 to 1


@dataclass(frozen=True)
class MentionGraph:
    """Passages, entities, and an edge where a passage names an entity."""

    chunks: list[Chunk]
    named: list[list[Key]]  # the entities of each passage, each once

    @classmethod
    def build(
        cls, chunks: Sequence[Chunk], mentions: Mapping[str, Sequence[Key]]
    ) -> "MentionGraph":
        """From the entities of each passage by its id; who has none stands alone.

        Raises:
            LabsError: there is no passage, or an id is none of theirs.
        """
        ids = [chunk.id for chunk in chunks]
        strange = sorted(set(mentions).difference(ids))
        if not ids or strange:
            raise LabsError(
                f"{len(ids)} passages, and mentions of {len(strange)} others "
                f"{strange[:3]}. Expected some passages, and mentions by their ids: "
                "pass the same passages to `mentions` and to `MentionGraph.build`."
            )
        return cls(
            list(chunks), [list(dict.fromkeys(mentions.get(i, ()))) for i in ids]
        )

    @cached_property
    def passages(self) -> dict[Key, list[int]]:
        """Of each entity, the places in `chunks` that name it."""
        found: dict[Key, list[int]] = {}
        for place, own in enumerate(self.named):
            for entity in own:
                found.setdefault(entity, []).append(place)
        return found

    @cached_property
    def number(self) -> dict[Key, int]:
        """Of each entity, its number among the nodes."""
        return {entity: i for i, entity in enumerate(self.passages)}

    @cached_property
    def edges(self) -> tuple[np.ndarray, np.ndarray]:
        """Entities' numbers and places of passages, one of each for every edge."""
        places = list(self.passages.values())
        source = np.repeat(np.arange(len(places)), [len(own) for own in places])
        target = np.concatenate(places) if places else np.zeros(0)
        return source, target.astype(int)


def pagerank(
    source: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray,
    seeds: np.ndarray,
    damping: float = 0.5,
    steps: int = 40,
) -> np.ndarray:
    """Where a walk along weighted edges is found that returns to its seeds.

    At each step it goes on with probability `damping`, and back to the seeds else.
    Personalised PageRank (Haveliwala 2002, doi 10.1145/511446.511513), by power
    iteration. First shown in notebooks/1_rag/06_knowledge_graph.

    Args:
        source, target, weight: of each edge, (edges,); nodes are numbered.
        seeds: where the walk begins, (nodes,), adding up to 1.

    Returns:
        The share of its time at each node, (nodes,).
    """
    n = len(seeds)
    out = np.bincount(source, weight, n)
    share = weight / np.maximum(out[source], 1e-300)
    found = seeds
    for _ in range(steps):
        moved = np.bincount(target, found[source] * share, n)
        found = (1 - damping) * seeds + damping * moved
    return found


def hybrid(dense: DenseIndex, sparse: BM25Index, weight: float) -> Relevance:
    """The scores of `fusion.Convex`, scaled from 0 to 1 for each question."""

    def relevance(questions: Sequence[str]) -> np.ndarray:
        cosine = dense.embed(questions) @ dense.vectors.T
        return min_max(fuse_convex(cosine, sparse.scores(questions), weight))

    return relevance


@dataclass(frozen=True)
class GraphIndex:
    """Passages by a walk from the question's entities; by relevance where it has none.

    An edge to a passage is worth its relevance to the power of `sharpness`: at 0 the
    walk does not read the question, and is HippoRAG's (Gutiérrez et al. 2024, arXiv
    2405.14831) but for its node weights. First shown in
    notebooks/1_rag/06_knowledge_graph.
    """

    graph: MentionGraph
    names: Gazetteer
    relevance: Relevance
    damping: float = 0.5
    sharpness: float = 8
    turns: bool = False  # a walk from each entity, taking turns, in place of one

    def linked(self, question: str) -> list[Key]:
        """The question's entities that the graph has; none: vectors answer alone."""
        named = self.names.find(question, forgive=True)
        return [entity for entity in named if entity in self.graph.number]

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        """The `k` best passages for each question; unreached ones by relevance."""
        scores = self.relevance(questions)
        pairs = zip(questions, scores, strict=True)
        found = [self._order(question, row, k) for question, row in pairs]
        return [[self.graph.chunks[i] for i in order[:k]] for order in found]

    def _order(self, question: str, relevance: np.ndarray, k: int) -> list[int]:
        linked = self.linked(question)
        starts = [[entity] for entity in linked] if self.turns else [linked]
        shares = [self.walk(start, relevance) for start in starts or [[]]]
        ranked = [np.lexsort((-relevance, -own))[:k].tolist() for own in shares]
        return take_turns(ranked)

    def walk(self, entities: Sequence[Key], relevance: np.ndarray) -> np.ndarray:
        """Each passage's share of a walk from the entities: (passages,), 0 to 1."""
        size, n = len(self.graph.number), len(self.graph.chunks)
        if not entities:
            return np.zeros(n)
        seeds = np.zeros(size + n)
        seeds[[self.graph.number[own] for own in entities]] = 1 / len(entities)
        mass = pagerank(*self.arrows(relevance), seeds, self.damping, _STEPS)[size:]
        return np.round(mass, 12)  # equal ones stay equal

    def arrows(self, relevance: np.ndarray) -> tuple[np.ndarray, ...]:
        """Source, target and weight of every edge, in both directions.

        Nodes are the entities by `graph.number`, then the passages in their order.
        """
        entities, places = self.graph.edges
        passages = places + len(self.graph.number)
        weight = relevance[places].astype(float) ** self.sharpness
        return (
            np.concatenate([entities, passages]),
            np.concatenate([passages, entities]),
            np.concatenate([weight, np.ones(len(entities))]),
        )

    def way(self, question: str, passage: Chunk) -> list[Key | Chunk]:
        """The most probable way from the question's entities to a passage.

        [] where none leads there.
        """
        import networkx as nx

        source, target, weight = self.arrows(self.relevance([question])[0])
        n = len(self.graph.number)
        out = np.bincount(source, weight, n + len(self.graph.chunks))
        cost = -np.log(np.maximum(weight / np.maximum(out[source], 1e-300), 1e-300))
        walked = nx.DiGraph()
        walked.add_weighted_edges_from(zip(source, target, cost, strict=True))
        starts = {self.graph.number[entity] for entity in self.linked(question)}
        goal = n + self.graph.chunks.index(passage)
        if not starts or goal not in walked:
            return []
        try:
            nodes = nx.multi_source_dijkstra(walked, starts, goal)[1]
        except nx.NetworkXNoPath:
            return []
        entities = list(self.graph.number)
        return [entities[i] if i < n else self.graph.chunks[i - n] for i in nodes]
