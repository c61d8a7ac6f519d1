"""The graph explorer: its page, and what its widgets do to it."""

import pytest

from labs.errors import LabsError
from labs.explore_graph import explore, page
from labs.graph_entities import Gazetteer
from labs.graph_search import MentionGraph
from labs.retrieval import Chunk

CHUNKS = [
    Chunk("crew#1", "crew", "The Eider crew looks after <Merlin Ridge>."),
    Chunk("park#1", "park", "At Merlin Ridge stands the Curlew 60."),
    Chunk("park#2", "park", "It has a fence."),
]
NAMES = Gazetteer.of(["Eider", "Merlin Ridge", "Curlew 60", "Heron"])
NAMED = {chunk.id: NAMES.find(chunk.text) for chunk in CHUNKS}
NAMED["park#2"] = [("merlin", "ridge")]  # by its heading
GRAPH = MentionGraph.build(CHUNKS, NAMED)


def test_page_shows_picture_its_text_and_the_passages() -> None:
    html = page(GRAPH, NAMES, ("merlin", "ridge"), shown=3)
    told = "Merlin Ridge is named with: Curlew 60, Eider."
    assert f'<img alt="{told}" src="data:image/png;base64,' in html
    assert "3 passages" in html
    assert "&lt;<mark" in html and "<Merlin" not in html
    assert html.index("crew#1") < html.index("park#1") < html.index("park#2")
    assert "park#1" not in page(GRAPH, NAMES, ("merlin", "ridge"), shown=1)


def test_without_a_kernel_the_first_entity_stands_there() -> None:
    bundle = explore(GRAPH, NAMES, ["Eider"])._repr_mimebundle_()
    assert "Eider is named with: Merlin Ridge." in bundle["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_widgets_redraw_the_page() -> None:
    widget = explore(GRAPH, NAMES, ["Eider", "Curlew 60"])
    assert "Curlew 60" not in widget.page.value
    widget.depth.value = 2
    assert "Curlew 60" in widget.page.value
    widget.chosen.value = "Curlew 60"
    assert "<strong>Curlew 60</strong>" in widget.page.value
    widget.typed.value = "the MERLIN-RIDGE"
    assert "<strong>Merlin Ridge</strong>" in widget.page.value
    widget.shown.value = 0
    assert "fence" not in widget.page.value
    widget.typed.value = "<Nobody>"
    assert "&lt;Nobody&gt;" in widget.page.value and "Expected" in widget.page.value
    widget.typed.value = " "
    assert "Type the name" in widget.page.value


def test_nothing_to_explore_is_said() -> None:
    with pytest.raises(LabsError, match="no names to choose from"):
        explore(GRAPH, NAMES, [])
    with pytest.raises(LabsError, match="'Heron' is no entity of the graph"):
        explore(GRAPH, NAMES, ["Heron"])
    with pytest.raises(LabsError, match="'Eider' is no entity"):
        explore(MentionGraph.build(CHUNKS, {}), NAMES, ["Eider"])
