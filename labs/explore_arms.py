"""Every arm's answer to a question side by side, with the passages that it read.

Plain ipywidgets; without a kernel the page of the first question stands there.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from labs import results, tasks
from labs.corpus import Question
from labs.errors import LabsError
from labs.results import Result
from labs.retrieval import Chunk
from labs.widgets import Interactive, highlight

Answer = dict[str, Any]  # as a result of `labs.benchmark` holds it

_COLOURS = {"right": "#0072B2", "partly right": "#56B4E9", "refused": "#8A9099"}
_WRONG = "#D55E00"
_SIGNS = {"right": "●", "partly right": "◐", "refused": "○", "wrong": "✗"}
_BOX = "border-left: 4px solid {}; margin: 8px 0; padding: 2px 10px; line-height: 1.4"


def explore(
    found: Sequence[Result],
    questions: Iterable[Question],
    chunks: Iterable[Chunk],
) -> "Arms":
    """A task and a question to choose, and below them what each arm said to it.

    Of an arm that was trained several times the first seed is shown. First shown in
    notebooks/3_benchmarking/02_four_arms.

    Args:
        questions: those of the documents; the ones on other domains are known.
        chunks: the passages that the arms searched in.

    Raises:
        LabsError: there is no task of quality, or questions or passages are lacking.
    """
    given = tasks.general(tasks.N)
    known = {question.id: question for question in questions}
    known |= {item.question.id: item.question for item in given}
    texts = {chunk.id: chunk for chunk in chunks}
    texts |= {chunk.id: chunk for item in given for chunk in item.passages or ()}
    said = _said(found)
    if not said:
        raise LabsError("The results hold no task of quality, only timings.")
    _check(said, known, texts)
    return Arms(said, known, texts)


def outcome(answer: Answer) -> str:
    """Of "right", "partly right", "refused" and "wrong" the one that it is.

    A refusal that is right, where no document tells, is right.
    """
    if answer["right"] >= 1:
        return "right"
    if answer["refused"]:
        return "refused"
    return "partly right" if answer["right"] > 0 else "wrong"


Said = dict[str, dict[str, dict[str, Answer]]]  # by task, question id and arm


def _said(found: Sequence[Result]) -> Said:
    said: Said = {}
    for result in found:
        if result["task"] in tasks.QUALITY:
            for answer in result["answers"]:
                by_arm = said.setdefault(result["task"], {}).setdefault(
                    answer["id"], {}
                )
                by_arm.setdefault(result["arm"], answer)
    return {task: said[task] for task in results.measured(found)}


def _check(
    said: Said, known: Mapping[str, Question], texts: Mapping[str, Chunk]
) -> None:
    for task, of_task in said.items():
        for own, by_arm in of_task.items():
            read = {i for answer in by_arm.values() for i in answer["passages"]}
            if own not in known or (lacking := sorted(read - texts.keys())):
                what = own if own not in known else f"the passage {lacking[0]}"
                raise LabsError(
                    f"The results of {task} speak of {what}, which is not among what "
                    "was given. Expected the questions and the passages of the data "
                    "that they were measured on."
                )


class Arms(Interactive):
    """What `explore` returns."""

    def __init__(
        self, said: Said, known: Mapping[str, Question], texts: Mapping[str, Chunk]
    ) -> None:
        import ipywidgets

        self._said, self._known, self._texts = said, known, texts
        wide = ipywidgets.Layout(width="98%")
        self.task = ipywidgets.Dropdown(options=list(said), description="Task")
        self.chosen = ipywidgets.Dropdown(description="Question", layout=wide)
        self.page = ipywidgets.HTML()
        self._on_task()
        self.task.observe(self._on_task, names="value")
        self.chosen.observe(self._redraw, names="value")
        self.box = ipywidgets.VBox([self.task, self.chosen, self.page])

    def _on_task(self, _: Any = None) -> None:
        ids = self._said[self.task.value]
        self.chosen.options = [(self._known[i].question, i) for i in ids]
        self.chosen.index = 0  # versions 7 and 8 differ in what is chosen now
        self._redraw()

    def _render(self) -> str:
        own = self.chosen.value
        by_arm = self._said[self.task.value].get(own)
        if by_arm is None:  # while the questions of another task are put in
            return ""
        return page(self._known[own], by_arm, self._texts)


def page(
    question: Question, by_arm: Mapping[str, Answer], texts: Mapping[str, Chunk]
) -> str:
    """The answers of all arms as HTML; the passages of each fold out below it.

    Args:
        texts: the passages by their ids.
    """
    right = escape(question.answer).replace("\n", " · ")
    head = f"<p><strong>{escape(question.question)}</strong><br>Right: {right}</p>"
    rows = [_row(question, *pair, texts) for pair in by_arm.items()]
    return f"<div>{head}{''.join(rows)}</div>"


def _row(
    question: Question, arm: str, answer: Answer, texts: Mapping[str, Chunk]
) -> str:
    what = outcome(answer)
    tokens = f"{answer['tokens_in']} tokens in, {answer['tokens_out']} out"
    said = escape(answer["text"]) or "(nothing)"
    return (
        f'<div style="{_BOX.format(_COLOURS.get(what, _WRONG))}">'
        f"<small><b>{escape(arm)}</b> · {_SIGNS[what]} {what} · {tokens}</small><br>"
        f'<span style="white-space: pre-wrap">{said}</span>'
        f"{_passages(question, answer, texts)}</div>"
    )


def _passages(question: Question, answer: Answer, texts: Mapping[str, Chunk]) -> str:
    read = [texts[own] for own in answer["passages"]]
    if not read:
        return "<br><small>read nothing</small>"
    recall = answer["recall"]
    note = "" if recall is None else f", {recall:.0%} of the evidence"
    rows = (
        f"<p><small>[{i}] {escape(passage.id)}</small><br>"
        f"{highlight(passage, question.evidence)}</p>"
        for i, passage in enumerate(read, start=1)
    )
    return (
        f"<details><summary><small>read {len(read)} passages{note}</small></summary>"
        f"{''.join(rows)}</details>"
    )
