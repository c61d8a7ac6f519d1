import json
from dataclasses import replace
from pathlib import Path

import pytest

from labs import corpus
from labs.corpus import Evidence, Question
from labs.errors import LabsError

DOCUMENT = """---
id: sheet
title: Park sheet
type: park
date: 2031-03-01
edition: 1
supersedes: old-sheet
---
# Park

It has nine
turbines.
"""
FACT = {
    "id": "f1",
    "subject": "Park",
    "relation": "park_turbine_count",
    "object": "nine",
    "document": "sheet",
    "edition": 1,
}
QUESTION = {
    "id": "q1",
    "question": "How many turbines has the park?",
    "answer": "nine",
    "accepted": ["nine", "9"],
    "kind": "lookup",
    "split": "train",
    "facts": ["f1"],
    "evidence": [{"document": "sheet", "quote": "It has nine\nturbines."}],
    "edition": 1,
}
CHANGE = {
    "id": "c1",
    "question": "How many turbines has the park?",
    "kind": "lookup",
    "old_answer": "nine",
    "new_answer": "ten",
    "old_accepted": ["nine", "9"],
    "accepted": ["ten", "10"],
    "facts_old": ["f1"],
    "facts": ["f2"],
    "evidence": [{"document": "sheet-2", "quote": "It has ten turbines."}],
}


def write_lines(path: Path, *rows: dict) -> None:
    text = "\n".join(json.dumps(row) for row in rows) + "\n"
    path.write_text(text, encoding="utf-8")


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in (tmp_path, tmp_path / "edition2"):
        (folder / "documents").mkdir(parents=True)
        (folder / "documents" / "sheet.md").write_text(DOCUMENT, encoding="utf-8")
        write_lines(folder / "facts.jsonl", FACT)
    other = {**QUESTION, "id": "q2", "kind": "summary", "split": "dev"}
    write_lines(tmp_path / "questions.jsonl", QUESTION, other)
    write_lines(tmp_path / "edition2" / "changes.jsonl", CHANGE)
    monkeypatch.setenv("LABS_DATA", str(tmp_path))
    return tmp_path


def test_documents():
    (document,) = corpus.load_documents()
    assert (document.id, document.title) == ("sheet", "Park sheet")
    assert (document.date, document.edition) == ("2031-03-01", 1)
    assert document.supersedes == "old-sheet"
    assert document.text == "# Park\n\nIt has nine\nturbines."
    assert corpus.load_documents(edition=2) == [document]


def test_windows_line_ends_and_byte_order_mark(data):
    (document,) = corpus.load_documents()
    path = data / "documents" / "sheet.md"
    windows = "\ufeff" + DOCUMENT.replace("\n", "\r\n")
    path.write_bytes(windows.encode())
    assert corpus.load_documents() == [document]


def test_facts_and_changes():
    (fact,) = corpus.load_facts()
    assert (fact.subject, fact.object, fact.superseded_by) == ("Park", "nine", None)
    (change,) = corpus.load_changes()
    assert (change.old_answer, change.new_answer) == ("nine", "ten")
    assert change.accepted == ("ten", "10")


def test_questions_by_split_and_kind():
    assert [q.id for q in corpus.load_questions()] == ["q1", "q2"]
    assert [q.id for q in corpus.load_questions(split="train")] == ["q1"]
    assert [q.id for q in corpus.load_questions(kind="summary")] == ["q2"]
    assert corpus.load_questions(split="train", kind="summary") == []
    (question,) = corpus.load_questions(split="train")
    assert question.accepted == ("nine", "9")
    assert question.evidence == (Evidence("sheet", "It has nine\nturbines."),)


def test_one_wording_of_each_kind_for_the_same_facts():
    first, summary = corpus.load_questions()
    again = replace(first, id="q3", question="Of how many turbines is it?")
    other = replace(first, id="q4", facts=("f1", "f2"))
    untold = [replace(first, id=f"u{i}", facts=()) for i in range(2)]
    kept = corpus.one_wording([first, summary, again, other, *untold])
    assert [q.id for q in kept] == ["q3", "q2", "q4", "u0", "u1"]


def test_as_llama_documents():
    (document,) = corpus.as_llama_documents(corpus.load_documents())
    assert document.id_ == "sheet"
    assert document.metadata["date"] == "2031-03-01"
    assert document.get_content(metadata_mode="all").count("Park sheet") == 1
    assert "Park sheet" not in document.get_content(metadata_mode="embed")
    assert "Park sheet" not in document.get_content(metadata_mode="llm")


# Errors -------------------------------------------------------------------------------


