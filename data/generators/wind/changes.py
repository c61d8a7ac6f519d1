"""The questions whose right answers change with the second edition."""

from __future__ import annotations

import random

from .candidates import list_candidates
from .items import Item, Solution, View, solve, word
from .questions import ACROSS, Questions, Row, later_view, local_facts, solved
from .schema import World

# New questions besides those of questions.jsonl, by kind.
EXTRA = {"lookup": 40, "multi_hop": 20, "comparison": 10, "work_order": 10}


def build_changes(world: World, later: World, questions: Questions) -> list[Row]:
    """Rows of changes.jsonl.

    Every row of questions.jsonl whose answer changes, under its own id and with its
    split, then further questions that only the changes give rise to (split "new").
    """
    before, after = View(local_facts(world)), later_view(world, later)
    rows = []
    for row in questions.rows:
        item = questions.items.get(row["id"])
        pair = item and _changed(item, before, after)
        if pair:
            rows.append(_row(row["id"], row["question"], item, *pair, row["split"]))
    asked = {row["question"] for row in questions.rows}
    return rows + _extra(world, before, after, asked)


def _changed(item: Item, before: View, after: View) -> tuple[Solution, Solution] | None:
    old, new = solve(item, before), solve(item, after)
    if old and new and old.answer != new.answer:
        return old, new
    return None


def _extra(world: World, before: View, after: View, asked: set[str]) -> list[Row]:
    """Questions in test wordings about what has changed, each topic in its turn."""
    rng = random.Random(f"wind/changes/{world.seed}")
    candidates = list_candidates(world.source.regions[0], before, rng)
    rng.shuffle(candidates)
    left, per_topic = dict(EXTRA), {}
    rows: list[Row] = []
    for item in candidates:
        seen = per_topic.get(item.topic, 0)
        if not left.get(item.kind) or seen >= 5:
            continue
        text = rng.choice(word(item, "test"))
        pair = _changed(item, before, after)
        if pair is None or text in asked or _within_one_document(item, pair[1]):
            continue
        left[item.kind] -= 1
        per_topic[item.topic] = seen + 1
        asked.add(text)
        rows.append(_row(f"c{len(rows) + 1:04d}", text, item, *pair, "new"))
    return rows


def _within_one_document(item: Item, solution: Solution) -> bool:
    documents = {fact.document for fact in solution.facts}
    return item.kind in ACROSS and len(documents) < 2


def _row(row_id: str, text: str, item: Item, old: Solution, new: Solution,
         split: str) -> Row:  # fmt: skip
    now = solved(text, new)
    return {
        "id": row_id,
        "question": text,
        "old_answer": old.answer,
        "new_answer": new.answer,
        "old_accepted": solved(text, old)["accepted"],
        "accepted": now["accepted"],
        "kind": item.kind,
        "facts_old": [fact.id for fact in old.facts],
        "facts": now["facts"],
        "evidence": now["evidence"],
        "split": split,
    }
