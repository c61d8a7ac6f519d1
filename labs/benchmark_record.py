"""The grids that come with the project: measured once, and a part of them anew.

`python -m labs bench --seeds 0,1,2 --out data/runs/benchmark/pocket` wrote the bundled
model's, and likewise the laptop's. They are for the bundled data: with other documents
or another model the grid is measured when it is first asked for.
"""

from collections.abc import Sequence
from pathlib import Path

from labs import benchmark, profiles, results, tasks
from labs.arms import ARMS
from labs.results import Result

RECORDS = profiles.ROOT / "data" / "runs" / "benchmark"
N_HERE = 20  # questions of each task, where the grid must be measured here
_DECIDE = ("data", "general", "model", "adapter")  # code and precision: see `again`


def load() -> list[Result]:
    """The recorded grid where it fits, or one that is measured now (minutes, kept).

    Where a server generates (`LABS_BASE_URL`), the arms that are trained are left out.

    Raises:
        LabsError: as `labs.benchmark.run` and `labs.results.check`.
    """
    on_server = profiles.current().base_url is not None
    if file().is_file() and not on_server:
        kept = results.load(file())
        if all(_fits(result) for result in kept):
            results.check(kept)
            return kept
    names = [name for name, arm in ARMS.items() if not (on_server and arm.training)]
    grid = benchmark.cells(names, tasks.TASKS, [0], N_HERE)
    measured = results.in_order(benchmark.run(grid))
    results.check(measured)
    return measured


def file(model: str | None = None) -> Path:
    """Where the grid of a model is recorded, whether there is one or not.

    Args:
        model: a checkpoint or its name; the profile's if None.
    """
    return RECORDS / Path(model or profiles.current().model).name / results.FILE


def _fits(result: Result) -> bool:
    now = benchmark.versions(ARMS[result["arm"]], result["seed"])
    same = all(result["versions"].get(name) == now[name] for name in _DECIDE)
    return same and result["settings"] == benchmark.settings()


def again(
    kept: Sequence[Result], arm_names: Sequence[str], n: int
) -> list[tuple[str, str, bool]]:
    """Ask the first `n` questions of each task anew: does each arm say the same?

    (arm, question id, same) for each; rounding differs between machines, so a few
    answers may. Much less than all says that the record is not of this code.
    """
    grid = benchmark.cells(arm_names, results.measured(kept), [0], n)
    said = {
        (result["arm"], answer["id"]): answer["text"]
        for result in kept
        if result["seed"] == 0 or not ARMS[result["arm"]].training
        for answer in result["answers"]
    }
    return [
        (
            result["arm"],
            answer["id"],
            said[result["arm"], answer["id"]] == answer["text"],
        )
        for result in benchmark.run(grid)
        for answer in result["answers"]
    ]
