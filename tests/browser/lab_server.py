"""A real JupyterLab: loopback, a token, and nothing of the user's own touched."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_FOLDERS = (
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "JUPYTERLAB_SETTINGS_DIR",
    "JUPYTERLAB_WORKSPACES_DIR",
    "IPYTHONDIR",
)
_START_S = 300
_SETTINGS = Path(__file__).parents[2] / "jupyter"  # those of `make lab`


@dataclass(frozen=True, slots=True)
class Server:
    """Where it answers, and the folder whose notebooks it shows."""

    url: str
    token: str
    notebooks: Path


@contextmanager
def running(folder: Path, cache: Path) -> Iterator[Server]:
    """JupyterLab on `folder`/notebooks, ended afterwards with its kernels.

    Args:
        folder: empty; settings, workspaces and the log go there as well.
        cache: what the kernels take for LABS_CACHE.
    """
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"]
    options.append(f"--LabApp.app_settings_dir={_SETTINGS}")
    command = [sys.executable, "-m", "jupyter", "lab", *options]
    with (folder / "log.txt").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=notebooks, env=_environment(folder, cache), stderr=log
        )
        try:
            told = _wait(server, folder)
            yield Server(told["url"], told["token"], notebooks)
        finally:
            server.terminate()
            server.wait()


def _environment(folder: Path, cache: Path) -> dict[str, str]:
    """What the shell has, without the user's settings of the labs."""
    kept = {k: v for k, v in os.environ.items() if k[:5] != "LABS_" or k == "LABS_DATA"}
    kept |= {name: str(folder / name) for name in _FOLDERS}
    kept |= {"LABS_PROFILE": "pocket", "LABS_CACHE": str(cache)}
    return kept | {"LABS_RUNS": str(folder / "runs.sqlite"), "HF_HUB_OFFLINE": "1"}


def _wait(server: subprocess.Popen, folder: Path) -> dict[str, str]:
    """What the server writes down about itself as soon as it answers."""
    for _ in range(10 * _START_S):
        if server.poll() is not None:
            break
        for told in (folder / "JUPYTER_RUNTIME_DIR").glob("jpserver-*.json"):
            if text := told.read_text():
                return json.loads(text)
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start: {(folder / 'log.txt').read_text()}")
