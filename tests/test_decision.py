"""Decisions by hand, in the right direction, and refused where too little is known."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap

from labs import (
    decision,
    decision_report,
    decision_run,
    explore_decision,
    price_table,
    roi,
    usage,
)
from labs.corpus import Question
from labs.decision import Case
from labs.decision_folder import Measured
from labs.errors import LabsError
from labs.roi import Offer
from labs.stats import Interval
from labs.usage import Indexing

TABLE = price_table.load()
PLAN = roi.Plan(10_000, 12, 1, value_right=4.0, cost_wrong=0.5)
CASE = Case(PLAN, TABLE)
INDEX = Indexing(60.0, 0.1, 0.001, 6.0, 100)
INDEXING = {"naive": INDEX, "advanced": INDEX}
HALF = Interval(0.5, 0.4, 0.6, 100)


def cell(arm: str, task: str, right: Sequence[float], refused: bool = False) -> dict:
    versions = ("data", "general", "model", "code", "dtype")
    return {
        "arm": arm,
        "task": task,
        "seed": 0,
        "key": f"{arm} {task}",
        "started": "2031-03-01",
        "versions": dict.fromkeys(versions, "1"),
        "settings": {},
        "answers": [
            {
                "id": f"{task} {i}",
                "text": "an answer",
                "right": value,
                "refused": refused,
                "tokens_in": 400 if "rag" in arm else 50,
                "tokens_out": 10,
                "seconds": 0.5,
            }
            for i, value in enumerate(right)
        ],
    }


FOUND = [
    cell("base", "lookup_unseen", [0.0] * 60, refused=True),
    cell("base", "multi_hop", [0.0] * 20, refused=True),
    cell("naive-rag", "lookup_unseen", [1.0, 0.0, 1.0] * 20),
    cell("naive-rag", "multi_hop", [0.0] * 20),
]


@pytest.fixture(autouse=True)
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "model_gb", lambda: 0.0)


# The weighted mean --------------------------------------------------------------------


def test_weights_and_interval_by_formula() -> None:
    scores = {"easy": [1] * 30 + [0] * 10, "hard": [1] * 10 + [0] * 30}
    found = decision.weighted_mean(scores, {"easy": 3, "hard": 1})
    error = np.sqrt((0.75**2 + 0.25**2) * 0.75 * 0.25 / 40)
    assert found.mean == pytest.approx(0.625)
    assert found.n == 80
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, abs=0.03)


def test_one_task_is_the_plain_bootstrap() -> None:
    scores = np.random.default_rng(0).uniform(size=50)
    found = decision.weighted_mean({"one": scores}, {"one": 7})
    theirs = bootstrap((scores,), np.mean, method="percentile", rng=1)
    ends = theirs.confidence_interval
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high), abs=0.02)


def test_a_task_without_weight_is_not_needed() -> None:
    assert decision.weighted_mean({"one": [1.0, 1.0]}, {"one": 1}).mean == 1


# The rule -----------------------------------------------------------------------------


def offers(*nets: tuple[str, float, float, float, float]) -> list[Offer]:
    return [Offer(n, net, cost, HALF, (low, high)) for n, net, cost, low, high in nets]


CHEAP, DEAR = ("cheap", 90, 10, 50, 130), ("dear", 100, 40, 60, 140)


def _shown(low: float) -> dict[tuple[str, str], Interval]:
    return {("dear", "cheap"): Interval(0.05, low, 0.1, 100)}


def test_dearer_only_where_it_is_shown_to_earn_more() -> None:
    pair = offers(CHEAP, DEAR)
    assert decision.choose(pair, _shown(0.01))[0] == "dear"
    choice, reasons = decision.choose(pair, _shown(-0.01))
    assert choice == "cheap"
    assert any("dear is left out" in reason for reason in reasons)


def test_a_cheaper_one_that_may_make_a_loss_decides_nothing() -> None:
    risky = ("cheap", 90, 10, -5, 130)
    choice, reasons = decision.choose(offers(risky, DEAR), {})
    assert choice == "dear"
    assert "cheap is not shown to earn its cost" in reasons[0]


def test_nothing_pays() -> None:
    losing = offers(("a", 90, 10, -5, 130), ("b", -9, 40, -20, -2))
    choice, reasons = decision.choose(losing, {})
    assert choice is None and len(reasons) == 2


# A case -------------------------------------------------------------------------------


def test_a_decision_by_hand() -> None:
    found = decision.decide(FOUND, CASE, INDEXING)
    [base, naive] = found.offers
    assert found.choice == "naive-rag" and found.n == 80
    assert naive.accuracy.mean == pytest.approx(40 / 80)
    assert found.wrong["naive-rag"].mean == pytest.approx(40 / 80)
    assert found.wrong["base"].mean == 0  # it refuses
    assert found.differences["naive-rag", "base"].mean == pytest.approx(0.5)
    benefit = 120_000 * (0.5 * 4.0 - 0.5 * 0.5)
    assert naive.net == pytest.approx(benefit - naive.cost)
    spent = found.usages["naive-rag"]
    assert (spent.tokens_in, spent.cpu_s) == (400, 0.1)
    assert naive.cost == pytest.approx(roi.total_cost(spent, CASE.prices, PLAN))


def test_the_mix_decides() -> None:
    hops = replace(CASE, mix={"multi_hop": 1})
    found = decision.decide(FOUND, hops, INDEXING, least=10)
    assert found.choice is None and found.n == 20
    even = replace(CASE, mix={"lookup_unseen": 1, "multi_hop": 1})
    naive = decision.decide(FOUND, even, INDEXING).offers[1]
    assert naive.accuracy.mean == pytest.approx((2 / 3 + 0) / 2)


def test_too_few_questions_are_refused() -> None:
    few = [r | {"answers": r["answers"][:20]} for r in FOUND]
    found = decision.decide(few, CASE, INDEXING)
    assert found.choice is None and not found.enough
    assert "40 test questions are too few" in found.reasons[0]
    assert decision.decide(few, CASE, INDEXING, least=40).enough


def test_nothing_at_all_is_refused() -> None:
    assert "no test question" in decision.too_few(0)


@pytest.mark.parametrize("mix", [{"poems": 1}, {"multi_hop": 0}, {"multi_hop": -1}])
def test_a_mix_of_what_was_not_measured(mix) -> None:
    with pytest.raises(LabsError, match="mix"):
        decision.decide(FOUND, replace(CASE, mix=mix), INDEXING)


def test_an_arm_that_failed_is_refused() -> None:
    with pytest.raises(LabsError, match="MemoryError"):
        failed = [FOUND[0] | {"error": "MemoryError"}, *FOUND[1:]]
        decision.decide(failed, CASE, INDEXING)


@settings(max_examples=15, deadline=None)
@given(st.floats(0, 20), st.floats(0.1, 20))
def test_dearer_errors_never_raise_what_an_arm_earns(cost, more) -> None:
    nets = []
    for own in (cost, cost + more):
        case = replace(CASE, plan=replace(PLAN, cost_wrong=own))
        found = decision.decide(FOUND, case, INDEXING)
        nets.append([offer.net for offer in found.offers])
    assert nets[1][0] == pytest.approx(nets[0][0])  # base says nothing wrong
    assert nets[1][1] < nets[0][1]


def test_with_dear_errors_nothing_is_taken() -> None:
    case = replace(CASE, plan=replace(PLAN, cost_wrong=10.0))
    assert decision.decide(FOUND, case, INDEXING).choice is None


# The report ---------------------------------------------------------------------------


@pytest.fixture
def toys() -> Measured:
    own = Question(
        "lookup_unseen 0", "How high?", "9 m", ("9 m",), "lookup", "dev", (), (), 1
    )
    known = {own.id: own}
    told = "Wrote 4."
    return Measured("toys", 3, 90, told, {"pocket": 80}, FOUND, known, INDEXING, "here")


def test_report_of_a_choice(toys: Measured, tmp_path: Path) -> None:
    found = decision_run.decide(toys, CASE)
    html, text = decision_report.write(tmp_path, toys, CASE, found)
    said = text.read_text(encoding="utf-8")
    assert "> Take naive-rag" in said and "How high?" in said
    assert "A model wrote questions" in said and "No arm was trained" in said
    assert "Nothing is known of: lookup_seen, comparison" in said
    for name in ("answers", "net", "costs"):
        assert f"({name}.png)" in said and (tmp_path / f"{name}.png").is_file()
    assert html.read_text(encoding="utf-8").count("data:image/png") == 3
    assert "hosted" not in said  # prices of other deployments are left out


def test_report_without_a_question(toys: Measured, tmp_path: Path) -> None:
    none = replace(toys, found=[], questions={}, written={})
    found = decision_run.decide(none, CASE)
    assert found is None
    _, text = decision_report.write(tmp_path, none, CASE, found)
    assert "> No recommendation. Nothing was measured" in text.read_text()
    assert decision_run.told(found)[0].startswith("No recommendation")


def test_report_of_too_few_shows_no_money(toys: Measured, tmp_path: Path) -> None:
    few = replace(toys, found=[r | {"answers": r["answers"][:5]} for r in FOUND])
    found = decision_run.decide(few, CASE)
    _, text = decision_report.write(tmp_path, few, CASE, found)
    assert "too few" in text.read_text() and "What it earns" not in text.read_text()


# The command and the widget -----------------------------------------------------------


def test_a_plan_that_cannot_be() -> None:
    plan = {"questions_per_month": 0, "months": 12}
    with pytest.raises(LabsError, match="at least one question"):
        decision_run.case(plan, "own-cpu")
    with pytest.raises(LabsError, match="moon"):
        decision_run.case(plan | {"questions_per_month": 9}, "moon")


def test_an_unknown_arm_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(LabsError, match="no arm 'bigger'"):
        decision_run.run(tmp_path, tmp_path / "out", "base,bigger", 9, 9, CASE)


def test_the_guide_follows_its_controls() -> None:
    guide = explore_decision.explore(FOUND, INDEXING, TABLE)
    assert "Take <b>naive-rag</b>" in guide.page.value
    guide.wrong.value = 60
    assert "Nothing advised" in guide.page.value
    guide.mix.value = "summaries"
    assert "The mix of questions is" in guide.page.value
    bundle = guide._repr_mimebundle_()
    assert bundle["text/html"] == guide.page.value
    with pytest.raises(LabsError, match="no results"):
        explore_decision.explore([], INDEXING, TABLE)
