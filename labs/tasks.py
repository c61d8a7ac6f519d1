"""The tasks of the benchmark: samples of test questions, the same for every arm."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from labs import cache, corpus, profiles, records
from labs.corpus import Question
from labs.errors import LabsError
from labs.retrieval import Chunk

LATENCY = "latency"  # questions of all kinds, answered one by one
GENERAL = "general"  # another domain, each question with its passages
_OF_KIND = {  # task: kind, and the splits it draws from
    "lookup_seen": ("lookup", ("test_seen_facts",)),
    "lookup_unseen": ("lookup", ("test_unseen_facts",)),
    "multi_hop": ("multi_hop", corpus.SPLITS[2:]),
    "comparison": ("comparison", corpus.SPLITS[2:]),
    "summary": ("summary", corpus.SPLITS[2:]),
    "work_order": ("work_order", corpus.SPLITS[2:]),
    "unanswerable": ("unanswerable", corpus.SPLITS[2:]),
}
QUALITY = (*_OF_KIND, GENERAL)
TASKS = (*QUALITY, LATENCY)

N = 40  # questions of a task
N_TIMED = 12
SEED = 5  # of the samples
_GENERAL_FILE = profiles.ROOT / "data" / "general.jsonl"


@dataclass(frozen=True, slots=True)
class Item:
    """A question of a task; `passages` where they are given and not searched."""

    question: Question
    passages: list[Chunk] | None = None


def check(names: Sequence[str]) -> None:
    """Raise LabsError for a name that no task has."""
    if unknown := [name for name in names if name not in TASKS]:
        raise LabsError(
            f"Found no task {unknown[0]!r}. Expected some of: {', '.join(TASKS)}."
        )


def load(n: int = N) -> dict[str, list[Item]]:
    """At most `n` items of each task, drawn with `SEED`; fewer where there are fewer.

    Raises:
        LabsError: questions are missing or broken.
    """
    questions = corpus.load_questions()
    found = {}
    for task, (kind, splits) in _OF_KIND.items():
        own = [q for q in questions if q.kind == kind and q.split in splits]
        found[task] = [Item(question) for question in _drawn(own, n)]
    there = [items for items in found.values() if items]
    mixed = [item for row in zip(*there, strict=False) for item in row]
    return found | {GENERAL: general(n), LATENCY: mixed[:N_TIMED]}


def _drawn(questions: Sequence[Question], n: int) -> list[Question]:
    """The first of one order: a smaller sample is part of a larger one."""
    order = list(questions)
    random.Random(SEED).shuffle(order)
    return order[:n]


def general(n: int) -> list[Item]:
    """Lookups on domains that nothing here was trained on (data/general.jsonl)."""
    rows = records.read_json_lines(_GENERAL_FILE)[:n]
    return [_general(values) for _, values in rows]


def _general(values: dict) -> Item:
    own, accepted = values["id"], tuple(values["accepted"])
    question = Question(
        own, values["question"], accepted[0], accepted, "lookup", "dev", (), (), 1
    )
    texts = enumerate(values["passages"], start=1)
    return Item(question, [Chunk(f"{own}#{i}", own, text) for i, text in texts])


def general_digest() -> str:
    """The digest of the questions on other domains."""
    return cache.file_digest(_GENERAL_FILE)[:16]
