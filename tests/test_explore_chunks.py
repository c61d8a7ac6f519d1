"""What a reader sees of passages: borders in the right place, text never as HTML."""

import re

import pytest

from labs import chunking
from labs.corpus import Document
from labs.errors import LabsError
from labs.explore_chunks import coloured, explore_chunks
from labs.retrieval import Chunk, chunk

TEXT = "Lock <the> rotor. Drain the oil. Sign off."
DOCUMENTS = [
    Document("A", "T", "note", "2031-03-01", 1, TEXT),
    Document("B", "T", "note", "2031-03-01", 1, "Go home. " * 30),
]


def _sentences(document: Document, size: int, overlap: int) -> list[Chunk]:
    return chunk([document], size)


def _windows(document: Document, size: int, overlap: int) -> list[Chunk]:
    return chunking.windows([document], size, overlap)


CHUNKERS = {"sentences": _sentences, "windows": _windows}


def _explorer(**options):
    return explore_chunks(DOCUMENTS, CHUNKERS, **options)


def _plain(page: str) -> str:
    """The text of a page, without its numbers."""
    return re.sub(r"<[^>]+>", "", re.sub(r"<sup.*?</sup>", "", page))


def test_nothing_is_lost_and_text_is_escaped() -> None:
    page = coloured(TEXT, [(0, 17), (18, 32), (28, 42)])
    assert _plain(page) == TEXT.replace("<", "&lt;").replace(">", "&gt;")
    assert "<the>" not in page


def test_each_passage_begins_with_its_number_and_neighbours_differ() -> None:
    page = coloured(TEXT, [(0, 17), (18, 32)])
    assert re.findall(r"<sup[^>]*>(\d+)</sup>", page) == ["1", "2"]
    tints = re.findall(r"background: (#\w+)", page)
    assert len(tints) == 2 and tints[0] != tints[1]
    assert page.endswith(" Sign off.")  # in no passage: not tinted


def test_what_two_passages_share_is_underlined() -> None:
    assert "border-bottom" not in coloured(TEXT, [(0, 17), (17, 42)])
    shared = re.findall(
        r"border-bottom[^>]*>([^<]*)<", coloured(TEXT, [(0, 24), (18, 42)])
    )
    assert shared == ["Drain "]


def test_controls_cut_anew() -> None:
    box = _explorer(size=64)
    assert "A, cut by sentences" in box.page.value and "1 passages" in box.page.value
    box.document.value = "B"
    one = box.page.value
    box.size.value = 16
    assert box.page.value != one and "size 16 tokens" in box.page.value
    box.chunker.value = "windows"
    box.overlap.value = 8
    assert "cut by windows" in box.page.value and "border-bottom" in box.page.value


def test_figures_are_those_of_the_passages() -> None:
    box = explore_chunks(
        DOCUMENTS[:1],
        {"two": lambda d, *_: [Chunk("1", "A", t) for t in TEXT.split(". ", 1)]},
    )
    assert "2 passages of" in box.page.value
    assert box.page.value.count('title="passage') == 2


def test_an_error_stands_where_the_text_would_and_the_next_choice_works() -> None:
    box = _explorer(size=16)
    box.chunker.value = "windows"
    box.overlap.value = 16
    assert "Windows of 16 words with an overlap of 16" in box.page.value
    assert "<span" not in box.page.value
    box.overlap.value = 0
    assert "<span" in box.page.value


def test_a_document_without_text() -> None:
    empty = Document("E", "T", "note", "2031-03-01", 1, "")
    assert "0 passages" in explore_chunks([empty], CHUNKERS).page.value


@pytest.mark.parametrize("given", [([], CHUNKERS), (DOCUMENTS, {})])
def test_nothing_to_choose_from_is_refused(given: tuple) -> None:
    with pytest.raises(LabsError, match="explore_chunks got no"):
        explore_chunks(*given)


def test_it_is_a_widget_and_without_a_kernel_a_page() -> None:
    box = _explorer()
    bundle = box._repr_mimebundle_()
    view = bundle["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == box.box.model_id
    assert "Drain the oil" in bundle["text/html"]
