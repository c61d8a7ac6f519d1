"""Where an answer was lost: each case by hand; shares that add up; a page to read."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from labs import corpus, error_analysis, error_plots, tasks
from labs.corpus import Evidence, Question
from labs.errors import LabsError
from labs.explore_errors import explore
from labs.retrieval import Chunk

TAUGHT = {"f1"}


def question(name="q1", kind="lookup", split="test_seen_facts", facts=("f1",)):
    evidence = (Evidence("D", "60 Nm"),)
    return Question(
        name, "How tight?", "60 Nm", ("60 Nm",), kind, split, facts, evidence, 1
    )


def answer(recall=None, refused=False, passages=(), right=0.0, name="q1"):
    said = {"id": name, "text": "5 Nm", "right": right, "refused": refused}
    return said | {"recall": recall, "passages": list(passages)}


FOUND = {"recall": 1.0, "passages": ["D#1"]}
CASES = {
    "not all was found": (
        "both",
        answer(0.5, passages=["D#1"], refused=True),
        "retrieval",
    ),
    "nothing was found": ("naive-rag", answer(None), "retrieval"),
    "it lay there": ("naive-rag", answer(**FOUND), "reading"),
    "it lay there, refused": ("both", answer(**FOUND, refused=True), "refused in vain"),
    "learnt": ("fine-tuned", answer(), "memory"),
    "learnt, refused": ("fine-tuned", answer(refused=True), "refused in vain"),
    "never learnt anything": ("base", answer(), "not taught"),
    "given with the question": ("base", answer(None, passages=["G#1"]), "reading"),
}


@pytest.mark.parametrize("name", CASES)
def test_an_error_is_put_where_the_answer_was_lost(name):
    arm, said, expected = CASES[name]
    assert error_analysis.error_kind(question(), said, arm, TAUGHT) == expected


def test_what_was_not_learnt_cannot_be_remembered():
    half = question(facts=("f1", "f2"))
    kind = error_analysis.error_kind(half, answer(), "fine-tuned", TAUGHT)
    assert kind == "not taught"


def test_what_no_document_tells_is_made_up():
    open_ = question(kind="unanswerable", facts=())
    for arm in ("base", "both"):
        kind = error_analysis.error_kind(open_, answer(**FOUND), arm, TAUGHT)
        assert kind == "made up"


def test_only_the_facts_of_train_were_taught():
    rows = [question(split="train"), question(split="dev", facts=("f2",))]
    assert error_analysis.taught_facts(rows) == {"f1"}


@pytest.fixture
def table(monkeypatch):
    asked = [question(), question("q2"), question("q3", split="train")]
    monkeypatch.setattr(corpus, "load_questions", lambda: asked)
    monkeypatch.setattr(tasks, "general", lambda n: [])

    def result(arm, seed, *answers):
        named = {"arm": arm, "task": "lookup_seen", "seed": seed}
        return named | {"answers": [a | {"id": f"q{i + 1}"} for i, a in answers]}

    timed = {"arm": "base", "task": "latency", "seed": 0, "answers": [answer()]}
    seeds = [
        result("fine-tuned", 0, (0, answer(right=1.0)), (1, answer())),
        result("fine-tuned", 1, (0, answer()), (1, answer(refused=True))),
    ]
    reading = result("both", 0, (0, answer(**FOUND, right=0.4)), (1, answer(0.0)))
    return error_analysis.answers([*seeds, reading, timed])


def test_shares_add_up_and_average_the_seeds(table):
    found = error_analysis.shares(table).set_index(["arm", "kind"])
    assert set(found["n"]) == {2}
    sums = found.groupby("arm")["mean"].sum()
    np.testing.assert_allclose(sums, 1)
    expected = {"right": 0.25, "memory": 0.5, "refused in vain": 0.25, "reading": 0}
    for kind, share in expected.items():
        assert found.loc["fine-tuned", kind]["mean"] == pytest.approx(share)
    assert found.loc["both", "reading"]["mean"] == pytest.approx(0.3)
    assert found.loc["both", "retrieval"]["mean"] == pytest.approx(0.5)


def test_pictures_show_every_kind_and_add_up(table):
    found = error_analysis.shares(table, ("arm", "task"))
    ax = error_plots.stacked(found, "arm", "Lost")
    kinds = [text.get_text() for text in ax.get_legend().get_texts()]
    assert kinds == ["right", *error_analysis.ERRORS]
    ends = [
        max(bar.get_x() + bar.get_width() for bar in ax.patches[i::2]) for i in (0, 1)
    ]
    assert ends == pytest.approx([1, 1])
    axes = error_plots.stacked_grid(found, "task", "arm", "Lost")
    assert [ax.get_title() for ax in axes.flat] == ["fine-tuned", "both"]
    apart = error_analysis.right_where_wrong({"a": [1, 0], "b": [0, 0]})
    ax = error_plots.matrix(apart, ("right", "wrong"), "Apart")
    assert [t.get_text() for t in ax.texts] == ["0.00", "0.50", "0.00", "0.00"]
    plt.close("all")


def test_examples_are_wholly_wrong_and_each_of_another_question(table):
    found = error_analysis.examples(table, "memory")
    assert list(found["id"]) == ["q2", "q1"]
    assert error_analysis.examples(table, "reading").empty


def test_answers_to_other_data_are_refused(monkeypatch):
    monkeypatch.setattr(corpus, "load_questions", lambda: [])
    monkeypatch.setattr(tasks, "general", lambda n: [])
    other = {"arm": "base", "task": "summary", "seed": 0, "answers": [answer()]}
    with pytest.raises(LabsError, match="q1, which is no question of these data"):
        error_analysis.answers([other])


def test_right_where_wrong_by_hand():
    scores = {"a": [1, 1, 0, 0.5], "b": [0, 1, 1, 0]}
    found = error_analysis.right_where_wrong(scores)
    assert found.loc["a", "b"] == pytest.approx(1.5 / 4)
    assert found.loc["b", "a"] == pytest.approx(1 / 4)
    assert found.loc["a", "a"] == 0


def test_the_reader_of_errors_follows_its_menus(table):
    chunks = {"D#1": Chunk("D#1", "D", "It is <60 Nm>.")}
    box = explore(table, {"q1": question(), "q2": question("q2")}, chunks)
    assert box.arm.value == "both" and "reading" in box.page.value
    assert "&lt;<mark" in box.page.value and "right 0.40" in box.page.value
    box.arm.value, box.error.value = "fine-tuned", "memory"
    assert "Answer 1 of 2" in box.page.value
    box.place.value = 2
    assert "Answer 2 of 2" in box.page.value
    box.error.value = "made up"
    assert "No such error" in box.page.value
    assert box.page.value in box._repr_mimebundle_()["text/html"]


def test_the_reader_of_errors_needs_one(table):
    with pytest.raises(LabsError, match="is wrong"):
        explore(table[table["right"] == 1], {}, {})
