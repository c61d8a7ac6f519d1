"""Checks of the machine: Python, packages, device, memory, disk, ports, kernel."""

import os
import platform
import shutil
import socket
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, version
from pathlib import Path
from typing import Any

from labs import profiles
from labs.contents import NOTEBOOKS, load_index
from labs.doctor_finding import Finding, fail, ok, warn

GB = 1e9
LEAST_MEMORY_GB, MEMORY_GB = 2, 4
LEAST_DISK_GB, DISK_GB = 0.5, 2
JUPYTER_PORT = 8888
INSTALL = "`make install`, or `pip install -r requirements.txt`"


def python() -> Finding:
    """This Python against the versions that the project is made for."""
    from packaging.specifiers import SpecifierSet

    here = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    try:
        wanted = metadata("labs-workbook")["Requires-Python"]
    except PackageNotFoundError:
        return fail(
            f"{here}; the labs are not installed", "`pip install --no-deps -e .`"
        )
    if platform.python_version() not in SpecifierSet(wanted):
        return fail(here, f"install the labs with a Python that is {wanted}")
    return ok(f"{here} (expected: {wanted})")


def packages() -> Finding:
    """Installed versions against the pins; on Colab, against lower bounds."""
    on_colab = "COLAB_RELEASE_TAG" in os.environ
    pins = profiles.ROOT / f"requirements{'-colab' if on_colab else ''}.txt"
    if not pins.is_file():
        return warn(
            f"no {pins.name} beside the labs: versions are not compared",
            "run the labs from a checkout",
        )
    missing, others, n = _compare(pins)
    if missing:
        return fail(f"{len(missing)} of {n} missing: {', '.join(missing)}", INSTALL)
    if others:
        return warn(f"{len(others)} of {n} unlike {pins.name}: {others[0]}", INSTALL)
    return ok(f"{n} packages as in {pins.name}")


def _compare(pins: Path) -> tuple[list[str], list[str], int]:
    """Names that are missing, versions that differ, and how many were compared."""
    missing, others, n = [], [], 0
    for requirement in _requirements(pins):
        n += 1
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            missing.append(requirement.name)
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            others.append(f"{requirement.name} {found} ({requirement.specifier})")
    return missing, others, n


def _requirements(pins: Path) -> Iterator[Any]:
    """Those that hold for this Python on this system."""
    from packaging.requirements import Requirement

    for line in pins.read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if text and not text.startswith("-"):
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate():
                yield requirement


def device() -> Finding:
    """The profile with its device, precision and reason."""
    profile = profiles.current()
    if profile.device == "cuda":
        import torch

        free, total = (n / GB for n in torch.cuda.mem_get_info())
        name = torch.cuda.get_device_name()
        return ok(f"{profile} {name}: {free:.1f} of {total:.1f} GB free.")
    on_purpose = os.environ.get("LABS_PROFILE") in profiles.ON_CPU
    if shutil.which("nvidia-smi") and not on_purpose:
        todo = "install a build of torch for its CUDA"
        return warn(f"{profile} This torch does not find the NVIDIA GPU here.", todo)
    return ok(str(profile))


def memory() -> Finding:
    """What is free of the machine's memory or, in a container, of its share."""
    import psutil

    found = psutil.virtual_memory()
    free, total = found.available / GB, found.total / GB
    told = f"{free:.1f} of {total:.1f} GB free"
    if (limit := _container_limit()) is not None and limit / GB < total:
        free = min(free, limit / GB)
        told += f", {limit / GB:.1f} GB for this container"
    return _enough(told, free, LEAST_MEMORY_GB, MEMORY_GB, "close other programs")


def _container_limit() -> int | None:
    """The bytes that a cgroup allows; None where it sets no limit."""
    path = Path("/sys/fs/cgroup/memory.max")
    text = path.read_text(encoding="utf-8").strip() if path.is_file() else "max"
    return None if text == "max" else int(text)


def disk() -> Finding:
    """What is free where results are kept."""
    folder = profiles.cache_dir()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / GB
    todo = "free some space, or set LABS_CACHE to a directory on another disk"
    return _enough(f"{free:.1f} GB free", free, LEAST_DISK_GB, DISK_GB, todo)


def _enough(told: str, free: float, least: float, good: float, todo: str) -> Finding:
    if free < least:
        return fail(f"{told}, expected {least} GB at least", todo)
    if free < good:
        return warn(f"{told}, {good} GB are comfortable", todo)
    return ok(told)


def cache() -> Finding:
    """Whether results can be kept, tried by writing."""
    folder = profiles.cache_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"1")
    except OSError as error:
        return fail(
            f"{folder} cannot be written ({error.strerror})",
            "set LABS_CACHE to a directory that you may write to",
        )
    return ok(f"{folder} can be written")


def notebooks() -> Finding:
    """Whether JupyterLab can save what an attendee writes."""
    lacking = [lab.path for lab in load_index() if not (NOTEBOOKS / lab.path).is_file()]
    if lacking:
        return fail(f"not there: {', '.join(lacking)}", "check the project out again")
    if not os.access(NOTEBOOKS, os.W_OK):
        return warn(f"{NOTEBOOKS} is read-only", "copy the project to save your work")
    return ok(f"{len(load_index())} notebooks, which can be saved")


def port() -> Finding:
    """Whether JupyterLab gets the port that it asks for first."""
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", JUPYTER_PORT))
        except OSError as error:
            return warn(
                f"{JUPYTER_PORT} is taken ({error.strerror})",
                "use the address that JupyterLab prints: it takes the next free port",
            )
    return ok(f"{JUPYTER_PORT} is free for JupyterLab")
