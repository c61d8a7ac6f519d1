"""The grid on a tiny checkpoint: kept, resumed, failed, and run on real clusters."""

import json
from dataclasses import replace

import pytest
from tiny import save_checkpoint

from labs import arms, benchmark, benchmark_run, cache, provenance, results, runs, tasks
from labs.arms import ARMS
from labs.benchmark import Cell
from labs.errors import LabsError

GRID = [Cell("base", "lookup_seen", 0, 3), Cell("base", "general", 0, 2)]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    directory = tmp_path_factory.mktemp("base")
    return save_checkpoint(directory, "llama", max_position_embeddings=4096)


@pytest.fixture(autouse=True)
def tiny_model(monkeypatch, checkpoint, tmp_path) -> None:
    monkeypatch.setenv("LABS_MODEL", str(checkpoint))
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("LABS_RUNS", str(tmp_path / "runs.sqlite"))
    benchmark._generator.cache_clear()


@pytest.fixture
def computed(monkeypatch) -> list[Cell]:
    """The cells that are computed and not taken from the cache."""
    seen, compute = [], benchmark.compute
    monkeypatch.setattr(
        benchmark, "compute", lambda cell: seen.append(cell) or compute(cell)
    )
    return seen


def plain(found) -> list:
    """What a result says, without what differs from run to run."""
    ordered = results.in_order(found)
    return [
        (r["arm"], r["task"], [(a["id"], a["text"], a["right"]) for a in r["answers"]])
        for r in ordered
    ]


# The grid -----------------------------------------------------------------------------


def test_a_grid_has_every_arm_on_every_task_and_trained_arms_for_each_seed():
    grid = benchmark.cells(["base", "both"], ["summary", "general"], [0, 1], 5)
    assert len(grid) == 2 + 4
    assert {cell.seed for cell in grid if cell.arm == "base"} == {0}
    assert {cell.seed for cell in grid if cell.arm == "both"} == {0, 1}


@pytest.mark.parametrize("arm, task", [("rag", "summary"), ("base", "lookups")])
def test_an_unknown_name_is_refused_with_those_there_are(arm, task):
    with pytest.raises(LabsError, match="Expected some of: "):
        benchmark.cells([arm], [task], [0])


def test_a_second_run_computes_nothing(computed):
    first = list(benchmark.run(GRID))
    assert computed == GRID
    second = list(benchmark.run(GRID))
    assert computed == GRID and second == first


def test_more_arms_or_tasks_compute_the_new_cells_alone(computed):
    list(benchmark.run(GRID[:1]))
    list(benchmark.run(GRID))
    assert computed == GRID


def test_a_killed_run_keeps_the_cells_that_were_done(monkeypatch, computed):
    judged, left = benchmark._judged, [1]

    def killed(*args):
        if not left:
            raise KeyboardInterrupt
        left.pop()
        return judged(*args)

    monkeypatch.setattr(benchmark, "_judged", killed)
    with pytest.raises(KeyboardInterrupt):
        list(benchmark.run(GRID))
    monkeypatch.setattr(benchmark, "_judged", judged)
    computed.clear()
    assert len(list(benchmark.run(GRID))) == len(GRID)
    assert computed == GRID[1:]


def test_a_cell_that_fails_is_told_and_tried_again(monkeypatch, computed):
    real = benchmark._all
    monkeypatch.setattr(benchmark, "_all", lambda *_: 1 / 0)
    failed = list(benchmark.run(GRID[:1]))
    assert "ZeroDivisionError" in failed[0]["error"]
    with pytest.raises(LabsError, match="base failed on lookup_seen"):
        results.check(failed)
    monkeypatch.setattr(benchmark, "_all", real)
    assert "error" not in next(iter(benchmark.run(GRID[:1])))
    assert len(computed) == 2


def test_a_result_tells_where_it_is_from():
    [result] = benchmark.run(GRID[:1])
    versions = result["versions"]
    assert all(versions[name] for name in ("data", "general", "model", "code"))
    assert versions["adapter"] is None  # the arm is not trained
    assert result["settings"]["context_tokens"] == 256
    assert result["machine"]["processors"] >= 1 and result["libraries"]["torch"]
    assert len(result["answers"]) == 3
    assert all(a["tokens_in"] > 10 and a["seconds"] > 0 for a in result["answers"])


