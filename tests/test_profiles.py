from pathlib import Path

import pytest

from labs import profiles
from labs.errors import LabsError

SETTINGS = ("LABS_PROFILE", "LABS_MODEL", "LABS_BASE_URL", "LABS_DATA", "LABS_CACHE")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("asked", "capability", "expected"),
    [
        (None, None, ("pocket", "cpu", "float32")),
        (None, (7, 5), ("t4", "cuda", "float16")),
        (None, (8, 0), ("gpu", "cuda", "bfloat16")),
        (None, (9, 0), ("gpu", "cuda", "bfloat16")),
        ("pocket", (9, 0), ("pocket", "cpu", "float32")),
        ("laptop", (9, 0), ("laptop", "cpu", "float32")),
        ("t4", None, ("t4", "cpu", "float32")),
        ("t4", (8, 9), ("t4", "cuda", "bfloat16")),
        ("gpu", (7, 5), ("gpu", "cuda", "float16")),
    ],
)
def test_profile_follows_the_dial_and_precision_the_device(
    monkeypatch, asked, capability, expected
):
    monkeypatch.setattr(profiles, "_cuda_capability", lambda: capability)
    monkeypatch.setattr(profiles, "multiplies_bfloat16", lambda: False)
    if asked:
        monkeypatch.setenv("LABS_PROFILE", asked)
    profile = profiles.current()
    assert (profile.name, profile.device, profile.dtype) == expected


def test_a_laptop_with_the_instructions_for_it_takes_bfloat16(monkeypatch):
    monkeypatch.setattr(profiles, "multiplies_bfloat16", lambda: True)
    for name, expected in (("laptop", "bfloat16"), ("pocket", "float32")):
        monkeypatch.setenv("LABS_PROFILE", name)
        assert profiles.current().dtype == expected


def test_a_profile_prints_in_one_line_with_its_reason(monkeypatch):
    monkeypatch.setattr(profiles, "_cuda_capability", lambda: (7, 5))
    line = str(profiles.current())
    assert line == (
        "Profile t4: Qwen/Qwen3-0.6B on cuda, float16 "
        "(found a CUDA device of capability 7.5)."
    )
    monkeypatch.setenv("LABS_PROFILE", "pocket")
    shown = str(Path("data", "pocket"))
    expected = f"Profile pocket: {shown} on cpu, float32 (LABS_PROFILE)."
    assert str(profiles.current()) == expected


def test_unknown_profile(monkeypatch):
    monkeypatch.setenv("LABS_PROFILE", "huge")
    with pytest.raises(LabsError, match="'huge', expected one of pocket, laptop, t4"):
        profiles.current()


def test_model_and_server_override(monkeypatch):
    monkeypatch.setenv("LABS_PROFILE", "pocket")
    monkeypatch.setenv("LABS_MODEL", "owner/name")
    assert profiles.current().model == "owner/name"
    assert profiles.current().base_url is None
    monkeypatch.setenv("LABS_BASE_URL", "http://localhost:8000/v1/")
    profile = profiles.current()
    assert profile.base_url == "http://localhost:8000/v1"
    assert "LABS_MODEL; LABS_BASE_URL" in str(profile)


def test_relative_paths_count_from_here_or_from_the_root(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    monkeypatch.setenv("LABS_DATA", "mine")
    assert profiles.data_dir() == tmp_path / "mine"
    monkeypatch.setenv("LABS_DATA", "data/generators")
    assert profiles.data_dir() == profiles.ROOT / "data" / "generators"
    monkeypatch.setenv("LABS_MODEL", "mine")
    monkeypatch.setenv("LABS_PROFILE", "pocket")
    assert profiles.current().model == str(tmp_path / "mine")


def test_default_directories(monkeypatch, tmp_path):
    assert profiles.data_dir() == profiles.ROOT / "data" / "wind"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert profiles.cache_dir() == tmp_path / "labs-workbook"
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "kept"))
    assert profiles.cache_dir() == tmp_path / "kept"
