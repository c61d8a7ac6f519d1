"""Killed, on a full disk, in a checkout that nobody may write, under any name.

More of the same stands beside what it is about: a killed training in test_finetune,
killed kernels in test_votes and test_registry, a full disk in test_cache.
"""

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from tiny import WORDS, save_checkpoint

from labs import benchmark, prompts, results
from labs.embedding import Embedder
from labs.local import LocalModel
from labs.models import Generator
from labs.profiles import ROOT

posix = pytest.mark.skipif(os.name != "posix", reason="no SIGKILL, no mounts")


# Killed half-way ----------------------------------------------------------------------

ASKED = [prompts.answer_closed_book(" ".join(WORDS[:n])) for n in range(1, 9)]
GRID = benchmark.cells(["base"], ["summary", "work_order", "multi_hop"], [0], 2)


def embed() -> list:
    texts = sorted(set(WORDS))
    embedder = Embedder()
    object.__setattr__(embedder.profile, "embed_batch_size", 3)
    return embedder.embed(texts).tolist()


def generate() -> list:
    generator = Generator()
    object.__setattr__(generator.profile, "batch_tokens", 1)
    return generator.generate(ASKED, 6)


def grid() -> list:
    found = results.in_order(benchmark.run(GRID))
    assert not [result["error"] for result in found if "error" in result]
    return [[(a["id"], a["text"]) for a in result["answers"]] for result in found]


# What is long, what of it is done a piece at a time, and how many pieces it has.
WORK: dict[str, tuple[Callable[[], list], object, str, int]] = {
    "embedding": (embed, Embedder, "_forward", -(-len(set(WORDS)) // 3)),
    "generation": (generate, LocalModel, "_generate", len(ASKED)),
    "grid": (grid, benchmark, "_judged", len(GRID)),
}
KILLED_AT = 2  # the piece: all before it are kept


@pytest.fixture
def tiny_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    directory = tmp_path / "tiny"
    save_checkpoint(directory, "llama", max_position_embeddings=4096)
    monkeypatch.setenv("LABS_MODEL", str(directory))
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "cache"))
    benchmark._generator.cache_clear()


def count(monkeypatch, owner: object, name: str, then: Callable[[int], None]) -> None:
    """`then` is told how often `owner.name` has been called, before each call."""
    original, calls = getattr(owner, name), []

    def counted(*given, **named):
        calls.append(1)
        then(len(calls))
        return original(*given, **named)

    monkeypatch.setattr(owner, name, counted)


def die(kind: str) -> None:
    import torch

    torch.set_num_threads(1)  # a forked process has lost its parent's threads
    work, owner, name, _ = WORK[kind]

    def kill(call: int) -> None:
        if call == KILLED_AT:
            os.kill(os.getpid(), signal.SIGKILL)

    count(pytest.MonkeyPatch(), owner, name, kill)
    work()


@posix
@pytest.mark.parametrize("kind", WORK)
def test_killed_and_run_again(tiny_model, monkeypatch, tmp_path, kind: str) -> None:
    """Nothing that was computed is computed again, and the result is the same."""
    work, owner, name, pieces = WORK[kind]
    child = multiprocessing.get_context("fork").Process(target=die, args=[kind])
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    calls: list[int] = []
    count(monkeypatch, owner, name, calls.append)
    resumed = work()
    assert len(calls) == pieces - (KILLED_AT - 1)
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "whole"))
    whole = work()
    assert len(calls) == 2 * pieces - (KILLED_AT - 1)  # nothing came from elsewhere
    if kind == "embedding":  # batches of other texts: the last digits may differ
        np.testing.assert_allclose(resumed, whole, atol=1e-6)
    else:
        assert resumed == whole


# Chroma in a process of its own: it keeps its files in LABS_CACHE, as the first lab.
INDEX = """
import os, signal, sys
import numpy as np
from labs import store

n_rows, kill = 600, sys.argv[1] == "kill"
vectors = np.random.default_rng(0).normal(size=(n_rows, 16)).astype(np.float32)
ids = [f"c{i}" for i in range(n_rows)]
exact = {"hnsw": {"space": "cosine", "ef_search": 500}}
collection = store.client().get_or_create_collection(
    "baseline", embedding_function=None, configuration=exact
)
with store.alone():
    there = set(collection.get(include=[])["ids"])
    missing = [i for i, id_ in enumerate(ids) if id_ not in there]
    for start in range(0, len(missing), 100):
        batch = missing[start : start + 100]
        if kill and start == 200:
            os.kill(os.getpid(), signal.SIGKILL)
        collection.add([ids[i] for i in batch], embeddings=vectors[batch])
assert set(collection.get(include=[])["ids"]) == set(ids)
found = collection.query(query_embeddings=vectors[::20] + 0.01, n_results=1)["ids"]
assert [row[0] for row in found] == ids[::20], found
print("added", len(missing))
"""


