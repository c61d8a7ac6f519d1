"""The registry of adapters: its state, its errors, two writers, a killed one."""

import json
import multiprocessing
import os
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from labs import profiles, registry
from labs.adapters import LINEAGE, Adapter
from labs.errors import LabsError
from labs.registry import Registry


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABS_CACHE", str(tmp_path))


def _adapter(name: str, parent: Adapter | None = None, seed: int = 3) -> Adapter:
    directory = profiles.cache_dir() / "adapters" / name
    directory.mkdir(parents=True)
    (directory / "adapter_config.json").write_text("{}", encoding="utf-8")
    (directory / "adapter_model.safetensors").write_bytes(name.encode())
    lineage = {
        "base": "b" * 64,
        "parent": parent.key if parent else None,
        "rows": f"rows of {name}",
        "recipe": {"seed": seed, "epochs": 2},
    }
    (directory / LINEAGE).write_text(json.dumps(lineage), encoding="utf-8")
    return Adapter(directory)


def _three() -> Registry:
    """One accepted, its child accepted, a child of that rejected."""
    own, a = Registry("toy"), _adapter("a")
    b = _adapter("b", a)
    own.register("round 0", a, True, ["fine"], {"new": 0.5})
    own.register("round 1", b, True, ["fine too"], {"new": 0.6}, "round 0")
    own.register("round 2", _adapter("c", b), False, ["lost"], {"new": 0}, "round 1")
    return own


def test_an_empty_registry() -> None:
    own = Registry("toy")
    assert own.current() is None and own.history() == own.journal() == []


def test_lineage_is_written_down() -> None:
    own = _three()
    entry = own.history()[1]
    assert (entry.parent, entry.data, entry.seed) == ("round 0", "rows of b", 3)
    assert entry.recipe == {"seed": 3, "epochs": 2} and entry.metrics == {"new": 0.6}
    assert entry.directory == "adapters/b" and entry.base == "b" * 64
    assert [e.name for e in own.lineage("round 2")] == ["round 2", "round 1", "round 0"]
    assert entry.load().key == entry.adapter


def test_what_is_rejected_is_kept_but_not_used() -> None:
    own = _three()
    assert own.current().name == "round 1"
    last = own.history()[-1]
    assert (last.name, last.accepted, last.reasons) == ("round 2", False, ("lost",))
    assert [(m.name, m.kind) for m in own.journal()] == [
        ("round 0", "accepted"),
        ("round 1", "accepted"),
    ]


def test_roll_back_to_the_parent_and_forth_again() -> None:
    own = _three()
    assert own.roll_back("complaints").name == "round 0"
    assert Registry("toy").current().name == "round 0"  # as another kernel sees it
    assert own.roll_back("it was not that", to="round 1").name == "round 1"
    assert own.current().name == "round 1" and len(own.history()) == 3
    assert [m.reason for m in own.journal()][2:] == ["complaints", "it was not that"]


def test_roll_back_leaps_over_a_rejected_parent() -> None:
    own = _three()
    rejected = own.history()[-1].load()
    own.register("round 3", _adapter("d", rejected), True, ["ok"], {}, "round 2")
    assert own.roll_back("complaints").name == "round 1"


def test_no_roll_back_beyond_the_first_or_to_the_rejected() -> None:
    own = _three()
    for name in ("round 2", "round 9"):
        with pytest.raises(LabsError, match=rf"to '{name}'.*\['round 0', 'round 1'\]"):
            own.roll_back("why not", to=name)
    own.roll_back("first")
    with pytest.raises(LabsError, match="Cannot roll back to None"):
        own.roll_back("second")
    with pytest.raises(LabsError, match="Cannot roll back to None"):
        Registry("empty").roll_back("nothing there")


def test_the_same_entry_again_is_no_error() -> None:
    own, a = Registry("toy"), _adapter("a")
    for _ in range(2):
        own.register("round 0", a, True, ["fine"], {"new": 0.5})
    assert len(own.history()) == 1
    with pytest.raises(LabsError, match="Entries are never changed"):
        own.register("round 0", a, True, ["fine"], {"new": 0.9})
    assert own.history()[0].metrics == {"new": 0.5} and len(own.journal()) == 2


