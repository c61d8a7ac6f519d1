"""The questions of a world, with answers, evidence and splits.

All of them are about the first region, which is the same at every scale: a larger world
asks the same questions among more documents.

Splits. Facts lie in pools (pools.py). Train rows touch train facts only, in training
wordings, two or three of each item. Dev rows have facts and wordings of their own.
`test_seen_facts` asks items of train in test wordings, `test_unseen_facts` asks items
whose every fact is in the unseen pool, in test wordings too. This holds for summaries
and work orders as for the rest; for what cannot be answered, see unanswerable.py.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from .candidates import list_candidates
from .items import Item, Solution, View, solve, word
from .pools import Pools
from .schema import Fact, World
from .unanswerable import ACCEPTED, ANSWER, Unknown, list_unknowns

Row = dict[str, Any]
# Items of each kind: for train, dev, the test on seen and that on unseen facts.
QUOTAS = {
    "lookup": (215, 45, 85, 85),
    "multi_hop": (95, 25, 45, 45),
    "comparison": (70, 20, 45, 45),
    "summary": (45, 10, 35, 35),
    "work_order": (40, 10, 35, 35),
    "unanswerable": (60, 15, 35, 40),
}
# Kinds whose facts stand in two documents or more.
ACROSS = ("multi_hop", "comparison")
_SPLITS = {"dev": "dev", "seen": "test_seen_facts", "unseen": "test_unseen_facts"}


class Questions:
    """Rows of questions.jsonl, and the item behind each row but the unanswerable."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.items: dict[str, Item] = {}
        self._asked: set[str] = set()

    def add(self, split: str, texts: Iterable[str], item: Item | None,
            solution: Solution | None, count: int, kind: str) -> int:  # fmt: skip
        """Adds rows for up to `count` texts that have not been asked; says how many."""
        added = 0
        for text in texts:
            if added == count or text in self._asked:
                continue
            self._asked.add(text)
            added += 1
            row_id = f"q{len(self.rows) + 1:04d}"
            self.rows.append(make_row(row_id, text, kind, split, solution))
            if item:
                self.items[row_id] = item
        return added


def make_row(row_id: str, text: str, kind: str, split: str,
             solution: Solution | None) -> Row:  # fmt: skip
    """One question as it stands in questions.jsonl."""
    row = {"id": row_id, "question": text, "answer": ANSWER, "accepted": ACCEPTED,
           "kind": kind, "split": split, "facts": [], "evidence": [],
           "edition": 1}  # fmt: skip
    return row | solved(text, solution) if solution else row


def solved(text: str, solution: Solution) -> Row:
    """Answer, accepted wordings, facts and evidence of a question."""
    evidence = [{"document": f.document, "quote": f.quote} for f in solution.facts]
    return {
        "answer": solution.answer,
        "accepted": list(dict.fromkeys(solution.accepted(text))),
        "facts": [fact.id for fact in solution.facts],
        "evidence": list({tuple(e.values()): e for e in evidence}.values()),
    }


def local_facts(world: World) -> list[Fact]:
    """The facts of the first edition that the first region's documents state."""
    region = world.source.regions[0]
    names = {
        *(m for f in region.families for m in f.models), *region.suppliers,
        *(c for f in region.families for c in (*f.faults, *f.procedures, *f.parts)),
        *region.contracts, *region.crews, *(p.name for p in region.parks),
        *(u for p in region.parks for u in p.units),
        *(i.code for i in region.incidents), *(b.code for b in region.bulletins),
    }  # fmt: skip
    return [fact for fact in world.facts if fact.subject in names]


def later_view(world: World, later: World) -> View:
    """The facts in force when the second edition has arrived."""
    known = {fact.id: fact for fact in local_facts(world)}
    new = {later.replaced[i]: i for i in known if i in later.replaced}
    old = [replace(f, superseded_by=later.replaced.get(f.id)) if f.id in later.replaced
           else f for f in known.values()]  # fmt: skip
    subjects = {fact.subject for fact in known.values()}
    fresh = [f for f in later.facts if f.id in new or f.subject in subjects]
    return View([*old, *fresh])


