"""Questions over several facts of a hand-made world, and the answers by hand."""

import random

import pytest
from generators.pocket import asking
from generators.pocket.worlds import Domain, Fact, Relation, World, write_passage

DEPTH = Relation(
    id="depth",
    subject="well",
    object={"kind": "quantity", "unit": "metres", "low": 1, "high": 9_000, "step": 1},
    noun="depth",
    statements=("{s} is {o} deep.",),
    questions=("How deep is {s}?",),
    more=("Which is deeper, {a} or {b}?",),
    less=("Which is shallower, {a} or {b}?",),
)
STONE = Relation("stone", "well", {"kind": "choice"}, "stone", ("{s}: {o}.",), ("?",))
WELLS = {"Ash": 1_200.0, "Bay": 950.0, "Cob": 1_500.0}


@pytest.fixture
def reading() -> asking.Reading:
    facts = [
        Fact(DEPTH, name, f"{depth:,.0f} metres", depth)
        for name, depth in WELLS.items()
    ]
    facts += [
        Fact(STONE, name, stone)
        for name, stone in (("Ash", "slate"), ("Bay", "chalk"), ("Cob", "slate"))
    ]
    kinds = {"well": {"plural": "wells", "names": ["{Word}"]}}
    world = World(Domain("wells", False, ["Dun"], kinds, [DEPTH, STONE]), {}, facts)
    place = {fact: i % 3 + 1 for i, fact in enumerate(facts)}  # a passage for each well
    return asking.Reading(world, [""] * 3, place)


def answers(asker, reading: asking.Reading) -> list[tuple[str, str]]:
    drawn = [asker(random.Random(seed), reading) for seed in range(200)]
    assert any(drawn)
    return [(question, reply) for _, question, reply in filter(None, drawn)]


def test_of_three(reading) -> None:
    for question, reply in answers(asking._ask_of_three, reading):
        highest = "highest" in question or "largest" in question
        assert reply.split()[0] == ("Cob" if highest else "Bay")
        assert sorted(reply.split()[1]) == sorted("[1][2][3]")


def test_sums_and_differences(reading) -> None:
    expected = {
        ("Ash", "Bay"): ("2,150 metres", "250 metres"),
        ("Ash", "Cob"): ("2,700 metres", "300 metres"),
        ("Bay", "Cob"): ("2,450 metres", "550 metres"),
    }
    seen = set()
    for question, reply in answers(asking._ask_sum, reading):
        named = tuple(name for name in WELLS if name in question)
        text = reply[: reply.index(" [")]
        seen.add(text)
        assert text in expected[named]
        apart = any(word in question for word in ("differ", "apart", "between"))
        assert text == expected[named][apart]
    assert len(seen) == 6


def test_the_same_or_not(reading) -> None:
    said = set()
    for question, reply in answers(asking._ask_same, reading):
        same = "stone" in question and "Bay" not in question
        assert reply.split()[0] == ("Yes" if same else "No")
        said.add(reply.split()[0])
    assert said == {"Yes", "No"}


def test_lists_and_counts(reading) -> None:
    lists = {reply for _, reply in answers(asking._ask_list, reading)}
    assert "Ash and Cob [1][3]" in lists
    counts = {reply for q, reply in answers(asking._ask_count, reading) if "slate" in q}
    assert counts == {"Two [1][3]"}


def test_a_world_without_a_kind_of_question_gets_another(reading) -> None:
    reading.world.facts = reading.world.facts[:1]
    kinds = {asking.draw_question(random.Random(i), reading)[0] for i in range(100)}
    assert kinds <= {"lookup", "unanswerable", "list", "aggregate"}


def test_a_passage_may_tell_nothing() -> None:
    world = World(Domain("none", False, [], {}, []))
    assert write_passage(random.Random(0), [], world)