def with_row(**changes) -> str:
    return json.dumps({**QUESTION, "id": "q3", **changes})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": "q3", ', "questions.jsonl:3: this is no JSON"),
        ("[]", "questions.jsonl:3: found a JSON list, expected an object"),
        ('{"id": "q3"}', "questions.jsonl:3: the field 'question' is missing"),
        (with_row(id="q1"), r"questions.jsonl:3: the id 'q1' stands in \S+:1 too"),
        (with_row(kind="riddle"), "jsonl:3: kind is 'riddle', expected one of lookup"),
        (with_row(split="test"), "jsonl:3: split is 'test', expected one of train"),
        (with_row(accepted="nine"), "jsonl:3: accepted is 'nine', expected a list of"),
        (with_row(edition="1"), "jsonl:3: edition is '1', expected a whole number"),
        (with_row(evidence=[{}]), "jsonl:3: evidence: the field 'document' is missing"),
        (with_row(evidence=["x"]), "jsonl:3: evidence is 'x', expected an object"),
    ],
)
def test_a_broken_line_is_named(data, line, message):
    with (data / "questions.jsonl").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(LabsError, match=message):
        corpus.load_questions()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"# Park\n", r"bad.md:1: found no front matter"),
        (b"---\nid: x\n# Park\n", r"bad.md:1: found no front matter"),
        (b"---\nid: x\ntitle: a: b\n---\n", r"bad.md:3: the front matter is no YAML"),
        (b"---\njust words\n---\n", r"bad.md:1: the front matter holds no"),
        (b"---\nid: x\n---\n", r"bad.md:1: the field 'title' is missing"),
        (b"---\nid: x\n---\n\nGr\xfc\xdfe\n", r"bad.md:5: the byte 0xfc is not UTF-8"),
        (DOCUMENT.encode(), r"sheet.md:1: the id 'sheet' stands in \S+bad.md:1 too"),
    ],
)
def test_a_broken_document_is_named(data, text, message):
    (data / "documents" / "bad.md").write_bytes(text)
    with pytest.raises(LabsError, match=message):
        corpus.load_documents()


def test_missing_files_are_named(data, monkeypatch):
    (data / "documents" / "sheet.md").unlink()
    with pytest.raises(LabsError, match=r"documents: no \*.md files.*LABS_DATA"):
        corpus.load_documents()
    (data / "questions.jsonl").unlink()
    with pytest.raises(LabsError, match=r"questions.jsonl: no such file.*LABS_DATA"):
        corpus.load_questions()
    monkeypatch.setenv("LABS_DATA", str(data / "nowhere"))
    for load in (corpus.load_documents, corpus.load_facts, corpus.load_changes):
        with pytest.raises(LabsError, match="no such (file|directory)"):
            load()


def test_unknown_arguments():
    with pytest.raises(LabsError, match="split='test' was asked for, expected one of"):
        corpus.load_questions(split="test")
    with pytest.raises(LabsError, match="kind='riddle' was asked for"):
        corpus.load_questions(kind="riddle")
    with pytest.raises(
        LabsError, match="edition=3 was asked for, expected one of 1, 2"
    ):
        corpus.load_documents(edition=3)


# Evidence -----------------------------------------------------------------------------


def question_with(*quotes: str) -> Question:
    evidence = tuple(Evidence(f"d{i}", quote) for i, quote in enumerate(quotes))
    return Question("q", "?", "", (), "lookup", "dev", (), evidence, 1)


@pytest.mark.parametrize(
    ("passages", "expected"),
    [
        (["The park: it has nine turbines. It is old."], True),
        (["The park: it  has\nnine turbines."], True),
        (["… it has nine", "turbines. It is old."], True),  # cut, both retrieved
        (["turbines. It is old.", "… it has nine"], True),  # in any order
        (["… it has ni", "as nine turbines. It"], True),  # with overlap
        (["… it", "has nine", "turbines. It is old."], True),  # in three pieces
        (["… it has nine"], False),  # the other half was not retrieved
        (["… it", "turbines. It is old."], False),  # the middle is missing
        (["it has ten turbines."], False),
        ([""], False),
        ([], False),
    ],
)
def test_evidence_found(passages, expected):
    question = question_with("it has nine turbines.")
    assert corpus.evidence_found(passages, question) == [expected]


def test_evidence_counts_quote_by_quote():
    question = question_with("nine turbines", "ten turbines")
    assert corpus.evidence_found(["ten turbines"], question) == [False, True]
    assert corpus.evidence_found(["ten turbines"], question_with()) == []


def test_a_siblings_sentence_is_no_evidence():
    question = question_with("nine turbines")
    texts = ["nine turbines"]
    assert corpus.evidence_found(texts, question, documents=["d0"]) == [True]
    assert corpus.evidence_found(texts, question, documents=["sibling"]) == [False]
