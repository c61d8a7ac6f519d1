"""Pictures of scores with their intervals. They take a table and compute nothing."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

# Okabe & Ito: told apart by every eye, with a shape for each beside the colour.
COLOURS = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_SHAPES = "osD^vP"
_STEP = 0.22  # between the systems of one row


def dots(
    table: pd.DataFrame, row: str, series: str, xlabel: str, title: str, ax: Any = None
) -> Any:
    """Means with their intervals: a line for each `row`, a colour for each `series`.

    Args:
        table: one row for each dot, with `mean`, `low`, `high`, `n` and both names.
    """
    rows, names = list(table[row].unique()), list(table[series].unique())
    ax = ax or _axes(7, 0.55 * len(rows) + 1.6)
    for i, (name, own) in enumerate(table.groupby(series, sort=False)):
        shift = _STEP * (i - (len(names) - 1) / 2)
        places = [rows.index(value) + shift for value in own[row]]
        error = [own["mean"] - own["low"], own["high"] - own["mean"]]
        style = {"color": COLOURS[i], "fmt": _SHAPES[i], "capsize": 2, "label": name}
        ax.errorbar(own["mean"], places, xerr=error, **style)
    n = table.groupby(row, sort=False)["n"].max()
    ax.set_yticks(range(len(rows)), [f"{value} (n = {n[value]})" for value in rows])
    ax.set(xlim=(-0.03, 1.03), xlabel=f"{xlabel}, 95% interval", title=title)
    ax.invert_yaxis()
    ax.grid(axis="x", alpha=0.3)
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    return ax


def curve(
    table: pd.DataFrame,
    x: str,
    labels: Sequence[str],
    title: str,
    series: str | None = None,
    ax: Any = None,
) -> Any:
    """Means over `x` with their intervals as bands; a line for each `series`.

    Args:
        table: one row for each point, with `mean`, `low`, `high` and `n`.
        labels: of the two axes, with their units.
    """
    ax = ax or _axes(6, 3.6)
    groups = table.groupby(series, sort=False) if series else [(None, table)]
    for i, (name, own) in enumerate(groups):
        style = {"color": COLOURS[(i + 1) % len(COLOURS)], "marker": _SHAPES[i]}
        n = "" if name is None else f"{name} (n = {own['n'].max()})"
        ax.plot(own[x], own["mean"], label=n, **style)
        ax.fill_between(
            own[x], own["low"], own["high"], alpha=0.2, color=style["color"]
        )
    ax.set(xlabel=labels[0], ylabel=labels[1], title=title)
    ax.set_xticks(sorted(table[x].unique()))
    ax.grid(alpha=0.3)
    if series:
        ax.legend(frameon=False)
    return ax


def _axes(width: float, height: float) -> Any:
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(width, height), layout="constrained")[1]
