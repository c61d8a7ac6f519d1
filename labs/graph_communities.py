"""Communities of a graph of mentions, and what is said about each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labs import metrics
from labs.graph_entities import Gazetteer, Key
from labs.graph_search import MentionGraph
from labs.retrieval import CONTEXT_BUDGET, Chunk, n_tokens, within


@dataclass(frozen=True, slots=True)
class Community:
    """Entities and passages with more edges among them than to others."""

    entities: list[Key]  # the one that most passages name leads
    chunks: list[Chunk]  # the one that names most entities leads


def find(graph: MentionGraph, seed: int = 0) -> list[Community]:
    """The communities of a graph by Louvain's method, the largest first.

    Blondel et al. 2008 (doi 10.1088/1742-5468/2008/10/P10008). First shown in
    notebooks/1_rag/06_knowledge_graph.
    """
    import networkx as nx

    bipartite = nx.Graph()
    for entity, places in graph.passages.items():
        bipartite.add_edges_from((entity, place) for place in places)
    found = []
    for group in nx.community.louvain_communities(bipartite, seed=seed):
        places = [node for node in group if isinstance(node, int)]
        places.sort(key=lambda i: (-len(graph.named[i]), i))
        entities = [node for node in group if not isinstance(node, int)]
        entities.sort(key=lambda e: (-len(graph.passages[e]), e))
        found.append(Community(entities, [graph.chunks[i] for i in places]))
    return sorted(found, key=lambda c: (-len(c.chunks), c.entities))


def holds(
    report: str, community: Community, texts: Sequence[str], names: Gazetteer
) -> bool:
    """Whether a report names one of its entities, and no figure that its texts lack."""
    figures = [word for word in report.split() if any(c.isdigit() for c in word)]
    source = f" {metrics.normalise(' '.join(texts))} "
    grounded = all(f" {metrics.normalise(word)} " in source for word in figures)
    return grounded and not set(community.entities).isdisjoint(names.find(report))


def fill(
    parts: Iterable[str], budget: int = CONTEXT_BUDGET, between: str = ", "
) -> str:
    """The parts in their order, as many as fit into `budget` tokens together."""
    text = ""
    for part in parts:
        longer = f"{text}{between}{part}" if text else part
        if n_tokens(longer) <= budget:
            text = longer
    return text


def context(
    community: Community,
    names: Gazetteer,
    report: str = "",
    budget: int = CONTEXT_BUDGET,
) -> str:
    """A report, by default the leading names, and the passages that still fit."""
    head = report or fill((names.names[e] for e in community.entities), budget // 2)
    room = budget - n_tokens(head) - 1
    texts = [chunk.text for chunk in within(community.chunks, room)]
    return fill([head, *texts], budget, "\n")
