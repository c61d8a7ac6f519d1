"""Alternative text for matplotlib's pictures, for whoever listens to a notebook.

JupyterLab 4 shows `image/png` without any: its renderer does not read the output's
metadata. HTML it shows as it stands, so in a session of a Jupyter server a figure comes
as an `<img>` with its text, and as PNG too. Elsewhere, as where `make notebooks` writes
the committed outputs, it stays PNG alone: GitHub shows no picture that is in HTML.
"""

import os
from html import escape
from typing import Any

_MOST_NAMES = 12
_IMAGE = '<img alt="{}" src="data:image/png;base64,{}">'


def describe(figure: Any) -> str:
    """What a figure's titles, axes, rows and legends say, as sentences."""
    told = [figure.get_suptitle(), *map(_axes, figure.axes)]
    return " ".join(part for part in told if part) or "A picture without a title."


def _axes(ax: Any) -> str:
    x, y = ax.get_xlabel(), ax.get_ylabel()
    legend = ax.get_legend()
    series = [text.get_text() for text in legend.get_texts()] if legend else []
    parts = {
        "": ax.get_title(),
        "Across: ": x,
        "Upwards: ": y,
        "Rows: ": _names(ax.yaxis),
        "Columns: ": _names(ax.xaxis),
        "Series: ": ", ".join(series[:_MOST_NAMES]),
    }
    return " ".join(f"{head}{text}." for head, text in parts.items() if text)


def _names(axis: Any) -> str:
    """The labels of an axis that has names on it, no numbers."""
    labels = [label.get_text() for label in axis.get_ticklabels()]
    names = [text for text in labels if any(map(str.isalpha, text))]
    return ", ".join(names[:_MOST_NAMES])


def install() -> None:
    """In a session of a Jupyter server, show every figure with its text."""
    if "JPY_SESSION_NAME" not in os.environ:
        return
    from IPython import get_ipython
    from matplotlib.figure import Figure

    if shell := get_ipython():
        shown = shell.display_formatter
        png = shown.formatters["image/png"]
        # Of this formatter alone matplotlib's own set-up, which comes later, takes
        # nothing away.
        shown.mimebundle_formatter.for_type(Figure, lambda figure: _html(figure, png))


def _html(figure: Any, png: Any) -> dict[str, str]:
    """Nothing where the reader has chosen another format than PNG."""
    content = png(figure)
    if not content:
        return {}
    return {"text/html": _IMAGE.format(escape(describe(figure)), content)}
