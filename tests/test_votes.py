"""Votes survive what happens to kernels and files, and none counts twice."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from labs.errors import LabsError
from labs.votes import PERSON, SCRIPTED, Merged, Pair, Store, vote_on

PAIR = Pair("How tall?", "92 m", "For K, the answer is 92 m.")
OTHER = Pair("How old?", "24 years", "two")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "votes.sqlite")


def test_a_vote_is_there_for_another_kernel(store: Store) -> None:
    vote = vote_on(PAIR, "first", "ada", left="second", edited="92 metres")
    store.add(vote)
    assert Store(store.path).votes() == [vote]
    assert (vote.pair, vote.first, vote.source) == (PAIR.id, "92 m", PERSON)


def test_every_vote_has_an_id_of_its_own() -> None:
    assert vote_on(PAIR, "tie", "ada").id != vote_on(PAIR, "tie", "ada").id


def test_pairs_are_told_apart_by_their_texts_alone() -> None:
    assert PAIR.id == replace(PAIR, passage="K is 92 m tall.").id
    assert PAIR.id != replace(PAIR, first=PAIR.second, second=PAIR.first).id


def test_undo_takes_back_the_last_vote_of_this_rater(store: Store) -> None:
    for pair, rater in ((PAIR, "ada"), (OTHER, "ada"), (PAIR, "bo")):
        store.add(vote_on(pair, "first", rater))
    assert store.undo("ada").pair == OTHER.id
    assert [(v.rater, v.pair) for v in store.votes()] == [
        ("ada", PAIR.id),
        ("bo", PAIR.id),
    ]
    store.undo("ada")
    assert store.undo("ada") is None
    assert len(store.votes()) == 1


def test_of_two_votes_on_a_pair_the_last_counts_until_it_is_taken_back(store) -> None:
    store.add(vote_on(PAIR, "first", "ada"))
    store.add(vote_on(PAIR, "tie", "ada"))
    assert [v.choice for v in store.votes()] == ["tie"]
    store.undo("ada")
    assert [v.choice for v in store.votes()] == ["first"]


def test_progress_is_of_these_pairs_and_this_rater(store: Store) -> None:
    store.add(vote_on(PAIR, "first", "ada"))
    store.add(vote_on(Pair("else", "a", "b"), "first", "ada"))
    assert store.progress("ada", [PAIR, OTHER]) == (1, 2)
    assert store.progress("bo", [PAIR, OTHER]) == (0, 2)


def test_sources_are_told_apart(store: Store) -> None:
    store.add(vote_on(PAIR, "first", "ada"))
    store.add(vote_on(PAIR, "first", "script", source=SCRIPTED))
    assert [v.rater for v in store.votes(SCRIPTED)] == ["script"]
    assert [v.rater for v in store.votes(PERSON)] == ["ada"]


# Merging ------------------------------------------------------------------------------


def test_a_second_merge_counts_nothing_twice(store: Store, tmp_path: Path) -> None:
    theirs = Store(tmp_path / "theirs.sqlite")
    theirs.add(vote_on(PAIR, "second", "bo", edited="größer"))
    theirs.add(vote_on(OTHER, "tie", "bo"))
    store.add(vote_on(PAIR, "first", "ada"))
    assert theirs.export(tmp_path / "bo.jsonl") == 2
    assert store.merge(tmp_path / "bo.jsonl") == Merged(2, 0)
    assert store.merge(tmp_path / "bo.jsonl") == Merged(0, 2)
    assert len(store.votes()) == 3
    assert {v.edited for v in store.votes()} == {"", "größer"}


def test_what_was_taken_back_stays_so(store: Store, tmp_path: Path) -> None:
    """An old export does not bring it back, and a new one takes it back elsewhere."""
    other = Store(tmp_path / "other.sqlite")
    store.add(vote_on(PAIR, "first", "ada"))
    store.export(tmp_path / "old.jsonl")
    other.merge(tmp_path / "old.jsonl")
    store.undo("ada")
    store.merge(tmp_path / "old.jsonl")
    assert store.votes() == []
    store.export(tmp_path / "new.jsonl")
    assert len(other.votes()) == 1
    other.merge(tmp_path / "new.jsonl")
    assert other.votes() == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"choice": "best"}, r"votes.jsonl:2: choice is 'best', expected one of first"),
        ({"source": "bot"}, r"votes.jsonl:2: source is 'bot'"),
        ({"left": "A"}, r"votes.jsonl:2: left is 'A'"),
        ({"first": 7}, r"votes.jsonl:2: first is 7, expected text"),
        ({"id": None}, r"votes.jsonl:2: id is None"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_merged(store, tmp_path, change, said):
    theirs = Store(tmp_path / "theirs.sqlite")
    theirs.add(vote_on(PAIR, "first", "bo"))
    theirs.add(vote_on(OTHER, "first", "bo"))
    path = tmp_path / "votes.jsonl"
    theirs.export(path)
    good, bad = path.read_text().splitlines()
    path.write_text(good + "\n" + json.dumps(json.loads(bad) | change) + "\n")
    with pytest.raises(LabsError, match=said):
        store.merge(path)
    assert store.votes() == []


def test_a_line_without_an_id_is_refused(store: Store, tmp_path: Path) -> None:
    (tmp_path / "v.jsonl").write_text('{"pair": "p"}\n')
    with pytest.raises(LabsError, match=r"v.jsonl:1: the field 'question' is missing"):
        store.merge(tmp_path / "v.jsonl")


def test_what_is_no_json_and_what_is_not_there(store: Store, tmp_path: Path) -> None:
    (tmp_path / "v.jsonl").write_text("vote\n")
    with pytest.raises(LabsError, match=r"v.jsonl:1: this is no JSON"):
        store.merge(tmp_path / "v.jsonl")
    with pytest.raises(LabsError, match=r"none.jsonl:1: cannot be read \(No such"):
        store.merge(tmp_path / "none.jsonl")


# Files --------------------------------------------------------------------------------


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("These are notes, and no database at all.\n" * 9)
    with pytest.raises(LabsError, match=r"notes.txt: the votes cannot be read"):
        Store(path)
    assert path.read_text().startswith("These are notes")


def test_a_database_with_another_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE votes (name)")
    with pytest.raises(LabsError, match=r"other.sqlite: the votes cannot be read"):
        Store(path).votes()


def test_a_bad_choice_never_gets_in(store: Store) -> None:
    with pytest.raises(LabsError, match="choice is 'left'"):
        store.add(vote_on(PAIR, "left", "ada"))
    assert store.votes() == []


_VOTES_FOR_EVER = """
import sys
from labs.votes import Pair, Store, vote_on
store = Store(sys.argv[1])
for i in range(1_000_000):
    store.add(vote_on(Pair(str(i), "a", "b"), "first", "ada"))
    print(i, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_killed_kernel_loses_no_vote(tmp_path: Path) -> None:
    path = tmp_path / "votes.sqlite"
    command = [sys.executable, "-c", _VOTES_FOR_EVER, str(path)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert running.stdout.readline() == "0\n"
    time.sleep(0.2)
    running.send_signal(signal.SIGKILL)
    told = len(running.stdout.read().splitlines()) + 1
    running.wait()
    kept = Store(path).votes()
    assert told <= len(kept) <= told + 1  # one may be kept and not told of yet
    assert [v.question for v in kept] == [str(i) for i in range(len(kept))]
