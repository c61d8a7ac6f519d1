"""From questions to training rows, and the questions that tell what was learnt."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labs import corpus, prompts, records
from labs.corpus import Question
from labs.errors import LabsError
from labs.finetune import Row, row


@dataclass(frozen=True, slots=True)
class Lesson:
    """Facts to learn by heart, and questions on them and on facts never shown."""

    train: tuple[Question, ...]
    seen: tuple[Question, ...]  # on the same facts, in wordings that are not in `train`
    unseen: tuple[Question, ...]  # on facts that no row of `train` touches


def lesson(n_facts: int, seed: int = 0) -> Lesson:
    """A sample of the single facts that have both train and test questions.

    Raises:
        LabsError: the domain has no such facts.
    """
    by_split = {
        split: [q for q in corpus.load_questions(kind="lookup") if q.split == split]
        for split in ("train", "test_seen_facts", "test_unseen_facts")
    }
    tested = {q.facts for q in by_split["test_seen_facts"]}
    known = sorted(tested & {q.facts for q in by_split["train"]})
    if not known:
        raise LabsError(
            "No single fact has both a train and a test question here. Series 2 needs "
            "a built domain: `make data OUT=dir`, then LABS_DATA=dir."
        )
    chosen = set(random.Random(seed).sample(known, min(n_facts, len(known))))

    def on_chosen(split: str) -> tuple[Question, ...]:
        return tuple(q for q in by_split[split] if q.facts in chosen)

    unseen = tuple(by_split["test_unseen_facts"])
    return Lesson(on_chosen("train"), on_chosen("test_seen_facts"), unseen)


def closed_book(questions: Sequence[Question]) -> list[Row]:
    """Rows that teach the answers by heart, without any passage."""
    return [row(prompts.answer_closed_book(q.question), q.answer) for q in questions]


# Files --------------------------------------------------------------------------------


def write(path: Path, rows: Sequence[Row]) -> None:
    """Rows as JSON lines, as trl and most other trainers read them."""
    lines = [json.dumps(each, ensure_ascii=False) + "\n" for each in rows]
    path.write_text("".join(lines), encoding="utf-8")


def read(path: Path) -> list[Row]:
    """Rows from JSON lines: `prompt` with `completion`, or `chosen` and `rejected`.

    Raises:
        LabsError: there is no such file, or a line is no such row (file and line).
    """
    if not path.is_file():
        raise LabsError(
            f"Found no file {path}. Expected JSON lines with the fields prompt and "
            "completion, each a list of chat messages."
        )
    return [_checked(where, values) for where, values in records.read_json_lines(path)]


def _checked(where: str, values: Row) -> Row:
    replies = {"completion"} if "completion" in values else {"chosen", "rejected"}
    for name in ("prompt", *sorted(replies)):
        if not _is_chat(values.get(name)):
            raise LabsError(
                f"{where}: {name} is {str(values.get(name))[:60]!r}, expected a list "
                'of messages such as {"role": "user", "content": "…"}.'
            )
    return {name: values[name] for name in ("prompt", *sorted(replies))}


def _is_chat(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 0
        and all(
            isinstance(message, dict)
            and isinstance(message.get("role"), str)
            and isinstance(message.get("content"), str)
            for message in value
        )
    )
