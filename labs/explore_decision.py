"""The decision guide to play with: answers about a case, and what follows from them.

Plain ipywidgets, each reached by the keyboard; without a kernel the page of the first
answers stands there.
"""

from collections.abc import Mapping, Sequence
from html import escape

from labs import decision, price_table
from labs.decision import Case, Decision
from labs.errors import LabsError
from labs.price_table import PriceTable
from labs.results import Result
from labs.usage import Indexing
from labs.widgets import Interactive

MIXES = {
    "facts that no training saw": {"lookup_unseen": 1},
    "facts that training saw": {"lookup_seen": 1},
    "facts, and some that nobody wrote down": {"lookup_unseen": 3, "unanswerable": 1},
    "several documents at once": {"multi_hop": 1, "comparison": 1},
    "summaries": {"summary": 1},
    "forms": {"work_order": 1},
    "of everything": {},
}
_VOLUMES = (100, 1_000, 10_000, 100_000, 1_000_000)
_UPDATES = (0, 1, 4, 30)
_WRONG = (0, 1, 2, 10, 60)  # minutes


def explore(
    found: Sequence[Result], indexing: Mapping[str, Indexing], table: PriceTable
) -> "Guide":
    """What is asked, how often, what changes, what an error costs: and the advice.

    First shown in notebooks/3_benchmarking/06_decide.

    Raises:
        LabsError: there are no results.
    """
    if not found:
        raise LabsError("There are no results to decide by.")
    return Guide(found, indexing, table)


class Guide(Interactive):
    """What `explore` returns."""

    def __init__(
        self,
        found: Sequence[Result],
        indexing: Mapping[str, Indexing],
        table: PriceTable,
    ) -> None:
        import ipywidgets

        self._found, self._indexing, self._table = found, indexing, table
        style = {"description_width": "9em"}
        self.mix = ipywidgets.Dropdown(
            options=list(MIXES), description="What is asked", style=style
        )
        names = ("Questions a month", "Updates a month", "An error costs, min")
        starts = (10_000, 1, 2)
        self.volume, self.updates, self.wrong = (
            ipywidgets.SelectionSlider(
                options=own, value=start, description=name, style=style
            )
            for own, start, name in zip(
                (_VOLUMES, _UPDATES, _WRONG), starts, names, strict=True
            )
        )
        self.runs_on = ipywidgets.Dropdown(
            options=price_table.DEPLOYMENTS,
            value="own-cpu",
            description="It runs on",
            style=style,
        )
        controls = [self.mix, self.volume, self.updates, self.wrong, self.runs_on]
        self.page = ipywidgets.HTML()
        self._redraw()
        for control in controls:
            control.observe(self._redraw, names="value")
        self.box = ipywidgets.VBox([*controls, self.page])

    def case(self) -> Case:
        """The case that the controls tell."""
        minute = self._table["person"].value / 60
        plan = price_table.plan(
            self._table,
            questions_per_month=self.volume.value,
            months=12,
            updates_per_month=self.updates.value,
            cost_wrong=self.wrong.value * minute,
        )
        return Case(plan, self._table, self.runs_on.value, MIXES[self.mix.value])

    def _render(self) -> str:
        own = self.case()
        # a single task has fewer questions; its intervals tell how far to trust it
        found = decision.decide(self._found, own, self._indexing, least=20)
        return _page(found, own)


def _page(found: Decision, case: Case) -> str:
    said = f"Take <b>{escape(found.choice)}</b>" if found.choice else "Nothing advised"
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in found.reasons)
    heads = ("arm", "right", "wrong", f"cost, {case.prices.currency}", "net [95%]")
    rows = "".join(
        _row(
            offer.name,
            str(offer.accuracy),
            str(found.wrong[offer.name]),
            f"{offer.cost:,.0f}",
            "{:,} [{:,}, {:,}]".format(*map(round, (offer.net, *offer.net_range))),
        )
        for offer in found.offers
    )
    return (
        f"<p>{said} (n = {found.n} questions, 12 months).</p><ul>{reasons}</ul>"
        f"<table>{_row(*heads)}{rows}</table>"
    )


def _row(*cells: str) -> str:
    style = "text-align: left; padding: 1px 10px"
    own = "".join(f'<td style="{style}">{escape(cell)}</td>' for cell in cells)
    return f"<tr>{own}</tr>"
