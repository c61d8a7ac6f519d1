"""Pictures of errors: bars parted by kind, and who is right where another is wrong.

They take a table and compute nothing. Each kind has a colour that every eye tells apart
and a hatching of its own.
"""

from itertools import product
from typing import Any

import pandas as pd

from labs.error_analysis import ERRORS, RIGHT

_STYLES = {  # colour, hatching
    RIGHT: ("#0072B2", ""),
    "retrieval": ("#E69F00", "//"),
    "reading": ("#D55E00", ""),
    "memory": ("#CC79A7", ".."),
    "refused in vain": ("#F0E442", ""),
    "not taught": ("#C8CDD2", ""),
    "made up": ("#555555", "xx"),
}


def stacked(shares: pd.DataFrame, row: str, title: str, ax: Any = None) -> Any:
    """A bar for each `row`, parted into what is right and each kind of error.

    Args:
        shares: of `labs.error_analysis.shares`, with the column `row`.
    """
    names = list(shares[row].unique())
    ax = ax or _axes(9, 0.45 * len(names) + 1.4)
    ends = pd.Series(0.0, index=names)
    for kind in (RIGHT, *ERRORS):
        own = shares[shares["kind"] == kind].set_index(row).reindex(names)
        colour, hatch = _STYLES[kind]
        style = {"color": colour, "hatch": hatch, "edgecolor": "white", "lw": 0.5}
        ax.barh(range(len(names)), own["mean"], left=ends, label=kind, **style)
        if kind == RIGHT:
            error = [own["mean"] - own["low"], own["high"] - own["mean"]]
            bars = {"xerr": error, "fmt": "none", "color": "black", "capsize": 2}
            ax.errorbar(own["mean"], range(len(names)), **bars)
        ends += own["mean"]
    n = shares.groupby(row, sort=False)["n"].max()
    ax.set_yticks(range(len(names)), [f"{name} (n = {n[name]})" for name in names])
    ax.set(xlim=(0, 1), ylim=(len(names) - 0.5, -0.5), title=title)
    ax.set_xlabel("share of answers; line: 95% interval of what is right")
    if ax.get_figure().get_axes() == [ax]:
        ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    return ax


def stacked_grid(shares: pd.DataFrame, row: str, each: str, title: str) -> Any:
    """A picture as `stacked` for each value of the column `each`, side by side."""
    import matplotlib.pyplot as plt

    parts = list(shares.groupby(each, sort=False))
    n_rows = -(-len(parts) // 2)
    height = (0.25 * shares[row].nunique() + 0.5) * n_rows + 0.9
    size = {"figsize": (9, height), "sharex": True, "sharey": True}
    figure, axes = plt.subplots(n_rows, 2, squeeze=False, layout="constrained", **size)
    for ax, (name, own) in zip(axes.flat, parts, strict=False):
        stacked(own, row, name, ax).set_xlabel("")
        ax.title.set_fontsize(10)
        ax.tick_params(labelsize=8)
    for ax in axes.flat[len(parts) :]:
        ax.set_axis_off()
    figure.suptitle(title)
    for ax in axes[-1]:
        ax.set_xlabel("share of answers; line: 95% interval", fontsize=8)
    handles = axes.flat[0].get_legend_handles_labels()
    style = {"ncols": 4, "fontsize": 8, "frameon": False}
    figure.legend(*handles, loc="outside lower center", **style)
    return axes


def matrix(table: pd.DataFrame, labels: tuple[str, str], title: str) -> Any:
    """A table of shares as a heat map, the figures written in.

    Args:
        labels: of the rows and of the columns.
    """
    ax = _axes(6.6, 0.55 * len(table) + 1.6)
    image = ax.imshow(table, cmap="Blues", vmin=0, aspect="auto")
    for i, j in product(range(len(table)), range(len(table.columns))):
        value = table.iloc[i, j]
        dark = value > 0.6 * table.to_numpy().max()
        style = {"ha": "center", "va": "center", "color": "white" if dark else "black"}
        ax.text(j, i, f"{value:.2f}", **style)
    ax.set_xticks(range(len(table.columns)), table.columns, rotation=25, ha="right")
    ax.set_yticks(range(len(table)), table.index)
    ax.set(ylabel=labels[0], xlabel=labels[1], title=title)
    ax.get_figure().colorbar(image, ax=ax, label="share of questions")
    return ax


def _axes(width: float, height: float) -> Any:
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(width, height), layout="constrained")[1]
