"""A registry of adapters: where each came from, how it did, and which one is in use.

One SQLite file in the cache. Every change is one transaction: a killed kernel leaves
the state before or after it, and a second notebook waits its turn. Entries are never
changed or deleted; what is in use is the last line of a journal of moves.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from labs import profiles
from labs.adapters import Adapter
from labs.errors import LabsError

_TABLES = (
    "CREATE TABLE IF NOT EXISTS entries (name TEXT PRIMARY KEY, entry TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS moves (number INTEGER PRIMARY KEY AUTOINCREMENT, "
    "name TEXT NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL)",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An adapter as it was judged; `name` tells it from all others of the registry."""

    name: str
    adapter: str  # digest of the weights
    directory: str  # where they lie, from the cache directory
    base: str  # digest of the base model
    parent: str | None  # the name of the entry whose weights it went on from
    data: str  # digest of the rows
    seed: int
    recipe: Mapping[str, Any]
    metrics: Mapping[str, float]
    accepted: bool
    reasons: tuple[str, ...]

    def load(self) -> Adapter:
        """The adapter itself.

        Raises:
            LabsError: its files are gone, or are not those that were registered.
        """
        adapter = Adapter(profiles.cache_dir() / self.directory)
        if adapter.key != self.adapter:
            raise LabsError(
                f"The weights in {adapter.directory} have the digest "
                f"{adapter.key[:12]}; {self.name!r} was registered with "
                f"{self.adapter[:12]}. Train it anew from its lineage, or roll back."
            )
        return adapter


@dataclass(frozen=True, slots=True)
class Move:
    """A line of the journal: from here on `name` is in use."""

    name: str
    kind: str  # "accepted" or "rolled back"
    reason: str
    at: str  # ISO 8601, UTC


class Registry:
    """The adapters of one undertaking. First shown in
    notebooks/2_finetuning/06_continuous.

    Args:
        name: of the file, in `registries/` of the cache directory.
    """

    def __init__(self, name: str) -> None:
        self.path = profiles.cache_dir() / "registries" / f"{name}.sqlite"

    # Writing ------------------------------------------------------------------------

    def register(
        self,
        name: str,
        adapter: Adapter,
        accepted: bool,
        reasons: Sequence[str],
        metrics: Mapping[str, float],
        parent: str | None = None,
    ) -> Entry:
        """Write down an adapter with its verdict; an accepted one comes into use.

        The same entry again is no error, so that a notebook can be run again.

        Raises:
            LabsError: the name stands for something else, the parent is unknown or
                not the one that the weights went on from, the file cannot be used.
        """
        entry = _entry(name, adapter, accepted, reasons, metrics, parent)
        text = json.dumps(asdict(entry), sort_keys=True)
        with self._transaction() as db:
            _check_parent(_entries(db), entry, adapter)
            db.execute("INSERT OR IGNORE INTO entries VALUES (?, ?)", (name, text))
            if _entries(db)[name] != entry:
                raise LabsError(
                    f"{name!r} stands in {self.path.name} for another adapter or "
                    "another verdict. Entries are never changed: choose a new name."
                )
            if accepted:
                _move(db, name, "accepted", "passed the gate")
        return entry

    def roll_back(self, reason: str, to: str | None = None) -> Entry:
        """Put an earlier accepted adapter back into use; by default the nearest
        accepted ancestor.

        Raises:
            LabsError: there is none, or the one named is unknown or was rejected.
        """
        with self._transaction() as db:
            entries, moves = _entries(db), _moves(db)
            if to is None and moves:
                above = _line(entries, moves[-1].name)[1:]
                to = next((entry.name for entry in above if entry.accepted), None)
            if to is None or to not in entries or not entries[to].accepted:
                usable = [e.name for e in entries.values() if e.accepted]
                raise LabsError(
                    f"Cannot roll back to {to!r}: expected an accepted entry, one of "
                    f"{usable}. `history()` tells what happened to the others."
                )
            _move(db, to, "rolled back", reason)
        return entries[to]

    # Reading ------------------------------------------------------------------------

    def history(self) -> list[Entry]:
        """All entries, rejected ones too, in the order of their registration."""
        with self._transaction() as db:
            return list(_entries(db).values())

    def journal(self) -> list[Move]:
        """What came into use, when and why; the last line is the present."""
        with self._transaction() as db:
            return _moves(db)

    def current(self) -> Entry | None:
        """The adapter in use; None before the first is accepted."""
        with self._transaction() as db:
            moves = _moves(db)
            return _entries(db)[moves[-1].name] if moves else None

    def lineage(self, name: str) -> list[Entry]:
        """The entry, its parent, and so on to the first.

        Raises:
            LabsError: there is no such entry.
        """
        with self._transaction() as db:
            entries = _entries(db)
        if name not in entries:
            raise LabsError(f"No entry {name!r}; there are: {', '.join(entries)}.")
        return _line(entries, name)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All of what is written within, or nothing; others wait meanwhile."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(_connect(self.path)) as db, db:
                db.execute("BEGIN IMMEDIATE")
                for table in _TABLES:
                    db.execute(table)
                yield db
        except (OSError, sqlite3.Error) as error:
            raise LabsError(
                f"The registry {self.path} cannot be used ({error}). Free some space, "
                "set LABS_CACHE to a writable directory, or move the file away to "
                "begin a new registry."
            ) from error


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=30, isolation_level=None)


