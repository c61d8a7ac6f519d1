"""What if: volume, change, value and the price of errors as sliders, advice below.

Plain ipywidgets, alike in versions 7 (Colab) and 8; without a kernel the page of the
first settings stands there.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from html import escape

from labs import roi
from labs.errors import LabsError
from labs.roi_terms import Outcomes, Plan, Prices, Usage
from labs.widgets import Interactive

# Told apart by every eye and read in every theme; a sign stands before the figure.
_GAIN, _LOSS = "background: #0072B2; color: #fff", "background: #D55E00; color: #000"
_CELL = "padding: 2px 10px; text-align: right"


def explore(
    usages: Mapping[str, Usage],
    offered: Mapping[str, Prices],
    plan: Plan,
    outcomes: Mapping[str, Outcomes],
) -> "WhatIf":
    """Sliders for the plan, a box for the deployment; cost, net and advice for each.

    First shown in notebooks/3_benchmarking/04_cost_and_roi.

    Args:
        offered: prices by the name of a deployment, at least one.
        plan: what the sliders begin with.

    Raises:
        LabsError: no arm, no deployment, or an arm without outcomes.
    """
    lacking = sorted(usages.keys() - outcomes.keys())
    if not usages or not offered or lacking:
        raise LabsError(
            f"Found {len(usages)} arms, {len(offered)} deployments and no outcomes of "
            f"{', '.join(lacking) or 'none'}. Expected at least one of each, and "
            "outcomes of every arm."
        )
    return WhatIf(dict(usages), dict(offered), plan, dict(outcomes))


class WhatIf(Interactive):
    """What `explore` returns."""

    def __init__(
        self,
        usages: dict[str, Usage],
        offered: dict[str, Prices],
        plan: Plan,
        outcomes: dict[str, Outcomes],
    ) -> None:
        import ipywidgets

        self._usages, self._offered, self._plan = usages, offered, plan
        self._outcomes = outcomes
        wide = {"description_width": "initial"}
        how = {"style": wide, "layout": ipywidgets.Layout(width="60%")}
        how["continuous_update"] = False
        self.offer = ipywidgets.Dropdown(
            options=list(offered), description="Runs on", style=wide
        )
        self.volume = ipywidgets.FloatLogSlider(
            value=plan.questions_per_month,
            min=1,
            max=7,
            step=0.25,
            description="Questions a month",
            readout_format=",.0f",
            **how,
        )
        self.updates = ipywidgets.FloatSlider(
            value=plan.updates_per_month,
            min=0,
            max=30,
            description="Updates a month",
            **how,
        )
        self.value = ipywidgets.FloatSlider(
            value=plan.value_right,
            max=max(20.0, plan.value_right),
            description="A right answer is worth",
            **how,
        )
        self.error = ipywidgets.FloatSlider(
            value=plan.cost_wrong,
            max=max(20.0, plan.cost_wrong),
            description="A wrong answer costs",
            **how,
        )
        controls = [self.offer, self.volume, self.updates, self.value, self.error]
        self.page = ipywidgets.HTML(self._render())
        for control in controls:
            control.observe(self._redraw, names="value")
        self.box = ipywidgets.VBox([*controls, self.page])

    def _render(self) -> str:
        plan = replace(
            self._plan,
            questions_per_month=self.volume.value,
            updates_per_month=self.updates.value,
            value_right=self.value.value,
            cost_wrong=self.error.value,
        )
        return page(self._usages, self._offered[self.offer.value], plan, self._outcomes)


def page(
    usages: dict[str, Usage],
    prices: Prices,
    plan: Plan,
    outcomes: dict[str, Outcomes],
) -> str:
    """The advice with its reasons, and a row for each arm, as HTML."""
    offers, advice = roi.advise(usages, prices, plan, outcomes)
    told = f"Take <b>{escape(advice.choice)}</b>" if advice.choice else "No advice"
    reasons = "; ".join(map(escape, advice.reasons))
    heads = ("arm", "cost", "a thousand right", "net", "95% interval")
    head = "".join(f'<th style="{_CELL}">{name}</th>' for name in heads)
    rows = "".join(_row(offer, plan, prices.currency) for offer in offers)
    return (
        f"<p>{plan.questions_per_month:,.0f} questions a month, "
        f"{plan.updates_per_month:g} updates a month, {plan.months:g} months. "
        f"{told}: {reasons}.</p><table><tr>{head}</tr>{rows}</table>"
    )


def _row(offer: roi.Offer, plan: Plan, currency: str) -> str:
    right = offer.accuracy.mean * plan.questions
    each = f"{1000 * offer.cost / right:,.2f}" if right else "none is right"
    low, high = offer.net_range or (math.nan, math.nan)
    sign, style = ("+", _GAIN) if offer.net > 0 else ("−", _LOSS)
    cells = (
        escape(offer.name),
        f"{offer.cost:,.0f} {escape(currency)}",
        each,
        f'<b style="{style}; padding: 0 4px">{sign}{abs(offer.net):,.0f}</b>',
        f"{low:,.0f} to {high:,.0f}",
    )
    inner = "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells)
    return f"<tr>{inner}</tr>"
