"""Fetching a profile's model: from the hub's cache, from a hub, without a network."""

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tiny import save_checkpoint

from labs import checkpoints, prefetch, profiles
from labs.errors import LabsError

COMMIT = "0123456789abcdef0123456789abcdef01234567"
NAME = "owner/tiny"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return save_checkpoint(tmp_path_factory.mktemp("model"), "llama")


@pytest.fixture
def hub_cache(tmp_path, monkeypatch, checkpoint):
    """A cache as the hub's client keeps it, with the checkpoint in it."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    kept = tmp_path / "models--owner--tiny"
    snapshot = kept / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    for file in checkpoint.iterdir():
        (snapshot / file.name).write_bytes(file.read_bytes())
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text(COMMIT)
    return snapshot


def test_what_is_there_is_not_fetched(hub_cache, monkeypatch):
    monkeypatch.setenv("LABS_MODEL", NAME)
    said = []
    assert prefetch.run(None, said.append) == hub_cache
    [line] = said
    assert "owner/tiny is here" in line and "GB" in line
    (hub_cache / "model.safetensors").unlink()  # as a broken download leaves it
    assert checkpoints.here(NAME) is None


def test_the_bundled_model_comes_with_the_project(monkeypatch):
    monkeypatch.setenv("LABS_MODEL", NAME)  # a profile's name means its own model
    said = []
    assert prefetch.run("pocket", said.append) == profiles.ROOT / "data" / "pocket"
    assert "pocket is here" in said[0]


def test_no_such_profile():
    with pytest.raises(LabsError, match="'huge', expected one of pocket"):
        prefetch.run("huge", print)


def test_a_disk_that_is_too_full(hub_cache):
    prefetch._check_disk(1)
    with pytest.raises(LabsError, match="HF_HOME"):
        prefetch._check_disk(10**18)


# In a process of its own: the hub's client reads its settings when imported. ----------


# Files as small as those here count as large, and come in small pieces.
SMALL = """
from huggingface_hub import constants
from labs import cli, prefetch
constants.DOWNLOAD_CHUNK_SIZE, prefetch.LARGE = 1_000, 10_000
cli.main()
"""


def _settings(home, endpoint: str) -> dict[str, str]:
    return {
        "HF_HOME": str(home),
        "HF_ENDPOINT": endpoint,
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DISABLE_XET": "1",
        "TQDM_DISABLE": "",
        "LABS_MODEL": NAME,
    }


def _prefetch(home, endpoint: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SMALL, "prefetch"],
        env=os.environ | _settings(home, endpoint),
        capture_output=True,
        text=True,
    )


def test_without_a_network_it_says_so(tmp_path):
    done = _prefetch(tmp_path, "http://127.0.0.1:9")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "Check the name and the network" in done.stderr


@pytest.fixture
def hub(checkpoint):
    """What the client asks of a hub, answered from a directory."""

    class Hub(BaseHTTPRequestHandler):
        sent: list[tuple[str, str]] = []  # file, range
        breaks = False  # the connection, half way

        def do_HEAD(self):
            self.do_GET()

        def do_GET(self):
            path = self.path.partition("?")[0]
            api = f"/api/models/{NAME}"
            if path in (api, f"{api}/revision/main"):
                return self.reply({"id": NAME, "sha": COMMIT, "siblings": []})
            if path.startswith(f"{api}/tree/"):
                rows = [self.row(file) for file in sorted(checkpoint.iterdir())]
                return self.reply(rows)
            self.file(checkpoint / path.rpartition("/")[2])

        def row(self, file):
            size = file.stat().st_size
            return {"type": "file", "path": file.name, "size": size, "oid": "0" * 40}

        def reply(self, content):
            body = json.dumps(content).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def file(self, path):
            content = path.read_bytes()
            wanted = self.headers.get("Range", "")
            start = int(wanted.removeprefix("bytes=").partition("-")[0] or 0)
            self.send_response(206 if wanted else 200)
            digest = hashlib.sha256(content).hexdigest()
            self.send_header("ETag", f'"{digest}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            if self.command == "GET":
                self.sent.append((path.name, wanted))
                end = start + 5_000 if Hub.breaks and len(content) > 9_999 else None
                self.wfile.write(content[start:end])

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.handler = Hub
    yield server
    server.shutdown()
    server.server_close()


def test_a_checkpoint_is_fetched_with_progress(hub, tmp_path, checkpoint):
    address = f"http://127.0.0.1:{hub.server_address[1]}"
    done = _prefetch(tmp_path, address)
    assert done.returncode == 0, done.stderr
    assert f"Fetching {NAME}: 0.00 GB" in done.stdout
    assert "%|" in done.stderr  # a bar
    kept = tmp_path / "hub" / "models--owner--tiny" / "snapshots" / COMMIT
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        assert (kept / name).read_bytes() == (checkpoint / name).read_bytes()
    sent = len(hub.handler.sent)
    again = _prefetch(tmp_path, address)
    assert again.returncode == 0 and "is here" in again.stdout
    assert len(hub.handler.sent) == sent  # nothing a second time


def test_a_file_that_was_broken_off_is_gone_on_with(hub, tmp_path, checkpoint):
    address = f"http://127.0.0.1:{hub.server_address[1]}"
    hub.handler.breaks = True
    killed = subprocess.Popen(
        [sys.executable, "-c", SMALL, "prefetch"],
        env=os.environ | _settings(tmp_path, address),
        stderr=subprocess.DEVNULL,
    )
    while not any(wanted for _, wanted in hub.handler.sent):
        assert killed.poll() is None
        time.sleep(0.05)
    killed.kill()
    killed.wait()
    hub.handler.breaks = False
    hub.handler.sent.clear()
    done = _prefetch(tmp_path, address)
    assert done.returncode == 0, done.stderr
    first = next(wanted for name, wanted in hub.handler.sent if "model" in name)
    assert int(first.removeprefix("bytes=").partition("-")[0]) >= 5_000
    kept = tmp_path / "hub" / "models--owner--tiny" / "snapshots" / COMMIT
    name = "model.safetensors"
    assert (kept / name).read_bytes() == (checkpoint / name).read_bytes()
