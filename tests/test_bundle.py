"""A bundle of a few real wheels, and the installation from it without a network."""

import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

from labs import bundle, bundle_install, bundle_models, profiles
from labs.errors import LabsError

# What a proxy that refuses and an empty configuration leave of a network: nothing.
CUT = {
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_NO_INDEX": "",
    "PIP_FIND_LINKS": "",
}


def as_wheel(name: str, folder: Path) -> None:
    """An installed package as a wheel again: there is no index to ask in a test."""
    found = distribution(name)
    tag = next(
        line.partition(": ")[2]
        for line in found.read_text("WHEEL").splitlines()
        if line.startswith("Tag")
    )
    path = folder / f"{name}-{found.version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for file in found.files:
            if ".." not in file.parts and file.suffix != ".pyc":
                wheel.write(file.locate(), file.as_posix())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A bundle with the project, one package beside pip and what builds the project."""
    folder = tmp_path_factory.mktemp("ä bundle") / "of labs"
    (folder / "wheels").mkdir(parents=True)
    needed = ["pip", "setuptools", "filelock"]
    there = [name for name in needed if _has_record(name)]
    if there != needed:
        pytest.skip(f"of {needed}, only {there} are installed with their records")
    for name in there:
        as_wheel(name, folder / "wheels")
    pins = folder.parent / "requirements.txt"
    pins.write_text(f"filelock=={distribution('filelock').version}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("PIP_CONFIG_FILE", os.devnull)
        said: list[str] = []
        bundle.run(folder, "pocket", said.append, pins)
    assert "GB in" in said[-1] and "install.sh" in said[-1]
    return folder


def _has_record(name: str) -> bool:
    try:
        return bool(distribution(name).files)
    except ModuleNotFoundError:
        return False


def test_a_bundle_holds_what_is_needed(made):
    for name in ("install.sh", "install.bat", "install.py", "requirements.txt"):
        assert (made / name).is_file()
    project = made / "project"
    assert (project / "notebooks" / "contents.ipynb").is_file()
    assert (project / "data" / "pocket" / "model.safetensors").is_file()
    assert not (project / ".venv").exists() and not (project / "build").exists()
    assert not (made / "models").exists()  # the pocket model is in the project


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="no sha256sum here")
def test_checksums_are_as_sha256sum_reads_them(made):
    command = ["sha256sum", "--check", "--quiet", bundle_install.SUMS]
    done = subprocess.run(command, cwd=made, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def _install(made: Path, target: Path) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(made / "install.sh"), str(target)]
    if shutil.which("unshare"):
        cut_off = ["unshare", "--user", "--map-root-user", "--net"]
        if subprocess.run([*cut_off, "true"], capture_output=True).returncode == 0:
            command = [*cut_off, *command]
    path = f"{Path(sys.base_prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command, env=os.environ | CUT | {"PATH": path}, capture_output=True, text=True
    )


def test_the_installation_needs_no_network(made, tmp_path):
    target = tmp_path / "my labs"
    done = _install(made, target)
    assert done.returncode == 0, done.stderr
    code = "import filelock, labs; print(labs.__file__)"
    python = target / ".venv" / "bin" / "python"
    found = subprocess.run(
        [python, "-c", code], cwd="/", capture_output=True, text=True
    )
    assert found.stdout.strip() == str(target / "labs" / "__init__.py")
    assert (target / ".venv" / "installed").is_file()  # `make lab` installs nothing
    assert "labs doctor" in done.stdout
    again = _install(made, target)
    assert again.returncode == 1 and "is there already" in again.stderr
    shutil.rmtree(target)


def test_a_damaged_file_is_named_before_anything_is_installed(made, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(made, copy)
    hurt = copy / "project" / "README.md"
    hurt.write_bytes(hurt.read_bytes()[:-1])
    done = _install(copy, tmp_path / "target")
    assert done.returncode == 1 and f"{hurt} has the sha256" in done.stderr
    hurt.unlink()
    assert f"{hurt} is missing" in _install(copy, tmp_path / "target").stderr
    assert not (tmp_path / "target").exists()


def test_another_python_is_told_which_one_is_needed(made, monkeypatch):
    monkeypatch.setattr(bundle_install, "HERE", made)
    bundle_install.check_platform()
    other = bundle_install.here() | {"python": "3.9"}
    monkeypatch.setattr(bundle_install, "here", lambda: other)
    with pytest.raises(SystemExit, match="This is Python 3.9 on .* are for Python 3.1"):
        bundle_install.check_platform()


def test_a_full_disk_is_told_first(made, monkeypatch):
    full = shutil.disk_usage(made)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    with pytest.raises(LabsError, match="0.0 GB free; the bundle needs 0.[0-9] GB"):
        bundle._check_disk(made.parent / "none", 0)
    monkeypatch.setattr(bundle_install, "HERE", made)
    with pytest.raises(SystemExit, match="are needed"):
        bundle_install.check_target(made.parent / "none")


def test_no_such_profile_and_no_such_package(tmp_path, monkeypatch):
    with pytest.raises(LabsError, match="'huge'"):
        bundle.run(tmp_path / "out", "huge", print)
    pins = tmp_path / "requirements.txt"
    pins.write_text("labs-no-such-package==1\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(LabsError, match="what is there already is kept"):
        bundle.run(tmp_path / "out", "pocket", print, pins)


def test_without_git_what_was_made_by_running_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "ROOT", tmp_path)
    out = tmp_path / "out"
    for name in ("a.py", "labs/b.py", ".venv/c", "build/d", "labs/__pycache__/e"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    out.mkdir()
    (out / "f").touch()
    found = bundle._project_files(out)
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "a.py",
        "labs/b.py",
    ]


def test_models_move_from_cache_to_cache(tmp_path, monkeypatch):
    """Of the hub with its layout, of what was assembled here as it is."""
    hub = tmp_path / "hub" / "models--owner--tiny" / "snapshots" / "abc"
    made_here = tmp_path / "cache" / "models" / "laptop-1"
    for directory in (hub, made_here):
        directory.mkdir(parents=True)
        (directory / "config.json").write_text(directory.name)
        bundle_models.take(directory, tmp_path / "carried")
    bundle_models.take(profiles.ROOT / "data" / "pocket", tmp_path / "carried")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "h"))
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "c"))
    bundle_models.place(str(tmp_path / "carried"))
    bundle_models.place(str(tmp_path / "carried"))  # a second time does no harm
    placed = tmp_path / "h" / "models--owner--tiny"
    assert (placed / "refs" / "main").read_text() == "abc"
    assert (placed / "snapshots" / "abc" / "config.json").read_text() == "abc"
    kept = tmp_path / "c" / "models"
    assert [path.name for path in kept.iterdir()] == ["laptop-1"]
    assert (kept / "laptop-1" / "config.json").read_text() == "laptop-1"
