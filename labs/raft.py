"""RAFT: rows that teach to read what was retrieved, the wrong passages among it.

After Zhang et al. 2024 (arXiv 2403.10131), with two changes: where the evidence is left
out, the right reply is a refusal (theirs is the answer all the same, from memory), and
citations stand in the place of a quoted chain of thought.
"""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from labs import metrics, prompts, tour
from labs.corpus import Question
from labs.finetune import Row, row
from labs.retrieval import Chunk, Searcher, gold_chunks

KINDS = ("lookup", "multi_hop", "comparison", "work_order", "unanswerable")
NOT_TOLD = "not told"  # in a form: the passages do not tell this field
_DEPTH = 20  # passages among which distractors are looked for


@dataclass(frozen=True, slots=True)
class Reading:
    """A question and the passages to read for it."""

    question: Question
    passages: tuple[Chunk, ...]
    gold: tuple[int, ...]  # numbers, from 1, of the passages with the evidence


def tells(passage: Chunk, accepted: Sequence[str]) -> bool:
    """Whether an accepted answer stands in the passage, whatever it says there.

    First shown in notebooks/2_finetuning/03_fine_tuning_for_rag.
    """
    text = f" {metrics.normalise(passage.text)} "
    return any(f" {metrics.normalise(wording)} " in text for wording in accepted)


def shuffled(
    question: Question,
    gold: Sequence[Chunk],
    distractors: Sequence[Chunk],
    k: int,
    rng: random.Random,
) -> Reading:
    """At most `k` passages, the gold ones among the best distractors, in any order.

    A distractor that holds the answer is none, and is left out: a refusal would be the
    wrong reply to it. First shown in notebooks/2_finetuning/03_fine_tuning_for_rag.
    """
    held = list(gold)[:k]
    others = [p for p in distractors if not tells(p, question.accepted)]
    passages = held + others[: k - len(held)]
    rng.shuffle(passages)
    numbers = [i for i, p in enumerate(passages, start=1) if p in held]
    return Reading(question, tuple(passages), tuple(numbers))


def reply(reading: Reading) -> str:
    """What is to be said: the answer with its citations, a form, or a refusal.

    First shown in notebooks/2_finetuning/03_fine_tuning_for_rag.
    """
    question = reading.question
    if question.kind == "work_order":
        return told_form(question.question, question.answer, reading.passages)
    if not reading.gold:
        return prompts.REFUSAL
    return question.answer + " " + "".join(f"[{i}]" for i in reading.gold)


def told_form(request: str, form: str, passages: Sequence[Chunk]) -> str:
    """The form with `NOT_TOLD` in each field that nothing in the prompt tells.

    First shown in notebooks/2_finetuning/03_fine_tuning_for_rag.
    """
    read = [Chunk("request", "request", request), *passages]
    lines = []
    for line in form.splitlines():
        name, colon, value = line.partition(": ")
        told = not colon or any(tells(p, [value]) for p in read)
        lines.append(line if told else f"{name}: {NOT_TOLD}")
    return "\n".join(lines)


def teach(reading: Reading) -> Row:
    """The training row of a reading: its prompt, and what is to be said."""
    return row(tour.prompt_for(reading.question, reading.passages), reply(reading))


def readings(
    questions: Sequence[Question],
    index: Searcher,
    chunks: Sequence[Chunk],
    n_passages: tuple[int, int] = (1, 4),
    with_gold: float = 0.8,
    seed: int = 0,
) -> list[Reading]:
    """A reading for each question whose evidence fits among its passages.

    Of a work order the best-ranked evidence is read, as much of it as fits. First shown
    in notebooks/2_finetuning/03_fine_tuning_for_rag.

    Args:
        n_passages: the fewest and the most; how many it is, is drawn for each question.
        with_gold: the share of the lookups that keep the gold passage (the paper's P);
            in the others every passage is a distractor.
    """
    rng = random.Random(seed)
    found = index.search([question.question for question in questions], _DEPTH)
    rows = []
    for question, ranked in zip(questions, found, strict=True):
        k = rng.randint(*n_passages)
        gold = in_order(gold_chunks(question, chunks), ranked)
        wrong = [passage for passage in ranked if passage not in gold]
        if question.kind == "lookup" and rng.random() >= with_gold:
            gold = []
        if len(gold) <= k or question.kind == "work_order":
            rows.append(shuffled(question, gold, wrong, k, rng))
    return rows


def in_order(passages: Collection[Chunk], ranked: Sequence[Chunk]) -> list[Chunk]:
    """The passages as they are ranked; those that are not found stand last."""
    place = {passage: i for i, passage in enumerate(ranked)}
    return sorted(passages, key=lambda passage: place.get(passage, len(place)))
