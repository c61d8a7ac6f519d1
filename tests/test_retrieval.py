"""Passages and the dense index, on texts whose nearest neighbours are plain to see."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from labs.corpus import Document, Evidence, Question
from labs.retrieval import (
    Chunk,
    DenseIndex,
    chunk,
    evidence_recall,
    gold_chunks,
    n_tokens,
    within,
)

SENTENCES = [f"Turbine number {i} stands on the hill." for i in range(40)]


def _document(name: str, text: str) -> Document:
    return Document(name, "T", "note", "2031-03-01", 1, text)


def test_chunk_cuts_at_sentence_ends_and_loses_nothing() -> None:
    chunks = chunk([_document("D1", " ".join(SENTENCES)), _document("D2", "Short.")])
    assert " ".join(c.text for c in chunks[:-1]) == " ".join(SENTENCES)
    assert all(c.text.endswith(".") for c in chunks)
    assert all(len(c.text.split()) <= 64 for c in chunks)
    assert [chunks[0].id, chunks[1].id] == ["D1#1", "D1#2"]
    assert chunks[-1] == Chunk("D2#1", "D2", "Short.")


def _question(*quotes: str) -> Question:
    evidence = tuple(Evidence("D", quote) for quote in quotes)
    return Question("q", "?", "!", ("!",), "lookup", "dev", (), evidence, 1)


def test_gold_chunks_hold_each_quote_in_the_right_document() -> None:
    texts = {"D#1": "Oil it.\nClose the", "D#2": "valve now.", "D#3": "Close the lid."}
    chunks = [Chunk("E#1", "E", "Oil it."), *(Chunk(i, "D", texts[i]) for i in texts)]
    found = {
        quotes: [chunk.id for chunk in gold_chunks(_question(*quotes), chunks)]
        for quotes in [("Oil it.",), ("Close the valve",), ("lid", "the lid"), ("No",)]
    }
    assert list(found.values()) == [["D#1"], ["D#1", "D#2"], ["D#3"], []]


def test_search_finds_the_nearest_first() -> None:
    vectors = {"east": (1, 0), "north": (0, 1), "north-east": (0.6, 0.8)}

    def embed(texts: Sequence[str]) -> np.ndarray:
        return np.array([vectors[text] for text in texts], dtype=np.float32)

    index = DenseIndex.build([Chunk(f"D#{i}", "D", i) for i in vectors], embed)
    found = index.search(["north", "east"], k=2)
    names = [[passage.text for passage in row] for row in found]
    assert names == [["north", "north-east"], ["east", "north-east"]]
    assert len(index.search(["east"], k=9)[0]) == 3


# Measuring ----------------------------------------------------------------------------


def _of_tokens(size: int) -> Chunk:
    return Chunk(f"D#{size}", "D", " wind" * size)


def test_a_passage_that_does_not_fit_is_passed_over() -> None:
    ranked = [_of_tokens(n) for n in (3, 5, 2, 1)]
    assert [n_tokens(chunk.text) for chunk in ranked] == [3, 5, 2, 1]
    assert within(ranked, 5) == [ranked[0], ranked[2]]
    assert within(ranked, 11) == ranked
    assert within(ranked, 0) == []


def test_evidence_recall_is_the_share_of_quotes_found() -> None:
    evidence = (Evidence("D", "starts at 3 m/s"), Evidence("E", "weighs 4 t"))
    question = Question(
        "q", "?", "a", ("a",), "multi_hop", "dev", ("f",), evidence, edition=1
    )
    found = Chunk("D#1", "D", "It starts at 3 m/s.")
    other = Chunk("F#1", "F", "It weighs 4 t.")
    assert evidence_recall(question, [found, other]) == 0.5
    assert evidence_recall(replace(question, evidence=()), [found]) is None
