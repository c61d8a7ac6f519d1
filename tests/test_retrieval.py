"""Passages and the dense index, on texts whose nearest neighbours are plain to see."""

from collections.abc import Sequence
from dataclasses import replace
from math import log

import numpy as np
import pytest

from labs.corpus import Document, Evidence, Question
from labs.retrieval import (
    BM25Index,
    Chunk,
    DenseIndex,
    chunk,
    evidence_recall,
    gold_chunks,
    n_tokens,
    within,
    words,
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


# BM25 ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("F-2317, SB-2030-12", ["f-2317", "sb-2030-12"]),
        ("1,480 euros for 2.4 MW", ["1480", "euro", "for", "2.4", "mw"]),
        ("-19 °C at 3.5 m/s.", ["-19", "°c", "at", "3.5", "m/s"]),
        ("ratio 1:123.4, 50%", ["ratio", "1:123.4", "50", "%"]),
        ("The Varthane 94's cut-in", ["the", "varthane", "94", "cut", "in"]),
        ("bolts, glass, bus, is", ["bolt", "glass", "bus", "is"]),
        ("pages 3-5 – D30-1", ["page", "3-5", "d30-1"]),
        ("", []),
    ],
)
def test_words_keep_codes_figures_and_units(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def _bm25(*texts: str) -> BM25Index:
    return BM25Index.build([Chunk(f"D#{i}", "D", t) for i, t in enumerate(texts)])


def test_bm25_is_the_formula() -> None:
    index = _bm25("oil oil pump", "pump in the van", "key")
    [scores] = index.scores(["Oil pump?"])
    mean = (3 + 4 + 1) / 3
    oil, pump = log(1 + 2.5 / 1.5), log(1 + 1.5 / 2.5)
    norms = [1.5 * (0.25 + 0.75 * n / mean) for n in (3, 4)]
    first = oil * 2 / (2 + norms[0]) + pump / (1 + norms[0])
    assert np.allclose(scores, [first, pump / (1 + norms[1]), 0], atol=1e-5)


def test_bm25_finds_only_what_shares_a_word() -> None:
    index = _bm25("F-2317 low oil", "F-2371 worn brake", "a key")
    found = index.search(["What is F-2371?", "zzz", "", "low brake"], k=4)
    ids = [[passage.id for passage in row] for row in found]
    assert ids == [["D#1"], [], [], ["D#0", "D#1"]]


def test_bm25_counts_the_texts_given() -> None:
    chunks = [Chunk("D#0", "D", "F-2317"), Chunk("D#1", "D", "F-2371")]
    index = BM25Index.build(chunks, ["one", "two of them"])
    assert index.search(["two"])[0] == [chunks[1]]
    assert index.search(["F-2317"])[0] == []
