"""Questions that a model writes: what holds is kept, what does not is counted."""

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from labs import cli, corpus, leakage, prompts, synthetic
from labs import synthetic_pairs as pairs
from labs.corpus import Document
from labs.errors import LabsError
from labs.retrieval import Chunk
from labs.synthetic import Written, write_questions

NAMES = [f"Park {a}{b}" for a in "BCDFGHKL" for b in "aeiou"]


def _statement(name: str, number: int) -> str:
    return f"In all seasons the crew of {name} counts {number} turbines there."


DOCUMENTS = [
    Document(name.lower().replace(" ", "-"), name, "park", "2031-01-01", 1, text)
    for i, name in enumerate(NAMES, start=10)
    for text in [_statement(name, i)]
]


def embed(texts: Sequence[str]) -> np.ndarray:
    """All at right angles: no paraphrases by meaning."""
    rows = np.arange(len(texts))
    vectors = np.zeros((len(texts), 512), dtype=np.float32)
    vectors[rows, rows] = 1
    return vectors


class Writer:
    """Asks for the number in a passage and knows it again; `replies` overrule."""

    def __init__(self, **replies: str) -> None:
        self.replies, self.asked = replies, 0

    def generate(
        self, prompts: Sequence[prompts.Messages], max_new_tokens: int = 64
    ) -> list[str]:
        self.asked += len(prompts)
        return [self._say(prompt[0]["content"]) for prompt in prompts]

    def _say(self, prompt: str) -> str:
        name = next(name for name in NAMES if name in prompt)
        number = NAMES.index(name) + 10
        if prompt.startswith("Answer"):
            return self.replies.get(f"again {name}", f"{number} [1]")
        question = f"How many turbines stand in {name}?"
        own = f"Question: {question}\nAnswer: {number}."
        return self.replies.get(name, own)


def _write(writer: Writer, documents: Sequence[Document] = DOCUMENTS) -> Written:
    return write_questions(documents, writer, embed, 300, "toy")


# One pair -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("Question: How high is it?\nAnswer: 90 m", ("How high is it?", "90 m")),
        ("**Question:** How high is it?\n\n**Answer:** 90 m.", "ok"),
        ('1. question: "How high is it?"\nanswer: 90 m', "ok"),
        ("How high is it? 90 m", None),
        ("Question: How high is it?\nAnswer: .", None),
        ("Question: How?\nAnswer: 90 m", None),
        ("Question: It is high.\nAnswer: 90 m", None),
        ("", None),
    ],
)
def test_parse(reply: str, expected: object) -> None:
    wanted = ("How high is it?", "90 m") if expected else None
    assert pairs.parse(reply) == wanted


def test_sentences_are_literal_and_whole() -> None:
    text = (
        "# Head\nIt has\nnine. It is\nold!\n\n- oil\n- fat\n| a | b |\n| c | d |\nEnd"
    )
    assert pairs.sentences(text) == [
        "# Head\nIt has\nnine.",
        "It is\nold!",
        "- oil",
        "- fat",
        "| a | b |",
        "| c | d |",
        "End",
    ]
    assert all(piece in text for piece in pairs.sentences(text))


def test_evidence_is_the_sentence_most_like_the_question() -> None:
    text = "The tower has 9 bolts. The crew has 9 hands. It is 90 m high."
    found = pairs.evidence_for("How many hands has the crew?", "9", text)
    assert found == "The crew has 9 hands."
    assert pairs.evidence_for("How many hands?", "0 m", text) is None  # of 90 m
    assert pairs.evidence_for("How many?", "bolts. The crew", text) is None


# What holds and what is dropped -------------------------------------------------------


def test_questions_are_marked_and_rest_on_facts() -> None:
    written = _write(Writer())
    assert len(written.questions) == len(written.facts) == len(DOCUMENTS)
    texts = {document.id: document.text for document in DOCUMENTS}
    facts = {fact.id: fact for fact in written.facts}
    for question in written.questions:
        assert question.id.startswith("llm-") and question.written_by == "toy"
        assert question.kind == "lookup"
        [evidence], [fact] = question.evidence, [facts[f] for f in question.facts]
        assert evidence.quote in texts[evidence.document]
        assert (fact.document, fact.quote) == (evidence.document, evidence.quote)
        assert fact.object == question.answer and fact.id.startswith("llm-f-")
        assert corpus.evidence_found([texts[fact.document]], question) == [True]
    assert written.dropped.total() == 0


def test_splits_are_by_fact_and_hold_the_gate() -> None:
    written = _write(Writer())
    of_split = Counter(question.split for question in written.questions)
    assert of_split == {"train": 20, "dev": 6, "test_unseen_facts": 14}
    leakage.assert_no_leaks(written.questions, embed)
    assert _write(Writer()).questions == written.questions
    few = _write(Writer(), DOCUMENTS[:3])
    assert len({question.split for question in few.questions}) == 3


def test_siblings_with_one_sentence_stay_on_one_side() -> None:
    same = "In all seasons the crew of Park Ba counts 10 turbines there."
    more = [
        Document(f"copy-{i}", "Copy", "park", "2031-01-01", 1, f"{same} Copy {i}.")
        for i in range(6)
    ]

    class Curious(Writer):
        """Never asks twice in the same words."""

        def _say(self, prompt: str) -> str:
            said = super()._say(prompt)
            if said.startswith("Question"):
                self.replies["n"] = n = self.replies.get("n", "") + "x"
                said = said.replace("many", f"many {n}")
            return said

    written = _write(Curious(), [*DOCUMENTS, *more])
    quotes = [q for q in written.questions if q.evidence[0].quote == same]
    assert len(quotes) > 1 and len({q.split for q in quotes}) == 1


