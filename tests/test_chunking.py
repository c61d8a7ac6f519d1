"""Ways to cut, headers and parents, on texts whose passages are plain to see."""

from collections.abc import Sequence

import numpy as np
import pytest

from labs import chunking
from labs.corpus import Document, load_documents
from labs.errors import LabsError
from labs.retrieval import Chunk, DenseIndex, chunk

HANDBOOK = """# Handbook Merlin 64

Read it twice. Keep it dry.

## 1 Data sheet

All values hold.

| Item | Value |
| --- | --- |
| Rated power | 2.9 MW |
| Hub height | 104 m |

## 2 Brakes

New pads are due at 4 mm.

### 2.1 Changing

1. Lock the rotor. Hang the tag.
12. Sign. Leave."""


def _document(text: str, name: str = "D", title: str = "Handbook Merlin 64"):
    return Document(name, title, "handbook", "2031-03-01", 1, text)


MERLIN = _document(HANDBOOK)


def _texts(chunks: Sequence[Chunk]) -> list[str]:
    return [chunk.text for chunk in chunks]


# Cutting ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "size", "overlap", "expected"),
    [
        ("lock the  rotor\nand go", 2, 0, ["lock the", "rotor\nand", "go"]),
        ("lock the rotor and go", 3, 1, ["lock the rotor", "rotor and go"]),
        ("lock the rotor and go", 9, 4, ["lock the rotor and go"]),
        ("lock the", 3, 2, ["lock the"]),
        (" \n", 3, 0, []),
    ],
    ids=["literal", "overlap", "all in one", "shorter than the overlap", "no words"],
)
def test_windows(text: str, size: int, overlap: int, expected: list[str]) -> None:
    found = chunking.windows([_document(text)], size, overlap)
    assert _texts(found) == expected
    assert [c.id for c in found] == [f"D#{i + 1}" for i in range(len(expected))]


@pytest.mark.parametrize(("size", "overlap"), [(4, 4), (4, 5), (0, 0), (4, -1)])
def test_windows_that_would_not_move_on_are_refused(size: int, overlap: int) -> None:
    with pytest.raises(LabsError, match=f"Windows of {size} words.*{overlap}"):
        chunking.windows([MERLIN], size, overlap)


def test_sentences_keep_headings_rows_and_list_items_whole() -> None:
    assert chunking.sentences(HANDBOOK) == [
        "# Handbook Merlin 64",
        "Read it twice.",
        "Keep it dry.",
        "## 1 Data sheet",
        "All values hold.",
        "| Item | Value |",
        "| --- | --- |",
        "| Rated power | 2.9 MW |",
        "| Hub height | 104 m |",
        "## 2 Brakes",
        "New pads are due at 4 mm.",
        "### 2.1 Changing",
        "1. Lock the rotor.",
        "Hang the tag.",
        "12. Sign.",
        "Leave.",
    ]
    assert chunking.sentences("## 1. Scope. All") == ["## 1. Scope. All"]
    assert chunking.sentences("At 2.4 bar, e.g. here, stop.") == [
        "At 2.4 bar, e.g. here, stop."
    ]
    assert chunking.sentences("\n") == []


def test_spans_find_repeated_and_overlapping_pieces() -> None:
    assert chunking.spans("go. go. stop", ["go.", "go.", "stop"]) == [
        (0, 3),
        (4, 7),
        (8, 12),
    ]
    assert chunking.spans("a b c", ["a b", "b c"]) == [(0, 3), (2, 5)]
    with pytest.raises(LabsError, match="'x' does not stand in the text"):
        chunking.spans("a b c", ["a", "x"])


def _embed(texts: Sequence[str]) -> np.ndarray:
    """East for what is about oil, north for the rest."""
    return np.array([(1, 0) if "oil" in t else (0, 1) for t in texts], np.float32)


def test_semantic_cuts_where_the_subject_changes() -> None:
    text = "Drain the oil. Weigh the oil. Call home. Sign off. Fill the oil."
    found = chunking.semantic([_document(text)], _embed, percentile=50)
    assert _texts(found) == [
        "Drain the oil. Weigh the oil.",
        "Call home. Sign off.",
        "Fill the oil.",
    ]


def test_semantic_passages_stay_within_their_size() -> None:
    text = " ".join(f"Drain the oil {i}." for i in range(9))
    [whole] = chunking.semantic([_document(text)], _embed, size=None)
    assert whole.text == text
    parts = _texts(chunking.semantic([_document(text)], _embed, size=12))
    assert len(parts) > 1 and " ".join(parts) == text


def test_semantic_of_little_text() -> None:
    documents = [_document("", "A"), _document("One.", "B")]
    assert chunking.semantic(documents, _embed) == [Chunk("B#1", "B", "One.")]


