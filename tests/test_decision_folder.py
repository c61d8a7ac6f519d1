"""From a folder to results, with arms and a writer of questions that are not there."""

from pathlib import Path

import pytest

from labs import benchmark, decision_folder, runs, synthetic, usage
from labs.errors import LabsError
from labs.models import Generator
from labs.usage import Indexing

QUESTION = (
    '{"id": "p1", "question": "How high is it?", "answer": "90 m", "accepted": '
    '["90 m"], "kind": "lookup", "split": "test_unseen_facts", "facts": [], '
    '"evidence": [{"document": "mast", "quote": "The mast is 90 m high."}], '
    '"edition": 1}\n'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    own = tmp_path / "own"
    own.mkdir()
    (own / "mast.md").write_text("# Mast\n\nThe mast is 90 m high.\n")
    return own


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each arm says nothing, and the model writes the question above."""

    def write(data: Path, n: int) -> str:
        (data / "questions.jsonl").write_text(QUESTION)
        return f"Wrote {data / 'questions.jsonl'}: 1 question."

    def run(grid):
        for cell in grid:
            answer = {"id": "p1", "text": "", "right": 0.0, "refused": True}
            answer |= {"tokens_in": 1, "tokens_out": 1, "seconds": 0.1}
            names = ("data", "general", "model", "code", "dtype")
            yield {
                "arm": cell.arm,
                "task": cell.task,
                "seed": cell.seed,
                "key": cell.arm,
                "versions": dict.fromkeys(names, "1"),
                "settings": {},
                "answers": [answer],
            }

    monkeypatch.setattr(synthetic, "run", write)
    monkeypatch.setattr(benchmark, "run", run)
    monkeypatch.setattr(Generator, "backend", None)
    monkeypatch.setenv("LABS_RUNS", str(tmp_path / "runs.sqlite"))
    index = Indexing(1, 1, 1, 1, 1)
    monkeypatch.setattr(usage, "measure_index", lambda *_: index)


def test_a_folder(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    found = decision_folder.measure(folder, out, ["base", "naive-rag"])
    assert found.n_documents == 1 and list(found.questions) == ["p1"]
    assert found.told == "Wrote data/questions.jsonl: 1 question."
    assert dict(found.written) == {"people": 1}
    assert [(r["arm"], r["task"]) for r in found.found] == [
        ("base", "lookup_unseen"),
        ("naive-rag", "lookup_unseen"),
    ]
    assert set(found.indexing) == {"naive"}
    [run] = runs.load()
    assert run.note == "decide own"
    again = decision_folder.measure(folder, out, ["base"])
    assert [r["arm"] for r in again.found] == ["base"]
    assert len((out / "results.jsonl").read_text().splitlines()) == 1


def test_a_directory_of_data_is_taken_as_it_is(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    decision_folder.measure(folder, out, ["base"])
    found = decision_folder.measure(out / "data", tmp_path / "two", ["base"])
    assert found.told == "The directory brought its own questions."
    assert not (tmp_path / "two" / "data").exists()


def test_no_question_holds(folder: Path, tmp_path: Path, monkeypatch) -> None:
    def write(*_):
        raise synthetic.NothingHoldsError("Nothing holds: 9 x.")

    monkeypatch.setattr(synthetic, "run", write)
    found = decision_folder.measure(folder, tmp_path / "out", ["base"])
    assert found.found == [] and "Nothing holds" in found.told


def test_another_error_is_an_error(folder: Path, tmp_path: Path, monkeypatch) -> None:
    def write(*_):
        raise LabsError("The disk is full.")

    monkeypatch.setattr(synthetic, "run", write)
    with pytest.raises(LabsError, match="disk"):
        decision_folder.measure(folder, tmp_path / "out", ["base"])


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(LabsError, match="is not there"):
        decision_folder.measure(tmp_path / "none", tmp_path / "out", ["base"])
