"""A gate for changes: is any arm worse than it was, on the same questions?

`python -m labs gate BASELINE.jsonl CANDIDATE.jsonl` compares two runs of the benchmark
and ends with exit code 1 where the candidate is worse, so that a CI job fails with it.
The model, the prompts, the index and the code may differ: that is what is judged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from labs import results
from labs.errors import LabsError
from labs.results import Result
from labs.stats import Interval, paired_bootstrap

MARGIN = 0.05  # by how much an arm may be worse
ALL = "all tasks"
MEASURES = {"right": "right", "recall": "evidence found"}
_MUST_AGREE = ("data", "general")
_MARKS = {"held": "✓", "open": "?", "worse": "✗"}


@dataclass(frozen=True, slots=True)
class Check:
    """An arm on a task: how far the candidate is from the baseline."""

    arm: str
    task: str
    measure: str  # one of MEASURES
    change: Interval  # candidate minus baseline, paired
    verdict: str  # "held", "open" or "worse"


def gate_verdict(low: float, high: float, margin: float) -> str:
    """What the 95% interval of a change says about a loss of more than `margin`.

    "worse" if all of it lies below the margin, "held" if none of it does, else "open":
    more questions would tell. First shown in notebooks/3_benchmarking/06_decide.
    """
    if high < -margin:
        return "worse"
    return "open" if low < -margin else "held"


def check(
    baseline: Sequence[Result], candidate: Sequence[Result], margin: float = MARGIN
) -> list[Check]:
    """Every arm, task by task and over all tasks.

    Raises:
        LabsError: the two cannot be compared: other data or questions, cells that
            failed or are missing; or the margin is no share.
    """
    if not 0 <= margin < 1:
        raise LabsError(f"The margin is {margin}, expected a share such as {MARGIN}.")
    results.check(baseline)
    results.check(candidate)
    _check_comparable(baseline, candidate)
    checks = []
    for arm in results.names(baseline, "arm"):
        for measure in MEASURES:
            checks += _of_arm(arm, measure, baseline, candidate, margin)
    if not checks:
        raise LabsError("The baseline holds no judged answers, so nothing to compare.")
    return checks


def failed(checks: Sequence[Check]) -> list[Check]:
    """Those that are worse: with any of them the gate is closed."""
    return [check for check in checks if check.verdict == "worse"]


def _of_arm(
    arm: str,
    measure: str,
    baseline: Sequence[Result],
    candidate: Sequence[Result],
    margin: float,
) -> list[Check]:
    """A row for each task with this measure, and one for all of them together."""
    before: dict[str, np.ndarray] = {}
    after: dict[str, np.ndarray] = {}
    for task in results.measured(r for r in baseline if r["arm"] == arm):
        old, new = (_scores(own, arm, task, measure) for own in (baseline, candidate))
        there = ~np.isnan(old)
        if there.any():
            before[task], after[task] = old[there], np.nan_to_num(new)[there]
    if len(before) > 1:
        before[ALL], after[ALL] = (
            np.concatenate(list(own.values())) for own in (before, after)
        )
    rows = []
    for task in before:
        change = paired_bootstrap(after[task], before[task])
        said = gate_verdict(change.low, change.high, margin)
        rows.append(Check(arm, task, measure, change, said))
    return rows


def _scores(found: Sequence[Result], arm: str, task: str, measure: str) -> np.ndarray:
    """One score (n,) a question, the mean over training seeds; nan where none is."""
    rows = [
        [np.nan if a[measure] is None else float(a[measure]) for a in own]
        for own in results.answers(found, arm, task)
    ]
    return np.mean(rows, axis=0)


def _check_comparable(baseline: Sequence[Result], candidate: Sequence[Result]) -> None:
    for name in _MUST_AGREE:
        old, new = (own[0]["versions"].get(name) for own in (baseline, candidate))
        if old != new:
            raise LabsError(
                f"The baseline is of {name} {old}, the candidate of {new}. A gate "
                "needs the same questions: measure the baseline again on these."
            )
    asked = {(r["arm"], r["task"]): _ids(r) for r in candidate}
    for result in baseline:
        place = result["arm"], result["task"]
        if place not in asked:
            raise LabsError(
                f"The candidate has no result of {place[0]} on {place[1]}, which the "
                "baseline has. Give both the same --arms and --tasks: what is not "
                "measured cannot pass."
            )
        if _ids(result) != asked[place]:
            raise LabsError(
                f"{place[0]} was asked {len(_ids(result))} questions of {place[1]} in "
                f"the baseline, {len(asked[place])} or others in the candidate. Give "
                "both the same --questions."
            )


def _ids(result: Result) -> list[str]:
    return [answer["id"] for answer in result["answers"]]


# Telling ------------------------------------------------------------------------------


def headline(checks: Sequence[Check], margin: float) -> str:
    """The verdict in a sentence."""
    n = {name: sum(c.verdict == name for c in checks) for name in _MARKS}
    word = "FAILED" if n["worse"] else "passed"
    return (
        f"Gate {word}: of {len(checks)} comparisons {n['worse']} worse by more than "
        f"{margin:g}, {n['open']} open, {n['held']} held."
    )


def table(checks: Sequence[Check], margin: float) -> Any:
    """For the terminal."""
    from rich import box
    from rich.table import Table

    shown = Table(box=box.SIMPLE_HEAD, title=headline(checks, margin))
    for head in _HEADS:
        shown.add_column(head, no_wrap=True)
    for row in _rows(checks):
        shown.add_row(*row)
    return shown


def markdown(checks: Sequence[Check], margin: float) -> str:
    """For the page of a CI job: what is worse first, then open, then held."""
    lines = [f"### {headline(checks, margin)}", ""]
    lines += ["| " + " | ".join(_HEADS) + " |", "|" + " --- |" * len(_HEADS)]
    lines += ["| " + " | ".join(row) + " |" for row in _rows(checks)]
    note = (
        "Change: candidate minus baseline on the same questions, with its 95% "
        "interval. *worse*: all of it lies below the margin. *open*: a part of it "
        "does; more questions would tell."
    )
    return "\n".join([*lines, "", note, ""])


_HEADS = ("", "arm", "task", "measure", "change", "verdict")


def _rows(checks: Sequence[Check]) -> list[tuple[str, ...]]:
    order = list(_MARKS)[::-1]
    return [
        (
            _MARKS[c.verdict],
            c.arm,
            c.task,
            MEASURES[c.measure],
            str(c.change),
            c.verdict,
        )
        for c in sorted(checks, key=lambda c: order.index(c.verdict))
    ]
