"""Questions made into queries, replies parsed, costs counted; a model of few words."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from labs import parsing, prompts, queries
from labs.meter import Meter
from labs.models import Generation
from labs.retrieval import Chunk


class Scripted:
    """Answers the last message from a table; anything else with what it was asked."""

    def __init__(self, replies: Mapping[str, str] = {}) -> None:  # noqa: B006
        self.replies, self.asked = replies, []

    def generate_detailed(self, asked: Sequence[Any], max_new_tokens: int = 64):
        self.asked += asked
        texts = [messages[-1]["content"] for messages in asked]
        said = [self.replies.get(text.split("Question: ")[-1], text) for text in texts]
        return [Generation(text, 7, 3, 0.5) for text in said]

    def generate(self, asked: Sequence[Any], max_new_tokens: int = 64) -> list[str]:
        return [done.text for done in self.generate_detailed(asked, max_new_tokens)]


def test_each_rewriting_comes_from_the_one_before() -> None:
    model = Scripted({"a?": "b?", "b?": "c?", "d?": "e?", "e?": "d?"})
    assert queries.rewrites(model, ["a?", "d?"]) == [
        ["a?", "b?", "c?"],
        ["d?", "e?", "d?"],
    ]
    assert queries.rewrites(model, ["a?"], n=0) == [["a?"]]


def test_a_broader_question_stands_beside_the_question() -> None:
    model = Scripted({"How long is it?": "What is known about it?"})
    wide = queries.broader(model, ["How long is it?"])
    assert wide == [["How long is it?", "What is known about it?"]]


def test_parts_are_the_numbered_lines() -> None:
    reply = "Two parts:\n1. Who runs it?\n 2) Where is #1 ? "
    assert queries.parse_parts(reply) == ["Who runs it?", "Where is #1 ?"]
    with pytest.raises(ValueError, match="no line begins with a number"):
        queries.parse_parts("Who runs it?")


def test_a_broken_reply_is_asked_for_once_more_and_then_given_up() -> None:
    again = "This has not the form asked for: no line begins with a number. Again."
    model = Scripted({"good?": "1. good?", "bad?": "?", again: "1. mended?"})
    parts = queries.sub_questions(model, ["good?", "bad?"])
    assert parts == parsing.Parsed([["good?"], ["mended?"]], retried=1, fallbacks=0)
    assert [m["role"] for m in model.asked[-1]] == ["user", "assistant", "user"]
    parts = queries.sub_questions(Scripted({"good?": "1. good?"}), ["good?", "bad?"])
    assert parts == parsing.Parsed([["good?"], ["bad?"]], retried=1, fallbacks=1)


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What torque does the Wynnor 88 need?", ["Wynnor 88"]),
        ("F-7033 at CR-06: what now?", ["F-7033", "CR-06"]),
        ("Do Reskow Moor and Ulvom Bank share a crew?", ["Reskow Moor", "Ulvom Bank"]),
        ("When was SB-2030-12 issued?", ["SB-2030-12"]),
        ("What is on the shelf?", []),
    ],
)
def test_names_in(question: str, names: list[str]) -> None:
    assert queries.names_in(question) == names


def test_sides_ask_for_one_name_each() -> None:
    assert queries.sides("Is CR-06 or CR-07 older?") == [
        "Is CR-06 or older?",
        "Is or CR-07 older?",
    ]
    assert queries.sides("Is it old?") == ["Is it old?"]


class _ByWord:
    """Finds the passages that hold the query, and says how often it was called."""

    chunks = [Chunk(f"D#{i}", "D", t) for i, t in enumerate(("a b", "b c", "c a"))]
    calls = 0

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        self.calls += 1
        return [[c for c in self.chunks if q in c.text][:k] for q in questions]


def test_all_queries_are_searched_at_once_and_merged_by_question() -> None:
    index = _ByWord()
    merged = queries.search_each(index, [["a", "b"], ["c"]], 2, queries.take_turns)
    assert index.calls == 1
    ids = [[chunk.id for chunk in row] for row in merged]
    assert ids == [["D#0", "D#2"], ["D#1", "D#2"]]


def test_the_meter_counts_calls_tokens_and_seconds() -> None:
    meter = Meter(Scripted())
    texts = meter.generate([prompts.rewrite_question(t) for t in ("a?", "b?")])
    assert texts[0].endswith("a?")
    assert (meter.calls, meter.tokens_in, meter.tokens_out) == (2, 14, 6)
    assert meter.seconds == 1.0
    meter.reset()
    assert (meter.calls, meter.seconds) == (0, 0.0)


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "Do I pay more for C-1 or for C-2?",
            ["Do I pay more for C-1 or for ?", "Do I pay more for or for C-2?"],
        ),
        ("How heavy is it?", ["How heavy is it?"]),
        ("How heavy is C-1?", ["How heavy is C-1?"]),
    ],
)
def test_each_name_is_asked_for_without_the_others(
    question: str, parts: list[str]
) -> None:
    assert queries.sides(question) == parts


def test_a_name_is_struck_out_as_a_word() -> None:
    assert queries.without("Is C-1 like C-12, or C-1's?", ["C-1"]) == (
        "Is like C-12, or 's?"
    )