def test_questions_one_by_one_are_answered_anew(monkeypatch):
    """What is timed must not come from the cache of answers."""
    asked = []
    item = tasks.load(2)["lookup_seen"][0]
    backend = benchmark._generator(None, 0, provenance.data_digest()).backend
    run = backend.run
    monkeypatch.setattr(
        backend, "run", lambda prompts, *more: asked.append(1) or run(prompts, *more)
    )
    for _ in range(2):
        [row] = benchmark._one_by_one(ARMS["base"], 0, [item])
        assert row["seconds"] > 0
    assert len(asked) == 4  # each time once to warm up, and once timed


# The key ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", [{"task": "summary"}, {"n": 4}, {"arm": "fine-tuned"}]
)
def test_another_cell_has_another_key(change):
    cell = Cell("base", "lookup_seen", 0, 3)
    assert benchmark.key(replace(cell, **change)) != benchmark.key(cell)


def test_the_seed_counts_only_where_something_is_trained():
    def key(arm, seed):
        return benchmark.key(Cell(arm, "summary", seed, 3))

    assert key("base", 0) == key("base", 1)
    assert key("fine-tuned", 0) != key("fine-tuned", 1)


@pytest.mark.parametrize(
    "name, value",
    [
        ("labs.provenance.data_digest", lambda: "other"),
        ("labs.provenance.code_digest", lambda module: "other"),
        ("labs.benchmark.CONTEXT_BUDGET", 128),
    ],
)
def test_other_data_code_or_settings_are_another_cell(monkeypatch, name, value):
    before = benchmark.key(GRID[0])
    monkeypatch.setattr(name, value)
    assert benchmark.key(GRID[0]) != before


# Clusters -----------------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["loky", "ray", "dask"])
def test_workers_say_what_one_process_says(backend, tmp_path, monkeypatch):
    if backend != "loky":
        pytest.importorskip({"ray": "ray", "dask": "distributed"}[backend])
    alone = list(benchmark.run(GRID))
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "other"))
    try:
        together = list(benchmark.run(GRID, jobs=2, backend=backend))
    finally:
        _stop(backend)
    assert plain(together) == plain(alone)
    kept = cache.Cache("cells").get_many([benchmark.key(cell) for cell in GRID])
    assert len(kept) == len(GRID)  # each worker keeps its own cells


def _stop(backend: str) -> None:
    if backend == "ray":
        import ray

        ray.shutdown()
    if backend == "dask":
        from distributed import get_client

        client = get_client()
        client.cluster.close()
        client.close()


def test_an_unknown_backend_is_refused():
    with pytest.raises(LabsError, match="spark"):
        list(benchmark.run(GRID, backend="spark"))


# The command --------------------------------------------------------------------------


class Silent:
    def print(self, *_):
        pass


def run(cells, out):
    benchmark_run.run(cells, out, 1, "loky", "", Silent())
    return results.load(out / results.FILE)


def test_the_command_writes_logs_and_goes_on(tmp_path, computed):
    first = run(GRID[:1], tmp_path)
    both = run(GRID, tmp_path)
    assert [r["task"] for r in both] == ["lookup_seen", "general"]
    assert both[0] == first[0]
    lines = (tmp_path / results.FILE).read_text().splitlines()
    assert len(lines) == 2 and computed == GRID
    assert [run.tasks for run in runs.load()] == [
        ["lookup_seen"],
        ["lookup_seen", "general"],
    ]


def test_results_of_other_data_are_not_mixed_in(tmp_path, monkeypatch, computed):
    [result] = run(GRID[:1], tmp_path)
    result["versions"]["data"] = "0" * 16
    (tmp_path / results.FILE).write_text(json.dumps(result) + "\n")
    computed.clear()
    with pytest.raises(LabsError, match="another version of data"):
        run(GRID, tmp_path)
    assert not computed  # before the work, not after


@pytest.mark.parametrize("seeds", ["one", "0;1"])
def test_seeds_must_be_numbers(seeds):
    with pytest.raises(LabsError, match="whole numbers"):
        benchmark_run.grid(None, None, seeds, 3)


def test_without_names_all_arms_and_tasks_are_asked():
    grid = benchmark_run.grid(None, None, "0", 3)
    assert {cell.arm for cell in grid} == set(arms.ARMS)
    assert {cell.task for cell in grid} == set(tasks.TASKS)
