"""The retrieval explorer: its page, and what its widgets do to it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from labs.corpus import Evidence, Question
from labs.errors import LabsError
from labs.explore_retrieval import explore, page
from labs.retrieval import Chunk

A = Chunk("D#1", "D", "It starts at 3 m/s.")
B = Chunk("E#1", "E", "It weighs <4 t>.")
C = Chunk("F#1", "F", "It starts at 3 m/s.")


@dataclass
class Ranked:
    chunks: list[Chunk]

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        if questions == ["broken"]:
            raise LabsError("no <index>")
        return [self.chunks[:k] for _ in questions]


def _question(text: str) -> Question:
    evidence = (Evidence("D", "starts at 3 m/s"),)
    return Question(
        text, text, "3 m/s", ("3 m/s",), "lookup", "dev", (), evidence, edition=1
    )


QUESTIONS = [_question("When does it start?"), _question("At which wind?")]
SEARCHERS = {"before": Ranked([B, A]), "after": Ranked([A, C, B])}


def test_page_tells_ranks_and_evidence() -> None:
    html = page(QUESTIONS[0], {"before": [B, A], "after": [A, C, B]}, k=3)
    for part in (
        "Right: 3 m/s",
        "1 · D#1 · ▲ 2 in before · evidence",
        "2 · F#1 · not in before</small>",
        "3 · E#1 · ▼ 1 in before</small>",
        "1 · E#1</small>",
        "2 · D#1 · evidence",
        "1 of 1 quotes in 256 tokens",
        "&lt;4 t&gt;",
    ):
        assert part in html
    assert html.count("<mark") == 2  # the same words of another document are none


def test_page_of_a_bare_text_marks_nothing() -> None:
    html = page("What <else>?", {"before": [A], "after": []})
    assert "<mark" not in html and "Right" not in html
    assert "What &lt;else&gt;?" in html
    assert "Nothing was found" in html and "no evidence to look for" in html


def test_without_a_kernel_the_first_question_stands_there() -> None:
    bundle = explore(QUESTIONS, SEARCHERS)._repr_mimebundle_()
    assert "When does it start?" in bundle["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_widgets_redraw_the_page() -> None:
    widget = explore(QUESTIONS, SEARCHERS, k=1)
    widget.chosen.value = "At which wind?"
    assert "At which wind?" in widget.page.value
    assert "2 · " not in widget.page.value
    widget.shown.value = 2
    assert "2 · " in widget.page.value
    widget.strategies.value = ("after",)
    assert ">before<" not in widget.page.value
    widget.strategies.value = ()
    assert "select a strategy" in widget.page.value
    widget.strategies.value = ("before",)
    widget.typed.value = "broken"
    assert "no &lt;index&gt;" in widget.page.value


def test_nothing_to_explore_is_said() -> None:
    with pytest.raises(LabsError, match="0 questions and 2 strategies"):
        explore([], SEARCHERS)
    with pytest.raises(LabsError, match="2 questions and 0 strategies"):
        explore(QUESTIONS, {})
