"""RAFT's rows: what stands in the prompt, where the gold is, what is to be said."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from labs import metrics, prompts, raft
from labs.corpus import Evidence, Question
from labs.raft import NOT_TOLD, Reading
from labs.retrieval import Chunk

M60 = Chunk("m60#1", "m60", "The Merlin 60 starts at 3.5 m/s.")
M64 = Chunk("m64#1", "m64", "The Merlin 64 starts at 3 m/s.")
COPY = Chunk("note#1", "note", "The Merlin 64: from 3 m/s on.")
HUT = Chunk("hut#1", "hut", "The key to the hut hangs in the crew van.")
VAN = Chunk("van#1", "van", "The crew van stands behind the hut.")
CHUNKS = [M60, M64, COPY, HUT, VAN]

LOOKUP = Question(
    id="q1",
    question="When does the Merlin 64 start?",
    answer="3 m/s",
    accepted=("3 m/s", "3 metres a second"),
    kind="lookup",
    split="train",
    facts=("f1",),
    evidence=(Evidence("m64", M64.text),),
    edition=1,
)
OPEN = replace(LOOKUP, answer=prompts.REFUSAL, accepted=(prompts.REFUSAL,))
OPEN = replace(OPEN, id="q2", kind="unanswerable", evidence=())
FORM = "WORK ORDER\nUnit: BH-07\nModel: Merlin 64\nCrew: Heron"
ORDER = replace(LOOKUP, id="q3", kind="work_order", answer=FORM, accepted=(FORM,))
ORDER = replace(ORDER, question="Write a work order for BH-07.")


class Ranking:
    """A searcher that finds the same for every question."""

    def __init__(self, *ranked: Chunk) -> None:
        self.ranked = list(ranked)

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        return [self.ranked[:k] for _ in questions]


def test_tells_whole_words_of_any_wording() -> None:
    assert raft.tells(M64, LOOKUP.accepted)
    assert raft.tells(M64, ("4 m/s", "The merlin 64"))
    assert not raft.tells(M60, ("5 m/s", "3 m/s"))


@pytest.mark.parametrize("seed", range(4))
def test_gold_stands_among_the_best_distractors(seed: int) -> None:
    rng = random.Random(seed)
    made = raft.shuffled(LOOKUP, [M64], [COPY, M60, HUT, VAN], 3, rng)
    assert set(made.passages) == {M64, M60, HUT}  # COPY holds the answer
    assert [made.passages[i - 1] for i in made.gold] == [M64]


def test_gold_comes_to_stand_anywhere() -> None:
    rng = random.Random(0)
    places = {raft.shuffled(LOOKUP, [M64], [M60, HUT], 3, rng).gold for _ in range(40)}
    assert places == {(1,), (2,), (3,)}


def test_more_gold_than_room_is_cut() -> None:
    made = raft.shuffled(LOOKUP, [M64, COPY], [HUT], 1, random.Random(0))
    assert made.passages == (M64,) and made.gold == (1,)


def test_replies() -> None:
    assert raft.reply(Reading(LOOKUP, (M60, M64), (2,))) == "3 m/s [2]"
    assert raft.reply(Reading(LOOKUP, (COPY, M64), (1, 2))) == "3 m/s [1][2]"
    assert raft.reply(Reading(LOOKUP, (M60, HUT), ())) == prompts.REFUSAL
    assert raft.reply(Reading(OPEN, (M60, HUT), ())) == prompts.REFUSAL


def test_a_form_tells_only_what_stands_in_the_prompt() -> None:
    told = raft.reply(Reading(ORDER, (M64, HUT), (1,)))
    assert told.splitlines() == [
        "WORK ORDER",
        "Unit: BH-07",  # from the request
        "Model: Merlin 64",  # from a passage
        f"Crew: {NOT_TOLD}",
    ]
    assert metrics.form_accuracy(told, FORM) == pytest.approx(2 / 3)


def test_in_order_puts_what_was_not_found_last() -> None:
    assert raft.in_order([HUT, M64, VAN], [VAN, M60, M64]) == [VAN, M64, HUT]


def test_readings_keep_or_leave_out_the_gold() -> None:
    index = Ranking(M60, COPY, M64, HUT, VAN)
    [kept] = raft.readings([LOOKUP], index, CHUNKS, (2, 2), with_gold=1.0)
    assert set(kept.passages) == {M64, M60} and kept.gold
    [left] = raft.readings([LOOKUP], index, CHUNKS, (2, 2), with_gold=0.0)
    assert set(left.passages) == {M60, HUT} and not left.gold
    [open_] = raft.readings([OPEN], index, CHUNKS, (2, 2), with_gold=1.0)
    assert set(open_.passages) == {M60, COPY} and not open_.gold


def test_how_many_passages_is_drawn() -> None:
    index = Ranking(M60, M64, HUT, VAN)
    made = raft.readings([LOOKUP] * 60, index, CHUNKS, (1, 3), with_gold=1.0)
    assert {len(reading.passages) for reading in made} == {1, 2, 3}
    assert all(M64 in reading.passages for reading in made)


def test_the_share_counts_lookups_alone() -> None:
    index = Ranking(*CHUNKS)
    many = [replace(LOOKUP, id=f"q{i}") for i in range(200)]
    made = raft.readings(many, index, CHUNKS, (2, 2), with_gold=0.8, seed=3)
    assert 140 < sum(bool(r.gold) for r in made) < 180
    comparison = replace(LOOKUP, kind="comparison")
    [own] = raft.readings([comparison], index, CHUNKS, (2, 2), with_gold=0.0)
    assert own.gold


def test_evidence_that_does_not_fit_makes_no_row() -> None:
    both = (Evidence("m64", M64.text), Evidence("m60", M60.text))
    comparison = replace(LOOKUP, kind="comparison", evidence=both)
    index = Ranking(*CHUNKS)
    assert raft.readings([comparison], index, CHUNKS, (1, 1)) == []
    [made] = raft.readings([comparison], index, CHUNKS, (2, 2))
    assert sorted(made.gold) == [1, 2]
    order = replace(ORDER, evidence=both)
    assert len(raft.readings([order], index, CHUNKS, (1, 1))) == 1


def test_rows_follow_the_seed() -> None:
    index = Ranking(*CHUNKS)
    first, again, other = (
        raft.readings([LOOKUP] * 20, index, CHUNKS, seed=seed) for seed in (1, 1, 2)
    )
    assert first == again != other


def test_a_row_of_trl() -> None:
    made = raft.teach(Reading(LOOKUP, (M60, M64), (2,)))
    assert made["completion"][0]["content"] == "3 m/s [2]"
    assert made["prompt"] == prompts.answer(LOOKUP.question, [M60.text, M64.text])
    form = raft.teach(Reading(ORDER, (M64,), (1,)))
    assert "Fields: Unit, Model, Crew" in form["prompt"][0]["content"]
