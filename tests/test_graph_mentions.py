"""Whom a passage mentions, and triples by rule."""

import pytest

from labs.corpus import Document
from labs.graph_entities import Gazetteer
from labs.graph_mentions import defined_terms, ends_of, headings, mentions
from labs.graph_rules import by_passage, from_document, from_sentence, from_table
from labs.retrieval import Chunk

TEXT = """# Handbook Merlin 60

Read it.

## Gear of the P-11

Oil: 40 litres.

### Filter

Change it.

## Hub

The Merlin 60 has a hub height of 80 m. It weighs 12 t."""
HANDBOOK = Document("HB", "Handbook Merlin 60", "handbook", "2031-01-01", 1, TEXT)
NAMES = Gazetteer.of(["Merlin 60", "P-11", "Brightwater Works", "Eider"])


def _cut(*texts: str) -> list[Chunk]:
    return [Chunk(f"HB#{i}", "HB", text) for i, text in enumerate(texts, start=1)]


def test_headings_hold_until_the_next_of_their_level() -> None:
    chunks = _cut("Read it.", "Oil: 40 litres.", "Change it.", "It weighs 12 t.")
    assert list(headings([HANDBOOK], chunks).values()) == [
        "Handbook Merlin 60",
        "Handbook Merlin 60 / Gear of the P-11",
        "Handbook Merlin 60 / Gear of the P-11 / Filter",
        "Handbook Merlin 60 / Hub",
    ]


def test_a_text_that_comes_twice_is_found_in_order() -> None:
    text = "# T\n\nSame.\n\n## P-11\n\nSame."
    document = Document("HB", "T", "x", "2031-01-01", 1, text)
    assert list(headings([document], _cut("Same.", "## P-11", "Same.")).values()) == [
        "T",
        "T",
        "T / P-11",
    ]


def test_passages_mention_their_headings_and_defined_terms() -> None:
    text = 'Brightwater Works ("the Supplier") delivers.\n\nthe Supplier pays.\n\nDone.'
    contract = Document("HB", "Contract", "contract", "2031-01-01", 1, text)
    assert defined_terms(text) == {"the Supplier": "Brightwater Works"}
    chunks = _cut('Brightwater Works ("the Supplier") delivers.', "the Supplier pays.")
    found = mentions([contract], [*chunks, *_cut("", "", "Done.")[2:]], NAMES)
    works = ("brightwater", "works")
    assert found == {"HB#1": [works], "HB#2": [works], "HB#3": []}
    own = mentions([HANDBOOK], _cut("Oil: 40 litres."), NAMES)
    assert own == {"HB#1": [("merlin", "60"), ("p", "11")]}


def test_ends_of_triples_are_entities_known_or_new() -> None:
    triples = {"1": [("the Merlin-60", "has", "80 m"), ("...", "x", "Eider")], "2": []}
    assert ends_of(triples, NAMES) == {
        "1": [("merlin", "60"), ("80", "m"), ("eider",)],
        "2": [],
    }


# Rules --------------------------------------------------------------------------------


def test_tables_of_properties_and_of_names() -> None:
    properties = ["|  | Merlin 60 |", "| --- | --- |", "| Hub height | 80 m |"]
    assert from_table(properties, "P-11", NAMES) == [
        (("Merlin 60", "Hub height", "80 m"), properties[2])
    ]
    rows = ["| Part | Price | Shelf |", "|---|---|---|", "| P-11 | 9 euros |  |"]
    assert [t for t, _ in from_table(rows, "x", NAMES)] == [
        ("P-11", "Price", "9 euros")
    ]
    general = ["| Quantity | Value |", "| --- | --- |", "| Mass | 12 t |"]
    assert [t for t, _ in from_table(general, "Eider", NAMES)] == [
        ("Eider", "Mass", "12 t")
    ]


@pytest.mark.parametrize(
    "rows",
    [[], ["| only | head |"], ["| a | b |", "| --- | --- |"], ["|"], ["||", "|"]],
)
def test_broken_tables_have_no_triples(rows: list[str]) -> None:
    assert from_table(rows, "Eider", NAMES) == []


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Eider looks after Merlin 60.", [("Eider", "looks after", "Merlin 60")]),
        ("The Merlin 60 weighs 1,200 kg.", [("Merlin 60", "weighs", "1,200 kg")]),
        ("It runs until 3 May 2031.", [("P-11", "It runs until", "3 May 2031")]),
        ("Merlin 60, Eider", []),  # no word between
        ("80 m", []),
        ("Nothing is known.", []),
        ("Eider went on and on and on and on and on to P-11", []),
    ],
)
def test_sentences(sentence: str, expected: list) -> None:
    assert from_sentence(sentence, "P-11", NAMES) == expected


def test_a_section_is_about_its_heading_else_the_title() -> None:
    found = [triple for triple, _ in from_document(HANDBOOK, NAMES)]
    assert found == [
        ("P-11", "Oil", "40 litres"),
        ("Merlin 60", "has a hub height of", "80 m"),
        ("Merlin 60", "It weighs", "12 t"),
    ]


def test_triples_go_to_the_passage_that_states_them() -> None:
    chunks = _cut("Read it.", "Oil: 40 litres.")
    assert by_passage([HANDBOOK], chunks, NAMES) == {
        "HB#1": [],
        "HB#2": [("P-11", "Oil", "40 litres")],
    }


def test_an_empty_document_states_nothing() -> None:
    empty = Document("E", "", "x", "2031-01-01", 1, "")
    assert from_document(empty, NAMES) == []