def test_what_does_not_hold_is_dropped_and_counted() -> None:
    ask = "Question: How many turbines stand in {}?\nAnswer: {}"
    same = "Question: How many turbines are there?\nAnswer: {}"
    replies = {
        "Park Ba": "I cannot.",
        "Park Be": ask.format("Park Be", "ninety"),
        "Park Bi": "Question: Does Park Bi have 12 turbines?\nAnswer: 12",
        "Park Bo": same.format(13),
        "Park Bu": same.format(14),
        "Park Ca": ask.format("Park X-9", 15),
        "Park Ce": "Question: Who was taller?\nAnswer: 16",
        "again Park Ci": "The documents do not tell.",
    }
    written = _write(Writer(**replies))
    assert written.dropped == {
        pairs.NO_PAIR: 1,
        pairs.NOT_STATED: 1,
        pairs.GIVEN_AWAY: 1,
        pairs.FOREIGN: 2,
        pairs.AMBIGUOUS: 2,
        pairs.NOT_REPRODUCED: 1,
    }
    assert len(written.questions) == len(DOCUMENTS) - 8
    assert synthetic.tell(Counter({pairs.NO_PAIR: 2})) == f"2 {pairs.NO_PAIR}"


def test_near_duplicates_across_the_gate_are_dropped() -> None:
    text = "In all seasons the crew of Park Ba counts 10 turbines there, note {} says."
    twins = [
        Document(f"twin-{i}", "Twin", "park", "2031-01-01", 1, text.format(i))
        for i in range(20, 32)
    ]

    class Parrot(Writer):
        """The same words in another order each time."""

        orders = iter(
            f"{a} {b} {c} turbines Park Ba?"
            for a, b, c in zip(
                ["So", "Now", "Then", "And"] * 3,
                ["how many"] * 12,
                ["the", "of the", "in the"] * 4,
                strict=True,
            )
        )

        def _say(self, prompt: str) -> str:
            if prompt.startswith("Answer"):
                return "10"
            return f"Question: {next(self.orders)}\nAnswer: 10"

    written = _write(Parrot(), twins)
    leakage.assert_no_leaks(written.questions, embed)
    assert written.dropped[synthetic.LEAKING] > 0
    assert written.questions


def test_nothing_that_holds_is_an_error() -> None:
    replies = {name: "Sorry." for name in NAMES}
    with pytest.raises(
        LabsError, match=f"40 passages nothing holds: 40 {pairs.NO_PAIR}"
    ):
        _write(Writer(**replies))


def test_passages_are_drawn_evenly_over_documents() -> None:
    long = " ".join(_statement("Park Ba", i) for i in range(200))
    documents = [
        Document("long", "Long", "note", "2031-01-01", 1, long),
        *DOCUMENTS[:3],
        Document("short", "Short", "note", "2031-01-01", 1, "Too short."),
    ]
    drawn = synthetic.sample(documents, 6)
    assert Counter(c.document for c in drawn)["long"] == 3
    assert {c.document for c in drawn} == {"long", *(d.id for d in DOCUMENTS[:3])}
    assert isinstance(drawn[0], Chunk) and drawn == synthetic.sample(documents, 6)


# A directory of data ------------------------------------------------------------------


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What `labs import` makes of the documents, and the toy models for the real."""
    own = tmp_path / "own"
    own.mkdir()
    for document in DOCUMENTS:
        (own / f"{document.id}.md").write_text(f"# {document.title}\n\n{document.text}")
    done = CliRunner().invoke(
        cli.app, ["import", str(own), "--out", str(tmp_path / "d")]
    )
    assert done.exit_code == 0, done.output
    writer = Writer()
    writer.profile = type("Profile", (), {"model": "somewhere/toy"})
    monkeypatch.setattr("labs.models.Generator", lambda: writer)
    embedder = type("Toy", (), {"embed": staticmethod(embed)})
    monkeypatch.setattr("labs.embedding.Embedder", embedder)
    monkeypatch.setenv("LABS_DATA", str(tmp_path / "d"))
    return tmp_path / "d"


def _questions(directory: Path) -> str:
    done = CliRunner().invoke(cli.app, ["questions", str(directory)])
    assert done.exit_code == 0, done.output
    return done.output


def test_questions_stand_in_the_directory(directory: Path) -> None:
    said = _questions(directory)
    assert "40 questions by toy on 40 passages" in said and "Dropped: none" in said
    assert "With fewer than 50 test questions intervals are wide" in said
    found = corpus.load_questions(split="test_unseen_facts")
    assert len(found) == 14 and {q.written_by for q in found} == {"toy"}
    assert len(corpus.load_facts()) == 40
    assert corpus.load_questions(kind="summary") == []


def test_questions_of_people_stay(directory: Path) -> None:
    mine = {
        "id": "mine",
        "question": "Who counts?",
        "answer": "the crew",
        "accepted": ["the crew"],
        "kind": "lookup",
        "split": "dev",
        "facts": [],
        "evidence": [],
        "edition": 1,
        "author": "me",
    }
    (directory / "questions.jsonl").write_text(json.dumps(mine) + "\n")
    for _ in range(2):  # the second run replaces what the first one wrote
        assert "40 questions by toy on 40 passages" in _questions(directory)
        lines = (directory / "questions.jsonl").read_text().splitlines()
        assert len(lines) == 41 and json.loads(lines[0]) == mine
    assert corpus.load_questions()[0].written_by is None


def test_questions_need_documents(tmp_path: Path) -> None:
    before = os.environ.get("LABS_DATA")
    done = CliRunner().invoke(cli.app, ["questions", str(tmp_path)])
    assert isinstance(done.exception, LabsError)
    assert "documents: no such directory" in str(done.exception)
    assert os.environ.get("LABS_DATA") == before
