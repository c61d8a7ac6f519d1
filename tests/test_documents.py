"""Cards, routes and shares, on documents of a few words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from labs import documents
from labs.corpus import Document, Evidence, Question
from labs.retrieval import Chunk, n_tokens, within


@dataclass
class Ranked:
    """Finds the same for every question, and counts how often it is asked."""

    chunks: list[Chunk]
    asked: int = 0

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        self.asked += 1
        return [self.chunks[:k] for _ in questions]


def _document(name: str, title: str) -> Document:
    return Document(name, title, "note", "2031-03-01", 1, "")


def _passages(*names: str) -> list[Chunk]:
    return [Chunk(f"{name}#{i}", name, "word " * 9) for i, name in enumerate(names)]


# Cards --------------------------------------------------------------------------------


def test_card_is_the_title_and_a_summary() -> None:
    document = _document("a", "The crane")
    parts = [Chunk("a#1", "a", "It lifts."), Chunk("a#2", "a", "It turns.")]
    assert documents.card(document, parts) == Chunk(
        "a", "a", "The crane. It lifts. It turns."
    )
    assert documents.card(document).text == "The crane."


def test_central_keeps_what_is_nearest_to_the_mean_in_order() -> None:
    passages = _passages("a", "a", "a")
    vectors = np.array([[1.0, 0], [0.8, 0.6], [0.6, 0.8]])
    size = n_tokens(passages[0].text)
    assert documents.central(passages, vectors, size) == [passages[1]]
    assert documents.central(passages, vectors, 2 * size) == passages[1:]
    assert documents.central(passages, vectors, 99 * size) == passages
    assert documents.central([], np.zeros((0, 2)), size) == []


def test_typical_takes_frequent_words_then_others() -> None:
    text = "The crane lifts 9 tonnes. The crane needs oil. It rained."
    passage = Chunk("t", "t", text)
    # crane 2 of 6 words: the second sentence has 1/4 on average, the first 2/9. Then
    # crane counts 1/9, and the rain (1/6) is worth more than the first (4/27).
    told = [[p.text for p in documents.typical([passage], n)] for n in (5, 10, 99)]
    assert told[0] == ["The crane needs oil."]
    assert told[1] == ["The crane needs oil.", "It rained."]
    assert [len(parts) for parts in told] == [1, 2, 3]


def test_typical_of_nothing() -> None:
    assert documents.typical([], 99) == []
    assert documents.typical([Chunk("t", "t", "| --- | --- |")], 99) == []


def test_documents_by_their_mean_vectors() -> None:
    passages = _passages("a", "b", "a")
    vectors = np.array([[1.0, 0], [0, 1.0], [1.0, 0]])
    own = documents.vectors_by_document(passages, vectors)
    assert {name: rows.shape for name, rows in own.items()} == {
        "a": (2, 2),
        "b": (1, 2),
    }
    index = documents.mean_index(own, lambda texts: np.array([[0.6, 0.8]] * len(texts)))
    assert [c.document for c in index.search(["?"])[0]] == ["b", "a"]


def test_opposite_vectors_have_a_mean_too() -> None:
    own = {"a": np.array([[1.0, 0], [-1.0, 0]])}
    index = documents.mean_index(own, lambda texts: np.ones((len(texts), 2)))
    assert np.isfinite(index.vectors).all()


# Routes -------------------------------------------------------------------------------


def test_routed_reads_only_the_first_documents() -> None:
    passages = _passages("a", "b", "c", "a")
    cards = [documents.card(_document(name, name)) for name in "bca"]
    for n, expected in ((1, "b"), (2, "bc"), (9, "abca")):
        routed = documents.Routed(Ranked(cards), Ranked(passages), n)
        [found] = routed.search(["?"], 9)
        assert "".join(p.document for p in found) == expected
    assert len(routed.search(["?"], 2)[0]) == 2


TITLED = [
    _document("i", "Report on incident I-1527"),
    _document("m", "Park sheet Reskow Moor"),
    _document("h", "Service handbook Merlin 60"),
    _document("crews", "Crew directory"),
]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What stopped in I-1527?", {"i"}),
        ("Who owns the land at Reskow Moor's gate?", {"m"}),
        ("Is the Merlin 60 at Reskow Moor?", {"h", "m"}),
        ("Who leads the Eider crew?", None),
        ("What do I do?", None),
    ],
)
def test_names_lead_to_titles(question: str, expected: set[str] | None) -> None:
    assert documents.named(TITLED)(question) == expected


def test_once_asks_once() -> None:
    searcher = Ranked(_passages("a", "b"))
    once = documents.Once(searcher, ["x", "y"])
    assert once.search(["y"], 1) == [searcher.chunks[:1]]
    assert once.search(["x", "y"], 9) == [searcher.chunks, searcher.chunks]
    assert searcher.asked == 1
    with pytest.raises(KeyError):
        once.search(["z"])


def test_document_recall_counts_documents() -> None:
    evidence = (Evidence("a", "x"), Evidence("a", "y"), Evidence("c", "z"))
    question = Question("q", "?", "", ("",), "comparison", "dev", (), evidence, 1)
    ranked = _passages("b", "a", "a", "c")
    shares = [documents.document_recall(question, ranked, n) for n in (1, 2, 3)]
    assert shares == [0, 0.5, 1]
    with pytest.raises(ValueError, match="q has no evidence"):
        bare = Question("q", "?", "", ("",), "lookup", "dev", (), (), 1)
        documents.document_recall(bare, ranked, 1)


# Shares -------------------------------------------------------------------------------


def test_nobody_gets_more_than_needed_and_nothing_is_overdrawn() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        needs = rng.integers(0, 300, rng.integers(1, 7)).tolist()
        budget = int(rng.integers(0, 600))
        shares = documents.fair_shares(needs, budget)
        assert all(s <= n for s, n in zip(shares, needs, strict=True))
        assert sum(shares) <= budget
        cut = [s for s, n in zip(shares, needs, strict=True) if s < n]
        assert not cut or max(shares) - min(cut) <= 1  # whoever is cut gets the most


def test_each_ranking_gets_its_share_before_the_rest() -> None:
    size = n_tokens("word " * 9)
    a, b = _passages("a", "a", "a", "a"), _passages("b")
    joined = documents.in_shares([a, b], 4 * size)
    assert within(joined, 4 * size) == [a[0], b[0], a[1], a[2]]
    assert set(joined) == {*a, *b}


def test_a_passage_over_its_share_comes_after_what_fits() -> None:
    long = Chunk("long", "x", "word " * 100)
    short = _passages("b", "c")
    joined = documents.in_shares([[long, short[0]], [short[1]]], 40)
    assert within(joined, 40) == short


def test_shares_of_nothing() -> None:
    assert documents.in_shares([]) == []
    assert documents.in_shares([[], []]) == []


def test_by_document_keeps_the_order() -> None:
    passages = _passages("a", "b", "a")
    own = documents.by_document(passages)
    assert own == {"a": [passages[0], passages[2]], "b": [passages[1]]}
