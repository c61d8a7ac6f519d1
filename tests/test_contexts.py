"""Filters, sentence windows and auto-merging, on documents of a few words."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from labs.contexts import (
    AutoMerging,
    Filtered,
    SentenceWindow,
    about,
    merge,
    parents,
    sentences,
)
from labs.corpus import Document
from labs.retrieval import Chunk


@dataclass
class Ranked:
    """Finds the same for every question."""

    chunks: list[Chunk]

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        return [self.chunks[:k] for _ in questions]


def _document(name: str, title: str = "T", text: str = "") -> Document:
    return Document(name, title, "note", "2031-03-01", 1, text)


# Filters ------------------------------------------------------------------------------

DOCUMENTS = [
    _document("h60", "Handbook Merlin 60"),
    _document("h64", "Handbook Merlin 64"),
    _document("b", "Bulletin SB-2027-01: Grease, Merlin 64"),
    _document("crews", "Crews"),
]


@pytest.mark.parametrize(
    ("question", "careful", "strict"),
    [
        ("How heavy is the Merlin 64?", {"h64", "b", "crews"}, {"h64", "b"}),
        ("Merlin 60 or Merlin 64?", {"h60", "h64", "b", "crews"}, {"h60", "h64", "b"}),
        ("How heavy is the Merlin 99?", None, None),
        ("Who leads the crew?", None, None),
    ],
)
def test_rule_leaves_the_siblings_out(question, careful, strict) -> None:
    assert about(DOCUMENTS)(question) == careful
    assert about(DOCUMENTS, strict=True)(question) == strict


def test_filtered_looks_as_deep_as_it_must() -> None:
    chunks = [Chunk(f"a#{i}", "a", "") for i in range(99)] + [Chunk("b#1", "b", "")]
    rule = {"only b": {"b"}, "nothing": set(), "all": None}.get
    found = Filtered(Ranked(chunks), rule).search(["only b", "nothing", "all"], 2)
    assert [[c.id for c in row] for row in found] == [["b#1"], [], ["a#0", "a#1"]]


# Sentence windows ---------------------------------------------------------------------

TEXTS = {"D": "Stop it. Wait a minute. Open it. Mind it. Look up.", "E": "Go home."}
SENTENCES = sentences([_document(name, text=text) for name, text in TEXTS.items()])


def _window(*places: int, neighbours: int = 1) -> list[str]:
    found = Ranked([SENTENCES[i] for i in places])
    window = SentenceWindow(found, SENTENCES, neighbours)
    return [passage.text for passage in window.search(["?"], 9)[0]]


def test_sentences_lose_nothing() -> None:
    for name, text in TEXTS.items():
        assert "".join(s.text for s in SENTENCES if s.document == name) == text


def test_a_sentence_is_read_with_its_neighbours() -> None:
    assert _window(2) == ["Wait a minute. Open it. Mind it."]
    assert _window(0) == ["Stop it. Wait a minute."]
    assert _window(2, neighbours=0) == ["Open it."]


def test_windows_stay_within_their_document() -> None:
    assert _window(4, 5) == ["Mind it. Look up.", "Go home."]


def test_no_sentence_is_read_twice() -> None:
    assert _window(1, 2, 3) == ["Stop it. Wait a minute. Open it.", "Mind it. Look up."]


def test_what_was_read_may_part_a_window() -> None:
    assert _window(2, 0, 4, neighbours=0) == ["Open it.", "Stop it.", "Look up."]
    assert _window(2, 1, 4) == ["Wait a minute. Open it. Mind it.", "Look up."]


# Auto-merging -------------------------------------------------------------------------


def test_parents_are_literal_text_of_their_document() -> None:
    text = "One.\n\nTwo.\nOne.\n\nTwo. Five."
    pieces = ["One.", "Two.", "One.", "Two.", "Five."]
    chunks = [Chunk(f"D#{i}", "D", p) for i, p in enumerate(pieces, start=1)]
    found = parents(chunks, [_document("D", text=text)], size=2)
    assert {child: parent.text for child, parent in found.items()} == {
        "D#1": "One.\n\nTwo.",
        "D#2": "One.\n\nTwo.",
        "D#3": "One.\n\nTwo.",
        "D#4": "One.\n\nTwo.",
        "D#5": "Five.",
    }
    assert found["D#1"].id == "D#1-2" and found["D#3"].id == "D#3-4"
    assert all(parent.text in text for parent in found.values())


def test_more_than_half_makes_a_parent() -> None:
    parent_of = {"a1": "A", "a2": "A", "a3": "A", "b1": "B", "b2": "B"}
    sizes = {"A": 3, "B": 2}
    assert merge(["b1", "a1", "a3"], parent_of, sizes) == ["b1", "A"]
    assert merge(["b2", "a1", "b1"], parent_of, sizes) == ["B", "a1"]


def test_auto_merging_reads_the_parent() -> None:
    chunks = [Chunk(f"D#{i}", "D", f"Step {i}.") for i in range(1, 7)]
    text = " ".join(c.text for c in chunks)
    family = parents(chunks, [_document("D", text=text)], size=3)
    found = Ranked([chunks[1], chunks[5], chunks[0], chunks[3]])
    read = AutoMerging(found, family, depth=3).search(["?"], 4)[0]
    assert [c.text for c in read] == ["Step 1. Step 2. Step 3.", "Step 6."]
