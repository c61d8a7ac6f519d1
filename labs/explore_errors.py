"""Read the errors of a benchmark: an arm, a kind of error, and the answers one by one.

Plain ipywidgets; without a kernel the first answer's page stands there.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

from labs.corpus import Question
from labs.error_analysis import ERRORS, TOLD
from labs.errors import LabsError
from labs.retrieval import Chunk
from labs.widgets import Interactive, show

_MOST_PASSAGES = 4


def explore(
    table: Any, questions: Mapping[str, Question], passages: Mapping[str, Chunk]
) -> "ErrorReader":
    """Menus of arms and errors, and a slider over the answers that are wrong.

    First shown in notebooks/3_benchmarking/03_uncertainty_and_errors.

    Args:
        table: of `labs.error_analysis.answers`.
        questions: by id.
        passages: by id, those that were read.

    Raises:
        LabsError: there is no wrong answer.
    """
    wrong = table[table["right"] < 1]
    if wrong.empty:
        raise LabsError(f"None of {len(table)} answers is wrong: expected one to read.")
    return ErrorReader(wrong, questions, passages)


class ErrorReader(Interactive):
    """What `explore` returns."""

    def __init__(
        self,
        wrong: Any,
        questions: Mapping[str, Question],
        passages: Mapping[str, Chunk],
    ) -> None:
        import ipywidgets

        self._wrong, self._questions, self._passages = wrong, questions, passages
        arms = list(wrong["arm"].unique())
        self.arm = ipywidgets.Dropdown(options=arms, value=arms[-1], description="Arm")
        self.error = ipywidgets.Dropdown(options=ERRORS, description="Error")
        self.place = ipywidgets.IntSlider(1, 1, 1, description="Answer")
        self.error.value = self._own_error()
        self.page = ipywidgets.HTML()
        self._on_menu()
        for menu in (self.arm, self.error):
            menu.observe(self._on_menu, names="value")
        self.place.observe(self._redraw, names="value")
        menus = ipywidgets.HBox([self.arm, self.error, self.place])
        self.box = ipywidgets.VBox([menus, self.page])

    def _own_error(self) -> str:
        """An error that this arm makes."""
        own = self._wrong[self._wrong["arm"] == self.arm.value]
        return own["error"].iloc[0]

    def _rows(self) -> Any:
        arm = self._wrong["arm"] == self.arm.value
        return self._wrong[arm & (self._wrong["error"] == self.error.value)]

    def _on_menu(self, _: Any = None) -> None:
        self.place.max = max(1, len(self._rows()))
        self.place.value = 1
        self._redraw()

    def _render(self) -> str:
        rows = self._rows()
        head = f"<p><b>{escape(self.arm.value)}, {escape(self.error.value)}</b>: "
        head += f"{escape(TOLD[self.error.value])}. "
        if rows.empty:
            return head + "No such error.</p>"
        row = rows.iloc[self.place.value - 1]
        head += f"Answer {self.place.value} of {len(rows)}"
        return f"{head}, {_about(row)}.</p>{self._page(row)}"

    def _page(self, row: Any) -> str:
        read = [self._passages[i] for i in row["passages"] if i in self._passages]
        left = len(row["passages"]) - _MOST_PASSAGES
        more = f"<p>And {left} more passages.</p>" if left > 0 else ""
        question = self._questions[row["id"]]
        return show(question, read[:_MOST_PASSAGES], row["text"]).data + more


def _about(row: Any) -> str:
    recall = row["recall"]
    found = "" if recall is None or recall != recall else f", evidence {recall:.2f}"
    return f"{escape(row['task'])}, right {row['right']:.2f}{found}"
