"""`python -m labs bench`: the grid from the command line, with its table and log."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from labs import arms, benchmark, metrics, results, runs, tasks
from labs.benchmark import Cell
from labs.errors import LabsError


def grid(
    arm_names: str | None, task_names: str | None, seeds: str, n: int
) -> list[Cell]:
    """The cells that the options ask for; all arms and tasks where nothing is said.

    Raises:
        LabsError: a name that no arm or task has, a seed that is no number.
    """
    chosen = _parts(arm_names) if arm_names else list(arms.ARMS)
    asked = _parts(task_names) if task_names else list(tasks.TASKS)
    return benchmark.cells(chosen, asked, numbers(seeds), n)


def numbers(text: str) -> list[int]:
    """Whole numbers parted by commas.

    Raises LabsError for anything else.
    """
    try:
        return [int(part) for part in _parts(text)]
    except ValueError:
        raise LabsError(
            f"The seeds are {text!r}, expected whole numbers such as 0,1,2."
        ) from None


def _parts(text: str) -> list[str]:
    parts = [part.strip() for part in text.split(",")]
    return list(dict.fromkeys(part for part in parts if part))


def run(
    cells: Sequence[Cell],
    out: Path,
    jobs: int,
    backend: str,
    note: str,
    console: Any,
) -> None:
    """Compute what is missing, write every cell as it comes, show and log the run.

    Raises:
        LabsError: cells failed, or what is in `out` cannot be compared with them.
    """
    file = out / results.FILE
    kept = results.load(file) if file.is_file() else []
    _check_versions(kept, cells, file)
    there = {result["key"] for result in kept if "error" not in result}
    for result in benchmark.run(cells, jobs, backend):
        if result["key"] not in there:
            results.append(file, result)
    found = results.load(file)
    results.check(found)
    console.print(table(found))
    console.print(costs(found))
    runs.add(runs.of(found, note))
    console.print(f"Wrote {file}; the run is in the log (python -m labs runs).")


def _check_versions(
    kept: Sequence[results.Result], cells: Sequence[Cell], file: Path
) -> None:
    """Before hours of work, not after."""
    now = benchmark.versions(arms.ARMS[cells[0].arm], cells[0].seed)
    for name in results.MUST_AGREE:
        for result in kept:
            if result["versions"].get(name) != now[name]:
                raise LabsError(
                    f"{file} holds results of another version of {name} "
                    f"({result['versions'].get(name)}, now {now[name]}): the two "
                    "cannot be compared. Name another --out."
                )


def table(found: Sequence[results.Result]) -> Any:
    """Every task and arm: the mean with its interval, and beside the first arm what
    can be told apart (▲ better, ▼ worse)."""
    from rich import box
    from rich.table import Table

    names = results.names(found, "arm")
    shown = Table(box=box.SIMPLE_HEAD, title=f"right, 95% interval; beside {names[0]}")
    for head in ("task", "n", *names):
        shown.add_column(head, no_wrap=True)
    for task in results.measured(found):
        compared = metrics.compare(results.scores(found, task), names[0])
        marks = {"better": " ▲", "worse": " ▼"}
        cells = [
            f"{own.mean.mean:.2f}{marks.get(own.verdict, '')}\n"
            f"\\[{own.mean.low:.2f}, {own.mean.high:.2f}]"
            for own in compared
        ]
        shown.add_row(task, str(compared[0].mean.n), *cells)
    return shown


def costs(found: Sequence[results.Result]) -> Any:
    """What a question costs each arm, and how long one waits for an answer."""
    from rich import box
    from rich.table import Table

    shown = Table(box=box.SIMPLE_HEAD, title="a question costs")
    heads = ("arm", "tokens in", "tokens out", "seconds, batched", "alone: p50 s, p95")
    for head in heads:
        shown.add_column(head)
    waits = results.waits(found)
    for arm, spent in results.spent(found).items():
        alone = "{:.2f}, {:.2f}".format(*waits[arm]) if arm in waits else ""
        tokens = (f"{spent[name]:.0f}" for name in ("tokens_in", "tokens_out"))
        shown.add_row(arm, *tokens, f"{spent['seconds']:.2f}", alone)
    return shown
