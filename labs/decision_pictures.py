"""Pictures of a decision: answers by arm, and cost against volume."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from labs import plots, roi
from labs.decision import Case, Decision

_LINES = ("-", "--", ":", "-.", (0, (5, 1)), (0, (1, 1)))


def answers(decision: Decision) -> Any:
    """Right and wrong answers of each arm with their intervals: a figure."""
    import pandas as pd

    rows = []
    for offer in decision.offers:
        own = {"right": offer.accuracy, "wrong": decision.wrong[offer.name]}
        rows += [{"arm": offer.name, "answers": k} | asdict(v) for k, v in own.items()]
    figure, ax = _figure(0.5 * len(decision.offers) + 1.5)
    title = "What the answers were (the rest was refused)"
    plots.dots(pd.DataFrame(rows), "arm", "answers", "share of questions", title, ax)
    return figure


def money(decision: Decision, case: Case) -> Any:
    """What each arm earns over the plan, net, with its interval: a figure."""
    figure, ax = _figure(0.45 * len(decision.offers) + 1.3)
    for place, offer in enumerate(decision.offers):
        low, high = offer.net_range or (offer.net, offer.net)
        taken = offer.name == decision.choice
        ax.errorbar(
            offer.net,
            place,
            xerr=[[offer.net - low], [high - offer.net]],
            fmt="D" if taken else "o",
            color=plots.COLOURS[0 if taken else 1],
            capsize=3,
        )
    ax.axvline(0, color="grey", lw=1)
    ax.set_yticks(range(len(decision.offers)), [o.name for o in decision.offers])
    ax.set_xlabel(f"{case.prices.currency} over {case.plan.months:g} months, 95%")
    ax.set_title(f"Net of costs, n = {decision.n} (diamond: advised)")
    ax.invert_yaxis()
    ax.grid(axis="x", alpha=0.3)
    return figure


def volumes(decision: Decision, case: Case) -> Any:
    """Total cost of each arm against questions a month: a figure."""
    figure, ax = _figure(3.4)
    here = case.plan.questions_per_month
    asked = np.geomspace(here / 100, here * 100, 60)
    for i, (name, usage) in enumerate(decision.usages.items()):
        costs = [roi.total_cost(usage, case.prices, _at(case, v)) for v in asked]
        style = {"color": plots.COLOURS[i % 6], "ls": _LINES[i % 6]}
        ax.plot(asked, costs, label=name, **style)
    ax.axvline(here, color="grey", lw=1)
    ax.set(xscale="log", yscale="log", xlabel="questions a month")
    ax.set_ylabel(f"{case.prices.currency} over {case.plan.months:g} months")
    ax.set_title("All costs by volume (grey: the plan)")
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    ax.grid(alpha=0.3)
    return figure


def _at(case: Case, volume: float) -> roi.Plan:
    from dataclasses import replace

    return replace(case.plan, questions_per_month=volume)


def trend(runs: Sequence[Any], arms: Sequence[str]) -> Any:
    """Each arm's score over the runs of the log, with its intervals: a figure.

    First shown in notebooks/3_benchmarking/06_decide.

    Args:
        runs: as `labs.runs.load` gives them, the oldest first.
    """
    figure, ax = _figure(3.6)
    places = np.arange(len(runs))
    for i, arm in enumerate(arms):
        there = [p for p in places if arm in runs[p].scores]
        own = [runs[p].scores[arm] for p in there]
        mean = np.array([score.mean for score in own])
        error = [mean - [s.low for s in own], [s.high for s in own] - mean]
        style = {"color": plots.COLOURS[i % 6], "marker": "osD^vP"[i % 6]}
        shift = 0.06 * (i - (len(arms) - 1) / 2)
        x = np.array(there) + shift
        ax.errorbar(x, mean, error, capsize=2, label=arm, **style)
    ax.set_xticks(places, [f"{run.id}\n{run.note}" for run in runs], fontsize=8)
    n = max(run.n for run in runs)
    ax.set(ylabel="right, all tasks, 95% interval", xlabel="run of the log")
    ax.set_title(f"Trend of the runs, n = {n} questions an arm")
    ax.set_ylim(0, None)
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    ax.grid(alpha=0.3)
    return figure


def _figure(height: float) -> tuple[Any, Any]:
    """Without pyplot: nothing is shown by itself, and no window is asked for."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, height), layout="constrained")
    return figure, figure.subplots()
