"""Triples: read, checked, compared by their ends; and the measures upon them."""

from math import isnan

import pytest

from labs import parsing
from labs.corpus import Fact
from labs.graph import ends, is_grounded, parse_triples, read_triples
from labs.graph_measure import pairwise, siblings, spellings, stated, triple_scores
from labs.prompts import Messages
from labs.retrieval import Chunk

BROKEN = ["", "Eider", "Eider | serves", "a | b | c | d", "a || c", "| b | c"]


@pytest.mark.parametrize("reply", BROKEN)
def test_broken_triples_are_left_out_and_said(reply: str) -> None:
    assert parse_triples(reply) == []
    with pytest.raises(ValueError, match="subject | relation | object"):
        read_triples(reply)


def test_what_has_the_form_is_read_once() -> None:
    reply = "- Eider | serves | Ridge\nnonsense\n* Eider | serves | Ridge\na | b | c"
    assert read_triples(reply) == [("Eider", "serves", "Ridge"), ("a", "b", "c")]


class Replies:
    """A generator that gives these replies, one after the other."""

    def __init__(self, *replies: str) -> None:
        self.replies = list(replies)

    def generate(self, asked: list[Messages], max_new_tokens: int) -> list[str]:
        return [self.replies.pop(0) for _ in asked]


def test_broken_replies_are_asked_for_again_and_counted() -> None:
    asked = [[], [], []]
    read = parsing.generate_parsed(
        Replies("nonsense", "a | b | c", "never", "x | y | z", "nothing"),
        asked,
        read_triples,
        lambda _: [],
    )
    assert read.values == [[("x", "y", "z")], [("a", "b", "c")], []]
    assert (read.retried, read.fallbacks) == (2, 1)


@pytest.mark.parametrize(
    ("triple", "expected"),
    [
        (("Eider", "serves", "Merlin Ridge"), True),
        (("the Eider", "serves", "merlin ridge."), True),
        (("Eider", "serves", "Merlin Hill"), False),
        (("Eid", "serves", "Merlin Ridge"), False),
        (("Eider", "is", "eider"), False),
        (("Eider", "is", "..."), False),
    ],
)
def test_grounded_ends_stand_in_the_passage(triple, expected: bool) -> None:
    passage = "The Eider crew looks after Merlin Ridge."
    assert is_grounded(triple, passage) is expected


def test_ends_have_no_order_no_relation_and_are_two() -> None:
    assert ends([("Eider", "x", "Ridge"), ("ridge", "y", "eider")]) == {
        frozenset(("eider", "ridge"))
    }
    assert ends([("c", "is", "C."), ("d", "z", "!")]) == set()


# Measures -----------------------------------------------------------------------------


def _fact(i: int, subject: str, object_: str, document: str, quote: str) -> Fact:
    return Fact(str(i), subject, "has", object_, document, 1, quote)


def test_stated_finds_the_passage_even_across_a_border() -> None:
    chunks = [
        Chunk("D#1", "D", "Eider serves Ridge. The hub is"),
        Chunk("D#2", "D", "80 m high."),
        Chunk("E#1", "E", "Eider serves Ridge."),
    ]
    facts = [
        _fact(1, "Eider", "Ridge", "D", "Eider serves Ridge."),
        _fact(2, "hub", "80 m", "D", "The hub is 80 m high."),
        _fact(3, "Heron", "Ridge", "E", "Heron serves Ridge."),
    ]
    assert stated(facts, chunks) == {
        "D#1": [("Eider", "has", "Ridge"), ("hub", "has", "80 m")],
        "D#2": [("hub", "has", "80 m")],
        "E#1": [],
    }


def test_triple_scores_by_hand() -> None:
    gold = {"1": [("a", "", "b"), ("a", "", "c")], "2": [("d", "", "e")], "3": []}
    found = {"1": [("b", "", "a"), ("x", "", "y")], "2": [], "3": [("p", "", "q")]}
    precision, recall = triple_scores(found, gold)
    assert precision is not None and recall is not None
    assert (precision.mean, precision.n) == (0.25, 2)  # 1/2 and 0
    assert (recall.mean, recall.n) == (0.25, 2)  # 1/2 and 0
    assert triple_scores({"3": []}, gold) == (None, None)


def test_spellings_are_other_ways_to_write_it() -> None:
    assert spellings("F-23") == ["F-23", "the F-23's", "F 23"]
    found = spellings("Merlin Ridge")
    assert found[1:4] == ["MERLIN RIDGE", "the Merlin Ridge's", "Merlin-Ridge"]
    assert found[4] == "Merin Ridge"


def test_pairwise_by_hand() -> None:
    truth = {"a": 1, "A": 1, "á": 1, "b": 2}
    assert pairwise({"a": 1, "A": 1, "á": 3, "b": 3}, truth) == (0.5, 1 / 3)
    assert pairwise(truth, truth) == (1.0, 1.0)
    alone = pairwise({"a": 1, "A": 2, "á": 3, "b": 4}, truth)
    assert isnan(alone.precision) and alone.recall == 0


def test_siblings_differ_in_figures_alone() -> None:
    names = ["Merlin 60", "Merlin 64", "Curlew 60", "F-12", "F-21", "Ridge"]
    assert siblings(names) == [("F-12", "F-21"), ("Merlin 60", "Merlin 64")]
    assert len(siblings([f"F-{i}" for i in range(100)], most=3)) == 3
