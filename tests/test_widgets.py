"""What a reader sees of a question: marks in the right place, text never as HTML."""

import pytest

from labs import widgets
from labs.corpus import Evidence, Question
from labs.errors import LabsError
from labs.retrieval import Chunk
from labs.stats import Interval

PASSAGE = Chunk("D#1", "D", "Set it to\n150 bar. Then close <the> valve.")


def _question(text: str, *quotes: str) -> Question:
    evidence = tuple(Evidence("D", quote) for quote in quotes)
    return Question(
        "q", text, "150 bar", ("150 bar",), "lookup", "dev", (), evidence, 1
    )


def _marked(chunk: Chunk, *quotes: str) -> list[str]:
    page = widgets.highlight(chunk, _question("?", *quotes).evidence)
    return [part.split(">", 1)[1] for part in page.split("<mark")[1:]]


@pytest.mark.parametrize(
    ("quote", "seen"),
    [
        ("Set it to 150 bar.", "Set it to\n150 bar."),
        ("close <the> valve.", "close &lt;the&gt; valve."),
        ("<the> valve. Wait for an hour.", "&lt;the&gt; valve."),
        ("Now wait. Set it", "Set it"),
        ("valve. Wait for an hour.", None),
        ("150 bar. Wait.", None),
    ],
    ids=["whole", "escaped", "head", "tail", "one word is no piece", "not at the edge"],
)
def test_marks_the_quote(quote: str, seen: str | None) -> None:
    marks = _marked(PASSAGE, quote)
    assert [mark.split("</mark>")[0] for mark in marks] == ([seen] if seen else [])


def test_nothing_is_lost_and_overlapping_quotes_are_marked_once() -> None:
    page = widgets.highlight(
        PASSAGE, _question("?", "Set it to 150 bar.", "150 bar. Then").evidence
    )
    assert page.count("<mark") == page.count("</mark>") == 2
    bare = page.replace("</mark>", "").split("<mark")
    text = "".join([bare[0], *(part.split(">", 1)[1] for part in bare[1:])])
    assert text == "Set it to\n150 bar. Then close &lt;the&gt; valve."


def test_a_sibling_with_the_same_sentence_is_not_marked() -> None:
    assert _marked(Chunk("E#1", "E", PASSAGE.text), "Set it to 150 bar.") == []


def test_show_tells_question_answers_and_evidence() -> None:
    question = _question("How <many> bar?", "Set it to 150 bar.")
    page = widgets.show(question, [PASSAGE], "160 bar [1]").data
    for part in ("How &lt;many&gt; bar?", "160 bar [1]", "150 bar", "D#1 · evidence"):
        assert part in page
    assert "evidence" not in widgets.show("How many bar?", [PASSAGE]).data


def test_ask_answers_what_is_chosen_and_what_is_typed() -> None:
    asked = []

    def answer(text: str, passages: list[Chunk]) -> str:
        asked.append((text, passages))
        return f"to: {text}"

    first, second = _question("First?", "Set it to 150 bar."), _question("Second?")
    box = widgets.ask([first, second], lambda _: [PASSAGE], answer)
    assert "to: First?" in box.page.value and "<mark" in box.page.value
    box.chosen.value = "Second?"
    assert box.typed.value == "Second?"
    box.typed.value = " Third? "
    box.button.click()
    assert "to: Third?" in box.page.value and "<mark" not in box.page.value
    assert asked == [("First?", [PASSAGE]), ("Third?", [PASSAGE])]
    box.typed.value = ""
    box.button.click()
    assert "Type a question" in box.page.value and len(asked) == 2


def test_ask_shows_an_error_and_goes_on() -> None:
    def search(text: str) -> list[Chunk]:
        if text == "broken":
            raise LabsError("no <index>")
        return [PASSAGE]

    box = widgets.ask([_question("First?")], search, lambda text, _: text)
    box.typed.value = "broken"
    box.button.click()
    assert "no &lt;index&gt;" in box.page.value
    box.typed.value = "fine"
    box.button.click()
    assert "Answer: fine" in box.page.value


def test_ask_is_a_widget_and_without_a_kernel_a_page() -> None:
    box = widgets.ask([_question("First?")], lambda _: [PASSAGE], lambda *_: "yes")
    bundle = box._repr_mimebundle_(include=None, exclude=None)
    view = bundle["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == box.box.model_id and view["version_major"] == 2
    assert "First?" in bundle["text/html"] and bundle["text/plain"]


def test_table_shows_text_without_an_index() -> None:
    page = widgets.table([("a < b", 0.256), ("c", 2)], "name, share").to_html()
    assert "a < b" in page or "a &lt; b" in page
    assert ">share<" in page and "0.26" in page and "row_heading" not in page


def test_table_breaks_an_interval_before_its_n_alone() -> None:
    page = widgets.table([(Interval(0.5, 0.25, 0.75, 8),)], "share").to_html()
    page = page.replace("&nbsp;", "\xa0")
    assert "0.50\xa0[0.25,\xa00.75], n\xa0=\xa08" in page
