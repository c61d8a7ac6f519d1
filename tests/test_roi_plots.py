"""Pictures of money show what they were given."""

import matplotlib

matplotlib.use("Agg")

import pandas as pd
import pytest

from labs import roi_plots
from labs.roi import Offer, Swing
from labs.stats import Interval


def test_stacked_parts_end_to_end():
    table = pd.DataFrame({"people": [3.0, 1.0], "tokens": [2.0, 0.5]}, ["a", "b"])
    ax = roi_plots.stacked(table, "USD", "title")
    ends = [bar.get_x() + bar.get_width() for bar in ax.containers[1]]
    assert ends == pytest.approx([5.0, 1.5])
    assert len({bars[0].get_hatch() for bars in ax.containers}) == 2
    assert ax.yaxis_inverted() and ax.get_xlabel() == "USD"


def test_break_even_is_marked_with_its_volume():
    table = pd.DataFrame({"api": [1.0, 10.0], "own": [2.0, 3.0]}, [100.0, 1000.0])
    ax = roi_plots.lines(table, {250.0: 2.2}, "USD", "title")
    assert [text.get_text() for text in ax.texts] == ["250"]
    assert ax.get_xscale() == ax.get_yscale() == "log"


def test_swings_go_from_the_plan_to_both_ends():
    found = [Swing("cost_wrong", 3_000, -1_000)]
    ax = roi_plots.swings(found, {"cost_wrong": (0, 5)}, 1_000, "USD", "title")
    low, high = (bars[0] for bars in ax.containers)
    assert (low.get_x(), low.get_width()) == (1, 2)
    assert (high.get_x(), high.get_width()) == (1, -2)
    assert ax.get_yticklabels()[0].get_text() == "cost wrong: 0 to 5"


def test_spans_and_front_and_choices():
    nets = pd.DataFrame({"rag": range(-1000, 1001)})
    ax = roi_plots.spans(nets, "USD", "title")
    assert list(ax.lines[0].get_xdata()) == pytest.approx([-0.9, 0.9])
    offers = [Offer(n, 0, 1, Interval(0.5, 0.4, 0.6, 9)) for n in ("a", "b")]
    ax = roi_plots.front(offers, ["a"], "USD", "title")
    colours = [bars.lines[0].get_color() for bars in ax.containers]
    assert colours[0] != colours[1]
    chosen = pd.DataFrame([["rag", "?"], ["–", "–"]], [0, 1], [1, 2])
    ax = roi_plots.choices(chosen, ["rag"], ("worth", "error"), "title")
    assert [text.get_text() for text in ax.texts] == ["rag", "?", "–", "–"]
