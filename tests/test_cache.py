import os
import sqlite3
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from labs import cache
from labs.cache import Cache


@pytest.fixture(autouse=True)
def directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def upper(texts: list[str], calls: list[list[int]]):
    """A computation, two texts to a batch, that notes what it was asked for."""

    def compute(missing: list[int]):
        calls.append(missing)
        for start in range(0, len(missing), 2):
            yield {i: texts[i].upper().encode() for i in missing[start : start + 2]}

    return compute


def test_key_depends_on_content_alone():
    assert cache.key({"a": 1, "b": "ä"}) == cache.key({"b": "ä", "a": 1})
    assert cache.key(["a", "b"]) != cache.key(["ab"])
    # printf '{"a":1}' | sha256sum
    expected = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
    assert cache.key({"a": 1}) == expected


def test_second_run_computes_nothing_and_keeps_the_order():
    texts, calls = ["c", "a", "b", "a"], []
    for _ in range(2):
        values = Cache("t").complete(texts, upper(texts, calls))
        assert values == [b"C", b"A", b"B", b"A"]
    assert calls == [[0, 1, 2]]  # the second "a" is the first one's


def test_only_what_is_new_is_computed():
    calls = []
    Cache("t").complete(["a"], upper(["a"], calls))
    assert Cache("t").complete(["b", "a"], upper(["b", "a"], calls)) == [b"B", b"A"]
    assert calls == [[0], [0]]


def test_nothing_asked_nothing_done(directory):
    assert Cache("t").complete([], upper([], [])) == []
    assert not directory.exists()


def test_a_run_that_is_broken_off_continues():
    def broken(missing):
        yield {0: b"A", 1: b"B"}
        raise KeyboardInterrupt

    texts, calls = ["a", "b", "c"], []
    with pytest.raises(KeyboardInterrupt):
        Cache("t").complete(texts, broken)
    assert Cache("t").complete(texts, upper(texts, calls)) == [b"A", b"B", b"C"]
    assert calls == [[2]]


def complete_twice_with_one_warning() -> None:
    texts, calls = ["a", "b", "c"], []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            values = Cache("t").complete(texts, upper(texts, calls))
            assert values == [b"A", b"B", b"C"]
    assert calls == [[0, 1, 2]] * 2
    assert len(caught) == 1
    assert "LABS_CACHE" in str(caught[0].message)


def test_a_directory_that_cannot_be_made_gives_one_warning(directory):
    directory.write_text("a file stands where the directory should be")
    complete_twice_with_one_warning()


def test_a_full_disk_gives_one_warning(monkeypatch):
    connect = sqlite3.connect

    def connect_full(*args, **kwargs):
        db = connect(*args, **kwargs)
        db.execute("PRAGMA max_page_count = 1")
        return db

    monkeypatch.setattr(sqlite3, "connect", connect_full)
    complete_twice_with_one_warning()


def test_a_broken_file_gives_one_warning(directory):
    directory.mkdir()
    (directory / "t.sqlite").write_bytes(b"no database at all" * 100)
    complete_twice_with_one_warning()


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_read_only_directory_is_still_read(directory):
    Cache("t").put_many({"a": b"A"})
    (directory / "t.sqlite").chmod(0o444)
    directory.chmod(0o555)
    try:
        with pytest.warns(RuntimeWarning, match="LABS_CACHE"):
            values = Cache("t").complete(["a", "b"], lambda missing: [{1: b"B"}])
        assert values == [b"A", b"B"]
    finally:
        directory.chmod(0o755)


def test_two_processes_write_at_once(directory):
    script = """
import sys
from labs.cache import Cache
for i in range(40):
    Cache("t").put_many({f"{sys.argv[1]}{i}": b"x" * 1000, f"both{i}": b"y"})
"""
    command = [sys.executable, "-W", "error", "-c", script]
    running = [subprocess.Popen([*command, name]) for name in ("first", "second")]
    assert [process.wait(timeout=120) for process in running] == [0, 0]
    names = [f"{name}{i}" for name in ("first", "second", "both") for i in range(40)]
    assert len(Cache("t").get_many(names)) == 120


def test_many_keys_at_once():
    values = {cache.key(i): str(i).encode() for i in range(5000)}
    Cache("t").put_many(values)
    assert Cache("t").get_many(values) == values


def test_file_digest_follows_the_file(tmp_path, monkeypatch):
    path = tmp_path / "weights"
    path.write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert cache.file_digest(path) == expected  # the test vector of FIPS 180
    with monkeypatch.context() as patch:
        patch.setattr(cache.hashlib, "file_digest", None)  # not read a second time
        assert cache.file_digest(path) == expected
    path.write_bytes(b"abcd")
    assert cache.file_digest(path) != expected
