"""The leaderboard at any budget of context: a slider, and bars that are sorted anew.

Plain ipywidgets; without a kernel the page of the first budget stands there.
"""

from collections.abc import Mapping, Sequence
from html import escape

from labs.errors import LabsError
from labs.stats import Comparison, compare
from labs.widgets import Interactive

_BLUE = "#0072B2"
_LINE = "background: #111; outline: 1px solid #fff"  # seen on bar, light and dark
_SIGN = {"better": "▲", "worse": "▼", "not distinguishable": "≈", "baseline": "●"}

ByBudget = Mapping[int, Sequence[float]]  # scores of the same questions, by tokens


def explore(scores: Mapping[str, ByBudget], baseline: str) -> "Board":
    """A slider of budgets, and each pipeline's mean and interval at that budget.

    First shown in notebooks/1_rag/08_leaderboard.

    Args:
        scores: by pipeline and budget (tokens); all with the same budgets.
        baseline: whose name the verdicts are against.

    Raises:
        LabsError: there is no such baseline, or the budgets differ.
    """
    if baseline not in scores or len({tuple(own) for own in scores.values()}) != 1:
        raise LabsError(
            f"Expected scores of {baseline!r} and of others at the same budgets, found "
            f"{ {name: list(own) for name, own in scores.items()} }."
        )
    return Board(scores, baseline)


class Board(Interactive):
    """What `explore` returns."""

    def __init__(self, scores: Mapping[str, ByBudget], baseline: str) -> None:
        import ipywidgets

        self._scores, self._baseline = scores, baseline
        budgets = list(scores[baseline])
        self.budget = ipywidgets.SelectionSlider(
            options=budgets, value=budgets[0], description="Tokens"
        )
        self.page = ipywidgets.HTML(self._render())
        self.budget.observe(self._redraw, names="value")
        self.box = ipywidgets.VBox([self.budget, self.page])

    def _render(self) -> str:
        budget = self.budget.value
        own = {name: by_budget[budget] for name, by_budget in self._scores.items()}
        rows = sorted(compare(own, self._baseline), key=lambda row: -row.mean.mean)
        n = rows[0].mean.n
        head = (
            f"<p>Evidence within <b>{budget}</b> tokens, n = {n}, line: 95% interval. "
            f"{_SIGN['better']} better, {_SIGN['worse']} worse than "
            f"{escape(self._baseline)}, {_SIGN['not distinguishable']} not "
            "distinguishable.</p>"
        )
        return head + "".join(map(_bar, rows))


def _bar(row: Comparison) -> str:
    """A line with name, sign, bar and figures; widths in per cent."""
    mean, low, high = (100 * x for x in (row.mean.mean, row.mean.low, row.mean.high))
    bar = (
        f'<div style="position: relative; height: 14px; background: #8883">'
        f'<div style="width: {mean:.1f}%; height: 14px; background: {_BLUE}"></div>'
        f'<div style="position: absolute; left: {low:.1f}%; top: 6px; height: 2px; '
        f'width: {high - low:.1f}%; {_LINE}"></div></div>'
    )
    return (
        '<div style="display: flex; gap: 8px; align-items: center; margin: 3px 0">'
        f'<div style="flex: 0 0 240px">{_SIGN[row.verdict]} {escape(row.name)}</div>'
        f'<div style="flex: 1 1 160px">{bar}</div>'
        f'<div style="flex: 0 0 150px">{row.mean.mean:.2f} '
        f"[{row.mean.low:.2f}, {row.mean.high:.2f}]</div></div>"
    )
