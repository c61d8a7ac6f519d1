"""Pictures of notebooks/3_benchmarking/05_freshness; they compute nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from labs import plots

_OUTCOMES = {"new": (plots.COLOURS[2], ""), "old": (plots.COLOURS[0], "//")}
_GREY = "#D9D9D9"


def outcome_bars(table: pd.DataFrame) -> Any:
    """Shares of new, old and neither: a panel for each group, a bar for each arm.

    Args:
        table: a row for each bar, with `arm`, `group`, `n` and the three shares.
    """
    import matplotlib.pyplot as plt

    panels = table.groupby("group", sort=False)
    size = {"figsize": (9, 0.34 * table["arm"].nunique() + 1.4), "sharey": True}
    fig, axes = plt.subplots(1, len(panels), layout="constrained", **size)
    for ax, (group, own) in zip(np.atleast_1d(axes), panels, strict=True):
        left = np.zeros(len(own))
        for name in ("new", "old", "neither"):
            colour, hatch = _OUTCOMES.get(name, (_GREY, ""))
            style = {"color": colour, "hatch": hatch, "edgecolor": "white"}
            ax.barh(own["arm"], own[name], left=left, label=name, **style)
            left = left + own[name].to_numpy()
        ax.set(xlim=(0, 1), xlabel="share of the answers")
        ax.set_title(f"{group} (n = {own['n'].iloc[0]})", fontsize=10)
    axes[0].invert_yaxis()
    axes[-1].legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    return axes


def over_time(table: pd.DataFrame) -> Any:
    """Right answers at each stage: a panel for each group, a line for each arm.

    Args:
        table: a row for each point, with `arm`, `group`, `stage`, `mean`, `low`,
            `high` and `n`.
    """
    import matplotlib.pyplot as plt

    panels = table.groupby("group", sort=False)
    fig, axes = plt.subplots(
        1, len(panels), figsize=(11, 3.2), sharey=True, layout="constrained"
    )
    for ax, (group, own) in zip(axes, panels, strict=True):
        for k, (arm, points) in enumerate(own.groupby("arm", sort=False)):
            x = np.arange(len(points)) + 0.08 * (k - 1)
            error = [points["mean"] - points["low"], points["high"] - points["mean"]]
            style = {"color": plots.COLOURS[k], "fmt": "osD^vP"[k] + "-", "capsize": 2}
            ax.errorbar(x, points["mean"], yerr=error, label=arm, **style)
        ax.set_xticks(range(len(points)), points["stage"])
        ax.set_title(f"{group} (n = {own['n'].max()})", fontsize=10)
        ax.grid(alpha=0.3)
    axes[0].set(ylabel="right, 95% interval", ylim=(-0.02, None))
    axes[-1].legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    return axes


def maps(
    panels: Mapping[str, np.ndarray],
    rates: Sequence[float],
    volumes: Sequence[float],
    names: Sequence[str],
    unsure: np.ndarray,
) -> Any:
    """The name that is best at each change rate and volume: a map for each panel.

    Args:
        panels: by title, names of shape (volumes, rates).
        names: those that may stand there; any other is grey.
        unsure: (volumes, rates), true where the first panel gets a cross.
    """
    import matplotlib.pyplot as plt

    colour = dict(zip(names, plots.COLOURS, strict=False))
    size = {"figsize": (10, 4.8), "sharey": True, "layout": "constrained"}
    fig, axes = plt.subplots(1, len(panels), **size)
    x, y = np.meshgrid(rates, volumes)
    for ax, (title, best) in zip(axes, panels.items(), strict=True):
        colours = [colour.get(name, _GREY) for name in best.ravel()]
        ax.scatter(x.ravel(), y.ravel(), c=colours, marker="s", s=170)
        ax.set(xscale="log", yscale="log", title=title)
        ax.set(xlabel="changes of a fact a month", ylabel="questions a month")
        ax.label_outer()
    axes[0].plot(x[unsure], y[unsure], "x", color="black", ms=5)
    square = {"marker": "s", "ls": "", "ms": 9}
    keys = [plt.Line2D([], [], color=c, **square) for c in [*colour.values(), _GREY]]
    keys.append(plt.Line2D([], [], marker="x", ls="", color="black"))
    shown = [*colour, "none pays", "left map: less than 95% of the draws agree"]
    fig.legend(keys, shown, loc="outside lower center", ncols=3, frameon=False)
    return axes
