"""The walk over a graph of mentions, communities, and a drawn neighbourhood."""

from collections.abc import Sequence

import networkx as nx
import numpy as np
import pytest

from labs.errors import LabsError
from labs.graph_communities import Community, context, fill, find, holds
from labs.graph_draw import beside, draw, neighbourhood
from labs.graph_entities import Gazetteer
from labs.graph_search import GraphIndex, MentionGraph, hybrid, pagerank
from labs.retrieval import BM25Index, Chunk, DenseIndex, n_tokens

CREW = Chunk("crew#1", "crew", "The Eider crew looks after Merlin Ridge.")
PARK = Chunk("park#1", "park", "At Merlin Ridge stands the Curlew 60.")
MODEL = Chunk("model#1", "model", "The Curlew 60 has a hub height of 80 m.")
HUT = Chunk("hut#1", "hut", "The key hangs in the hut.")
CHUNKS = [HUT, MODEL, PARK, CREW]
NAMES = Gazetteer.of(["Eider", "Merlin Ridge", "Curlew 60", "Heron"])
NAMED = {chunk.id: NAMES.find(chunk.text) for chunk in CHUNKS}
GRAPH = MentionGraph.build(CHUNKS, NAMED)
EIDER, RIDGE, CURLEW = ("eider",), ("merlin", "ridge"), ("curlew", "60")


def _even(questions: Sequence[str]) -> np.ndarray:
    return np.ones((len(questions), len(CHUNKS)))


def _hut_first(questions: Sequence[str]) -> np.ndarray:
    return np.tile([1.0, 0.5, 0.2, 0.1], (len(questions), 1))


def test_an_edge_stands_once_and_lonely_passages_have_none() -> None:
    doubled = MentionGraph.build([CREW, HUT], {CREW.id: [EIDER, EIDER, RIDGE]})
    assert doubled.passages == {EIDER: [0], RIDGE: [0]}
    assert [edge.tolist() for edge in doubled.edges] == [[0, 1], [0, 0]]
    assert doubled.named == [[EIDER, RIDGE], []]


@pytest.mark.parametrize(
    ("chunks", "mentioned", "says"),
    [([], {}, "0 passages"), ([CREW], {"x#1": [EIDER]}, "mentions of 1 others")],
)
def test_a_graph_of_other_passages_is_refused(chunks, mentioned, says) -> None:
    with pytest.raises(LabsError, match=says):
        MentionGraph.build(chunks, mentioned)


def test_pagerank_by_hand_and_as_networkx_has_it() -> None:
    source, target = np.array([0, 1, 1]), np.array([1, 0, 2])
    weight, seeds = np.array([1.0, 3.0, 1.0]), np.array([1.0, 0.0, 0.0])
    once = pagerank(source, target, weight, seeds, 0.5, steps=1)
    assert once.tolist() == [0.5, 0.5, 0.0]
    twice = pagerank(source, target, weight, seeds, 0.5, steps=2)
    assert twice.tolist() == [0.5 + 0.5 * 0.5 * 0.75, 0.25, 0.0625]
    index = GraphIndex(GRAPH, NAMES, _even)
    arrows = index.arrows(np.array([0.9, 0.3, 0.7, 0.5]))
    seeds = np.eye(len(GRAPH.number) + 4)[GRAPH.number[EIDER]]
    ours = pagerank(*arrows, seeds, 0.7, steps=100)
    walked = nx.DiGraph()
    walked.add_nodes_from(range(len(seeds)))
    walked.add_weighted_edges_from(zip(*arrows, strict=True))
    start = dict(enumerate(seeds))
    theirs = nx.pagerank(walked, 0.7, personalization=start, tol=1e-12)
    assert np.allclose(ours, [theirs[i] for i in start], atol=1e-8)


def test_the_walk_reaches_what_shares_no_name_with_the_question() -> None:
    index = GraphIndex(GRAPH, NAMES, _hut_first, sharpness=0)
    [found] = index.search(["Which height has the turbine that Eider serves?"], 4)
    assert found == [CREW, PARK, MODEL, HUT]
    assert index.search(["Eider?", "Curlew 60?"], 1) == [[CREW], [PARK]]


def test_a_sharp_walk_reads_the_question() -> None:
    likes_model = _hut_first  # model 0.5 before park 0.2
    dull = GraphIndex(GRAPH, NAMES, likes_model, sharpness=0)
    sharp = GraphIndex(GRAPH, NAMES, likes_model, sharpness=4)
    row = likes_model(["x"])[0]
    shares = [index.walk([CURLEW], row) for index in (dull, sharp)]
    assert shares[1][1] > shares[0][1] and shares[1][2] < shares[0][2]


def test_turns_give_every_entity_a_place() -> None:
    question = ["Curlew 60 or Eider?"]
    together = GraphIndex(GRAPH, NAMES, _even)
    in_turns = GraphIndex(GRAPH, NAMES, _even, turns=True)
    assert together.search(question, 3) == [[CREW, PARK, MODEL]]
    assert in_turns.search(question, 3) == [[PARK, CREW, MODEL]]


