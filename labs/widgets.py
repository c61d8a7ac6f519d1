"""Tables of text; a question, the passages found for it, the evidence marked in them.

Plain ipywidgets, alike in versions 7 (Colab) and 8. Where no kernel runs, the HTML of
the first question stands in the widget's place.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

from labs.corpus import Evidence, Question
from labs.errors import LabsError
from labs.retrieval import Chunk
from labs.stats import Interval

Search = Callable[[str], list[Chunk]]
Answer = Callable[[str, list[Chunk]], str]

_WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
_BOX = "border-left: 4px solid {}; margin: 6px 0; padding: 2px 10px; line-height: 1.4"
_GOLD, _OTHER = "#0072B2", "#C8CDD2"  # the blue is told from the grey by everybody
# Dark on light in a dark theme, too.
MARK = '<mark style="background: #FFE9A8; color: #111">{}</mark>'


def table(rows: Iterable[Sequence[Any]], columns: str) -> Any:
    """Rows as a light pandas Styler: no index, text to the left, figures rounded.

    Args:
        columns: their names, parted by commas.
    """
    import pandas as pd

    names = [name.strip() for name in columns.split(",")]
    frame = pd.DataFrame(
        [[_unbroken(value) for value in row] for row in rows], columns=names
    )
    left = {"text-align": "left", "vertical-align": "top", "white-space": "pre-wrap"}
    head = [{"selector": "th", "props": [("text-align", "left")]}]
    style = frame.style.hide(axis="index").set_properties(**left)
    return style.format(precision=2).set_table_styles(head)


def _unbroken(value: Any) -> Any:
    """An interval as text that a narrow column breaks before its n alone."""
    if not isinstance(value, Interval):
        return value
    space = "\N{NO-BREAK SPACE}"
    numbers, _, n = str(value).replace(" ", space).rpartition(f"{space}n")
    return f"{numbers} n{n}"


def show(
    question: Question | str, passages: Sequence[Chunk], answer: str | None = None
) -> Any:
    """The passages as IPython's `HTML`, the evidence of the question marked.

    A bare text has no evidence: then nothing is marked.
    """
    from IPython.display import HTML

    return HTML(_page(question, passages, answer))


def ask(questions: Sequence[Question], search: Search, answer: Answer) -> "Ask":
    """A box to choose or to type a question in, and below it what is found for it.

    Args:
        questions: to choose from; for these the evidence and the right answer show.
        search: the passages for a text, the best first.
        answer: what the model says to a text and its passages.
    """
    return Ask(questions, search, answer)


class Interactive:
    """A widget that leaves a page: without a kernel, `page` stands in its place."""

    box: Any  # the ipywidgets box that a notebook shows
    page: Any  # the `ipywidgets.HTML` within it that is drawn anew
    typed: Any  # the `ipywidgets.Text` that a choice is written into, if there is one

    def _render(self) -> str:
        """The page for what the controls say."""
        raise NotImplementedError

    def _redraw(self, _: Any = None) -> None:
        """Draw again; an error stands where the page would."""
        try:
            self.page.value = self._render()
        except LabsError as error:
            self.page.value = f"<p>{escape(str(error))}</p>"

    def _on_choice(self, change: Any) -> None:
        self.typed.value = change["new"]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        # Written out: ipywidgets 7 and 8 have no such method in common.
        view = {
            "version_major": 2,
            "version_minor": 0,
            "model_id": self.box.model_id,
        }
        return {
            _WIDGET_VIEW: view,
            "text/html": self.page.value,
            "text/plain": "A widget; it needs a running kernel.",
        }


class Ask(Interactive):
    """What `ask` returns."""

    def __init__(
        self, questions: Sequence[Question], search: Search, answer: Answer
    ) -> None:
        import ipywidgets

        self._known = {question.question: question for question in questions}
        self._search, self._answer = search, answer
        wide = ipywidgets.Layout(width="98%")
        first = next(iter(self._known), "")
        self.chosen = ipywidgets.Dropdown(
            options=list(self._known), description="Choose", layout=wide
        )
        self.typed = ipywidgets.Text(value=first, description="or type", layout=wide)
        self.button = ipywidgets.Button(description="Ask", button_style="primary")
        self.page = ipywidgets.HTML()
        self._redraw()
        self.chosen.observe(self._on_choice, names="value")
        self.button.on_click(self._redraw)
        self.box = ipywidgets.VBox([self.chosen, self.typed, self.button, self.page])

    def _render(self) -> str:
        """Answer what is typed."""
        text = self.typed.value.strip()
        if not text:
            return "<p>Type a question first.</p>"
        passages = self._search(text)
        said = self._answer(text, passages)
        return _page(self._known.get(text, text), passages, said)


# HTML ---------------------------------------------------------------------------------


def _page(
    question: Question | str, passages: Sequence[Chunk], answer: str | None
) -> str:
    known = isinstance(question, Question)
    evidence = question.evidence if known else ()
    lines = [f"<strong>{escape(question.question if known else question)}</strong>"]
    if answer is not None:
        lines.append(f"Answer: {escape(answer) or '(nothing)'}")
    if known:
        lines.append(f"Right: {escape(question.answer)}")
    head = "<br>".join(line.replace("\n", " · ") for line in lines)
    rows = [_row(i, *pair) for i, pair in enumerate(_marked(passages, evidence), 1)]
    return f"<div><p>{head}</p>{''.join(rows)}</div>"


def _marked(
    passages: Sequence[Chunk], evidence: Sequence[Evidence]
) -> list[tuple[Chunk, str]]:
    return [(passage, highlight(passage, evidence)) for passage in passages]


def _row(number: int, passage: Chunk, text: str) -> str:
    holds = "<mark" in text
    note = " · evidence" if holds else ""
    return (
        f'<div style="{_BOX.format(_GOLD if holds else _OTHER)}">'
        f"<small>[{number}] {escape(passage.id)}{note}</small><br>"
        f'<span style="white-space: pre-wrap">{text}</span></div>'
    )


def highlight(passage: Chunk, evidence: Sequence[Evidence]) -> str:
    """The passage as HTML, with the quotes of its own document in `<mark>`.

    White space does not count; of a quote that the passage's border cuts, the part
    within is marked.
    """
    quotes = [own.quote for own in evidence if own.document == passage.document]
    spans = sorted(filter(None, (_span(passage.text, quote) for quote in quotes)))
    parts, end = [], 0
    for start, stop in spans:
        if stop <= end:
            continue
        start = max(start, end)
        parts.append(escape(passage.text[end:start]))
        parts.append(MARK.format(escape(passage.text[start:stop])))
        end = stop
    return "".join([*parts, escape(passage.text[end:])])


def _span(text: str, quote: str) -> tuple[int, int] | None:
    """Where the quote stands: whole, or its head at the end, or its tail at the start.

    A cut piece counts from two words on: a lone "The" at a border is nobody's quote.
    """
    words = [re.escape(word) for word in quote.split()]
    patterns = [r"\s+".join(words)]
    shorter = range(len(words) - 1, 1, -1)
    patterns += [r"(?<!\S)" + r"\s+".join(words[:n]) + r"\s*\Z" for n in shorter]
    patterns += [r"\A\s*" + r"\s+".join(words[-n:]) + r"(?!\S)" for n in shorter]
    found = next(filter(None, (re.search(pattern, text) for pattern in patterns)), None)
    return found.span() if found else None
