"""Google Colab made ready for the labs: called by the setup cell of every notebook.

Colab brings most packages along and has some of them loaded before a notebook begins.
What is missing is added and what is there stays as it is, so that no restart is needed.
Only the standard library is imported: nothing else need be there yet.
"""

import importlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path

from labs.errors import LabsError

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements-colab.txt"
DRIVE = Path("/content/drive")  # where Colab mounts it

# Loaded when a notebook begins, or bound to Colab's drivers and front end: another
# version would break imports until a restart.
NEVER_CHANGED = ("ipykernel", "ipywidgets", "numpy", "pandas", "pillow", "torch")

_TORCHAO = (0, 16)  # peft refuses an older one that is there, and does without any
_LINE = re.compile(r"([\w.-]+) *>= *([\d.]+)")
_PLAIN = re.compile(r"\d[\w.+!]*")  # a version that pip and uv read


def setup(keep_on_drive: bool) -> None:
    """Install what is missing and, if wished, keep what is computed on Google Drive.

    Run again, it finds everything done.

    Raises:
        LabsError: the packages cannot be installed.
    """
    started_s = time.perf_counter()
    os.environ["PYTHONPATH"] = str(ROOT)  # for the processes that notebooks start
    installed = versions()
    lacking = missing(REQUIREMENTS.read_text(encoding="utf-8"), installed)
    if lacking:
        print(f"Installing {', '.join(lacking)} …")
        install(lacking, installed)
    if _release(installed.get("torchao", "1")) < _TORCHAO:
        if said := _installer("uninstall", "torchao"):
            raise LabsError(f"torchao could not be uninstalled:\n{said}")
    importlib.invalidate_caches()
    kept = "will be gone with this machine (KEEP_ON_DRIVE keeps them)"
    if keep_on_drive:
        kept = f"are kept in {_keep_on_drive()}"
    print(f"Ready after {time.perf_counter() - started_s:.0f} s. Results {kept}.")


def versions() -> dict[str, str]:
    """The packages that are there, by their normal names."""
    found = ((own.metadata["Name"], own.version) for own in metadata.distributions())
    return {re.sub(r"[-_.]+", "-", name).lower(): v for name, v in found if name and v}


def missing(requirements: str, installed: Mapping[str, str]) -> list[str]:
    """The lines of a requirements file that what is installed does not fulfil."""
    return [
        line.group()
        for line in map(_LINE.match, requirements.splitlines())
        if line and _release(installed.get(line[1], "")) < _release(line[2])
    ]


def _release(version: str) -> tuple[int, ...]:
    """2.11.0+cu128 as (2, 11, 0); nothing, before all others, for none."""
    numbers = re.match(r"[\d.]*", version)
    return tuple(int(own) for own in numbers.group().split(".") if own)


def install(lacking: Sequence[str], installed: Mapping[str, str]) -> None:
    """Add packages and change none that is there or, if that can't be, as few as can.

    Raises:
        LabsError: the installer fails; its last words are told.
    """
    with tempfile.TemporaryDirectory() as folder:
        for number, held in enumerate(_held(lacking, installed)):
            file = Path(folder) / f"{number}.txt"
            file.write_text("\n".join(held), encoding="utf-8")
            said = _installer("install", *lacking, "--constraint", str(file))
            if said is None:
                return
    raise LabsError(
        f"Installing {', '.join(lacking)} failed:\n{said}\nExpected Colab's current "
        "runtime with a network. Choose Runtime > Disconnect and delete runtime, and "
        "run this cell first; if it fails again, please report it."
    )


def _held(lacking: Sequence[str], installed: Mapping[str, str]) -> Iterator[list[str]]:
    """Constraints, the stricter first: all that is there, then what must not change."""
    # Nothing here imports setuptools, and llama-index-core needs a newer one.
    free = {"setuptools", *(_LINE.match(line)[1] for line in lacking)}
    pins = {
        name: f"{name}=={version}"
        for name, version in installed.items()
        if name not in free and _PLAIN.fullmatch(version)
    }
    yield list(pins.values())
    yield [pins[name] for name in NEVER_CHANGED if name in pins]


def _installer(task: str, *arguments: str) -> str | None:
    """Run uv, or pip where there is no uv; None, or what it said if it failed."""
    command = [sys.executable, "-m", "pip", task]
    if uv := shutil.which("uv"):
        command = [uv, "pip", task, "--python", sys.executable]
    elif task == "uninstall":
        command.append("--yes")
    done = subprocess.run(
        [*command, "--quiet", *arguments], capture_output=True, text=True
    )
    return (done.stderr or done.stdout)[-2000:] if done.returncode else None


def _keep_on_drive() -> Path:
    """Mount Google Drive (it asks for leave) and put cache and log of runs there."""
    from google.colab import drive

    drive.mount(str(DRIVE))
    folder = DRIVE / "MyDrive" / "labs-workbook"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["LABS_CACHE"] = str(folder / "cache")
    os.environ["LABS_RUNS"] = str(folder / "runs.sqlite")
    return folder
