"""The command line, and the tour on a corpus small enough to follow by hand."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from labs import arms, cli, corpus, tour, tour_run, tour_scores
from labs.models import Generation
from labs.prompts import REFUSAL, Messages

DOCUMENTS = {
    "D1": "The rotor of Alba 90 measures 90 m.",
    "D2": "Unit HM-07 stands in Heron park.\n\nIncident I-1 took 6 hours of repair.",
    "D3": "The rotor of Alba 92 measures 92 m.",
}
FORM = "WORK ORDER\nUnit: HM-07\nDuration: 90 minutes"
QUESTIONS = [  # kind, question, answer, facts, (document, quote)
    ("lookup", "rotor Alba 90", "90 m", ["F1"], [("D1", DOCUMENTS["D1"])]),
    ("multi_hop", "rotor of HM-07", "92 m", ["F3"], [("D3", DOCUMENTS["D3"])]),
    ("comparison", "rotor larger", "Alba 92", ["F1"], [("D1", "90 m"), ("D3", "92 m")]),
    ("summary", "incident I-1", "It took 6 hours.", ["F2"], [("D2", "6 hours")]),
    ("work_order", "order for HM-07", FORM, ["F2"], [("D2", "Unit HM-07 stands")]),
    ("unanswerable", "paint of Alba 90", REFUSAL, [], []),
]
# What the two systems say; the passages for a question are made up of its words.
PLAIN = {kind: "I do not know." for kind, *_ in QUESTIONS}
RAG = PLAIN | {
    "lookup": "90 m [1]",
    "multi_hop": "90 m",
    "comparison": "the Alba 92 [2]",
    "summary": "The repair took 6 hours.",
    "work_order": "WORK ORDER\nUnit: HM-07\nDuration: 9 minutes",
    "unanswerable": "Red.",
}


@pytest.fixture
def toy_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The corpus above as a directory, named by LABS_DATA."""
    folder = tmp_path / "toy"
    (folder / "documents").mkdir(parents=True)
    for name, text in DOCUMENTS.items():
        head = f"---\nid: {name}\ntitle: T\ntype: note\ndate: 2031-03-01\nedition: 1"
        (folder / "documents" / f"{name}.md").write_text(f"{head}\n---\n{text}\n")
    objects = {"F1": "90 m", "F2": "6 hours", "F3": "92 m"}
    shared = {"subject": "s", "relation": "r", "document": "D1", "edition": 1}
    facts = [{"id": i, "object": o, **shared} for i, o in objects.items()]
    _write_lines(folder / "facts.jsonl", facts)
    _write_lines(folder / "questions.jsonl", [_question(*row) for row in QUESTIONS])
    monkeypatch.setenv("LABS_DATA", str(folder))
    return folder


def _write_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def _question(
    kind: str, text: str, answer: str, facts: list[str], evidence: list[Any]
) -> dict[str, Any]:
    return {
        "id": kind,
        "question": text,
        "answer": answer,
        "accepted": [answer],
        "kind": kind,
        "split": "test_unseen_facts",
        "facts": facts,
        "evidence": [{"document": d, "quote": quote} for d, quote in evidence],
        "edition": 1,
    }


class ToyEmbedder:
    """Words as dimensions: what shares a word with the question is near."""

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        words = sorted({word for text in DOCUMENTS.values() for word in text.split()})
        rows = [[word in text.split() for word in words] for text in texts]
        return np.array(rows, dtype=np.float32)


class ToyGenerator:
    """Says what stands above, with documents or without."""

    profile = "toy profile"

    def check(self) -> None:
        """Nothing stands in the way."""

    def generate(self, prompts: Sequence[Messages]) -> list[str]:
        return [self._say(prompt[0]["content"]) for prompt in prompts]

    def generate_detailed(
        self, prompts: Sequence[Messages], max_new_tokens: int = 64
    ) -> list[Generation]:
        return [Generation(text, 1, 1, 0.1) for text in self.generate(prompts)]

    def _say(self, prompt: str) -> str:
        [kind] = [k for k, text, *_ in QUESTIONS if prompt.endswith(f": {text}")]
        return (RAG if "\n\n[1] " in prompt else PLAIN)[kind]


@pytest.fixture
def toy_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arms, "Embedder", ToyEmbedder)
    monkeypatch.setattr(tour_run, "Generator", ToyGenerator)


def _tour(path: Path, *options: str) -> tuple[str, dict[str, Any]]:
    done = CliRunner().invoke(cli.app, ["tour", "--json", str(path), *options])
    assert done.exit_code == 0, done.output
    return done.output, json.loads(path.read_text())


