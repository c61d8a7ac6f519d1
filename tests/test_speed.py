"""The speed measurement's arithmetic, and one real run on three documents."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from labs import speed, speed_arms
from labs.errors import LabsError

HEAD = "---\nid: {0}\ntitle: T\ntype: note\ndate: 2031-03-01\nedition: 1\n---\n"
QUESTION = {
    "answer": "nine",
    "accepted": ["nine"],
    "kind": "lookup",
    "split": "dev",
    "facts": [],
    "evidence": [],
    "edition": 1,
}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "documents").mkdir()
    for name in ("heron", "kite", "lark"):
        text = f"{HEAD.format(name)}{name.title()} park has nine turbines.\n"
        (tmp_path / "documents" / f"{name}.md").write_text(text)
    rows = [
        QUESTION | {"id": f"q{i}", "question": f"Has {name} nine turbines?"}
        for i, name in enumerate(["heron", "kite", "lark", "lark"])
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "questions.jsonl").write_text(lines)
    return tmp_path


def _measure(arm: str, directory: Path, cache: Path) -> dict:
    """As `labs.speed` runs it: in a process of its own, with a cache of its own."""
    command = [sys.executable, "-m", "labs.speed_arms", arm, "100", "5"]
    environment = os.environ | {"LABS_DATA": str(directory), "LABS_CACHE": str(cache)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not list(cache.glob("*.sqlite")), "something was taken from a cache"
    return json.loads(done.stdout.splitlines()[-1])


def test_every_arm_on_a_small_corpus(directory: Path, tmp_path: Path) -> None:
    arms = {
        arm: _measure(arm, directory, tmp_path / f"cache-{arm}")
        for arm in speed_arms.ARMS
    }
    assert {arm["chunks"] for arm in arms.values()} == {3}
    rows = [row for arm in arms.values() for row in arm["strategies"]]
    assert [row["strategy"] for row in rows[: len(speed_arms.STRATEGIES)]] == [
        *speed_arms.STRATEGIES
    ]
    measured = [row for row in rows if "skipped" not in row]
    assert {row["strategy"] for row in rows} - {r["strategy"] for r in measured} <= {
        "hybrid, RRF, reranked"  # where no adapter is there
    }
    for row in measured:
        assert 0 < row["p50_ms"] <= row["p95_ms"] and row["queries"] == 3
    for arm in ("labs", "llama_index"):
        ingest = arms[arm]["ingest"]
        assert ingest["documents"] == 3 and ingest["share_read"] == 1
    ratios = speed._ratios(*arms.values())
    assert all(value > 0 for value in ratios.values())


def test_ratios_say_how_much_the_labs_are_ahead() -> None:
    def ingest(tokens: int, seconds: float) -> dict:
        return {"tokens_read": tokens, "wall_s": seconds, "cpu_s": seconds}

    def arm(name: str, p50_ms: float, held: float | None, took: dict) -> dict:
        row = {"strategy": name, "p50_ms": p50_ms, "cpu_ms": 1, "peak_mb": held}
        return {"ingest": took, "strategies": [row]}

    ours = arm("dense, exact", 10, 5, ingest(100, 2))
    theirs = arm("x", 30, 9, ingest(50, 4))
    ratios = speed._ratios(ours, theirs, arm("y", 50, 20, {}))
    assert ratios["documents ingested, wall"] == 2
    assert ratios["tokens read by the embedder, wall"] == 4
    assert ratios["median dense query, default chunks, wall"] == 3
    assert ratios["median dense query, same passages, wall"] == 5
    assert ratios["median dense query, same passages, CPU"] == 1
    assert ratios["peak memory, same passages"] == 4


def test_random_vectors_have_length_one() -> None:
    vectors = speed_arms.random_vectors(5, 8)
    assert vectors.shape == (5, 8) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_scales() -> None:
    assert speed.parse_scales("1, 10,100") == [1, 10, 100]
    for given in ("", "0", "-1", "1;2", "ten"):
        with pytest.raises(LabsError, match="--scales is .*expected numbers"):
            speed.parse_scales(given)


def test_an_arm_that_breaks_off_is_told(tmp_path: Path) -> None:
    with pytest.raises(LabsError, match="benchmark of labs .* broke off"):
        speed._measure("labs", tmp_path / "nowhere", 100, 5)