@pytest.mark.parametrize("turns", [False, True])
def test_without_a_known_entity_relevance_answers(turns: bool) -> None:
    index = GraphIndex(GRAPH, NAMES, _hut_first, turns=turns)
    for question in ("Who pays?", "", "Where is Heron?"):  # known, but not in the graph
        assert index.linked(question) == []
        assert index.search([question], 3) == [[HUT, MODEL, PARK]]
    empty = GraphIndex(MentionGraph.build(CHUNKS, {}), NAMES, _hut_first, turns=turns)
    assert empty.search(["Eider?"], 2) == [[HUT, MODEL]]


def test_a_slip_of_the_pen_is_forgiven() -> None:
    index = GraphIndex(GRAPH, NAMES, _even)
    assert index.linked("What stands at Merlin Rige?") == [RIDGE]


def test_zero_relevance_everywhere_gives_no_share_and_no_error() -> None:
    index = GraphIndex(GRAPH, NAMES, lambda asked: np.zeros((len(asked), 4)))
    assert np.isfinite(index.walk([EIDER], np.zeros(4))).all()
    assert len(index.search(["Eider?"], 4)[0]) == 4


def test_hybrid_scores_lie_between_0_and_1() -> None:
    def embed(texts: Sequence[str]) -> np.ndarray:
        return np.array([[1.0, 0.0] if "Eider" in t else [0.0, 1.0] for t in texts])

    relevance = hybrid(DenseIndex.build(CHUNKS, embed), BM25Index.build(CHUNKS), 0.5)
    [row] = relevance(["Eider crew"])
    assert (row.min(), row.argmax(), row.max()) == (0, 3, 1)


def test_way_leads_from_entity_to_passage() -> None:
    index = GraphIndex(GRAPH, NAMES, _even)
    assert index.way("Eider?", MODEL) == [EIDER, CREW, RIDGE, PARK, CURLEW, MODEL]
    assert index.way("Eider?", HUT) == index.way("Who?", MODEL) == []


# Communities --------------------------------------------------------------------------


def test_communities_part_what_is_not_connected() -> None:
    chunks = [Chunk(f"d#{i}", "d", f"text {i}") for i in range(5)]
    a, b, c, d = ("a",), ("b",), ("c",), ("d",)
    named = {"d#0": [a], "d#1": [a, b], "d#2": [b, a], "d#3": [c, d], "d#4": []}
    first, second = find(MentionGraph.build(chunks, named))
    assert first.entities == [a, b]
    assert [p.id for p in first.chunks] == ["d#1", "d#2", "d#0"]
    assert second == Community([c, d], [chunks[3]])
    assert find(MentionGraph.build(chunks, {})) == []


def test_reports_that_hold_name_an_entity_and_make_up_no_figure() -> None:
    own = Community([RIDGE, CURLEW], [PARK])
    texts = [PARK.text]
    assert holds("It is about Merlin Ridge and the Curlew 60.", own, texts, NAMES)
    assert not holds("It is about a park.", own, texts, NAMES)
    assert not holds("It is about Eider.", own, texts, NAMES)
    assert not holds("Merlin Ridge has 14 turbines.", own, texts, NAMES)
    assert not holds("Merlin Ridge stops with F-60.", own, texts, NAMES)


def test_contexts_keep_their_budget() -> None:
    own = Community([RIDGE, CURLEW], [PARK, CREW])
    whole = context(own, NAMES)
    assert whole.splitlines() == ["Merlin Ridge, Curlew 60", PARK.text, CREW.text]
    small = context(own, NAMES, "Said.", budget=14)
    assert small.startswith("Said.\n") and n_tokens(small) <= 14
    assert fill(["one", "two " * 50, "three"], 8) == "one, three"
    assert fill([]) == ""


# The picture --------------------------------------------------------------------------


def test_neighbours_by_the_cosine_of_their_passages() -> None:
    assert beside(GRAPH, RIDGE, 5) == [
        (EIDER, pytest.approx(1 / 2**0.5)),
        (CURLEW, pytest.approx(1 / 2)),
    ]
    assert beside(GRAPH, RIDGE, 1)[0][0] == EIDER


def test_neighbourhood_goes_as_far_as_asked() -> None:
    near = neighbourhood(GRAPH, EIDER, depth=1)
    assert dict(near.nodes(data="distance")) == {EIDER: 0, RIDGE: 1}
    far = neighbourhood(GRAPH, EIDER, depth=2)
    assert dict(far.nodes(data="distance"))[CURLEW] == 2
    with pytest.raises(LabsError, match="no entity 'heron'"):
        neighbourhood(GRAPH, ("heron",))


def test_drawing_says_what_it_shows() -> None:
    import matplotlib

    matplotlib.use("Agg")
    ax = draw(neighbourhood(GRAPH, EIDER, depth=2), NAMES, "Beside Eider")
    assert ax.get_title() == "Beside Eider, n = 3 entities"
    shown = {text.get_text() for text in ax.texts}
    assert shown == {"Eider", "Merlin Ridge", "Curlew 60"}
    assert len(ax.get_legend().get_texts()) == 3
