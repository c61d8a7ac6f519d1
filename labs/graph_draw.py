"""A readable piece of a graph of mentions: an entity and what is named beside it."""

from collections import Counter
from typing import Any

from labs.errors import LabsError
from labs.graph_entities import Gazetteer, Key
from labs.graph_search import MentionGraph

# Okabe & Ito: told apart by every eye; each distance has a shape of its own as well.
_LOOKS = (("#D55E00", "s", 520), ("#56B4E9", "o", 340), ("#E9C46A", "^", 220))
_WHAT = ("the entity itself", "named with it", "two steps away")


def beside(graph: MentionGraph, entity: Key, most: int) -> list[tuple[Key, float]]:
    """The entities most bound to one, by passages shared over the root of their own.

    The root keeps those that are named everywhere from leading: the cosine of two
    entities as sets of passages. First shown in notebooks/1_rag/06_knowledge_graph.
    """
    own = graph.passages[entity]
    shared = Counter(other for place in own for other in graph.named[place])
    del shared[entity]
    size = {other: (len(own) * len(graph.passages[other])) ** 0.5 for other in shared}
    ties = {other: n / size[other] for other, n in shared.items()}
    return sorted(ties.items(), key=lambda tie: (-tie[1], tie[0]))[:most]


def neighbourhood(
    graph: MentionGraph, entity: Key, depth: int = 1, most: int = 10
) -> Any:
    """The entities up to `depth` steps away as a networkx graph, with their `distance`.

    Args:
        depth: 1 or 2.
        most: neighbours of the entity; each of them adds at most two of its own.

    Raises:
        LabsError: the graph does not have the entity.
    """
    import networkx as nx

    if entity not in graph.passages:
        raise LabsError(
            f"The graph has no entity {' '.join(entity) or '(empty)'!r}; expected one "
            f"of its {len(graph.passages):,}, as `Gazetteer.find` gives them."
        )
    drawn = nx.Graph()
    drawn.add_node(entity, distance=0)
    edge = [entity]
    for distance in range(1, depth + 1):
        nearest = [(a, *tie) for a in edge for tie in beside(graph, a, most)]
        edge = [b for _, b, _ in nearest if b not in drawn]
        for a, b, weight in nearest:
            if b not in drawn:
                drawn.add_node(b, distance=distance)
            drawn.add_edge(a, b, weight=weight)
        most = 2
    _tie(graph, drawn)
    return drawn


def _tie(graph: MentionGraph, drawn: Any) -> None:
    """Edges between the drawn entities that share at least half of their passages."""
    for entity in list(drawn):
        for other, weight in beside(graph, entity, 50):
            if other in drawn and weight >= 0.5:
                drawn.add_edge(entity, other, weight=weight)


def draw(drawn: Any, names: Gazetteer, title: str, ax: Any = None) -> Any:
    """A neighbourhood with its names, a colour and a shape for each distance."""
    import networkx as nx
    from matplotlib import pyplot as plt

    ax = ax or plt.subplots(figsize=(8, 5), layout="constrained")[1]
    places = nx.kamada_kawai_layout(drawn, weight=None)
    nx.draw_networkx_edges(drawn, places, ax=ax, edge_color="#9AA5AF", width=1)
    for distance, (colour, shape, size) in enumerate(_LOOKS):
        own = [n for n, far in drawn.nodes(data="distance") if far == distance]
        style = {"node_color": colour, "node_shape": shape, "node_size": size}
        if own:
            label = f"{_WHAT[distance]} ({len(own)})"
            nx.draw_networkx_nodes(drawn, places, own, ax=ax, label=label, **style)
    labels = {node: names.names.get(node, " ".join(node)) for node in drawn}
    box = {"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.5}
    above = {node: (x, y + 0.09) for node, (x, y) in places.items()}
    nx.draw_networkx_labels(drawn, above, labels, ax=ax, font_size=9, bbox=box)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False, markerscale=0.5)
    ax.set_title(f"{title}, n = {len(drawn)} entities")
    ax.set(xlim=(-1.25, 1.25), ylim=(-1.2, 1.25))  # two nodes have no height
    ax.axis("off")
    return ax
