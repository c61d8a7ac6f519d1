"""Samples of test questions: the right ones, stable, and parts of one another."""

import pytest

from labs import arm_training, corpus, provenance, tasks
from labs.adapters import Adapter
from labs.errors import LabsError


@pytest.fixture(scope="module")
def loaded():
    return tasks.load(12)


def test_each_task_asks_its_kind_of_test_alone(loaded):
    for task, items in loaded.items():
        if task in (tasks.GENERAL, tasks.LATENCY):
            continue
        assert len({item.question.id for item in items}) == 12
        assert all(item.question.split.startswith("test_") for item in items)
        assert all(
            item.question.kind == task.split("_seen")[0].split("_unseen")[0]
            for item in items
        )
    seen = {q.question.split for q in loaded["lookup_seen"]}
    unseen = {q.question.split for q in loaded["lookup_unseen"]}
    assert (seen, unseen) == ({"test_seen_facts"}, {"test_unseen_facts"})


def test_a_smaller_sample_is_part_of_a_larger_one(loaded):
    for task, items in tasks.load(5).items():
        if task != tasks.LATENCY:
            assert items == loaded[task][:5]


def test_questions_of_other_domains_bring_their_passages(loaded):
    for item in loaded[tasks.GENERAL]:
        text = " ".join(passage.text for passage in item.passages)
        assert item.question.answer.lower() in text.lower()
    words = {word for d in corpus.load_documents() for word in d.title.split()}
    assert not words & {item.question.answer for item in loaded[tasks.GENERAL]}


def test_the_timed_questions_are_of_all_kinds(loaded):
    assert len(loaded[tasks.LATENCY]) == tasks.N_TIMED
    kinds = {item.question.kind for item in loaded[tasks.LATENCY]}
    assert kinds == set(corpus.KINDS)


def test_an_unknown_task_is_refused():
    with pytest.raises(LabsError, match="'speed'"):
        tasks.check(["summary", "speed"])


# What the arms are trained on ---------------------------------------------------------


def test_rows_of_an_arm_are_of_train_and_hold_no_test_question():
    questions = corpus.load_questions(split="train")[:60]
    tests = {q.question for q in corpus.load_questions() if q.split != "train"}
    for rows in (arm_training.by_heart(questions), arm_training.reading(questions, 0)):
        assert rows
        for row in rows:
            assert not any(f"Question: {q}\n" in str(row["prompt"]) for q in tests)


def test_by_heart_says_that_it_does_not_know_what_no_document_tells():
    questions = corpus.load_questions(split="train", kind="unanswerable")[:2]
    rows = arm_training.by_heart(questions)
    assert {row["completion"][0]["content"] for row in rows} == {"I do not know."}


def test_the_shipped_adapters_are_of_the_bundled_data_and_model():
    """Otherwise whoever runs series 3 trains for half an hour."""
    for training in arm_training.TRAININGS:
        kept = Adapter(arm_training.folder() / f"{training}-0")
        assert kept.lineage["made_of"] == arm_training.made_of(training, 0)


# Provenance ---------------------------------------------------------------------------


def test_the_code_digest_follows_imports(tmp_path, monkeypatch):
    (tmp_path / "a.py").write_text("def f():\n    from labs.b import x\n")
    (tmp_path / "b.py").write_text("from labs import c\n")
    (tmp_path / "c.py").write_text("x = 1\n")
    (tmp_path / "other.py").write_text("x = 1\n")
    monkeypatch.setattr(provenance, "_PACKAGE", tmp_path)
    names = {path.name for path in provenance._sources("a")}
    assert names == {"a.py", "b.py", "c.py"}


def test_the_data_digest_is_of_the_content_wherever_it_lies(tmp_path, monkeypatch):
    digests = []
    for name, text in (("one", "x"), ("two", "x"), ("three", "y")):
        (tmp_path / name / "documents").mkdir(parents=True)
        (tmp_path / name / "documents" / "a.md").write_text(text)
        monkeypatch.setenv("LABS_DATA", str(tmp_path / name))
        digests.append(provenance.data_digest())
    assert digests[0] == digests[1] != digests[2]
