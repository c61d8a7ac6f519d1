"""A graph explorer: an entity, what is named beside it, and the passages that do so.

Plain ipywidgets, alike in versions 7 (Colab) and 8; without a kernel, the page of the
first entity stands in the widget's place.
"""

import base64
import io
from collections.abc import Sequence
from html import escape
from typing import Any

from labs.errors import LabsError
from labs.graph_draw import draw, neighbourhood
from labs.graph_entities import Gazetteer, Key
from labs.graph_search import MentionGraph
from labs.widgets import MARK, Interactive

_ITEM = "border-left: 4px solid #0072B2; margin: 6px 0; padding: 2px 8px"
_DPI = 80


def explore(
    graph: MentionGraph,
    names: Gazetteer,
    first: Sequence[str],
    depth: int = 1,
    shown: int = 3,
) -> "GraphExplorer":
    """A box to pick or to type an entity in, its neighbourhood and its passages.

    First shown in notebooks/1_rag/06_knowledge_graph.

    Args:
        first: names to choose from; others can be typed, in any spelling.
        depth: 1 or 2 steps.
        shown: passages listed at first.

    Raises:
        LabsError: there is nothing to choose from, or a name that the graph lacks.
    """
    if not first:
        raise LabsError("explore got no names to choose from; expected at least one.")
    for name in first:
        entity_of(graph, names, name)
    return GraphExplorer(graph, names, first, depth, shown)


def entity_of(graph: MentionGraph, names: Gazetteer, name: str) -> Key:
    """The entity that a spelling means.

    Raises:
        LabsError: the graph has none, or several are as near.
    """
    entity = names.entity(name)
    if entity is None or entity not in graph.passages:
        known = ", ".join(list(names.names.values())[:3]) or "(there is none)"
        raise LabsError(
            f"{name!r} is no entity of the graph, or several are as near. Expected a "
            f"name like {known}."
        )
    return entity


class GraphExplorer(Interactive):
    """What `explore` returns."""

    def __init__(
        self,
        graph: MentionGraph,
        names: Gazetteer,
        first: Sequence[str],
        depth: int,
        shown: int,
    ) -> None:
        import ipywidgets

        self._graph, self._names = graph, names
        wide = ipywidgets.Layout(width="60%")
        self.chosen = ipywidgets.Dropdown(
            options=list(first), description="Choose", layout=wide
        )
        self.typed = ipywidgets.Text(
            value=first[0],
            description="or type",
            layout=wide,
            continuous_update=False,
        )
        slider = {"continuous_update": False, "layout": wide}
        self.depth = ipywidgets.IntSlider(depth, 1, 2, description="Steps", **slider)
        self.shown = ipywidgets.IntSlider(
            shown, 0, 12, description="Passages", **slider
        )
        self.page = ipywidgets.HTML(self._render())
        self.chosen.observe(self._on_choice, names="value")
        for widget in (self.typed, self.depth, self.shown):
            widget.observe(self._redraw, names="value")
        controls = [self.chosen, self.typed, self.depth, self.shown]
        self.box = ipywidgets.VBox([*controls, self.page])

    def _render(self) -> str:
        name = self.typed.value.strip()
        if not name:
            return "<p>Type the name of an entity.</p>"
        entity = entity_of(self._graph, self._names, name)
        return page(
            self._graph, self._names, entity, self.depth.value, self.shown.value
        )


# HTML ---------------------------------------------------------------------------------


def page(
    graph: MentionGraph, names: Gazetteer, entity: Key, depth: int = 1, shown: int = 3
) -> str:
    """The neighbourhood as a picture with its text, and passages, as HTML.

    Passages that write the name lead those that only stand under it.
    """
    drawn = neighbourhood(graph, entity, depth)
    name = names.names.get(entity, " ".join(entity))
    others = [names.names.get(n, " ".join(n)) for n in drawn if n != entity]
    told = f"{name} is named with: {', '.join(others) or 'nothing else'}."
    places = sorted(
        graph.passages[entity], key=lambda i: name not in graph.chunks[i].text
    )
    items = [_item(graph.chunks[i].id, graph.chunks[i].text, name) for i in places]
    head = f"<strong>{escape(name)}</strong> · {len(places)} passages · {escape(told)}"
    image = f'<img alt="{escape(told)}" src="{_picture(drawn, names, name)}">'
    return f"<div><p>{head}</p>{image}{''.join(items[:shown])}</div>"


def _picture(drawn: Any, names: Gazetteer, name: str) -> str:
    """The drawing as a data URI: it stays in the saved notebook."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.6), layout="constrained")
    draw(drawn, names, f"What is named with {name}", figure.subplots())
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=_DPI)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def _item(title: str, text: str, name: str) -> str:
    marked = escape(text).replace(escape(name), MARK.format(escape(name)))
    return (
        f'<div style="{_ITEM}"><small>{escape(title)}</small><br>'
        f'<span style="white-space: pre-wrap">{marked}</span></div>'
    )
