"""Results kept on disk by their content, so that nothing is computed twice.

A key is the sha256 of everything that a result depends on; nothing ever goes stale,
and deleting the directory (`labs.profiles.cache_dir()`) loses only time.
"""

import hashlib
import json
import sqlite3
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from labs import profiles

_unwritable: set[Path] = set()  # warned about once, then left alone


def key(content: Any) -> str:
    """sha256 of anything that JSON can write, in one canonical form."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Cache:
    """Bytes by key in one SQLite file, shared by threads and processes.

    Each batch is one transaction: a run that is broken off keeps all batches before.
    A disk that is full or read-only gives one warning; the run goes on without it.
    """

    def __init__(self, name: str) -> None:
        self.path = profiles.cache_dir() / f"{name}.sqlite"

    def complete(
        self,
        keys: Sequence[str],
        compute: Callable[[list[int]], Iterable[Mapping[int, bytes]]],
    ) -> list[bytes]:
        """The values of `keys`, in their order; `compute` makes what is missing.

        `compute` gets the positions of the keys without a value (one for each key)
        and yields batches of values by position; each batch is kept as it comes.
        """
        found = self.get_many(keys)
        first = {key: i for i, key in reversed(list(enumerate(keys)))}
        missing = sorted(i for key, i in first.items() if key not in found)
        for batch in compute(missing) if missing else ():
            values = {keys[i]: value for i, value in batch.items()}
            self.put_many(values)
            found |= values
        return [found[key] for key in keys]

    def get_many(self, keys: Iterable[str]) -> dict[str, bytes]:
        """The values that are there, by key."""
        query = (
            "SELECT key, value FROM entries "
            "WHERE key IN (SELECT json_each.value FROM json_each(?))"
        )
        try:
            if not self.path.is_file() or not self.path.stat().st_size:
                return {}
            with closing(self._connect()) as db:
                return dict(db.execute(query, [json.dumps(list(keys))]))
        except (OSError, sqlite3.Error) as error:
            self._warn(error)
            return {}

    def put_many(self, values: Mapping[str, bytes]) -> None:
        """Keep values by key; all of them or, when it is broken off, none."""
        if self.path in _unwritable:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._connect()) as db, db:
                db.execute(
                    "CREATE TABLE IF NOT EXISTS entries "
                    "(key TEXT PRIMARY KEY, value BLOB NOT NULL)"
                )
                rows = values.items()
                db.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?)", rows)
        except (OSError, sqlite3.Error) as error:
            self._warn(error)

    def _connect(self) -> sqlite3.Connection:
        # SQLite's ordinary journal, not WAL: it can be read from a read-only disk.
        return sqlite3.connect(self.path, timeout=30)

    def _warn(self, error: Exception) -> None:
        if self.path in _unwritable:
            return
        _unwritable.add(self.path)
        warnings.warn(
            f"The cache {self.path} does not work ({error}). Going on without: the "
            "results are the same, the next run computes them again. To mend it, free "
            "some space, delete the file, or set LABS_CACHE to a writable directory.",
            RuntimeWarning,
            stacklevel=2,
        )


def file_digest(path: Path) -> str:
    """sha256 of a file's bytes, remembered by its path, size and time of change."""
    stat = path.stat()
    name = key([str(path.resolve()), stat.st_size, stat.st_mtime_ns])

    def compute(_: list[int]) -> Iterable[Mapping[int, bytes]]:
        with path.open("rb") as file:
            yield {0: hashlib.file_digest(file, "sha256").hexdigest().encode()}

    return Cache("digests").complete([name], compute)[0].decode()