def build_questions(world: World, later: World) -> Questions:
    """Every question of the first edition."""
    rng = random.Random(f"wind/questions/{world.seed}")
    region = world.source.regions[0]
    view = View(local_facts(world))
    pools = Pools(region, view, rng)
    candidates = list_candidates(region, view, rng)
    rng.shuffle(candidates)
    by_pool = _sort_out(candidates, view, later_view(world, later), pools)
    questions = Questions()
    for kind, quotas in QUOTAS.items():
        if kind != "unanswerable":
            _ask_kind(questions, kind, quotas, by_pool, view, rng)
    unknowns = list_unknowns(world, region, view, rng)
    _ask_unknowns(questions, unknowns, QUOTAS["unanswerable"], rng)
    return questions


def _sort_out(candidates, view: View, after: View, pools: Pools):
    """Candidates by (kind, pool), if they have an answer before and after."""
    found: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in candidates:
        solution = solve(item, view)
        if solution is None or solve(item, after) is None:
            continue
        documents = {fact.document for fact in solution.facts}
        if item.kind in ACROSS and len(documents) < 2:
            continue
        pool = pools.of(solution.facts)
        if pool:
            found[item.kind, pool].append(item)
    return found


def _ask_kind(questions, kind, quotas, by_pool, view, rng) -> None:
    train = _balanced(by_pool[kind, "train"], quotas[0], view)
    dev = _balanced(by_pool[kind, "dev"], quotas[1], view)
    unseen = _balanced(by_pool[kind, "unseen"], quotas[3], view)
    seen = _balanced(train, quotas[2], view)
    for item in train:
        _ask(questions, item, "train", "train", rng.choice((2, 2, 2, 3)), view, rng)
    for split, role, items in (
        ("dev", "dev", dev), ("seen", "test", seen), ("unseen", "test", unseen),
    ):  # fmt: skip
        for item in items:
            _ask(questions, item, _SPLITS[split], role, 1, view, rng)


def _ask(questions, item, split, role, count, view, rng) -> None:
    texts = word(item, role)
    rng.shuffle(texts)
    questions.add(split, texts, item, solve(item, view), count, item.kind)


def _balanced(items: list[Item], count: int, view: View) -> list[Item]:
    """Up to `count` items, by turns from each sort, in it by turns from each topic.

    What can only be answered by Yes or No is divided evenly between the two.
    """
    sorts: dict[tuple, dict[str, list[Item]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        answer = solve(item, view).answer if item.shape == "same" else ""
        sort, topic = item.topic
        sorts[sort, answer][topic].append(item)
    order = sorted(sorts, key=lambda sort: (_rank(*sort), sort))
    decks = [_in_turn(sorts[sort]) for sort in order]
    return list(_by_turns(decks, count))


def _in_turn(topics: dict[str, list[Item]]) -> list[Item]:
    order = sorted(topics, key=lambda topic: (_rank(topic), topic))
    return list(_by_turns([topics[topic] for topic in order], 10**9))


def _rank(*names: str) -> float:
    """A place for a name among others, the same in every world."""
    return random.Random("/".join(names)).random()


def _by_turns(decks: list[list[Item]], count: int) -> Iterator[Item]:
    turn = 0
    while count and any(len(deck) > turn for deck in decks):
        for deck in decks:
            if len(deck) > turn and count:
                count -= 1
                yield deck[turn]
        turn += 1


def _ask_unknowns(questions, unknowns: list[Unknown], quotas, rng) -> None:
    chosen = {
        pool: _spread([u for u in unknowns if u.pool == pool], count)
        for pool, count in zip(("train", "dev", "unseen"),
                               (quotas[0], quotas[1], quotas[3]), strict=True)
    }  # fmt: skip
    plan = (
        ("train", "train", chosen["train"], 2),
        ("dev", "dev", chosen["dev"], 1),
        ("test_seen_facts", "test", chosen["train"][: quotas[2]], 1),
        ("test_unseen_facts", "test", chosen["unseen"], 1),
    )
    for split, role, items, count in plan:
        for unknown in items:
            texts = unknown.word(role)
            rng.shuffle(texts)
            wanted = rng.choice((1, count))
            questions.add(split, texts, None, None, wanted, "unanswerable")


def _spread(unknowns: list[Unknown], count: int) -> list[Unknown]:
    decks: dict[str, list[Unknown]] = defaultdict(list)
    for unknown in unknowns:
        decks[unknown.topic].append(unknown)
    return list(_by_turns(list(decks.values()), count))
