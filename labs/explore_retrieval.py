"""Strategies side by side on one question: what each finds, and at which rank.

Takes any searchers by name: plain and fused ones, or the same before and after
reranking. Plain ipywidgets; without a kernel the first question's page stands there.
"""

from collections.abc import Mapping, Sequence
from html import escape

from labs.corpus import Question
from labs.errors import LabsError
from labs.retrieval import CONTEXT_BUDGET, Chunk, Searcher, evidence_recall, within
from labs.widgets import Interactive, highlight

_GOLD, _OTHER = "#0072B2", "#C8CDD2"  # the blue is told from the grey by everybody
_COLUMN = "flex: 1 1 220px; min-width: 200px; margin-right: 12px"
_ITEM = "border-left: 4px solid {}; margin: 6px 0; padding: 2px 8px; line-height: 1.35"


def explore(
    questions: Sequence[Question],
    searchers: Mapping[str, Searcher],
    k: int = 4,
    depth: int = 50,
) -> "RetrievalExplorer":
    """A box to choose a question in, and a column of passages for each strategy.

    The first strategy is what the others are held against: each passage tells its rank
    there. First shown in notebooks/1_rag/04_retrieval.

    Args:
        searchers: strategies by name, at least one.
        k: passages shown of each at first.
        depth: ranks of the first strategy that are looked through.

    Raises:
        LabsError: there is no question or no strategy.
    """
    if not questions or not searchers:
        raise LabsError(
            f"{len(questions)} questions and {len(searchers)} strategies: expected at "
            "least one of each, as in explore(questions, {'dense': index})."
        )
    return RetrievalExplorer(questions, searchers, k, depth)


class RetrievalExplorer(Interactive):
    """What `explore` returns."""

    def __init__(
        self,
        questions: Sequence[Question],
        searchers: Mapping[str, Searcher],
        k: int,
        depth: int,
    ) -> None:
        import ipywidgets

        self._known = {question.question: question for question in questions}
        self._searchers, self._depth = dict(searchers), depth
        texts, wide = list(self._known), ipywidgets.Layout(width="98%")
        names = list(searchers)
        self.chosen = ipywidgets.Dropdown(
            options=texts, description="Choose", layout=wide
        )
        self.typed = ipywidgets.Text(
            value=texts[0],
            description="or type",
            layout=wide,
            continuous_update=False,
        )
        self.strategies = ipywidgets.SelectMultiple(
            options=names, value=names, description="Strategies", rows=len(names)
        )
        self.shown = ipywidgets.IntSlider(k, 1, 12, description="Passages")
        self.page = ipywidgets.HTML(self._render())
        self.chosen.observe(self._on_choice, names="value")
        for widget in (self.typed, self.strategies, self.shown):
            widget.observe(self._redraw, names="value")
        settings = ipywidgets.HBox([self.strategies, self.shown])
        self.box = ipywidgets.VBox([self.chosen, self.typed, settings, self.page])

    def _render(self) -> str:
        text = self.typed.value.strip()
        if not text or not self.strategies.value:
            return "<p>Type a question and select a strategy.</p>"
        question = self._known.get(text, text)
        found = {
            name: self._searchers[name].search([text], self._depth)[0]
            for name in self.strategies.value
        }
        return page(question, found, self.shown.value)


# HTML ---------------------------------------------------------------------------------


def page(
    question: Question | str, found: Mapping[str, Sequence[Chunk]], k: int = 4
) -> str:
    """The first `k` passages of every strategy in columns, as HTML.

    Args:
        found: by strategy all that it ranked; the first is what others are held
            against.
    """
    known = isinstance(question, Question)
    lines = [f"<strong>{escape(question.question if known else question)}</strong>"]
    if known:
        lines.append("Right: " + escape(question.answer).replace("\n", " · "))
    base, ranked = next(iter(found.items()))
    ranks = {passage.id: i for i, passage in reversed([*enumerate(ranked, start=1)])}
    columns = [
        _column(question, name, passages, k, "" if name == base else base, ranks)
        for name, passages in found.items()
    ]
    style = "display: flex; flex-wrap: wrap; font-size: 90%"
    head = "<br>".join(lines)
    return f'<div><p>{head}</p><div style="{style}">{"".join(columns)}</div></div>'


def _column(
    question: Question | str,
    name: str,
    passages: Sequence[Chunk],
    k: int,
    base: str,
    ranks: Mapping[str, int],
) -> str:
    evidence = question.evidence if isinstance(question, Question) else ()
    items = []
    for rank, passage in enumerate(passages[:k], start=1):
        text = highlight(passage, evidence)
        note = _moved(rank, ranks.get(passage.id), base) if base else ""
        items.append(_item(f"{rank} · {passage.id}{note}", text))
    title = f"<strong>{escape(name)}</strong><br><small>{_told(question, passages)}"
    return f'<div style="{_COLUMN}">{title}</small>{"".join(items) or _NOTHING}</div>'


_NOTHING = "<p>Nothing was found.</p>"


def _item(head: str, text: str) -> str:
    gold = "<mark" in text
    note = " · evidence" if gold else ""
    return (
        f'<div style="{_ITEM.format(_GOLD if gold else _OTHER)}">'
        f"<small>{escape(head)}{note}</small><br>"
        f'<span style="white-space: pre-wrap">{text}</span></div>'
    )


def _moved(rank: int, before: int | None, base: str) -> str:
    """Where the first strategy has the passage."""
    if before is None:
        return f" · not in {base}"
    arrow = "▲" if rank < before else "▼" if rank > before else "="
    return f" · {arrow} {before} in {base}"


def _told(question: Question | str, passages: Sequence[Chunk]) -> str:
    if not isinstance(question, Question) or not question.evidence:
        return "no evidence to look for"
    share = evidence_recall(question, within(passages))
    n = len(question.evidence)
    return f"{round(share * n)} of {n} quotes in {CONTEXT_BUDGET} tokens"
