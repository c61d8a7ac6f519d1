"""What the readers say with the index of before and of after, recorded.

`python -c "from labs import freshness_record; freshness_record.record()"` writes it,
for the bundled data and model. With other ones fewer questions are asked when it is
first needed. The arms without passages are not in it: they are trained and asked live.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs import (
    arm_training,
    arms,
    benchmark,
    corpus,
    freshness,
    profiles,
    provenance,
    records,
    tour,
)
from labs.arms import ARMS
from labs.freshness import Item
from labs.models import Generation, Generator
from labs.retrieval import Searcher

FILE = profiles.ROOT / "data" / "runs" / "freshness" / "answers.jsonl"
READERS = ("advanced-rag", "both")
N = 50  # questions of each group
N_HERE = 20  # where they must be asked here
_DECIDE = ("data", "model", "adapter", "dtype")

Said = dict[tuple[str, int, str], Generation]  # by arm, edition of the index, question


@dataclass(frozen=True, slots=True)
class Readings:
    """All answers of the readers, and where they are from."""

    said: Said
    n: int  # questions of a group, at most
    source: str  # "recorded" or "live", and on what

    def texts(self, items: Sequence[Item]) -> dict[tuple[str, str], list[str]]:
        """What each reader says before and after re-indexing, in the items' order."""
        return {
            (arm, state): [self.said[arm, edition, i.question.id].text for i in items]
            for arm in READERS
            for edition, state in ((1, "before"), (2, "after"))
        }


def load() -> Readings:
    """The recorded answers where they fit, or fewer, asked now (a minute, kept).

    Raises:
        LabsError: the data or the model is missing, or a file is broken.
    """
    if FILE.is_file():
        (_, head), *rows = records.read_json_lines(FILE)
        if head["versions"] == _versions():
            said = {_key(row): _generation(row) for _, row in rows}
            device = head["machine"].get("device", "cpu")
            source = f"recorded ({device}, {head['seconds']:.0f} s, {head['commit']})"
            return Readings(said, head["n"], source)
    return Readings(ask(sample(N_HERE)), N_HERE, "live")


def sample(n: int) -> list[Item]:
    """The questions of all groups, at most `n` of each."""
    found = freshness.groups(corpus.load_changes(), corpus.load_questions(), n)
    return [item for own in found.values() for item in own]


def indexes() -> dict[int, Searcher]:
    """The advanced search over the first edition, and over both."""
    first, second = corpus.load_documents(1), corpus.load_documents(2)
    return {
        1: arms.searcher("advanced", first),
        2: arms.searcher("advanced", [*first, *second]),
    }


def ask(
    items: Sequence[Item],
    names: Sequence[str] = READERS,
    searchers: dict[int, Searcher] | None = None,
) -> Said:
    """What each reader says to each question with each index."""
    questions = [item.question for item in items]
    texts = [question.question for question in questions]
    said: Said = {}
    found = searchers or indexes()
    read = {own: arms.passages(index, texts) for own, index in found.items()}
    for name in names:
        training = ARMS[name].training
        adapter = arm_training.adapter(training) if training else None
        run = Generator(adapter=adapter).generate_detailed
        for edition, passages in read.items():
            done = tour.generate_with(run, questions, passages)
            pairs = zip(questions, done, strict=True)
            said |= {(name, edition, q.id): one for q, one in pairs}
    return said


def record(out: Path = FILE) -> None:
    """Ask all questions and write what was said, with its origin in the first line."""
    begun_s = time.perf_counter()
    said = ask(sample(N))
    head = {
        "versions": _versions(),
        "n": N,
        "seconds": time.perf_counter() - begun_s,
        "machine": provenance.machine(),
        "libraries": provenance.versions(),
        "commit": provenance.commit(),
    }
    rows: list[dict[str, Any]] = [head]
    for (arm, edition, own), one in said.items():
        row = {"arm": arm, "edition": edition, "id": own, "text": one.text}
        used = {"tokens_in": one.tokens_in, "tokens_out": one.tokens_out}
        rows.append(row | used | {"seconds": round(one.seconds, 4)})
    out.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    out.write_text(text, encoding="utf-8")


def _versions() -> dict[str, Any]:
    own = benchmark.versions(ARMS["both"], 0)
    return {name: own[name] for name in _DECIDE} | {"settings": benchmark.settings()}


def _key(row: dict[str, Any]) -> tuple[str, int, str]:
    return row["arm"], row["edition"], row["id"]


def _generation(row: dict[str, Any]) -> Generation:
    return Generation(row["text"], row["tokens_in"], row["tokens_out"], row["seconds"])
