"""Colab: its setup cell, run on what looks like it, and its requirements, resolved.

`colab_manifest.txt` records what Colab brings along. The packages that the cell adds
are not fetched here: a stand-in for uv notes what it is asked for.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from labs import colab, contents
from labs.errors import LabsError
from labs.profiles import ROOT

MANIFEST = Path(__file__).parent / "colab_manifest.txt"
REQUIRED = colab.REQUIREMENTS.read_text(encoding="utf-8")
NAMES = re.findall(r"(?m)^[\w-]+(?=>=)", REQUIRED)
on_posix = pytest.mark.skipif(os.name == "nt", reason="Colab is Linux")


def recorded() -> dict[str, str]:
    lines = MANIFEST.read_text(encoding="utf-8").splitlines()
    pins = [line.split("#")[0].strip() for line in lines]
    return dict(pin.split("==") for pin in pins if pin)


# What is missing, and what is held ----------------------------------------------------


def test_missing_is_what_is_not_there_or_too_old():
    required = "# comment\none>=1.2\ntwo>=0.10.1\nthree>=3\n"
    assert colab.missing(required, {}) == ["one>=1.2", "two>=0.10.1", "three>=3"]
    there = {"one": "1.2.0+cu128", "two": "0.9.30", "three": "3.0rc1"}
    assert colab.missing(required, there) == ["two>=0.10.1"]


def test_colab_lacks_each_requirement_and_no_other():
    """Whatever the project depends on is there, or is required here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {re.match(r"[\w-]+", d)[0] for d in project["project"]["dependencies"]}
    wanted |= {"bitsandbytes"}  # QLoRA, in 2.2
    ours = {"jupyterlab"}  # Colab is a notebook server itself
    lacks = wanted - ours - set(recorded())
    assert lacks == set(NAMES)
    assert len(colab.missing(REQUIRED, recorded())) == len(NAMES)


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list]:
    """Puts a uv on the path that fetches nothing; tells its calls, with constraints.

    It fails where more is held than `FAKE_UV_SOLVES`, and makes packages that are a
    name and a version.
    """
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "uv"
    script.write_text(f"#!{sys.executable}\n{FAKE_UV}", encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    monkeypatch.setenv("FAKE_UV", str(tmp_path))

    def calls() -> list[dict[str, list[str]]]:
        log = (tmp_path / "calls.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in log.splitlines()]

    return calls


FAKE_UV = """
import json, os, pathlib, re, shutil, sys
place = pathlib.Path(os.environ["FAKE_UV"])
call = {"arguments": sys.argv[1:], "held": []}
if "--constraint" in sys.argv:
    file = pathlib.Path(sys.argv[sys.argv.index("--constraint") + 1])
    call["held"] = file.read_text().splitlines()
with (place / "calls.jsonl").open("a") as log:
    print(json.dumps(call), file=log)
if len(call["held"]) > int(os.environ.get("FAKE_UV_SOLVES", 1_000)):
    sys.exit("no solution found")
for site in place.glob("colab/lib/*/site-packages"):
    for name, version in re.findall(r"([\\w-]+)>=([\\d.]+)", " ".join(sys.argv)):
        own = site / f"{name.replace('-', '_')}-{version}.dist-info"
        own.mkdir()
        (own / "METADATA").write_text(f"Name: {name}\\nVersion: {version}\\n")
    if "uninstall" in sys.argv:
        [gone] = site.glob(f"{sys.argv[-1]}-*.dist-info")
        shutil.rmtree(gone)
"""


@on_posix
def test_all_that_is_there_is_held(uv):
    there = {"numpy": "2.1.3", "torch": "2.11.0+cu128", "setuptools": "75.2.0"}
    colab.install(["trl>=0.29"], there | {"trl": "0.1", "odd": "1.0-from debian"})
    [call] = uv()
    assert call["held"] == ["numpy==2.1.3", "torch==2.11.0+cu128"]
    assert call["arguments"][:2] == ["pip", "install"]
    assert "trl>=0.29" in call["arguments"]
    assert call["arguments"][call["arguments"].index("--python") + 1] == sys.executable


@on_posix
def test_where_all_cannot_be_held_what_is_loaded_still_is(uv, monkeypatch):
    monkeypatch.setenv("FAKE_UV_SOLVES", "6")
    colab.install(["trl>=0.29"], recorded())
    first, second = uv()
    assert len(first["held"]) > 100
    assert [pin.split("==")[0] for pin in second["held"]] == [*colab.NEVER_CHANGED]


@on_posix
def test_an_installer_that_fails_is_told(uv, monkeypatch):
    monkeypatch.setenv("FAKE_UV_SOLVES", "-1")
    with pytest.raises(LabsError, match=r"trl>=0.29 failed:\nno solution found"):
        colab.install(["trl>=0.29"], recorded())
    assert len(uv()) == 2


def test_pip_serves_where_there_is_no_uv(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert colab._installer("uninstall", "no-such-package-of-the-labs") is None
    said = colab._installer("install", "--no-index", "no-such-package-of-the-labs")
    assert "No matching distribution" in said


def test_requirements_resolve_beside_what_colab_has(tmp_path):
    """Colab's packages held, on its Python: a solution that changes none of them."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if not uv:
        pytest.skip("uv is not installed")
    held = tmp_path / "held.txt"
    [pins, _] = colab._held(colab.missing(REQUIRED, {}), recorded())
    assert len(pins) == len(recorded()) - 1  # setuptools
    held.write_text("\n".join(pins), encoding="utf-8")
    command = [uv, "pip", "compile", "--quiet", "--no-header", "--no-annotate"]
    command += [
        "--python-version",
        "3.13",
        "--python-platform",
        "x86_64-manylinux_2_35",
    ]
    command += ["--constraint", str(held), str(colab.REQUIREMENTS)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    if re.search(r"error sending request|dns error|timed out", done.stderr):
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr
    found = dict(re.findall(r"(?m)^([\w-]+)==(\S+)", done.stdout))
    assert found.keys() >= set(NAMES)
    pinned = {name: recorded()[name] for name in found.keys() & recorded().keys()}
    changed = {name for name, own in pinned.items() if found[name] != own}
    assert changed <= {"setuptools"}


# The cell -----------------------------------------------------------------------------

COLAB = """
import sys, types
drive = types.SimpleNamespace(mount=lambda where: print("mounted", where))
for name in ("google", "google.colab"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["google.colab"].drive = drive
for source in map(str, {sources!r}):
    exec(source, {{}})
import os, labs
print(os.path.dirname(labs.__file__), os.environ["PYTHONPATH"], sep="\\n")
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The Python of an environment with Colab's packages, by name and version alone."""
    place = tmp_path / "colab"
    command = [sys.executable, "-m", "venv", "--without-pip", str(place)]
    subprocess.run(command, check=True)
    [site] = place.glob("lib/*/site-packages")
    for name, version in recorded().items():
        own = site / f"{name.replace('-', '_')}-{version}.dist-info"
        own.mkdir()
        text = f"Name: {name}\nVersion: {version}\n"
        (own / "METADATA").write_text(text, encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return place / "bin" / "python"


@pytest.fixture
def origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of what the cell needs, which git takes for someone/labs."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    place = tmp_path / "origin"
    (place / "labs").mkdir(parents=True)
    files = ("labs/__init__.py", "labs/colab.py", "labs/errors.py")
    for name in (*files, colab.REQUIREMENTS.name):
        shutil.copy(ROOT / name, place / name)
    own = ["-c", "user.name=A", "-c", "user.email=a@labs.example"]
    for task in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "All"]):
        subprocess.run(["git", *own, *task], cwd=place, check=True)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{place.as_uri()}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/someone/labs")
    return place


def cell(repository: str) -> str:
    source = (contents.NOTEBOOKS / "setup_cell.py").read_text(encoding="utf-8")
    assert source.count('REPOSITORY = ""') == 1
    return source.replace('REPOSITORY = ""', f'REPOSITORY = "{repository}"')


def run_cells(python: Path, *sources: str) -> subprocess.CompletedProcess[str]:
    """The cells one after the other in one process, which takes itself for Colab."""
    command = [str(python), "-c", COLAB.format(sources=sources)]
    return subprocess.run(command, capture_output=True, text=True, cwd=python.parent)


@on_posix
def test_the_cell_makes_colab_ready_and_a_second_time_does_nothing(uv, machine, origin):
    source = cell("someone/labs")
    done = run_cells(machine, source, source)
    assert done.returncode == 0, done.stderr
    *said, place, path = done.stdout.splitlines()
    home = Path(os.environ["HOME"]) / "labs-workbook"
    assert (Path(place), Path(path)) == (home / "labs", home)
    assert said[0] == f"Installing {', '.join(colab.missing(REQUIRED, {}))} …"
    assert [line[:11] for line in said[1:]] == ["Ready after"] * 2
    install, uninstall = uv()  # the second run needed neither
    held = dict(pin.split("==") for pin in install["held"])
    assert held == {k: v for k, v in recorded().items() if k != "setuptools"}
    assert uninstall["arguments"][1] == "uninstall"
    assert uninstall["arguments"][-1] == "torchao"


@on_posix
def test_the_cell_goes_on_with_the_clone_that_is_there(uv, machine, origin):
    assert run_cells(machine, cell("someone/labs")).returncode == 0
    shutil.rmtree(origin)
    done = run_cells(machine, cell(""))  # a new session on the same machine
    assert done.returncode == 0, done.stderr
    assert len(uv()) == 2


@on_posix
def test_without_an_address_the_cell_tells_what_to_set(machine):
    done = run_cells(machine, cell(""))
    assert "Set REPOSITORY in this cell to owner/name" in done.stderr


def test_elsewhere_the_cell_does_nothing(capfd):
    before = set(sys.modules)
    names: dict[str, object] = {}
    exec(cell("someone/labs"), names)
    assert names.keys() - {"__builtins__"} == {"sys", "KEEP_ON_DRIVE"}
    assert set(sys.modules) == before
    assert capfd.readouterr() == ("", "")


def test_work_is_kept_on_drive_and_found_again(tmp_path, monkeypatch, capsys):
    """Two machines, one Drive: the second finds what the first computed."""
    from labs import cache, runs

    own = ModuleType("google.colab")
    own.drive = SimpleNamespace(mount=lambda where: Path(where).mkdir(exist_ok=True))
    monkeypatch.setitem(sys.modules, "google.colab", own)
    monkeypatch.setattr(colab, "DRIVE", tmp_path / "drive")
    monkeypatch.setattr(colab, "versions", recorded)
    monkeypatch.setattr(colab, "REQUIREMENTS", tmp_path / "none.txt")
    monkeypatch.setattr(colab, "_TORCHAO", (0, 10))
    colab.REQUIREMENTS.touch()
    for name in ("PYTHONPATH", "LABS_CACHE", "LABS_RUNS"):
        monkeypatch.setenv(name, "")  # to be as before after the test

    colab.setup(keep_on_drive=True)
    folder = tmp_path / "drive" / "MyDrive" / "labs-workbook"
    assert f"Results are kept in {folder}." in capsys.readouterr().out
    cache.Cache("answers").put_many({"a": b"1"})
    assert runs.path().parent == folder

    for name in ("LABS_CACHE", "LABS_RUNS"):
        monkeypatch.setenv(name, str(tmp_path / "another machine"))
    assert cache.Cache("answers").get_many("a") == {}
    colab.setup(keep_on_drive=True)
    assert cache.Cache("answers").get_many("a") == {"a": b"1"}
