"""What is done with ranked passages, on passages of one line."""

import numpy as np
import pytest

from labs import passages
from labs.corpus import Document
from labs.retrieval import Chunk


def _chunk(name: str, text: str, document: str = "d") -> Chunk:
    return Chunk(name, document, text)


def _embed(texts) -> np.ndarray:
    """A vector of length one: does the text speak of cranes, of rain, of neither?"""
    rows = [
        [float("crane" in text), float("rain" in text), 0.1]
        for text in map(str.lower, texts)
    ]
    return np.array([np.array(row) / np.linalg.norm(row) for row in rows])


def test_sentences_part_at_stops_and_lines() -> None:
    text = "It lifts 2.5 t. Keep off!\n| Mass | 9 t |\n- Oil"
    parts = passages.sentences(_chunk("a#1", text))
    expected = ["It lifts 2.5 t.", "Keep off!", "| Mass | 9 t |", "- Oil"]
    assert [part.text for part in parts] == expected
    assert [part.id for part in parts] == ["a#1s1", "a#1s2", "a#1s3", "a#1s4"]
    assert all(part.text in text and part.document == "d" for part in parts)
    assert passages.sentences(_chunk("a#1", " \n ")) == []


def test_compress_keeps_the_nearest_in_their_order() -> None:
    rows = [
        _chunk("a", "It rained. The crane is old."),
        _chunk("b", "The crane lifts 9 t. Rain again."),
    ]
    kept = passages.compress("Which crane?", rows, _embed)
    assert [part.text for part in kept] == ["The crane is old.", "The crane lifts 9 t."]
    assert len(passages.compress("Which crane?", rows, _embed, share=1)) == 4
    assert passages.compress("Which crane?", [], _embed) == []


def test_segments_bridge_a_gap_of_one() -> None:
    own = [_chunk(f"d#{i}", f"Passage {i}.") for i in range(1, 7)]
    other = _chunk("e#1", "Elsewhere.", "e")
    of_document = {"d": own, "e": [other]}
    assert passages.segments([own[1], own[3]], of_document) == own[1:4]
    # Three passages between cost more than the second find is worth.
    assert passages.segments([own[0], own[4]], of_document) == [own[0], own[4]]
    ranked = [own[1], other, own[2]]
    assert passages.segments(ranked, of_document) == [own[1], own[2], other]
    assert passages.segments([], of_document) == []


@pytest.mark.parametrize(
    ("text", "is_repeated"),
    [
        ("The Merlin 64 starts at 3 m/s.", True),
        ("  the merlin 64\nstarts at 3 m/s", True),
        ("The Merlin 64 starts at 4 m/s.", False),  # another figure: another fact
        ("The Merlin 60 starts at 3 m/s.", False),
        ("Grease the bearing.", False),
    ],
)
def test_deduplicate(text: str, is_repeated: bool) -> None:
    first = _chunk("a", "The Merlin 64 starts at 3 m/s.")
    kept = passages.deduplicate([first, _chunk("b", text)])
    assert [passage.id for passage in kept] == (["a"] if is_repeated else ["a", "b"])


def test_demote_puts_the_superseded_last() -> None:
    documents = [
        Document(name, name, "bulletin", "2031-01-01", 1, "", supersedes)
        for name, supersedes in (("new", "old"), ("old", None), ("else", None))
    ]
    stale = passages.superseded(documents)
    assert stale == {"old"}
    rows = [_chunk(f"{d}#{i}", "", d) for i, d in enumerate(["old", "else", "old"])]
    demoted = passages.demote(rows, stale)
    assert [passage.id for passage in demoted] == ["else#1", "old#0", "old#2"]