def _entries(db: sqlite3.Connection) -> dict[str, Entry]:
    rows = db.execute("SELECT name, entry FROM entries ORDER BY rowid")
    return {name: _read(text) for name, text in rows}


def _read(text: str) -> Entry:
    values = json.loads(text)
    return Entry(**values | {"reasons": tuple(values["reasons"])})


def _line(entries: Mapping[str, Entry], name: str | None) -> list[Entry]:
    """The entry and its ancestors; a parent is always older, so this ends."""
    line = []
    while name:
        line.append(entries[name])
        name = entries[name].parent
    return line


def _moves(db: sqlite3.Connection) -> list[Move]:
    rows = db.execute("SELECT name, kind, reason, at FROM moves ORDER BY number")
    return [Move(*row) for row in rows]


def _move(db: sqlite3.Connection, name: str, kind: str, reason: str) -> None:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    db.execute(
        "INSERT INTO moves (name, kind, reason, at) VALUES (?, ?, ?, ?)",
        (name, kind, reason, at),
    )


def _entry(
    name: str,
    adapter: Adapter,
    accepted: bool,
    reasons: Sequence[str],
    metrics: Mapping[str, float],
    parent: str | None,
) -> Entry:
    root, lineage = profiles.cache_dir().resolve(), adapter.lineage
    directory = adapter.directory.resolve()
    if not lineage or not directory.is_relative_to(root):
        raise LabsError(
            f"The adapter in {directory} cannot be registered: expected one that "
            f"`labs.finetune` trained, with its lineage, within {root}."
        )
    return Entry(
        name=name,
        adapter=adapter.key,
        directory=directory.relative_to(root).as_posix(),
        base=lineage["base"],
        parent=parent,
        data=lineage["rows"],
        seed=lineage["recipe"]["seed"],
        recipe=lineage["recipe"],
        metrics=dict(metrics),
        accepted=accepted,
        reasons=tuple(reasons),
    )


def _check_parent(entries: Mapping[str, Entry], entry: Entry, adapter: Adapter) -> None:
    """The parent by name must be the one by weights."""
    known = entries.get(entry.parent) if entry.parent else None
    found = adapter.lineage.get("parent")
    if (entry.parent and not known) or found != (known.adapter if known else None):
        raise LabsError(
            f"{entry.name!r} was registered with the parent {entry.parent!r}, but its "
            f"weights went on from {found and found[:12]}. Expected the entry of those "
            f"weights, registered before it; there are: {', '.join(entries) or 'none'}."
        )
