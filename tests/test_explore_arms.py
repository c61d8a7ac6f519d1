"""The explorer of arms: what an answer is, its page, and what its widgets do to it."""

from typing import Any

import pytest

from labs import tasks
from labs.corpus import Evidence, Question
from labs.errors import LabsError
from labs.explore_arms import explore, outcome, page
from labs.retrieval import Chunk

A = Chunk("D#1", "D", "It starts at 3 m/s.")
B = Chunk("E#1", "E", "It weighs <4 t>.")
TEXTS = {own.id: own for own in (A, B)}


def _question(name: str) -> Question:
    evidence = (Evidence("D", "starts at 3 m/s"),)
    text = f"When does {name} <start>?"
    return Question(name, text, "3 m/s", ("3 m/s",), "lookup", "dev", (), evidence, 1)


def _answer(name: str, text: str = "3 m/s [1]", **more: Any) -> dict[str, Any]:
    values = {"id": name, "text": text, "right": 1.0, "refused": False}
    values |= {"recall": 1.0, "passages": ["D#1", "E#1"]}
    return values | {"tokens_in": 20, "tokens_out": 5} | more


def _result(arm: str, task: str, answers: list[dict], seed: int = 0) -> dict[str, Any]:
    return {"arm": arm, "task": task, "seed": seed, "answers": answers}


NOTHING = {"passages": [], "recall": None}
REFUSAL = {"right": 0.0, "refused": True} | NOTHING
RESULTS = [
    _result("rag", "lookup_seen", [_answer("q1"), _answer("q2", "4 m/s", right=0.0)]),
    _result("rag", "latency", [_answer("q9")]),
    _result("base", "lookup_seen", [_answer(i, "Cannot.", **REFUSAL) for i in "ab"]),
]
RESULTS[2]["answers"][0]["id"], RESULTS[2]["answers"][1]["id"] = "q1", "q2"
QUESTIONS = [_question("q1"), _question("q2"), _question("q3")]


@pytest.mark.parametrize(
    ("right", "refused", "expected"),
    [
        (1.0, False, "right"),
        (1.0, True, "right"),  # no document tells: to refuse is right
        (0.0, True, "refused"),
        (0.5, True, "refused"),
        (0.5, False, "partly right"),
        (0.0, False, "wrong"),
    ],
)
def test_outcome(right: float, refused: bool, expected: str) -> None:
    assert outcome({"right": right, "refused": refused}) == expected


def test_page_tells_every_arm_and_its_passages() -> None:
    by_arm = {"rag": _answer("q1", "<b>"), "base": _answer("q1", "No.", **REFUSAL)}
    html = page(QUESTIONS[0], by_arm, TEXTS)
    for part in (
        "When does q1 &lt;start&gt;?",
        "Right: 3 m/s",
        "<b>rag</b> · ● right · 20 tokens in, 5 out",
        "&lt;b&gt;",
        "read 2 passages, 100% of the evidence",
        "[2] E#1</small><br>It weighs &lt;4 t&gt;.",
        "<b>base</b> · ○ refused",
        "read nothing",
    ):
        assert part in html
    assert html.count("<mark") == 1


def test_page_tells_where_nothing_was_said() -> None:
    assert "(nothing)" in page(QUESTIONS[0], {"rag": _answer("q1", "")}, TEXTS)


def test_a_question_is_chosen() -> None:
    shown = explore(RESULTS, QUESTIONS, TEXTS.values())
    assert list(shown.task.options) == ["lookup_seen"]  # timings are not for reading
    assert [own for _, own in shown.chosen.options] == ["q1", "q2"]
    assert "3 m/s [1]" in shown.page.value and "Cannot." in shown.page.value
    shown.chosen.value = "q2"
    assert "4 m/s" in shown.page.value and "✗ wrong" in shown.page.value


def test_a_task_is_chosen() -> None:
    more = _result("rag", "summary", [_answer("q3", "In short.")])
    shown = explore([*RESULTS, more], QUESTIONS, TEXTS.values())
    shown.chosen.value = "q2"
    shown.task.value = "summary"
    assert [own for _, own in shown.chosen.options] == ["q3"]
    assert "In short." in shown.page.value and "Cannot." not in shown.page.value
    shown.task.value = "lookup_seen"
    assert "3 m/s [1]" in shown.page.value


def test_of_several_seeds_the_first_is_shown() -> None:
    again = _result("rag", "lookup_seen", [_answer("q1", "Seed one.")], seed=1)
    shown = explore([*RESULTS, again], QUESTIONS, TEXTS.values())
    assert "3 m/s [1]" in shown.page.value and "Seed one." not in shown.page.value


def test_other_domains_are_known() -> None:
    [item] = tasks.general(1)
    ids = [passage.id for passage in item.passages]
    answer = _answer(item.question.id, "Somewhere.", passages=ids, recall=None)
    shown = explore([_result("rag", tasks.GENERAL, [answer])], [], [])
    assert f"read {len(ids)} passages<" in shown.page.value


def test_without_a_kernel_the_page_stands_there() -> None:
    bundle = explore(RESULTS, QUESTIONS, TEXTS.values())._repr_mimebundle_()
    assert "3 m/s [1]" in bundle["text/html"]


@pytest.mark.parametrize(
    ("questions", "chunks", "lacking"),
    [
        (QUESTIONS[:1], [A, B], "q2"),
        (QUESTIONS, [A], "the passage E#1"),
    ],
)
def test_other_data_is_refused(questions, chunks, lacking: str) -> None:
    with pytest.raises(LabsError, match=f"lookup_seen speak of {lacking}"):
        explore(RESULTS, questions, chunks)


def test_timings_alone_are_refused() -> None:
    with pytest.raises(LabsError, match="no task of quality"):
        explore(RESULTS[1:2], QUESTIONS, TEXTS.values())
