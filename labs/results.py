"""Results of the benchmark: written, read again, checked, and set side by side.

What does not belong together is refused and never averaged in: results of another data,
model or code, cells that failed, arms that were asked other questions.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from labs import arms, records, tasks
from labs.errors import LabsError
from labs.stats import bootstrap_mean

Result = dict[str, Any]  # as `labs.benchmark.compute` gives it

FILE = "results.jsonl"
_NEEDED = ("arm", "task", "seed", "key", "versions", "settings")
MUST_AGREE = ("data", "general", "model", "code", "dtype")


# Files --------------------------------------------------------------------------------


def append(path: Path, result: Result) -> None:
    """Add a result to a file; one line, so that a kill loses no other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(result, ensure_ascii=False) + "\n")


def load(path: Path) -> list[Result]:
    """The results of a file; of a cell that comes again the last one counts.

    Raises:
        LabsError: no such file, or a line that is no result (file and line).
    """
    if not path.is_file():
        raise LabsError(
            f"Found no file {path}. Expected results as `python -m labs bench --out "
            "DIR` writes them to DIR/results.jsonl."
        )
    found: dict[tuple[Any, ...], Result] = {}
    for where, values in records.read_json_lines(path):
        if lacking := [name for name in _NEEDED if name not in values]:
            raise LabsError(f"{where}: no result of a cell, {lacking[0]!r} is missing.")
        found[values["arm"], values["task"], values["seed"]] = values
    return in_order(found.values())


def in_order(results: Iterable[Result]) -> list[Result]:
    """By arm and task, as the modules of both name them, then by seed."""
    places = {name: i for i, name in enumerate([*arms.ARMS, *tasks.TASKS])}
    last = len(places)

    def place(result: Result) -> tuple[int, int, int]:
        arm, task = (places.get(result[k], last) for k in ("arm", "task"))
        return arm, task, result["seed"]

    return sorted(results, key=place)


# Checks -------------------------------------------------------------------------------


def check(results: Sequence[Result]) -> None:
    """Refuse what cannot be compared.

    Raises:
        LabsError: nothing there, a failed cell, several versions of data, model, code
            or settings, or arms that were not asked the same questions.
    """
    if not results:
        raise LabsError("There are no results. Expected at least one cell's.")
    for result in results:
        if "error" in result:
            raise LabsError(
                f"The arm {result['arm']} failed on {result['task']} (seed "
                f"{result['seed']}): {result['error']}. Run the benchmark again, or "
                "leave the arm out: its other cells alone would flatter it."
            )
    for name in MUST_AGREE:
        _check_one("versions", name, results)
    for name in results[0]["settings"]:
        _check_one("settings", name, results)
    _check_same_questions(results)


def _check_one(part: str, name: str, results: Sequence[Result]) -> None:
    found: dict[str, str] = {}
    for result in results:
        value = json.dumps(result[part].get(name))
        found.setdefault(value, f"{result['arm']} on {result['task']}")
    if len(found) > 1:
        told = "; ".join(f"{value} ({where})" for value, where in found.items())
        raise LabsError(
            f"The results are of {len(found)} versions of {name}: {told}. They cannot "
            "be compared: run the benchmark again into a new --out."
        )


def _check_same_questions(results: Sequence[Result]) -> None:
    asked: dict[str, tuple[str, list[str]]] = {}
    for result in results:
        ids = [answer["id"] for answer in result["answers"]]
        arm, first = asked.setdefault(result["task"], (result["arm"], ids))
        if ids != first:
            raise LabsError(
                f"{result['arm']} was asked {len(ids)} questions of {result['task']}, "
                f"{arm} {len(first)} or others. Expected the same: give both the same "
                "--questions."
            )


# Scores -------------------------------------------------------------------------------


def answers(results: Iterable[Result], arm: str, task: str) -> list[list[dict]]:
    """The answers of an arm to a task: one list for each training seed.

    Raises:
        LabsError: there are none.
    """
    found = [r for r in results if (r["arm"], r["task"]) == (arm, task)]
    if not found:
        raise LabsError(f"There is no result of {arm} on {task}.")
    return [r["answers"] for r in sorted(found, key=lambda r: r["seed"])]


def scores(
    results: Sequence[Result], task: str, measure: str = "right"
) -> dict[str, np.ndarray]:
    """One score (n,) a question for each arm, the mean over its training seeds.

    Paired: all arms in the same order of the same questions.

    Args:
        measure: "right" (0 to 1, by the kind's own measure), "refused", "token_f1",
            "tokens_in", "tokens_out" or "seconds".

    Raises:
        LabsError: an arm has no result of this task.
    """
    return {
        arm: np.mean(
            [[float(a[measure]) for a in own] for own in answers(results, arm, task)],
            axis=0,
        )
        for arm in names(results, "arm")
    }


def overall(
    results: Sequence[Result], measure: str = "right", over: Sequence[str] = ()
) -> dict[str, np.ndarray]:
    """The scores of several tasks in one row for each arm; all of quality by default.

    Every question counts alike: with as many questions each, so does every task.

    Raises:
        LabsError: no task of quality is among the results.
    """
    chosen = over or measured(results)
    if not chosen:
        raise LabsError("The results hold no task of quality, only timings.")
    rows = [scores(results, task, measure) for task in chosen]
    return {arm: np.concatenate([row[arm] for row in rows]) for arm in rows[0]}


def names(results: Iterable[Result], what: str) -> list[str]:
    """The arms or the tasks ("arm", "task") of results, in their order."""
    return list(dict.fromkeys(result[what] for result in results))


def measured(results: Iterable[Result]) -> list[str]:
    """The tasks whose answers are judged: all but the one that takes the time."""
    return [task for task in names(results, "task") if task in tasks.QUALITY]


def waits(results: Sequence[Result]) -> dict[str, tuple[float, float]]:
    """Median and 95th percentile of the seconds that one waits for an answer, by arm.

    Of questions that were searched and answered one by one; empty without such cells.
    """
    if tasks.LATENCY not in names(results, "task"):
        return {}
    seconds = scores(results, tasks.LATENCY, "seconds")
    return {
        arm: (float(np.median(own)), float(np.percentile(own, 95)))
        for arm, own in seconds.items()
    }


def table(results: Sequence[Result], measure: str = "right") -> Any:
    """Means with intervals of every task and arm, for `plots.dots`.

    A DataFrame with the columns task, arm, mean, low, high, n.
    """
    import pandas as pd

    rows = [
        {"task": task, "arm": arm} | asdict(bootstrap_mean(values))
        for task in measured(results)
        for arm, values in scores(results, task, measure).items()
    ]
    return pd.DataFrame(rows)


def spent(results: Sequence[Result]) -> dict[str, dict[str, float]]:
    """For each arm what a question costs: tokens in and out, seconds of its batch."""
    found: Mapping[str, Any] = {
        name: overall(results, name) for name in ("tokens_in", "tokens_out", "seconds")
    }
    return {
        arm: {name: float(values[arm].mean()) for name, values in found.items()}
        for arm in names(results, "arm")
    }