def test_the_parent_must_be_the_one_of_the_weights() -> None:
    own, a = Registry("toy"), _adapter("a")
    b = _adapter("b", a)
    for parent in (None, "round 0"):
        with pytest.raises(LabsError, match=f"went on from {a.key[:12]}.*none"):
            own.register("round 1", b, True, ["fine"], {}, parent)
    own.register("round 0", a, True, ["fine"], {})
    with pytest.raises(LabsError, match="'round 1b' was registered with the parent"):
        own.register("round 1b", _adapter("d"), True, ["fine"], {}, "round 0")
    assert [entry.name for entry in own.history()] == ["round 0"]


def test_an_adapter_from_elsewhere_has_no_lineage() -> None:
    a = _adapter("a")
    (a.directory / LINEAGE).unlink()
    with pytest.raises(LabsError, match="cannot be registered.*finetune"):
        Registry("toy").register("round 0", a, True, ["fine"], {})


def test_changed_or_missing_weights_are_found_when_loaded() -> None:
    entry = _three().history()[0]
    weights = profiles.cache_dir() / "adapters" / "a" / "adapter_model.safetensors"
    weights.write_bytes(b"other")
    with pytest.raises(LabsError, match="'round 0' was registered with"):
        entry.load()
    weights.unlink()
    with pytest.raises(LabsError, match="has no adapter_model.safetensors"):
        entry.load()


def test_an_unknown_name_names_the_known_ones() -> None:
    with pytest.raises(LabsError, match="'round 9'; there are: round 0, round 1"):
        _three().lineage("round 9")


def test_a_file_that_is_no_registry_is_one_clear_error() -> None:
    own = Registry("toy")
    own.path.parent.mkdir()
    own.path.write_text("no database at all, but long enough to be looked at " * 9)
    for use in (own.history, own.current, lambda: own.roll_back("x")):
        with pytest.raises(LabsError, match="toy.sqlite cannot be used"):
            use()
    blocked = Registry("toy/deeper")
    blocked.path.parent.parent.joinpath("toy").write_text("a file in the way")
    with pytest.raises(LabsError, match="cannot be used"):
        blocked.current()


def _write(cache: str, names: list[str]) -> None:
    os.environ["LABS_CACHE"] = cache
    for name in names:
        adapter = Adapter(Path(cache) / "adapters" / name)
        Registry("toy").register(name, adapter, True, ["fine"], {})


def test_two_notebooks_at_once_lose_nothing(tmp_path: Path) -> None:
    names = [[f"{who}{i}" for i in range(8)] for who in "ab"]
    for name in sum(names, []):
        _adapter(name)
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_write, args=(str(tmp_path), own)) for own in names]
    for process in both:
        process.start()
    for process in both:
        process.join()
        assert process.exitcode == 0
    own = Registry("toy")
    assert {e.name for e in own.history()} == set(sum(names, []))
    assert len(own.journal()) == 16 and own.current().name in ("a7", "b7")


def _hang(cache: str) -> None:
    """Half a registration: the entry is written, its move is not, then it hangs."""
    os.environ["LABS_CACHE"] = cache

    def hang(*_: object) -> None:
        Path(cache, "hangs").touch()
        time.sleep(60)

    registry._move = hang
    _write(cache, ["b"])


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_a_killed_kernel_leaves_the_state_before(tmp_path: Path) -> None:
    own, a = Registry("toy"), _adapter("a")
    _adapter("b")
    own.register("a", a, True, ["fine"], {})
    process = multiprocessing.get_context("spawn").Process(
        target=_hang, args=(str(tmp_path),)
    )
    process.start()
    deadline_s = time.monotonic() + 60
    while not (tmp_path / "hangs").exists() and time.monotonic() < deadline_s:
        time.sleep(0.05)
    process.kill()
    process.join()
    assert [e.name for e in own.history()] == ["a"] and own.current().name == "a"
    own.register("b", Adapter(tmp_path / "adapters" / "b"), True, ["fine"], {})
    assert own.current().name == "b"


def test_the_file_is_plain_sqlite() -> None:
    own = _three()
    with sqlite3.connect(own.path) as db:
        assert db.execute("SELECT count(*) FROM moves").fetchone() == (2,)
