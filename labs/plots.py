"""Pictures of scores with their intervals. They take a table and compute nothing."""

from collections.abc import Sequence
from typing import Any

import matplotlib
import pandas as pd

from labs import alt_text

# Okabe & Ito: told apart by every eye; each series has a shape of its own as well.
COLOURS = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
# What a cell plots without a colour takes them, too.
matplotlib.rcParams["axes.prop_cycle"] = matplotlib.cycler(color=COLOURS)
alt_text.install()
_SHAPES = "osD^vP"
_STEP = 0.22  # between the series of one row, at most


def dots(
    table: pd.DataFrame, row: str, series: str, xlabel: str, title: str, ax: Any = None
) -> Any:
    """Means with their intervals: a line for each `row`, a colour for each `series`.

    Args:
        table: one row for each dot, with `mean`, `low`, `high`, `n` and both names.
    """
    rows, names = list(table[row].unique()), list(table[series].unique())
    step = min(_STEP, 0.9 / max(1, len(names)))  # rows do not run into each other
    ax = ax or _axes(7, 0.55 * len(rows) + 1.4)
    for i, name in enumerate(names):
        own = table[table[series] == name]
        shift = step * (i - (len(names) - 1) / 2)
        places = [rows.index(value) + shift for value in own[row]]
        error = [own["mean"] - own["low"], own["high"] - own["mean"]]
        style = {"color": COLOURS[i], "fmt": _SHAPES[i], "capsize": 2, "label": name}
        ax.errorbar(own["mean"], places, xerr=error, **style)
    n = table.groupby(row, sort=False)["n"].max()
    labels = [f"{value} (n = {n[value]})" for value in rows]
    if n.nunique() == 1:  # told once
        labels, title = [str(value) for value in rows], f"{title}, n = {n.iloc[0]}"
    ax.set_yticks(range(len(rows)), labels)
    ax.set(xlim=(-0.03, 1.03), xlabel=f"{xlabel}, 95% interval", title=title)
    ax.invert_yaxis()
    ax.grid(axis="x", alpha=0.3)
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    return ax


def curve(
    table: pd.DataFrame, x: str, labels: Sequence[str], title: str, ax: Any = None
) -> Any:
    """Means over `x`, with their intervals as a band.

    Args:
        table: one row for each point, with `mean`, `low`, `high` and `n`.
        labels: of the two axes, with their units.
    """
    ax = ax or _axes(6, 3.6)
    ax.plot(table[x], table["mean"], color=COLOURS[1], marker=_SHAPES[0])
    ax.fill_between(table[x], table["low"], table["high"], color=COLOURS[1], alpha=0.2)
    shown = f"{title} (n = {table['n'].max()}, band: 95% interval)"
    ax.set(xlabel=labels[0], ylabel=labels[1], title=shown)
    ax.set_xticks(sorted(table[x].unique()))
    ax.grid(alpha=0.3)
    return ax


def _axes(width: float, height: float) -> Any:
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(width, height), layout="constrained")[1]