def test_tour_measures(toy_data: Path, toy_models: None, tmp_path: Path) -> None:
    shown, found = _tour(tmp_path / "tour.json")
    means = {
        measure: {arm: round(own["mean"]["mean"], 3) for arm, own in by_arm.items()}
        for measure, by_arm in found["scores"].items()
    }
    # Right are lookup and comparison of lookup, multi_hop, comparison, work order.
    rag = {"naive-rag": 0.5, "advanced-rag": 0.5}
    assert means["exact match"] == {"base": 0, **rag}
    assert means["refused"] == {"base": 1, "naive-rag": 0, "advanced-rag": 0}
    change = found["scores"]["refused"]["naive-rag"]
    assert change["difference"]["mean"] == -1 and change["verdict"] == "worse"
    # The budget holds the whole corpus: every piece of evidence is read.
    assert {arm: own["mean"] for arm, own in found["evidence"].items()} == {
        "naive-rag": 1,
        "advanced-rag": 1,
    }
    assert found["questions"] == 6 and found["documents"] == 3
    for part in ("✓", "✗", "◐ 0.50", "[0.00, 1.00]", "01_baseline.ipynb"):
        assert part in shown
    assert "Left out" in shown and "fine-tuned" in shown  # adapters of other data


def test_tour_measures_each_kind_its_own_way(
    toy_data: Path, toy_models: None, tmp_path: Path
) -> None:
    _, found = _tour(tmp_path / "tour.json")
    right = {
        kind: (arms["base"]["mean"]["mean"], arms["naive-rag"]["mean"]["mean"])
        for kind, arms in found["by_kind"].items()
    }
    assert right == {
        "lookup": (0, 1),
        "multi_hop": (0, 0),
        "comparison": (0, 1),
        "summary": (0, 1),  # it tells its one fact: 6 hours
        "work_order": (0, 0.5),  # one of two fields
        "unanswerable": (1, 0),
    }


def test_json_holds_what_the_terminal_shows(
    toy_data: Path, toy_models: None, tmp_path: Path
) -> None:
    _, found = _tour(tmp_path / "tour.json", "--questions", "2")
    assert found["shown"] == ["lookup", "multi_hop"]
    first = found["answers"][0]
    assert first["arms"]["naive-rag"]["text"] == "90 m [1]"
    assert first["arms"]["naive-rag"]["exact_match"] is True
    assert first["sources"][0]["document"] == "D1"


def test_sample_takes_turns_between_kinds() -> None:
    def question(number: int, kind: str, split: str) -> corpus.Question:
        return corpus.Question(f"{number}", "", "", ("",), kind, split, (), (), 1)

    rows = [question(i, "lookup", "test_seen_facts") for i in range(9)]
    rows += [question(10, "summary", "test_unseen_facts")]
    rows += [question(11, "summary", "train")]
    assert [q.kind for q in tour_run.sample(rows, 3)] == ["lookup", "summary", "lookup"]
    assert len(tour_run.sample(rows, 100)) == 10
    assert tour_run.sample(rows, 5) == tour_run.sample(rows, 5)


def test_work_order_asks_for_its_fields() -> None:
    row = corpus.Question("1", "Order?", FORM, (FORM,), "work_order", "dev", (), (), 1)
    [message] = tour.prompt_for(row, [])
    assert "Fields: Unit, Duration\n" in message["content"]


def test_scores_leave_out_what_was_not_asked() -> None:
    assert tour_scores.headline([])["exact match"] == []
    assert tour_scores.by_kind([]) == {}


def test_ask_shows_the_passages(
    toy_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labs.embedding.Embedder", ToyEmbedder)
    monkeypatch.setattr("labs.models.Generator", ToyGenerator)
    done = CliRunner().invoke(cli.app, ["ask", "rotor Alba 90"])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("90 m [1]\n\n[1] D1#1\nThe rotor of Alba 90")


# The real command line, in a process of its own ---------------------------------------


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "labs", *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_help_lists_the_commands() -> None:
    done = _run("--help")
    assert done.returncode == 0
    for command in ("tour", "ask", "bench", "runs", "report", "data", "model"):
        assert command in done.stdout


def test_import_loads_nothing_heavy() -> None:
    code = "import sys, labs, labs.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert not {"torch", "transformers", "pandas", "chromadb"} & {*done.stdout.split()}


def test_bad_input_is_one_message() -> None:
    done = _run("ask", "Why?", LABS_PROFILE="huge")
    assert done.returncode == 2
    assert done.stderr.startswith("Error: LABS_PROFILE is 'huge'")
    assert "Traceback" not in done.stderr


def test_json_file_is_checked_before_the_work(tmp_path: Path) -> None:
    done = _run("tour", "--json", str(tmp_path / "nowhere" / "tour.json"))
    assert done.returncode == 2
    assert "cannot be written (No such file or directory)" in done.stderr


def test_data_passes_options_and_exit_code_on() -> None:
    assert _run("data", "--help").returncode == 0
    assert _run("data", "--no-such-option").returncode == 2


def test_tour_of_the_real_corpus(tmp_path: Path) -> None:
    path = tmp_path / "tour.json"
    done = _run("tour", "--questions", "12", "--json", str(path))
    assert done.returncode == 0, done.stderr
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["questions"] == 12 and found["documents"] >= 150
    assert {row["kind"] for row in found["answers"]} == set(corpus.KINDS)
    assert list(found["scores"]["right"]) == list(arms.ARMS)
