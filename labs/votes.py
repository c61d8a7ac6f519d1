"""Votes of people on pairs of answers: one SQLite file, every vote one transaction.

A vote carries the texts that it is about, so that a file of votes can be read without
the model that wrote them. First shown in notebooks/2_finetuning/04_human_feedback.
"""

import json
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from labs import cache, records
from labs.errors import LabsError

CHOICES = ("first", "second", "tie", "both_bad")
PERSON, SCRIPTED = "person", "scripted"  # where a vote comes from


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers to one question, to be rated."""

    question: str
    first: str
    second: str
    passage: str = ""  # what the documents say, for whoever rates

    @property
    def id(self) -> str:
        """The digest of the texts: the same pair has the same id everywhere."""
        return cache.key([self.question, self.first, self.second])[:16]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _uuid() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Vote:
    """What a rater said of a pair; `choice` is in the pair's own order."""

    pair: str  # the id of the pair
    question: str
    first: str
    second: str
    choice: str  # one of CHOICES
    rater: str
    source: str = PERSON  # or SCRIPTED
    left: str = "first"  # which of the two stood on the left
    edited: str = ""  # the answer that the rater would have given, if any
    at: str = field(default_factory=_now)  # ISO 8601, UTC
    id: str = field(default_factory=_uuid)  # uuid4: a vote is known wherever it goes


def vote_on(pair: Pair, choice: str, rater: str, **more: str) -> Vote:
    """A vote on a pair, with its texts."""
    texts = (pair.id, pair.question, pair.first, pair.second)
    return Vote(*texts, choice, rater, **more)


class Merged(NamedTuple):
    """What a merge brought."""

    new: int
    known: int  # were there before, and are not counted again


_NAMES = [f.name for f in fields(Vote)]
_COLUMNS = ", ".join(f'"{name}"' for name in _NAMES)
_TABLE = f"CREATE TABLE IF NOT EXISTS votes ({_COLUMNS}, undone INTEGER, UNIQUE(id))"
_ADD = (
    f"INSERT INTO votes VALUES ({', '.join('?' * len(_NAMES))}, ?) "
    "ON CONFLICT(id) DO UPDATE SET undone = max(undone, excluded.undone)"
)


class Store:
    """Votes in one file, which several kernels may write to.

    A vote that was taken back stays in the file, marked: an older export that is
    merged later does not bring it back.

    Raises:
        LabsError: the file holds something else, or cannot be written.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        with self._open():
            pass

    def add(self, vote: Vote) -> None:
        """Keep a vote; when this returns, it is on the disk."""
        _check(vote, str(self.path))
        with self._open() as db:
            db.execute(_ADD, (*astuple(vote), 0))

    def undo(self, rater: str) -> Vote | None:
        """Take back this rater's last vote; None if there is none."""
        query = (
            f"SELECT {_COLUMNS} FROM votes WHERE rater = ? AND NOT undone "
            "ORDER BY rowid DESC LIMIT 1"
        )
        with self._open() as db:
            row = db.execute(query, (rater,)).fetchone()
            if row is None:
                return None
            vote = Vote(*row)
            db.execute("UPDATE votes SET undone = 1 WHERE id = ?", (vote.id,))
        return vote

    def votes(self, source: str | None = None) -> list[Vote]:
        """The votes that count: of one rater's votes on one pair, the last."""
        query = f"SELECT {_COLUMNS} FROM votes WHERE NOT undone ORDER BY at, rowid"
        with self._open() as db:
            found = [Vote(*row) for row in db.execute(query)]
        last = {(vote.rater, vote.pair): vote for vote in found}
        return [vote for vote in last.values() if source in (None, vote.source)]

    def progress(self, rater: str, pairs: Sequence[Pair]) -> tuple[int, int]:
        """How many of the pairs this rater has voted on, and how many there are."""
        done = {vote.pair for vote in self.votes() if vote.rater == rater}
        return sum(pair.id in done for pair in pairs), len(pairs)

    def export(self, path: str | Path) -> int:
        """Write all votes as JSON lines, those taken back too; how many there are."""
        with self._open() as db:
            rows = db.execute(f"SELECT {_COLUMNS}, undone FROM votes ORDER BY rowid")
            found = [dict(zip([*_NAMES, "undone"], row, strict=True)) for row in rows]
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in found]
        with _told(Path(path)):
            Path(path).write_text("".join(lines), encoding="utf-8")
        return len(lines)

    def merge(self, path: str | Path) -> Merged:
        """Take in an export of another store: all of it, or nothing if it is broken.

        Raises:
            LabsError: a line is no vote (the message names file and line).
        """
        read = list(_read(Path(path)))
        with self._open() as db:
            before = _count(db)
            db.executemany(_ADD, [(*astuple(vote), undone) for vote, undone in read])
            new = _count(db) - before
        return Merged(new, len(read) - new)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """One transaction: whole when the block ends, nothing when it fails."""
        with _told(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=30)) as db, db:
                db.execute(_TABLE)
                yield db


def _count(db: sqlite3.Connection) -> int:
    return db.execute("SELECT count(*) FROM votes").fetchone()[0]


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """A file that cannot be used is one clear error."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise LabsError(
            f"{path}: the votes cannot be read or written there ({error}). Expected a "
            "file of votes, or a new one in a writable directory with free space; name "
            "another path. Votes that were kept before are not touched."
        ) from error


def _read(path: Path) -> Iterator[tuple[Vote, int]]:
    for where, values in records.read_json_lines(path):
        vote = records.build(Vote, values, where)
        _check(vote, where)
        yield vote, int(bool(values.get("undone", 0)))


def _check(vote: Vote, where: str) -> None:
    for name, known in (
        ("choice", CHOICES),
        ("source", (PERSON, SCRIPTED)),
        ("left", ("first", "second")),
    ):
        if getattr(vote, name) not in known:
            raise LabsError(
                f"{where}: {name} is {getattr(vote, name)!r}, expected one of "
                f"{', '.join(known)}."
            )
