"""Tables of rankings; and sub-questions as llama-index wants them."""

import pytest

from labs import comparing, sub_questions
from labs.corpus import Fact, Question
from labs.retrieval import Chunk


def _question(kind: str = "lookup") -> Question:
    return Question("q", "?", "", ("",), kind, "dev", (), (), 1)


# Tables -------------------------------------------------------------------------------


def test_recall_is_within_the_budget() -> None:
    own = comparing.wanting("?", [("a", "one"), ("b", "two")])
    ranked = [Chunk("a#1", "a", "one"), Chunk("b#1", "b", "two " * 50)]
    assert comparing.recalls([own, own], [ranked, []]) == [1, 0]
    assert comparing.recalls([own], [ranked], budget=9) == [0.5]
    with pytest.raises(ValueError, match="q has no evidence"):
        comparing.recalls([_question()], [ranked])


def test_means_by_kind() -> None:
    questions = [_question("lookup"), _question("summary"), _question("lookup")]
    table = comparing.by_kind(questions, {"x": [0.0, 1.0, 1.0], "y": [1.0, 0.0, 1.0]})
    rows = table[["kind", "system", "mean", "n"]].to_numpy().tolist()
    assert rows == [
        ["lookup", "x", 0.5, 2],
        ["summary", "x", 1, 1],
        ["lookup", "y", 1, 2],
        ["summary", "y", 0, 1],
    ]


def test_a_comma_in_a_name_parts_no_column() -> None:
    html = comparing.compared({"a, b": [0.0, 1.0], "c": [1.0, 1.0]}).to_html()
    assert "minus a b" in html and "baseline" in html


def test_facts_in_passages() -> None:
    facts = [
        Fact("1", "s", "r", "9 t", "a", 1, "It lifts\n9 t."),
        Fact("2", "s", "r", "9 t", "b", 1, "It lifts 9 t."),
        Fact("3", "s", "r", "9 t", "a", 1),
    ]
    told = comparing.facts_told([Chunk("a#1", "a", "Hm. It lifts 9 t.")], facts)
    assert [fact.id for fact in told] == ["1"]


# llama-index --------------------------------------------------------------------------

DOCUMENTS = {"C-1": "the contract C-1", "C-2": "the contract C-2"}


def test_form_names_the_documents_and_the_question() -> None:
    [message] = sub_questions.form("Which ends last?", DOCUMENTS)
    for part in ("Which ends last?", *DOCUMENTS, "json"):
        assert part in message["content"]


def test_a_good_reply_is_parsed() -> None:
    reply = '```json\n{"items": [{"sub_question": "When?", "tool_name": "C-1"}]}\n```'
    [part] = sub_questions.parser(list(DOCUMENTS))(reply)
    assert (part.sub_question, part.tool_name) == ("When?", "C-1")


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "1. When?",
        "[]",
        '{"items": []}',
        '{"items": [{"sub_question": "When?"}]}',
        '{"items": [{"sub_question": "When?", "tool_name": "C-9"}]}',
    ],
)
def test_a_broken_reply_is_a_value_error(reply: str) -> None:
    with pytest.raises(ValueError):
        sub_questions.parser(list(DOCUMENTS))(reply)


def test_parts_are_handed_on() -> None:
    parts = sub_questions.to_every("When?", list(DOCUMENTS))
    assert [part.tool_name for part in parts] == list(DOCUMENTS)
    assert sub_questions.given(parts).generate([], None) == parts
