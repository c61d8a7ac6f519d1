"""Names in texts, and one entity for all their spellings."""

import pytest

from labs.graph_entities import Gazetteer, harvest, key


@pytest.mark.parametrize(
    "spelling",
    ["Merlin 60", "MERLIN-60", "the Merlin 60's", "  Merlin  60", "merlin60"],
)
def test_spellings_have_one_key(spelling: str) -> None:
    assert key(spelling) == ("merlin", "60")


@pytest.mark.parametrize(
    ("a", "b"),
    [("Merlin 60", "Merlin 64"), ("F-2317", "F-2371"), ("2.4 MW", "24 MW")],
)
def test_siblings_have_two(a: str, b: str) -> None:
    assert key(a) != key(b)


def test_no_word_no_key() -> None:
    assert key("") == key("...") == ()


def test_harvest_finds_codes_and_names_within_sentences() -> None:
    texts = [
        "Leave the Merlin Ridge by the gate. Ask the Eider crew for F-2317.",
        "In May we saw the Curlew 60. The gate was open. Gate keepers slept.",
        "Dial 5161 at the box. Remarkable! SB-2030-12 replaces nothing.",
    ]
    expected = {"Merlin Ridge", "Eider", "F-2317", "Curlew 60", "SB-2030-12"}
    assert set(harvest(texts)) == expected
    assert harvest(["We met Eider and Eider."])["Eider"] == 2
    assert not harvest(["", "nothing here", "On Monday in June."])


NAMES = Gazetteer.of(["Merlin 60", "Merlin 64", "Kestrel Ridge", "Merlin", "F-2317"])


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("the MERLIN-64's", ("merlin", "64")),
        ("Kestrel Rige", ("kestrel", "ridge")),
        ("Kestral Ridge", ("kestrel", "ridge")),
        ("Kesttrel Ridge", ("kestrel", "ridge")),
        ("Merlin 66", None),
        ("F-2371", None),
        ("G-2317", None),  # too short to be forgiven
        ("Kestrel Ridge 2", None),
        ("", None),
    ],
)
def test_one_letter_is_forgiven_and_no_figure(spelling: str, expected) -> None:
    assert NAMES.entity(spelling) == expected


def test_where_two_names_are_as_near_none_is_meant() -> None:
    two = Gazetteer.of(["Ruskdale", "Luskdale"])
    assert two.entity("Ruskdale") == ("ruskdale",)
    assert two.entity("Luskdale") == ("luskdale",)
    assert two.entity("Duskdale") is None


def test_doubled_entities_are_one() -> None:
    doubled = Gazetteer.of(["Merlin 60", "MERLIN-60", "Merlin 60"])
    assert dict(doubled.names) == {("merlin", "60"): "Merlin 60"}


def test_find_takes_the_longest_name_and_each_once() -> None:
    text = "merlin 60's hub, F-2317; the Merlin 60 again, a Merlin at Kestrel-Ridge."
    assert NAMES.find(text) == [
        ("merlin", "60"),
        ("f", "2317"),
        ("merlin",),
        ("kestrel", "ridge"),
    ]
    assert NAMES.find("nothing known") == NAMES.find("") == []


def test_find_forgives_only_when_asked_and_nothing_else_is_named() -> None:
    slip = "What stands at Kestrel Rige?"
    assert NAMES.find(slip) == []
    assert NAMES.find(slip, forgive=True) == [("kestrel", "ridge")]
    both = "From Kestrel Rige to Merlin 60"
    assert NAMES.find(both, forgive=True) == [("merlin", "60")]
    assert Gazetteer.of([]).find("Merlin 60", forgive=True) == []
