"""Where vectors are kept: Chroma on this disk, or a Chroma server by one setting.

`LABS_CHROMA` names the server (`host:port` or a URL); unset, Chroma runs within the
process and keeps its files in the cache. Collections are used alike in both.
"""

import os
import re
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from labs import profiles
from labs.errors import LabsError

if TYPE_CHECKING:
    from chromadb import Settings
    from chromadb.api import ClientAPI

TIMEOUT_S = 5.0  # for the first sign of life; chromadb itself would wait for ever


def client() -> "ClientAPI":
    """The Chroma client that `LABS_CHROMA` asks for; its telemetry is off.

    Raises:
        LabsError: `LABS_CHROMA` is no address, or no Chroma server answers there;
            unset, the cache cannot be written.
    """
    import chromadb

    settings = chromadb.Settings(anonymized_telemetry=False)
    given = _server()
    if not given:
        return _embedded(profiles.cache_dir() / "chroma", settings)
    url = _parse(given)
    _check_alive(url)
    return chromadb.HttpClient(
        url.hostname, _port(url), ssl=url.scheme == "https", settings=settings
    )


@contextmanager
def alone() -> Iterator[None]:
    """Fill a collection while nobody else does: whoever comes second waits.

    Chroma within a process looks once at what is there; what another process adds
    meanwhile would stand in its tables and be missing in its index. A server has no
    such trouble, and nobody waits.
    """
    from filelock import FileLock

    if _server():
        yield
        return
    with FileLock(profiles.cache_dir() / "chroma-filled.lock"):
        yield


def _server() -> str:
    """What `LABS_CHROMA` says; empty where Chroma runs within the process."""
    return os.environ.get("LABS_CHROMA", "").strip()


def _embedded(folder: Path, settings: "Settings") -> "ClientAPI":
    """Chroma's files in `folder`; whoever else begins there at this moment waits.

    Two that made its tables at once would both fail.
    """
    import chromadb
    from filelock import FileLock

    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_suffix(".lock")):
            return chromadb.PersistentClient(str(folder), settings)
    except Exception as error:  # Chroma's own kinds, and the system's
        raise LabsError(
            f"Chroma cannot keep its files in {folder} ({error}). Free some space, set "
            "LABS_CACHE to a directory that can be written, or LABS_CHROMA to a server."
        ) from error


def _parse(given: str) -> SplitResult:
    try:
        url = urlsplit(given if "://" in given else f"http://{given}")
        right = url.scheme in ("http", "https") and url.hostname and url.path in "/"
        if right and (url.port or url.scheme == "https"):
            return url
    except ValueError:  # a port that is no number, or an open bracket
        pass
    raise LabsError(
        f"LABS_CHROMA is {given!r}, expected host:port or a URL, as in 127.0.0.1:8000 "
        "or https://chroma.example. Unset it to keep vectors on this disk."
    )


def _port(url: SplitResult) -> int:
    return url.port or 443


def _check_alive(url: SplitResult) -> None:
    """Ask for the heartbeat: a server that is not there must not hang a notebook."""
    # A request travels to the address alone: no user or password of the URL in it.
    host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    base = f"{url.scheme}://{host}:{_port(url)}"
    try:
        with urllib.request.urlopen(f"{base}/api/v2/heartbeat", None, TIMEOUT_S) as got:
            if re.search(rb"heartbeat", got.read(200)):
                return
            problem = "what answers there is no Chroma server"
    except OSError as error:  # refused, timed out, no such host, another HTTP status
        problem = str(getattr(error, "reason", error)) or type(error).__name__
    except Exception as error:  # no HTTP at all
        problem = f"what answers there speaks no HTTP ({type(error).__name__})"
    folder = profiles.cache_dir() / "chroma-server"
    raise LabsError(
        f"No Chroma server answers at {base} ({problem}), which LABS_CHROMA names. "
        f'Start one there by\n\n    chroma run --path "{folder}" --host {url.hostname} '
        f"--port {_port(url)}\n\nor unset LABS_CHROMA to keep vectors on this disk."
    )
