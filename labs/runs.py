"""A log of all benchmark runs: appended by each, shown by `python -m labs runs`.

One SQLite file, named by `LABS_RUNS`; by default it lies in the user's state directory
and not in the cache: deleting the cache loses only time, deleting the log history.
"""

import json
import os
import sqlite3
import uuid
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from labs import provenance, results
from labs.errors import LabsError
from labs.stats import Interval, bootstrap_mean


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the benchmark: what it was made of, and each arm's score over all."""

    id: str
    when: str  # ISO, UTC
    versions: dict[str, Any]  # data, model, code, as in every result
    commit: str | None
    tasks: list[str]
    n: int  # questions of each arm
    scores: dict[str, Interval]  # by arm: right, over all tasks alike
    note: str = ""


def path() -> Path:
    """Where the log lies: `LABS_RUNS`, or a file in the user's state directory."""
    if given := os.environ.get("LABS_RUNS"):
        return Path(given).expanduser().absolute()
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "labs-workbook" / "runs.sqlite"


def of(found: Sequence[results.Result], note: str = "") -> Run:
    """The entry of results that belong together.

    Raises:
        LabsError: as `labs.results.check`.
    """
    results.check(found)
    right = results.overall(found)
    means = {arm: bootstrap_mean(values) for arm, values in right.items()}
    return Run(
        id=uuid.uuid4().hex[:8],
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        versions={k: v for k, v in found[0]["versions"].items() if k != "adapter"},
        commit=provenance.commit(),
        tasks=results.names(found, "task"),
        n=next(iter(means.values())).n,
        scores=means,
        note=note,
    )


def add(run: Run, log: Path | None = None) -> None:
    """Append a run.

    Raises:
        LabsError: the log cannot be written.
    """
    log = log or path()
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(log, timeout=30)) as db, db:
            db.execute("CREATE TABLE IF NOT EXISTS runs (id PRIMARY KEY, run)")
            db.execute("INSERT INTO runs VALUES (?, ?)", [run.id, _text(run)])
    except (OSError, sqlite3.Error) as error:
        raise _unusable(log, error) from error


def load(log: Path | None = None) -> list[Run]:
    """All runs, in the order in which they were added; none where there is no log.

    Raises:
        LabsError: the file is no log.
    """
    log = log or path()
    if not log.is_file():
        return []
    try:
        with closing(sqlite3.connect(log, timeout=30)) as db:
            rows = db.execute("SELECT run FROM runs ORDER BY rowid").fetchall()
    except sqlite3.Error as error:
        raise _unusable(log, error) from error
    return [_run(json.loads(text)) for (text,) in rows]


def export(file: Path, log: Path | None = None) -> int:
    """Write all runs as JSON lines; how many they are."""
    found = load(log)
    file.write_text("".join(_text(run) + "\n" for run in found), encoding="utf-8")
    return len(found)


def table(found: Sequence[Run]) -> Any:
    """The runs as a table for the terminal, the newest last."""
    from rich import box
    from rich.table import Table

    shown = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    arms = list(dict.fromkeys(arm for run in found for arm in run.scores))
    heads = [arm.replace("-", "-\n") for arm in arms]  # narrow columns
    for head in ("run\ncommit", "when\n(UTC)", "data\nmodel", "n", *heads, "note"):
        shown.add_column(head, no_wrap=head != "note")
    for run in found:
        means = [run.scores.get(arm) for arm in arms]
        cells = [f"{own.mean:.2f}" if own else "" for own in means]
        when = run.when[:16].replace("T", "\n")
        made_of = "\n".join(run.versions[name][:6] for name in ("data", "model"))
        which = f"{run.id}\n{(run.commit or '')[:8]}"
        shown.add_row(which, when, made_of, str(run.n), *cells, run.note)
    return shown


def _text(run: Run) -> str:
    return json.dumps(asdict(run), ensure_ascii=False)


def _run(values: dict[str, Any]) -> Run:
    scores = {arm: Interval(**own) for arm, own in values["scores"].items()}
    return Run(**values | {"scores": scores})


def _unusable(log: Path, error: Exception) -> LabsError:
    return LabsError(
        f"The log of runs {log} does not work ({error}). Set LABS_RUNS to a file in a "
        "directory that can be written."
    )
