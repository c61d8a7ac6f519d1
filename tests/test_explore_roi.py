"""The what-if page: it follows its sliders, and tells a loss by more than a colour."""

import numpy as np
import pytest

from labs import explore_roi
from labs.errors import LabsError
from labs.roi import Outcomes, Plan, Prices, Usage

USAGES = {"rag": Usage(400, 20, 0.5), "<both>": Usage(400, 20, 0.5, setup_hours=9)}
OFFERED = {"api": Prices(per_million_in=1, per_person_hour=50), "own": Prices()}
MADE = {
    "rag": Outcomes(np.tile([1.0, 0.0], 40), np.tile([0.0, 1.0], 40)),
    "<both>": Outcomes(np.ones(80), np.zeros(80)),
}
PLAN = Plan(10_000, 12, 1, value_right=2.0, cost_wrong=1.0)


def test_the_page_follows_the_sliders():
    shown = explore_roi.explore(USAGES, OFFERED, PLAN, MADE)
    assert "Take <b>&lt;both&gt;</b>" in shown.page.value
    assert "10,000 questions a month" in shown.page.value
    shown.value.value = 0.0
    assert "No advice" in shown.page.value and "−" in shown.page.value
    shown.value.value, shown.volume.value = 2.0, 10.0
    assert "10 questions a month" in shown.page.value
    before = shown.page.value
    shown.offer.value = "own"
    assert shown.page.value != before
    shown.updates.value = 30
    assert "30 updates a month" in shown.page.value
    before = shown.page.value
    shown.error.value = 20
    assert shown.page.value != before


def test_it_leaves_a_page_without_a_kernel():
    bundle = explore_roi.explore(USAGES, OFFERED, PLAN, MADE)._repr_mimebundle_()
    assert "<table" in bundle["text/html"]


@pytest.mark.parametrize(
    ("usages", "offered", "made"),
    [({}, OFFERED, MADE), (USAGES, {}, MADE), (USAGES, OFFERED, {"rag": MADE["rag"]})],
)
def test_nothing_to_explore(usages, offered, made):
    with pytest.raises(LabsError, match="Expected"):
        explore_roi.explore(usages, offered, PLAN, made)
