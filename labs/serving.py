"""Real servers on this machine for as long as a block runs: Chroma, transformers serve.

Both listen on the loopback address alone, for neither asks for a token. Their start
commands for a room stand in docs/servers.md.
"""

import shutil
import socket
import subprocess
import sysconfig
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from labs import profiles
from labs.errors import LabsError

HOST = "127.0.0.1"
START_S = 600.0  # a slow disk, a busy machine


class Served(NamedTuple):
    """A server that answers."""

    url: str
    pid: int


@contextmanager
def chroma(folder: Path) -> Iterator[Served]:
    """A Chroma server that keeps its files in `folder`; its URL is for LABS_CHROMA.

    Raises:
        LabsError: it does not start.
    """
    port = free_port()
    command = [_program("chroma"), "run", "--path", str(folder / "chroma")]
    command += ["--host", HOST, "--port", str(port)]
    url = f"http://{HOST}:{port}"
    with _running(command, f"{url}/api/v2/heartbeat", folder / "chroma.log") as pid:
        yield Served(url, pid)


@contextmanager
def model(checkpoint: str | Path, folder: Path) -> Iterator[Served]:
    """`transformers serve` with a directory or a hub id; its URL is for LABS_BASE_URL.

    It runs on the device and in the precision of the profile, so that its greedy
    answers are those of `labs.local`. LABS_MODEL must name `checkpoint` as it is here.

    Raises:
        LabsError: it does not start, or the packages that it needs are not installed.
    """
    port, profile = free_port(), profiles.current()
    command = [_program("transformers"), "serve", str(checkpoint), "--host", HOST]
    command += ["--port", str(port), "--reasoning", "off"]
    command += ["--device", profile.device, "--dtype", profile.dtype]
    url = f"http://{HOST}:{port}"
    with _running(command, f"{url}/health", folder / "model.log") as pid:
        yield Served(f"{url}/v1", pid)


def free_port() -> int:
    """A port of the loopback address on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def _program(name: str) -> str:
    """A command of this Python's environment, whatever PATH says."""
    scripts = sysconfig.get_path("scripts")
    if found := shutil.which(name, path=scripts):
        return found
    raise LabsError(
        f"Found no command {name} in {scripts}. `pip install -r requirements.txt` "
        "installs it."
    )


@contextmanager
def _running(command: list[str], alive: str, log: Path) -> Iterator[int]:
    """The process of a server that answers; it is ended with the block."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        server = subprocess.Popen(command, cwd=log.parent, stdout=out, stderr=out)
    try:
        _wait_until_alive(alive, server, log)
        yield server.pid
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_until_alive(url: str, server: subprocess.Popen, log: Path) -> None:
    deadline_s = time.monotonic() + START_S
    while time.monotonic() < deadline_s:
        if server.poll() is not None:
            break
        try:
            return urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.1)
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    raise LabsError(
        f"The server `{' '.join(server.args)}` does not start: "
        f"{said[-1] if said else 'it said nothing'} (all it said: {log}). For "
        "transformers serve, `pip install 'transformers[serving]'` may be missing."
    )
