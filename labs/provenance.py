"""What a result came from: data, model, code, versions, machine."""

import ast
import os
import platform
import subprocess
from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from labs import cache, profiles

_PACKAGE = Path(__file__).parent
_PACKAGES = ("torch", "transformers", "peft", "trl", "llama-index-core", "chromadb")


def data_digest() -> str:
    """The digest of all documents, facts and questions in `LABS_DATA`."""
    directory = profiles.data_dir()
    files = [*directory.rglob("*.jsonl"), *directory.rglob("*.md")]
    states = ((path, path.stat()) for path in sorted(files))
    seen = ((path, state.st_mtime_ns, state.st_size) for path, state in states)
    return _data_digest(tuple(seen), directory)


@lru_cache(maxsize=8)
def _data_digest(seen: tuple[tuple[Path, int, int], ...], directory: Path) -> str:
    """Asked for with every cell: a file is read again where it looks changed."""
    return _digest([path for path, *_ in seen], directory)


@lru_cache(maxsize=4)
def code_digest(module: str) -> str:
    """The digest of a module of the labs and of all modules of theirs that it uses."""
    return _digest(_sources(module), _PACKAGE)


def _digest(paths: Iterable[Path], root: Path) -> str:
    """By relative name and content, wherever `root` lies."""
    files = sorted(paths)
    names = [path.relative_to(root).as_posix() for path in files]
    contents = [cache.file_digest(path) for path in files]
    return cache.key(list(zip(names, contents, strict=True)))[:16]


def _sources(module: str) -> set[Path]:
    """The source files that a module's imports lead to, late ones too."""
    found: set[Path] = set()
    left = [_PACKAGE / f"{module}.py"]
    while left:
        path = left.pop()
        if path in found or not path.is_file():
            continue
        found.add(path)
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ImportFrom) and node.module:
                head, _, own = node.module.partition(".")
                named = [own] if own else [alias.name for alias in node.names]
                left += [_PACKAGE / f"{n}.py" for n in named if head == "labs"]
    return found


@lru_cache(maxsize=1)
def commit() -> str | None:
    """The commit of this checkout; None where there is no git or none that tells."""
    command = ["git", "-C", str(profiles.ROOT), "rev-parse", "--short", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None


def versions() -> dict[str, str]:
    """Python, the labs and the libraries that decide a result."""
    from labs import __version__

    found = {"python": platform.python_version(), "labs": __version__}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def machine() -> dict[str, Any]:
    """The kind of machine, without its name: system, processors, device."""
    profile = profiles.current()
    device = profile.device
    if device == "cuda":
        import torch

        device = torch.cuda.get_device_name()
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
        "threads": int(os.environ.get("OMP_NUM_THREADS") or 0) or None,
        "device": device,
    }
