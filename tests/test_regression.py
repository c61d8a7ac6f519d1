"""The gate: what is worse fails, what cannot be compared is refused."""

import copy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from labs import cli, regression, results
from labs.errors import LabsError

VERSIONS = {"data": "d", "general": "g", "model": "m", "code": "c", "dtype": "f"}


def cell(arm: str, task: str, right: list[float], recall=None, seed: int = 0) -> dict:
    found = recall or [None] * len(right)
    return {
        "arm": arm,
        "task": task,
        "seed": seed,
        "key": f"{arm} {task} {seed}",
        "versions": dict(VERSIONS),
        "settings": {"context_tokens": 256},
        "answers": [
            {"id": f"q{i}", "right": value, "recall": found[i]}
            for i, value in enumerate(right)
        ],
    }


HALF = [0.0, 1.0] * 20
NONE = [0.0] * 40
BEFORE = [
    cell("base", "summary", NONE),
    cell("naive-rag", "summary", HALF, [1.0] * 40),
    cell("naive-rag", "multi_hop", HALF, [1.0] * 40),
]


def changed(place: int, **own) -> list[dict]:
    after = copy.deepcopy(BEFORE)
    after[place] |= own
    return after


def test_a_run_against_itself_passes() -> None:
    checks = regression.check(BEFORE, BEFORE)
    assert {c.verdict for c in checks} == {"held"}
    assert all(c.change.mean == c.change.low == c.change.high == 0 for c in checks)
    # base: one task; the other two tasks and all of them, for both measures
    assert len(checks) == 1 + 2 * 3
    assert not regression.failed(checks)


def test_worse_answers_fail() -> None:
    after = changed(1, answers=cell("", "", NONE, [1.0] * 40)["answers"])
    worse = regression.failed(regression.check(BEFORE, after))
    places = {(c.arm, c.task, c.measure) for c in worse}
    assert ("naive-rag", "summary", "right") in places
    assert all(measure == "right" for _, _, measure in places)
    [own] = [c for c in worse if c.task == "summary"]
    assert own.change.mean == -0.5 and own.change.high < -0.05


def test_evidence_that_is_not_searched_for_any_more_counts_as_lost() -> None:
    after = changed(1, answers=cell("", "", HALF)["answers"])
    worse = regression.failed(regression.check(BEFORE, after))
    assert {c.measure for c in worse} == {"recall"}


def test_better_answers_pass() -> None:
    after = changed(0, answers=cell("", "", HALF)["answers"])
    assert not regression.failed(regression.check(BEFORE, after))


def test_training_seeds_are_averaged() -> None:
    own = [cell("fine-tuned", "summary", s, seed=i) for i, s in enumerate((HALF, NONE))]
    [check] = regression.check([own[0]], own)
    assert check.change.mean == -0.25


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (changed(0, versions=VERSIONS | {"data": "other"}), "versions of data"),
        ([r | {"versions": VERSIONS | {"data": "x"}} for r in BEFORE], "of data d"),
        (BEFORE[:2], "naive-rag on multi_hop"),
        ([], "no results"),
        (changed(0, error="MemoryError"), "MemoryError"),
        ([r | {"answers": r["answers"][:9]} for r in BEFORE], "40 questions"),
    ],
)
def test_what_cannot_be_compared_is_refused(after, said) -> None:
    with pytest.raises(LabsError, match=said):
        regression.check(BEFORE, after)


def test_another_model_is_what_a_gate_is_for() -> None:
    after = [r | {"versions": VERSIONS | {"model": "n", "code": "d"}} for r in BEFORE]
    assert not regression.failed(regression.check(BEFORE, after))


@pytest.mark.parametrize("margin", [-0.1, 1.0, float("nan")])
def test_a_margin_is_a_share(margin: float) -> None:
    with pytest.raises(LabsError, match="margin"):
        regression.check(BEFORE, BEFORE, margin)


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 0.5), st.floats(0, 0.4))
def test_a_wider_margin_is_never_stricter(low, width, margin, more) -> None:
    order = ["worse", "open", "held"]
    ends = low, low + width
    narrow, wide = (
        regression.gate_verdict(*ends, own) for own in (margin, margin + more)
    )
    assert order.index(narrow) <= order.index(wide)


# The command --------------------------------------------------------------------------


def _write(path: Path, own: list[dict]) -> str:
    for result in own:
        results.append(path, result)
    return str(path)


def _gate(*arguments: str):
    return CliRunner().invoke(cli.app, ["gate", *arguments])


def test_exit_codes_and_summary(tmp_path: Path) -> None:
    before = _write(tmp_path / "before.jsonl", BEFORE)
    bad = changed(1, answers=cell("", "", NONE, [1.0] * 40)["answers"])
    after = _write(tmp_path / "after.jsonl", bad)
    summary = tmp_path / "summary.md"
    passed = _gate(before, before, "--summary", str(summary))
    assert passed.exit_code == 0, passed.output
    failed = _gate(before, after, "--summary", str(summary))
    assert failed.exit_code == 1
    assert "worse" in failed.output
    text = summary.read_text()
    assert text.index("Gate passed") < text.index("Gate FAILED")
    rows = [line for line in text.splitlines() if line.startswith("| ✗")]
    assert rows and all("naive-rag" in row for row in rows)
    assert _gate(before, after, "--margin", "0.9").exit_code == 0


def test_no_such_file(tmp_path: Path) -> None:
    done = _gate(str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"))
    assert isinstance(done.exception, LabsError)
