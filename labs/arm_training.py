"""What the arms of series 3 are trained on, and their adapters.

Two trainings on the same train questions at about the same number of tokens, and one on
top: answers by heart; reading what a search finds (RAFT); and corrections of what the
reader got wrong (DPO). For the bundled data and model they come with the project, in
`data/adapters`; for any other they are trained when they are first asked for.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from labs import (
    arms,
    chunking,
    corpus,
    finetune,
    metrics,
    profiles,
    prompts,
    provenance,
    raft,
    tour,
)
from labs.adapters import LINEAGE, WEIGHTS, Adapter
from labs.corpus import Question
from labs.finetune import Recipe, Row, usual_rate
from labs.models import Generator
from labs.retrieval import BM25Index, chunk, gold_chunks

RECORDED = profiles.ROOT / "data" / "adapters"
TRAININGS = ("by_heart", "reading", "feedback")
N_CORRECTED = 300  # train questions that the reader answers for corrections
_VERSION = 1  # of what follows: another one trains anew


def adapter(training: str, seed: int = 0) -> Adapter:
    """The adapter of a training: the recorded one where it fits, or trained (minutes).

    It fits if it was made of this data by this recipe on this base model.

    Raises:
        LabsError: as `labs.finetune.supervised`.
    """
    return recorded(training, seed) or train(training, seed)


def recorded(training: str, seed: int) -> Adapter | None:
    """The adapter that comes with the project, if it is of this data and model."""
    directory = folder() / f"{training}-{seed}"
    if profiles.current().base_url or not (directory / LINEAGE).is_file():
        return None
    kept = Adapter(directory)
    fits = kept.lineage.get("made_of") == made_of(training, seed)
    return kept if fits else None


def folder() -> Path:
    """Where the adapters that come with the project lie, for the profile's model."""
    return RECORDED / Path(profiles.current().model).name


def made_of(training: str, seed: int) -> dict[str, Any]:
    """All that decides the adapter of a training."""
    return {
        "training": training,
        "data": provenance.data_digest(),
        "base": finetune.base_fingerprint(),
        "recipe": asdict(recipe(training, seed)),
        "version": _VERSION,
    }


def recipe(training: str, seed: int) -> Recipe:
    """How it is trained; epochs so that both supervised ones see as many tokens.

    The rates are shares of the usual one. For a larger model a smaller rank is enough.
    """
    small = profiles.current().model == profiles.BUNDLED
    rank, passes = (32, 1.0) if small else (16, 1.2)
    if training == "feedback":
        return Recipe(rank, 0.02 * usual_rate(), passes, 8, beta=0.1, seed=seed)
    if training == "by_heart":  # short rows: more of them a step, where steps are dear
        rate, batch, times = (0.6, 8, 8) if small else (1.0, 16, 7)
        return Recipe(rank, rate * usual_rate(), times * passes, batch, seed=seed)
    rate = 0.4 if small else 0.6
    return Recipe(rank, rate * usual_rate(), 2 * passes, 8, seed=seed)


def train(training: str, seed: int) -> Adapter:
    """The adapter, trained here, or kept from an earlier call."""
    questions = corpus.load_questions(split="train")
    if training == "feedback":
        pairs = corrections(questions, seed)
        return finetune.preferred(
            pairs, recipe(training, seed), adapter("reading", seed)
        )
    rows = by_heart(questions) if training == "by_heart" else reading(questions, seed)
    return finetune.supervised(rows, recipe(training, seed))


def record(training: str, seed: int, out: Path) -> dict[str, Any]:
    """Write an adapter with what it was made of beside it; its lineage.

    The weights are rounded to 16 bits, which halves them; the benchmark's record is of
    the rounded ones.
    """
    directory = out / f"{training}-{seed}"
    made = train(training, seed)
    directory.mkdir(parents=True, exist_ok=True)
    lineage = made.copy_to(directory) | {"made_of": made_of(training, seed)}
    _round(directory / WEIGHTS)
    text = json.dumps(lineage, indent=1)
    (directory / LINEAGE).write_text(text + "\n", encoding="utf-8")
    return lineage


def _round(weights: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    halved = {name: own.to(torch.float16) for name, own in load_file(weights).items()}
    save_file(halved, weights, metadata={"format": "pt"})


# Rows ---------------------------------------------------------------------------------


def by_heart(questions: Sequence[Question]) -> list[Row]:
    """Question and answer without a passage; what no document tells is not known."""
    return [
        finetune.row(
            prompts.answer_closed_book(q.question),
            prompts.DO_NOT_KNOW if q.kind == "unanswerable" else q.answer,
        )
        for q in questions
    ]


def reading(questions: Sequence[Question], seed: int) -> list[Row]:
    """RAFT rows: the evidence among what BM25 wrongly finds, or a refusal."""
    documents = corpus.load_documents()
    chunks = chunk(documents)
    index = BM25Index.build(chunks, chunking.with_headers(chunks, documents))
    drawn = raft.readings(questions, index, chunks, (1, 4), with_gold=0.9, seed=seed)
    random.Random(seed).shuffle(drawn)
    return [finetune.row(*_prompt_and_reply(each)) for each in drawn]


def corrections(questions: Sequence[Question], seed: int) -> list[Row]:
    """Pairs for DPO: where the reader erred on train, the right reply and its own.

    The reader answers from what the advanced search finds, as it will be used: where
    the evidence is not among it, the right reply is a refusal.
    """
    drawn = random.Random(seed).sample(questions, min(N_CORRECTED, len(questions)))
    documents = corpus.load_documents()
    index, chunks = arms.searcher("advanced", documents), chunk(documents)
    found = arms.passages(index, [question.question for question in drawn])
    said = tour.generate(Generator(adapter=adapter("reading", seed)), drawn, found)
    pairs = []
    for question, read, text in zip(drawn, found, said, strict=True):
        gold = gold_chunks(question, chunks)
        numbers = [i for i, passage in enumerate(read, start=1) if passage in gold]
        if len(numbers) < len(gold) and question.kind != "work_order":
            numbers = []
        prompt, reply = _prompt_and_reply(
            raft.Reading(question, tuple(read), tuple(numbers))
        )
        if metrics.normalise(text) != metrics.normalise(reply) and text.strip():
            pairs.append(finetune.preference(prompt, reply, text))
    return pairs


def _prompt_and_reply(read: raft.Reading) -> tuple[prompts.Messages, str]:
    """As RAFT; a summary without citations, for which its prompt does not ask."""
    prompt = tour.prompt_for(read.question, read.passages)
    if read.question.kind == "summary" and read.gold:
        return prompt, read.question.answer
    return prompt, raft.reply(read)
