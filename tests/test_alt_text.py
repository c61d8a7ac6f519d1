"""What is said of a picture to who does not see it, and where it is said."""

from types import SimpleNamespace

import IPython
import pandas as pd
import pytest
from IPython.core.events import EventManager, available_events
from IPython.core.formatters import DisplayFormatter
from IPython.core.pylabtools import select_figure_formats
from matplotlib.figure import Figure

from labs import alt_text, plots


@pytest.fixture
def shell(monkeypatch):
    """A notebook's formatters, and its events, which matplotlib asks for."""
    shell = SimpleNamespace(display_formatter=DisplayFormatter())
    shell.events = EventManager(shell, available_events)
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    return shell


def _shown(shell, kind: str = "png") -> dict[str, str]:
    select_figure_formats(shell, {kind})  # as matplotlib does before the first picture
    figure = Figure(figsize=(1, 1))
    figure.subplots().set(title='Wear <"new">', xlabel="days")
    return shell.display_formatter.format(figure)[0]


@pytest.mark.parametrize(
    ("n_crew", "title", "named"),
    [
        (20, "Test, n = 20", "park, crew"),
        (30, "Test", "park (n = 20), crew (n = 30)"),
    ],
)
def test_titles_axes_rows_and_series_are_told(n_crew, title, named) -> None:
    rows = [
        (kind, arm, 0.5, 0.4, 0.6, n)
        for kind, n in (("park", 20), ("crew", n_crew))
        for arm in ("RAG", "both")
    ]
    names = ["kind", "arm", "mean", "low", "high", "n"]
    ax = Figure().subplots()
    plots.dots(pd.DataFrame(rows, columns=names), "kind", "arm", "right", "Test", ax)
    assert alt_text.describe(ax.figure) == (
        f"{title}. Across: right, 95% interval. Rows: {named}. Series: RAG, both."
    )


def test_each_panel_is_told_and_numbers_are_not() -> None:
    figure = Figure()
    figure.suptitle("Two days.")
    for ax, title in zip(figure.subplots(1, 2), ("Monday", "Tuesday"), strict=True):
        ax.set(title=title, ylabel="m/s")
    told = "Two days. Monday. Upwards: m/s. Tuesday. Upwards: m/s."
    assert alt_text.describe(figure) == told
    assert alt_text.describe(Figure()) == "A picture without a title."


def test_in_a_jupyter_session_the_picture_bears_its_text(shell, monkeypatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "x.ipynb")
    alt_text.install()
    shown = _shown(shell)
    assert 'alt="Wear &lt;&quot;new&quot;&gt;. Across: days."' in shown["text/html"]
    assert shown["image/png"] in shown["text/html"]


def test_elsewhere_it_stays_a_png(shell, monkeypatch) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    alt_text.install()
    assert {"image/png", "text/plain"} == _shown(shell).keys()


def test_another_format_is_left_alone(shell, monkeypatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "x.ipynb")
    alt_text.install()
    assert {"image/svg+xml", "text/plain"} == _shown(shell, "svg").keys()
