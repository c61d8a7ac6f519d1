"""Maps over documents: windows, findings, patterns, tables."""

import re

import numpy as np
import pytest

from labs import analysis
from labs.analysis import Finding
from labs.prompts import REFUSAL, Messages
from labs.retrieval import Chunk, n_tokens


class Says:
    """Answers the prompts in turn with what it was given."""

    def __init__(self, *replies: str) -> None:
        self.replies, self.prompts = list(replies), []

    def generate(self, prompts: list[Messages], max_new_tokens: int = 64) -> list[str]:
        self.prompts += prompts
        return [self.replies.pop(0) for _ in prompts]


def _passages(*texts: str, document: str = "d") -> list[Chunk]:
    return [Chunk(f"{document}#{i}", document, t) for i, t in enumerate(texts, 1)]


def _by_crane(texts: list[str]) -> np.ndarray:
    """Texts on a crane one way, all others at a right angle."""
    return np.array([[1.0, 0] if "crane" in text else [0, 1.0] for text in texts])


# Windows ------------------------------------------------------------------------------


def test_windows_hold_everything_in_order() -> None:
    passages = _passages("one two", "three", "four five six", "seven")
    for budget in (1, 3, 5, 99):
        runs = analysis.windows(passages, budget)
        assert [p for run in runs for p in run] == passages
        for run in runs:
            assert len(run) == 1 or sum(n_tokens(p.text) for p in run) <= budget
    assert [len(run) for run in analysis.windows(passages, 3)] == [2, 1, 1]
    assert analysis.windows([], 9) == []


# Reading ------------------------------------------------------------------------------


def test_answers_become_findings_with_their_source() -> None:
    rows = [_passages("30 days.", "Net."), _passages("Silence.", document="e"), []]
    generator = Says("30 days [1]", REFUSAL)
    found = analysis.read_each(generator, ["Q1?", "Q2?", "Q3?"], rows)
    assert found == [Finding("d", "30 days", rows[0][0]), Finding("e"), Finding("")]
    assert len(generator.prompts) == 2
    assert "Q2?" in generator.prompts[1][0]["content"]


@pytest.mark.parametrize(
    ("text", "value", "source"),
    [
        ("8 [2]", "8", "d#2"),
        ("8 [2][1]", "8", "d#1"),
        ("8 [7]", "8", None),
        ("8 [0]", "8", None),
        ("8", "8", None),
        ("", None, None),
        ("[1]", None, None),
        ("The passages do not tell. [1]", None, None),
    ],
)
def test_one_answer(text: str, value: str | None, source: str | None) -> None:
    found = analysis.as_finding(text, _passages("a", "b"))
    assert found.value == value
    assert (found.source and found.source.id) == source


def test_an_answer_needs_passages() -> None:
    with pytest.raises(ValueError, match="passages"):
        analysis.as_finding("8", [])


def test_first_value_of_each_document_counts() -> None:
    a, b = Finding("a", "1"), Finding("b", "2")
    found = analysis.first_told([Finding("a"), b, a, Finding("a", "9"), Finding("c")])
    assert found == {"a": a, "b": b, "c": Finding("c")}
    assert list(found) == ["a", "b", "c"]


# Patterns -----------------------------------------------------------------------------


def test_pattern_reads_the_sentence_nearest_to_the_question() -> None:
    passages = _passages("The hut has 4 keys. The crane lifts 9 tonnes.", "The crane.")
    found = analysis.extract("What of the crane?", passages, r"\d+ \w+", _by_crane)
    assert (found.value, found.source.text) == ("9 tonnes", "The crane lifts 9 tonnes.")
    group = analysis.extract("What of the crane?", passages, r"(\d+) \w+", _by_crane)
    assert group.value == "9"


def test_pattern_that_matches_nothing() -> None:
    passages = _passages("The crane.")
    assert analysis.extract("?", passages, r"\d", _by_crane) == Finding("d")
    assert analysis.extract("?", [], r"\d", _by_crane) == Finding("")


@pytest.mark.parametrize(
    ("unit", "text", "expected"),
    [
        ("m", "It is 12.5 m high.", "12.5 m"),
        ("m", "Up to 11 m/s and 5 mm.", None),
        ("euros", "It costs 1,200 euros.", "1,200 euros"),
        ("%", "At least 97.5 % a year", "97.5 %"),
        ("°C", "Down to -20 °C.", "-20 °C"),
    ],
)
def test_number_with_its_unit(unit: str, text: str, expected: str | None) -> None:
    match = re.search(analysis.with_unit(unit), text)
    assert (match and match[0]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,200 euros", 1200),
        ("-20 °C", -20),
        ("2.5 of 7", 2.5),
        ("none", None),
        ("F-2317", None),
        ("", None),
        (None, None),
    ],
)
def test_first_number(text: str | None, expected: float | None) -> None:
    assert analysis.number(text) == expected


# Tables -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "gold", "verdict"),
    [
        ("520 litres", "520 litres", "right"),
        ("1200 euros", "1,200 euros", "right"),
        ("525 litres", "520 litres", "wrong"),
        (None, "520 litres", "empty, though told"),
        (None, None, "right"),
        ("520 litres", None, "invented"),
    ],
)
def test_verdict_on_a_cell(value: str | None, gold: str | None, verdict: str) -> None:
    assert analysis.judge(Finding("d", value), gold) == verdict


def test_table_keeps_empty_cells_and_citations() -> None:
    [source] = _passages("9 tonnes")
    values, cited = analysis.as_table(
        {
            ("d", "crane"): Finding("d", "9 tonnes", source),
            ("d", "oil"): Finding("d"),
            ("e", "crane"): Finding("e", "8 tonnes"),
        }
    )
    assert values.to_dict("index") == {
        "d": {"crane": "9 tonnes", "oil": ""},
        "e": {"crane": "8 tonnes", "oil": ""},
    }
    assert cited.to_dict("index") == {
        "d": {"crane": "d#1", "oil": ""},
        "e": {"crane": "", "oil": ""},
    }
