"""Generation by a real server, `transformers serve`, and by one that is busy.

What a refusal or a broken reply looks like is in test_models.py.
"""

import importlib.util
import json
import os
import shutil
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from labs import corpus, profiles, prompts, server, serving
from labs.errors import LabsError
from labs.models import Draw, Generator

real = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("fastapi", "openai", "uvicorn"))),
    reason="transformers[serving] is not installed",
)


def asked() -> list[prompts.Messages]:
    """A question with what the documents say, and a neighbour's line that misleads."""
    questions = corpus.load_questions("dev", "lookup")[:9]
    quotes = [question.evidence[0].quote for question in questions]
    return [
        prompts.answer(question.question, [own, other])
        for question, own, other in zip(
            questions, quotes, [*quotes[1:], quotes[0]], strict=True
        )
    ]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory):
    """A server of the bundled model, which here prefers to draw and not to repeat."""
    folder = tmp_path_factory.mktemp("served")
    copy = shutil.copytree(profiles.BUNDLED, folder / "copy")
    config = json.loads((copy / "generation_config.json").read_text())
    config |= {"do_sample": True, "temperature": 5.0, "repetition_penalty": 1.8}
    (copy / "generation_config.json").write_text(json.dumps(config))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABS_PROFILE", "pocket")
        with serving.model(copy, folder) as started:
            yield started, copy


@pytest.fixture
def pid(running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> int:
    """The server's process; the settings are those of somebody who uses it."""
    (url, pid), copy = running
    monkeypatch.setattr(server, "WAIT_S", 0.001)
    monkeypatch.setenv("LABS_CACHE", str(tmp_path))
    monkeypatch.setenv("LABS_BASE_URL", url)
    monkeypatch.setenv("LABS_MODEL", str(copy))
    return pid


@real
def test_greedy_answers_are_those_of_the_model_on_this_machine(pid: int) -> None:
    here = Generator(profiles.BUNDLED).generate_detailed(asked(), 24)
    there = Generator().generate_detailed(asked(), 24)
    assert [one.text for one in there] == [one.text for one in here]
    assert [one.tokens_in for one in there] == [one.tokens_in for one in here]
    assert len({one.text for one in here}) > 2  # else any order would agree


@real
def test_what_is_drawn_is_drawn(pid: int) -> None:
    drawn = Generator().sample(asked()[:2], n=3, temperature=2.0, max_new_tokens=24)
    assert all(len(set(texts)) > 1 for texts in drawn)


@real
def test_a_model_that_the_server_does_not_know(pid: int, monkeypatch) -> None:
    monkeypatch.setenv("LABS_MODEL", "owner/another")
    expected = r"model owner/another: HTTP 400 .*requested 'owner/another'.*LABS_MODEL"
    with pytest.raises(LabsError, match=expected):
        Generator().generate(asked()[:1])


@real
def test_an_address_without_v1(pid: int, monkeypatch) -> None:
    monkeypatch.setenv("LABS_BASE_URL", os.environ["LABS_BASE_URL"][: -len("/v1")])
    with pytest.raises(LabsError, match="HTTP 404 .*often ending in /v1"):
        Generator().generate(asked()[:1])


@real
@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="Windows stops no process")
def test_a_server_that_hangs_is_told_and_what_it_said_is_kept(pid, monkeypatch) -> None:
    [first] = Generator().generate(asked()[:1])
    monkeypatch.setattr(server, "TIMEOUT_S", 0.5)
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(LabsError, match="timed out.*so far is kept"):
            Generator().generate(asked()[:3])
        assert Generator().generate(asked()[:1]) == [first]
    finally:
        os.kill(pid, signal.SIGCONT)
    monkeypatch.setattr(server, "TIMEOUT_S", 60)
    assert Generator().generate(asked()[:3])[0] == first


def test_a_server_that_does_not_start(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(serving.sysconfig, "get_path", lambda name: str(tmp_path))
    with pytest.raises(LabsError, match="Found no command chroma.*pip install"):
        with serving.chroma(tmp_path):
            pass
    program = tmp_path / "chroma"
    program.write_text("#!/bin/sh\necho the disk is full\nexit 1\n")
    program.chmod(0o755)
    if os.name == "posix":
        with pytest.raises(LabsError, match="does not start: the disk is full"):
            with serving.chroma(tmp_path):
                pass


# A server that is busy ----------------------------------------------------------------


class Busy(BaseHTTPRequestHandler):
    """Takes one request at a time and turns all others away, as a full queue does."""

    def do_POST(self) -> None:
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.tokens.add(self.headers["Authorization"])
        if not self.server.free.acquire(blocking=False):
            self.server.turned_away += 1
            return self._reply(
                503, {"error": "the queue is full"}, ("Retry-After", "0")
            )
        try:
            said = content["messages"][0]["content"].upper()
            threading.Event().wait(0.02)
            self._reply(200, {"choices": [{"message": {"content": said}}]})
        finally:
            self.server.free.release()

    def _reply(self, code: int, content: dict, *headers: tuple[str, str]) -> None:
        body = json.dumps(content).encode()
        self.send_response(code)
        for name, value in (("Content-Length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    with ThreadingHTTPServer(("127.0.0.1", 0), Busy) as running:
        running.free, running.turned_away, running.tokens = threading.Lock(), 0, set()
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("LABS_CACHE", str(tmp_path))
        monkeypatch.setenv("LABS_BASE_URL", f"http://127.0.0.1:{running.server_port}")
        monkeypatch.setattr(server, "WAIT_S", 0.05)
        yield running
        running.shutdown()
        thread.join()


def test_whoever_is_turned_away_asks_again_until_all_have_answers(busy) -> None:
    words = [f"word {i}" for i in range(12)]
    prompts_ = [[{"role": "user", "content": word}] for word in words]
    assert Generator().generate(prompts_) == [word.upper() for word in words]
    assert busy.turned_away > 0


def test_a_server_that_stays_busy_is_told(busy, monkeypatch) -> None:
    monkeypatch.setattr(server, "WAIT_S", 0.001)
    with busy.free, pytest.raises(LabsError, match="HTTP 503 .*the queue is full"):
        Generator().generate([[{"role": "user", "content": "word"}]])
    assert busy.turned_away == server.TRIES_WHEN_BUSY


def test_the_server_says_how_long_to_wait(busy) -> None:
    from email.message import Message
    from urllib.error import HTTPError

    for given, expected in (("3", 3.0), ("99999", server.LONGEST_WAIT_S), ("soon", 0)):
        headers = Message()
        headers["Retry-After"] = given
        refusal = HTTPError("http://127.0.0.1", 503, "busy", headers, None)
        assert server._retry_after_s(refusal) == expected


def test_a_token_goes_to_the_server_that_asks_for_one(busy, monkeypatch) -> None:
    backend = Generator().backend
    prompt = [[{"role": "user", "content": "word"}]]
    list(backend.run(prompt, 8))
    monkeypatch.setenv("LABS_API_KEY", "secret")
    list(backend.run(prompt, 8, Draw(1.0)))
    assert busy.tokens == {None, "Bearer secret"}
    assert "secret" not in json.dumps(backend.identity)
