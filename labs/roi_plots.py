"""Pictures of money: they take what was computed, and compute nothing.

First shown in notebooks/3_benchmarking/04_cost_and_roi.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from labs.plots import COLOURS
from labs.roi_choice import Offer
from labs.roi_doubt import Swing

_HATCHES = ("", "//", "..", "xx", "\\\\", "oo")  # for who sees no colours
_OPEN, _LOSS = "?", "–"


def stacked(
    table: pd.DataFrame,
    xlabel: str,
    title: str,
    ax: Any = None,
    colours: Sequence[str] = COLOURS,
) -> Any:
    """A bar for each row, from the top, its parts (columns) end to end."""
    ax = ax or _axes(7, 0.4 * len(table) + 1.1)
    left = pd.Series(0.0, index=table.index)
    for name, colour, hatch in zip(table, colours, _HATCHES, strict=False):
        style = {"color": colour, "hatch": hatch, "edgecolor": "white", "label": name}
        ax.barh(table.index, table[name], left=left, **style)
        left += table[name]
    if not ax.yaxis_inverted():  # axes may be shared
        ax.invert_yaxis()
    ax.set(xlabel=xlabel, xlim=(0, 1.03 * float(left.max()) or 1))
    ax.set_title(title, fontsize=10)
    return ax


def legend_beside(ax: Any) -> None:
    """The legend to the right of the axes."""
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, fontsize=8)


def lines(
    table: pd.DataFrame, marks: Mapping[float, float], ylabel: str, title: str
) -> Any:
    """Cost (columns) over volume (index), both logarithmic; break-even as dots.

    Args:
        marks: volume and cost of each break-even.
    """
    ax = _axes(7, 3.8)
    styles = ("-", "--", "-.", ":")
    for name, colour, style in zip(table, COLOURS, styles, strict=False):
        ax.plot(table.index, table[name], style, color=colour, label=name)
    for volume, cost in marks.items():
        ax.plot(volume, cost, "ko", ms=5)
        near = {"xytext": (-6, 8), "textcoords": "offset points", "fontsize": 8}
        ax.annotate(f"{volume:,.0f}", (volume, cost), ha="right", **near)
    ax.set(xscale="log", yscale="log", xlabel="questions a month", ylabel=ylabel)
    ax.set_title(title, fontsize=10)
    ax.grid(alpha=0.3)
    ax.legend(frameon=False)
    return ax


def swings(
    found: Sequence[Swing],
    ranges: Mapping[str, tuple[float, float]],
    middle: float,
    xlabel: str,
    title: str,
) -> Any:
    """A tornado: plain towards the low end of an assumption, hatched to the high."""
    ax = _axes(7, 0.32 * len(found) + 1.2)
    for i, swing in enumerate(found):
        for value, colour, hatch in (
            (swing.low, COLOURS[1], ""),
            (swing.high, COLOURS[0], "//"),
        ):
            style = {"color": colour, "hatch": hatch, "edgecolor": "white"}
            ax.barh(i, (value - middle) / 1000, left=middle / 1000, **style)
    ax.axvline(middle / 1000, color="grey", lw=1)
    names = [
        f"{s.name.replace('_', ' ')}: {' to '.join(map(_short, ranges[s.name]))}"
        for s in found
    ]
    ax.set_yticks(range(len(found)), names, fontsize=8)
    ax.invert_yaxis()
    ax.set(xlabel=f"thousand {xlabel}")
    ax.set_title(title, fontsize=10)
    return ax


def spans(table: pd.DataFrame, xlabel: str, title: str) -> Any:
    """For each column the median of its rows, and from 5% to 95% of them."""
    ax = _axes(7, 0.4 * len(table.columns) + 1.1)
    for i, name in enumerate(table):
        low, middle, high = table[name].quantile([0.05, 0.5, 0.95]) / 1000
        ax.plot([low, high], [i, i], color=COLOURS[1], lw=3, alpha=0.5)
        ax.plot(middle, i, "o", color=COLOURS[1])
    ax.axvline(0, color="grey", lw=1)
    ax.set_yticks(range(len(table.columns)), table.columns)
    ax.invert_yaxis()
    ax.set(xlabel=f"thousand {xlabel}")
    ax.set_title(title, fontsize=10)
    return ax


def front(offers: Sequence[Offer], best: Sequence[str], xlabel: str, title: str) -> Any:
    """Right answers with their intervals over cost; the front in blue."""
    ax = _axes(7, 3.4)
    for offer, shape in zip(offers, "osD^vP", strict=False):
        own, on = offer.accuracy, offer.name in best
        error = [[own.mean - own.low], [own.high - own.mean]]
        style = {"color": COLOURS[on], "fmt": shape, "capsize": 2, "ms": 7}
        ax.errorbar(offer.cost, own.mean, yerr=error, label=offer.name, **style)
    ax.set(xscale="log", xlabel=xlabel, ylabel="right answers, 95% interval")
    ax.set_title(title, fontsize=10)
    ax.grid(alpha=0.3)
    legend_beside(ax)
    return ax


def choices(
    chosen: pd.DataFrame, names: Sequence[str], labels: Sequence[str], title: str
) -> Any:
    """What is recommended: names in the fields of a map, a colour for each.

    Args:
        chosen: a name in each field; "?" where none was shown to be best, "–" where
            all lose.
        labels: of the columns and of the rows.
    """
    ax = _axes(7, 0.4 * len(chosen) + 1.2)
    tint = dict(zip(names, COLOURS, strict=False)) | {_OPEN: "#DDDDDD", _LOSS: "white"}
    for y, row in enumerate(chosen.to_numpy()):
        for x, name in enumerate(row):
            ax.barh(y, 1, 1, x - 0.5, color=tint[name], alpha=0.5)
            ax.text(x, y, name, ha="center", va="center", fontsize=7)
    ax.set_xticks(range(chosen.shape[1]), [f"{value:g}" for value in chosen.columns])
    ax.set_yticks(range(len(chosen)), [f"{value:g}" for value in chosen.index])
    ax.set(xlabel=labels[0], ylabel=labels[1], xlim=(-0.5, chosen.shape[1] - 0.5))
    ax.set_title(title, fontsize=10)
    return ax


def _short(value: float) -> str:
    """Three figures; whole ones from a thousand on."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _axes(width: float, height: float) -> Any:
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(width, height), layout="constrained")[1]