def test_propositions_leave_out_title_and_head_of_a_table() -> None:
    found = _texts(chunking.propositions([MERLIN]))
    assert found[:6] == [
        "Read it twice.",
        "Keep it dry.",
        "## 1 Data sheet",
        "All values hold.",
        "| Rated power | 2.9 MW |",
        "| Hub height | 104 m |",
    ]
    assert "### 2.1 Changing" in found and "Leave." in found


def test_every_cut_is_literal_text_of_the_corpus() -> None:
    documents = load_documents()
    for cut in (chunking.windows, chunking.propositions, chunk):
        chunks = cut(documents)
        for passage, (start, end) in zip(
            chunks, chunking.places(chunks, documents), strict=True
        ):
            assert end - start == len(passage.text)
        assert len({passage.id for passage in chunks}) == len(chunks)


# Headers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("Read it", []),
        ("All values", ["1 Data sheet"]),
        ("| Item", ["1 Data sheet"]),
        ("| Hub", ["1 Data sheet", "| Item | Value |"]),
        ("New pads", ["2 Brakes"]),
        ("Hang the tag", ["2 Brakes", "2.1 Changing"]),
    ],
)
def test_header(place: str, expected: list[str]) -> None:
    found = chunking.header(MERLIN, HANDBOOK.index(place))
    assert found == ["Handbook Merlin 64", *expected]


def test_a_new_section_closes_the_deeper_ones() -> None:
    document = _document(HANDBOOK + "\n\n## 3 Paper\n\nWrite.")
    assert chunking.header(document, document.text.index("Write")) == [
        "Handbook Merlin 64",
        "3 Paper",
    ]


def test_headers_do_not_say_twice_what_the_passage_says() -> None:
    passage = Chunk("D#1", "D", "## 2 Brakes\n\nNew pads are due at 4 mm.")
    first = Chunk("D#0", "D", "# Handbook Merlin 64\n\nRead it twice.")
    assert chunking.headers([first, passage], [MERLIN]) == ["", "Handbook Merlin 64"]
    assert chunking.with_headers([first, passage], [MERLIN]) == [
        first.text,
        "Handbook Merlin 64\n## 2 Brakes\n\nNew pads are due at 4 mm.",
    ]


def test_a_passage_that_is_no_text_of_its_document_is_refused() -> None:
    with pytest.raises(LabsError, match="does not stand in the text"):
        chunking.with_headers([Chunk("D#1", "D", "New pads at 5 mm.")], [MERLIN])


def test_added_headers_are_unit_vectors_and_tell_siblings_apart() -> None:
    text = "New pads are due at 4 mm."
    documents = [_document(text, "A", "Gear oil"), _document(text, "B", "Crew")]
    chunks = [Chunk(f"{name}#1", name, text) for name in "AB"]
    vectors = chunking.add_headers(chunks, documents, _embed)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert vectors[0] @ (1, 0) > 0.5 > vectors[1] @ (1, 0)


# Parents ------------------------------------------------------------------------------


def test_children_lead_to_the_passage_in_which_they_begin() -> None:
    children = chunking.propositions([MERLIN])
    larger = chunk([MERLIN], size=32)
    found = chunking.parents(children, larger, [MERLIN])
    assert len(found) == len(children) and len(set(found)) == len(larger) > 1
    for child, parent in zip(children, found, strict=True):
        assert child.text[:9] in parent.text  # a border may cut its end off


def test_parents_of_equal_sentences_in_two_documents() -> None:
    documents = [_document("Stop. Go.", "A"), _document("Go. Stop. Go.", "B")]
    children = chunking.propositions(documents)
    larger = [Chunk("A#1", "A", "Stop. Go."), Chunk("B#1", "B", "Go.")]
    larger.append(Chunk("B#2", "B", "Stop. Go."))
    found = chunking.parents(children, larger, documents)
    assert [c.id for c in found] == ["A#1", "A#1", "B#1", "B#2", "B#2"]


def test_distinct_finds_each_passage_once_and_k_of_them() -> None:
    a, b, c = (Chunk(f"D#{name}", "D", name) for name in "abc")
    angles = [0.0, 0.1, 0.2, 0.3, 0.9]
    vectors = np.array([(np.cos(x), np.sin(x)) for x in angles])

    def embed(texts: Sequence[str]) -> np.ndarray:
        return np.array([(1.0, 0.0) for _ in texts])

    index = chunking.Distinct(DenseIndex([b, b, b, a, c], vectors, embed))
    assert index.search(["?"], k=2) == [[b, a]]
    assert index.search(["?", "?"], k=9) == [[b, a, c]] * 2