def python(script: str, *arguments: str, **settings: object) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        env=os.environ | {name: str(value) for name, value in settings.items()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@posix
def test_indexing_that_is_killed_goes_on(tmp_path: Path) -> None:
    killed = python(INDEX, "kill", LABS_CACHE=tmp_path)
    assert killed.wait() == -signal.SIGKILL, killed.stderr.read()
    again, errors = python(INDEX, "whole", LABS_CACHE=tmp_path).communicate()
    assert again == "added 400\n", errors


def test_two_attendees_share_a_cache(tmp_path: Path) -> None:
    """Both fill the same collection in the same directory, at the same time."""
    both = [python(INDEX, "whole", LABS_CACHE=tmp_path) for _ in range(2)]
    done = [each.communicate() for each in both]
    said = sorted(output for output, _ in done)
    assert said == ["added 0\n", "added 600\n"], done


# A full disk, a read-only checkout ----------------------------------------------------


@pytest.fixture(scope="module")
def may_mount() -> None:
    """Mounts of our own, seen by our children alone; gone when they end."""
    alone = ["unshare", "--mount", "true"]
    if not shutil.which("unshare") or subprocess.run(alone).returncode:
        pytest.skip("this user may mount nothing (needs root, or CAP_SYS_ADMIN)")


def mounted(mount: str, command: list[str], **settings: object) -> tuple[int, str]:
    """Exit code and output of a command that runs beside a mount."""
    script = f'{mount} && exec "$@"'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "sh", *command],
        env=os.environ | {name: str(value) for name, value in settings.items()},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Path]:
    """A folder of one's own files."""
    folder = tmp_path / "own"
    folder.mkdir()
    for i in range(9):
        text = f"The key of hut {i} hangs in the van.\n"
        (folder / f"hut {i}.md").write_text(text, encoding="utf-8")
    yield folder


FULL = "mount -t tmpfs -o size=64k tmpfs {0}"


@posix
def test_a_full_disk_is_one_message(may_mount, tmp_path: Path, own: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    (own / "large.txt").write_text("The key hangs in the van.\n" * 10_000)
    command = [
        sys.executable,
        "-m",
        "labs",
        "import",
        str(own),
        "--out",
        f"{disk}/mine",
    ]
    code, said = mounted(FULL.format(disk), command)
    assert code == 2, said
    assert "Error: " in said and "space" in said and "Traceback" not in said, said


@posix
def test_work_goes_on_with_a_full_cache(may_mount, tmp_path: Path) -> None:
    """One warning; the vectors are those that a roomy disk gives."""
    disk = tmp_path / "disk"
    disk.mkdir()
    script = (
        "from labs.embedding import Embedder\n"
        "texts = [f'turbine {i}' for i in range(200)]\n"
        "print(float(Embedder().embed(texts).sum()))"
    )
    command = [sys.executable, "-c", script]
    code, said = mounted(FULL.format(disk), command, LABS_CACHE=disk)
    assert code == 0, said
    assert said.count("RuntimeWarning: The cache") in (1, 2), said  # vectors, digests
    texts = [f"turbine {i}" for i in range(200)]
    number = next(
        line for line in said.splitlines() if line.strip("-.0123456789") == ""
    )
    assert float(number) == pytest.approx(
        float(Embedder().embed(texts).sum()), abs=1e-3
    )


@posix
def test_a_checkout_that_is_read_only(may_mount, tmp_path: Path, own: Path) -> None:
    """The labs write to the cache and to where they are told to, and nowhere else."""
    read_only = f"mount --bind {ROOT} {ROOT} && mount -o remount,ro,bind {ROOT}"
    labs = [sys.executable, "-m", "labs"]
    code, _ = mounted(read_only, ["touch", str(ROOT / "labs" / "new")])
    assert code != 0  # else the test proves nothing
    mine = tmp_path / "mine"
    code, said = mounted(read_only, [*labs, "import", str(own), "--out", str(mine)])
    assert code == 0, said
    question = [*labs, "ask", "Where does the key of hut 7 hang?"]
    code, said = mounted(read_only, question, LABS_DATA=mine, LABS_CACHE=tmp_path / "c")
    assert code == 0 and "hangs in the van" in said, said


# Names --------------------------------------------------------------------------------


def test_spaces_and_letters_of_other_alphabets(tmp_path: Path, own: Path) -> None:
    """In the path of the checkout, the data, the cache, a folder and a file."""
    there = tmp_path / "Grüße aus Łódź" / "the labs 實驗"
    shutil.copytree(ROOT / "labs", there / "labs")
    shutil.copytree(ROOT / "data" / "pocket", there / "data" / "pocket")
    folder = shutil.copytree(own, there / "mes données")
    (folder / "Схема ü.txt").write_text("Der Schlüssel hängt im Wagen.", "utf-8")
    settings = {
        "LABS_CACHE": there / "der Cache ß",
        "LABS_DATA": there / "daten Ω",
        "PYTHONPATH": there,
        "LABS_PROFILE": "pocket",
    }
    environment = os.environ | {name: str(value) for name, value in settings.items()}

    def labs(*arguments: str | Path) -> str:
        command = [sys.executable, "-m", "labs", *map(str, arguments)]
        done = subprocess.run(command, cwd=there, env=environment, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8", "replace")

    assert "10 documents" in labs("import", folder, "--out", settings["LABS_DATA"])
    assert "hangs in the van" in labs("ask", "Where does the key of hut 7 hang?")
    record = json.loads((settings["LABS_DATA"] / "import.json").read_text("utf-8"))
    assert "Схема ü.txt" in record["documents"].values()
    script = f"import labs; print(labs.__file__)\n{INDEX.replace('sys.argv[1]', '0')}"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=there,
        env=environment | {"PYTHONIOENCODING": "utf-8"},
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert (
        "the labs 實驗" in done.stdout.decode()
    )  # the copy ran, and not this checkout
    assert (settings["LABS_CACHE"] / "chroma").is_dir()
