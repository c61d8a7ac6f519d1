"""The doctor: each check on what is right and on what is wrong, and all in one go."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tiny import save_checkpoint
from typer.testing import CliRunner

from labs import assembled, cli, doctor, doctor_labs, doctor_machine, profiles
from labs.doctor import _look
from labs.doctor_finding import ok


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return save_checkpoint(tmp_path_factory.mktemp("model"), "llama")


def test_all_checks_on_this_machine(tmp_path):
    """Nothing fails where the tests run; the file holds what the terminal shows."""
    path = tmp_path / "doctor.json"
    done = CliRunner().invoke(cli.app, ["doctor", "--json", str(path)])
    found = json.loads(path.read_text(encoding="utf-8"))
    failed = [row for row in found["checks"] if row["level"] == "fail"]
    assert not failed and found["ok"] and done.exit_code == 0, failed
    assert [row["check"] for row in found["checks"]] == list(doctor.CHECKS)
    levels = [line.split()[0] for line in done.output.splitlines() if line[0] != " "]
    assert levels[:3] == [row["level"] for row in found["checks"]][:3]


def test_a_failure_is_told_and_hides_no_other_check(monkeypatch, tmp_path):
    def broken():
        raise ImportError("no torch", name="torch")

    monkeypatch.setattr(doctor, "CHECKS", {"a": broken, "b": lambda: ok("fine")})
    done = CliRunner().invoke(cli.app, ["doctor"])
    assert done.exit_code == 1
    assert "torch does not load" in done.output and "make install" in done.output
    assert "fine" in done.output and "1 of 2 checks failed" in done.output


def level(check) -> str:
    return _look(check).level


# The machine --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pins", "expected", "named"),
    [
        ("pytest>=1 # via x\n\n-e .\n", "ok", "1 packages"),
        ("pytest==0.1\n", "warn", "pytest "),
        ("pytest>=1\nlabs-no-such-package==1\n", "fail", "labs-no-such-package"),
        ("labs-no-such-package==1 ; python_version < '3'\n", "ok", "0 packages"),
    ],
)
def test_versions_against_the_pins(monkeypatch, tmp_path, pins, expected, named):
    monkeypatch.setattr(profiles, "ROOT", tmp_path)
    (tmp_path / "requirements.txt").write_text(pins)
    found = doctor_machine.packages()
    assert found.level == expected and named in found.found


def test_a_local_build_is_the_pinned_version(monkeypatch, tmp_path):
    monkeypatch.setattr(profiles, "ROOT", tmp_path)
    monkeypatch.setattr(doctor_machine, "version", lambda name: "2.13.0+cpu")
    (tmp_path / "requirements.txt").write_text("torch==2.13.0\n")
    assert doctor_machine.packages().level == "ok"


def test_colab_has_bounds_and_no_pins(monkeypatch, tmp_path):
    monkeypatch.setattr(profiles, "ROOT", tmp_path)
    (tmp_path / "requirements.txt").write_text("labs-no-such-package==1\n")
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release")
    assert "no requirements-colab.txt" in doctor_machine.packages().found
    (tmp_path / "requirements-colab.txt").write_text("pytest>=1\n")
    assert doctor_machine.packages().level == "ok"


def test_too_little_is_a_failure_and_little_a_warning():
    def told(free):
        return doctor_machine._enough("", free, 1, 4, "free some").level

    assert [told(free) for free in (0.9, 1, 3.9, 4)] == ["fail", "warn", "warn", "ok"]


def test_a_cache_that_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "file" / "cache"))
    found = doctor_machine.cache()
    assert found.level == "fail" and "LABS_CACHE" in found.todo
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "new" / "cache"))
    assert level(doctor_machine.cache) == level(doctor_machine.disk) == "ok"
    assert not list((tmp_path / "new" / "cache").iterdir())


def test_a_port_that_is_taken(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(doctor_machine, "JUPYTER_PORT", taken.getsockname()[1])
        assert level(doctor_machine.port) == "warn"
    assert level(doctor_machine.port) == "ok"


# What the labs bring and ask for ------------------------------------------------------


def test_a_model_that_is_whole_or_not(monkeypatch, tmp_path, checkpoint):
    monkeypatch.setenv("LABS_MODEL", str(checkpoint))
    assert level(doctor_labs.model) == "ok"
    broken = tmp_path / "broken"
    broken.mkdir()
    for file in checkpoint.iterdir():
        (broken / file.name).write_bytes(file.read_bytes())
    monkeypatch.setenv("LABS_MODEL", str(broken))
    weights = broken / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-8])  # a copy that was broken off
    assert "does not load" in _look(doctor_labs.model).found
    weights.unlink()
    assert "has no weights" in _look(doctor_labs.model).found


def test_a_model_that_was_never_fetched(monkeypatch):
    monkeypatch.setenv("LABS_MODEL", "owner/never-fetched")
    found = doctor_labs.model()
    assert found.level == "fail" and "prefetch" in found.todo


def test_data_that_is_not_there(monkeypatch, tmp_path):
    monkeypatch.setenv("LABS_DATA", str(tmp_path))
    found = _look(doctor_labs.data)
    assert found.level == "fail" and "make data" in found.found


def test_adapters_of_another_model(monkeypatch, checkpoint):
    assert level(doctor_labs.adapters) == "ok"
    monkeypatch.setenv("LABS_MODEL", str(checkpoint))
    found = doctor_labs.adapters()
    assert found.level == "warn" and "train-arms" in found.todo


def test_a_chroma_server_that_does_not_answer(monkeypatch, closed_port):
    monkeypatch.setenv("LABS_CHROMA", f"127.0.0.1:{closed_port}")
    found = _look(doctor_labs.chroma)
    assert found.level == "fail" and "chroma run" in found.found


class Models(BaseHTTPRequestHandler):
    """A server's list of its models; below /mute/ it cannot list, and still answers."""

    def do_GET(self):
        self._reply(self.path == "/v1/models", {"data": [{"id": "mine"}]})

    def do_POST(self):
        answer = {"choices": [{"message": {"content": "Yes."}}]}
        self._reply(self.path == "/mute/chat/completions", answer)

    def _reply(self, right, body):
        self.send_response(200 if right else 404)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def models_port():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Models)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_a_server_and_its_models(monkeypatch, models_port, closed_port):
    assert level(doctor_labs.server) == "ok"  # none is asked for
    monkeypatch.setenv("LABS_BASE_URL", f"http://127.0.0.1:{models_port}/v1")
    monkeypatch.setenv("LABS_MODEL", "mine")
    assert level(doctor_labs.server) == level(doctor_labs.model) == "ok"
    monkeypatch.setenv("LABS_MODEL", "yours")
    assert "lists mine" in doctor_labs.server().found
    monkeypatch.setenv("LABS_BASE_URL", f"http://127.0.0.1:{models_port}/mute")
    assert level(doctor_labs.server) == "warn"
    monkeypatch.setenv("LABS_BASE_URL", f"http://127.0.0.1:{models_port}")
    assert level(doctor_labs.server) == "fail"
    monkeypatch.setenv("LABS_BASE_URL", f"http://127.0.0.1:{closed_port}/v1")
    assert "refused" in doctor_labs.server().found


def test_no_network_is_no_failure(monkeypatch, models_port, closed_port):
    assert level(doctor_labs.network) == "ok"
    assert doctor_labs._reach(f"http://127.0.0.1:{closed_port}")
    assert doctor_labs._reach(f"http://127.0.0.1:{models_port}") == ""  # a 404


def test_a_name_server_that_is_silent_is_not_waited_for():
    waiting = threading.Event()
    said = doctor_labs._within(0.01, lambda: str(waiting.wait(60)))
    assert "time limit" in said
    waiting.set()


def test_the_laptops_weights_are_here_or_what_to_do(monkeypatch, tmp_path):
    assert level(doctor_labs.laptop) == "ok"  # requirements-weights.txt
    monkeypatch.setenv("LABS_CACHE", str(tmp_path))
    monkeypatch.setattr(assembled, "_installed", lambda base: None)
    assert "prefetch --profile laptop" in doctor_labs.laptop().todo
