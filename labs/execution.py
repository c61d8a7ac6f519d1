"""A notebook run by nbval, as `make test` runs it, with what every cell put out.

The notebook in the checkout is read and never written.
"""

import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from labs.errors import LabsError
from labs.profiles import ROOT

FLAGS = [
    "--nbval-lax",
    "--nbval-current-env",
    "--nbval-cell-timeout=600",
    "--nbval-kernel-startup-timeout=120",
]
_QUIET = {  # bars and warnings of the libraries are no results
    "TQDM_DISABLE": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


@dataclass(slots=True)
class Executed:
    """The cells of a notebook with the outputs of this run, and why it stopped."""

    cells: list[Any]
    seconds: float
    error: str | None = None  # with its code cell, counted from 1 as JupyterLab does


@dataclass(slots=True)
class _Recorder:
    """A plugin of pytest that keeps what nbval's cells put out."""

    outputs: list[list[Any]] = field(default_factory=list)  # of the code cells
    error: str | None = None

    def pytest_runtest_makereport(self, item: Any, call: Any) -> None:
        if call.when == "call" or (call.when == "setup" and call.excinfo):
            self.outputs.append(item.test_outputs or [])
            if call.excinfo:
                self.error = _told(self.outputs[-1], call.excinfo.value)


def _told(outputs: list[Any], failure: BaseException) -> str:
    """The error of the cell, or nbval's: too slow, or a kernel that died."""
    errors = [own for own in outputs if own["output_type"] == "error"]
    return f"{errors[0]['ename']}: {errors[0]['evalue']}" if errors else str(failure)


def run(path: Path) -> Executed:
    """Run a notebook in its own folder, up to the first cell that fails.

    Raises:
        LabsError: pytest or nbval is not installed, or they cannot begin.
    """
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    recorder, begun_s = _Recorder(), time.perf_counter()
    _pytest(path, recorder)
    done = Executed(notebook.cells, time.perf_counter() - begun_s)
    code = [cell for cell in done.cells if cell.cell_type == "code"]
    for i, cell in enumerate(code):
        put_out = recorder.outputs[i] if i < len(recorder.outputs) else []
        cell.outputs = _heed_semicolon(cell.source, put_out)
    if recorder.error is not None:
        done.error = f"cell [{len(recorder.outputs)}]: {recorder.error}"
    return done


def _heed_semicolon(source: str, outputs: list[Any]) -> list[Any]:
    """A closing semicolon hides a result; IPython reads it in its history alone.

    nbval keeps none.
    """
    if not source.rstrip().endswith(";"):
        return outputs
    return [own for own in outputs if own["output_type"] != "execute_result"]


def _pytest(path: Path, recorder: _Recorder) -> None:
    lacking = [name for name in ("pytest", "nbval") if find_spec(name) is None]
    if lacking:
        raise _unable(path, f"{' and '.join(lacking)} not installed")
    import pytest

    # No cache of pytest's in the checkout; the settings of the project, from anywhere.
    own = ["--exitfirst", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml")]
    said = io.StringIO()
    with redirect_stdout(said), environment(_QUIET):
        code = pytest.main([*FLAGS, *own, str(path)], plugins=[recorder])
    if code == pytest.ExitCode.INTERRUPTED and recorder.error is None:
        raise KeyboardInterrupt
    if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        raise _unable(path, said.getvalue().strip()[-500:])


def _unable(path: Path, found: str) -> LabsError:
    return LabsError(
        f"nbval cannot run {path}: {found}. Expected the pinned pytest and nbval; "
        "`pip install -r requirements.txt` brings them."
    )


@contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    """Settings for the kernels that start within, taken back afterwards."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
