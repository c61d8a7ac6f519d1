"""Arms before, on the day of and after a change, and which one earns most."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs import freshness_arms, freshness_record
from labs.corpus import Question
from labs.freshness import GROUPS, Ageing, Item
from labs.freshness_arms import NONE_PAYS, Asked, Kept
from labs.models import Generation
from labs.prompts import DO_NOT_KNOW
from labs.roi import Plan, Prices, Usage


def _item(own: str, changed: bool, kind: str = "lookup") -> Item:
    question = Question(
        own, f"{own}?", "new", ("new",), kind, "test_seen_facts", (), (), 2
    )
    return Item(question, ("old",) if changed else ("new",))


def _asked() -> Asked:
    """Two changed, taught; one of each other group; one arm."""
    groups = {
        GROUPS[0]: [_item("a", True), _item("b", True, "multi_hop")],
        GROUPS[1]: [_item("c", True)],
        GROUPS[2]: [_item("d", False)],
        GROUPS[3]: [_item("e", False)],
    }
    before = ["old", "no idea", DO_NOT_KNOW, "new", "old"]
    after = ["new", "old", "new", "no idea", DO_NOT_KNOW]
    return Asked(groups, {("arm", "before"): before, ("arm", "after"): after})


def test_what_is_right_depends_on_the_day() -> None:
    asked = _asked()
    assert asked.right_at("arm", "before", *GROUPS) == [1, 0, 0, 1, 0]
    assert asked.right_at("arm", "the day", *GROUPS) == [0, 0, 0, 1, 0]
    assert asked.right_at("arm", "after", *GROUPS) == [1, 0, 1, 0, 0]


def test_a_refusal_is_neither_right_nor_wrong() -> None:
    asked = _asked()
    assert asked.wrong_at("arm", "the day", *GROUPS) == [1, 1, 0, 0, 1]
    assert asked.wrong_at("arm", "after", GROUPS[3]) == [0]


def test_ageing_takes_the_groups_alike() -> None:
    ageing = _asked().ageing("arm", "after")
    assert ageing == Ageing((0.5 + 1 + 0 + 0) / 4, (0.5 + 0 + 1 + 0) / 4, 0.0, 0.5)


def test_drawn_questions_are_the_same_for_every_arm() -> None:
    asked = _asked()
    said = dict(asked.said)
    said |= {("twin", state): said["arm", state] for state in freshness_arms.STATES}
    both = Asked(asked.groups, said)
    drawn = {both.ageing("arm", "after", seed).right_fresh for seed in range(20)}
    assert len(drawn) > 1
    for seed in range(20):
        one, twin = (both.ageing(arm, "after", seed) for arm in ("arm", "twin"))
        assert one == twin


def test_tables_hold_shares_of_one() -> None:
    asked = _asked()
    told = asked.told(*freshness_arms.CHANGED)
    assert told[["new", "old", "neither"]].sum(axis=1).eq(1).all()
    assert told[["arm", "n"]].to_numpy().tolist()[0] == ["arm, before", 2]
    assert list(told["old"]) == [0.5, 0, 0.5, 0]
    over = asked.over_time(GROUPS[0])
    assert list(over["mean"]) == [0.5, 0, 0.5]
    assert asked.stale_first("arm", "lookup") == [0, 2]


# Which one pays -----------------------------------------------------------------------

PRICES = Prices(per_device_hour=1, per_person_hour=50)
PLAN = Plan(1_000, 12, value_right=1, cost_wrong=0.2)
CHEAP = Kept(Usage(0, 0, 0.1, setup_hours=1, update_hours=0.1), (30, 1))
DEAR = Kept(Usage(0, 0, 0.1, setup_hours=1, update_hours=4), (1, 1 / 6, 0))


def test_winners_name_the_best_or_none() -> None:
    earned = np.array([[[1.0, -2.0, 0.0]], [[3.0, -1.0, 0.0]]])
    found = freshness_arms.winners(earned, ["one", "two"])
    assert found.tolist() == [["two", NONE_PAYS, NONE_PAYS]]


def test_nets_stand_at_their_arm_volume_and_rate() -> None:
    ages = {"cheap": Ageing(0.5, 0.5, 0, 1), "dear": Ageing(0.9, 0.1, 0, 1)}
    arms, rates, volumes = {"cheap": CHEAP, "dear": DEAR}, [0.01, 0.5], [100, 1e4, 1e5]
    earned = freshness_arms.nets(arms, ages, PRICES, PLAN, rates, volumes)
    assert earned.shape == (2, 3, 2)
    plan = Plan(1e4, 12, value_right=1, cost_wrong=0.2)
    one = freshness_arms.best_net(DEAR, ages["dear"], PRICES, plan, 0.5)
    assert math.isclose(earned[1, 1, 1], one)


@given(
    st.floats(0, 5),
    st.floats(0, 5),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(10, 1e6),
)
def test_more_change_never_helps_however_often_it_is_updated(
    one: float, other: float, fresh: float, stale: float, volume: float
) -> None:
    fresh, stale = max(fresh, stale), min(fresh, stale)
    ages = {"arm": Ageing(fresh, 1 - fresh, stale, 1 - stale)}
    rates = sorted((one, other))
    for kept in (CHEAP, DEAR):
        earned = freshness_arms.nets({"arm": kept}, ages, PRICES, PLAN, rates, [volume])
        assert earned[0, 0, 1] <= earned[0, 0, 0] + 1e-6 * volume


@given(st.floats(0.2, 1), st.floats(0, 5), st.floats(0, 5))
def test_more_change_never_favours_the_retrained_over_what_follows_at_once(
    known: float, one: float, other: float
) -> None:
    ages = {"cheap": Ageing(0.5, 0.5, 0.5, 0.5), "dear": Ageing(known, 0, 0, 1)}
    arms = {"cheap": CHEAP, "dear": DEAR}
    rates = sorted((one, other))
    earned = freshness_arms.nets(arms, ages, PRICES, PLAN, rates, [5e3])
    lead = earned[0, 0] - earned[1, 0]
    assert lead[1] >= lead[0] - 1e-6


# The record ---------------------------------------------------------------------------


def test_the_record_holds_every_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    head, *rows = freshness_record.FILE.read_text(encoding="utf-8").splitlines()
    monkeypatch.setattr(
        freshness_record, "_versions", lambda: json.loads(head)["versions"]
    )
    kept = freshness_record.load()
    assert kept.source.startswith("recorded") and len(kept.said) == len(rows)
    texts = kept.texts(freshness_record.sample(kept.n))
    assert {len(own) for own in texts.values()} == {len(rows) // 4}


def test_a_record_of_another_model_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = {("both", 1, "q"): Generation("a", 1, 1, 0.1)}
    monkeypatch.setattr(freshness_record, "_versions", lambda: {"model": "another"})
    monkeypatch.setattr(freshness_record, "sample", lambda n: [])
    monkeypatch.setattr(freshness_record, "ask", lambda items: said)
    kept = freshness_record.load()
    assert kept.source == "live" and kept.said == said
    assert kept.n == freshness_record.N_HERE
