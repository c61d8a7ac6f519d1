"""The full training of notebooks/1_rag/04_retrieval, recorded: `python -m labs adapt`.

Two adapters, each trained on other pairs: questions that the model wrote for passages,
and the train split's questions. Nothing of dev or test is trained on; dev is scored.
"""

import json
import platform
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from labs import adapt, corpus, metrics, profiles, prompts, provenance
from labs.adapt import Course, Pair
from labs.corpus import Question
from labs.embedding import Embedder
from labs.errors import LabsError
from labs.models import Generator
from labs.retrieval import (
    Chunk,
    DenseIndex,
    Embed,
    chunk,
    evidence_recall,
    gold_chunks,
    within,
)

RUN = profiles.ROOT / "data" / "runs" / "04_adapted_embedder"
WRITTEN, ASKED = "written", "asked"  # the arms, and the folders of their adapters
SEED = 0


def record(
    out: Path = RUN, n_passages: int = 160, say: Callable[[str], None] = print
) -> dict[str, Any]:
    """Train both adapters, score them on dev, write all of it to `out`.

    Args:
        n_passages: for which the model writes a question.

    Raises:
        LabsError: the data or a model is missing, or no written question is kept.
    """
    started_s, cpu_s = time.perf_counter(), time.process_time()
    embedder = Embedder()
    chunks = chunk(corpus.load_documents())
    index = DenseIndex.build(chunks, embedder.embed)
    out.mkdir(parents=True, exist_ok=True)
    say(f"{len(chunks):,} passages; {n_passages} questions are written ...")
    rows = write_questions(free_passages(chunks, n_passages), index)
    _write_lines(out / "written.jsonl", rows)
    by_id = {passage.id: passage for passage in chunks}
    arms = {
        WRITTEN: written_pairs(rows, by_id),
        ASKED: adapt.pairs_of(corpus.load_questions("train"), chunks),
    }
    dev = [question for question in corpus.load_questions("dev") if question.evidence]
    plain = recalls(dev, index, index.embed)
    results = {"plain": {"dev": asdict(metrics.bootstrap_mean(plain))}}
    for arm, pairs in arms.items():
        say(f"{arm}: {len(pairs)} pairs ...")
        results[arm] = _arm(out / arm, embedder, pairs, index, dev, plain)
    written = Counter(row["why_not"] or "kept" for row in rows)
    run = _where() | {"written": dict(written), "course": asdict(_course(arms[ASKED]))}
    run |= {
        "seconds": round(time.perf_counter() - started_s, 1),
        "cpu_seconds": round(time.process_time() - cpu_s, 1),
    }
    (out / "metrics.json").write_text(
        json.dumps(run | {"arms": results}, indent=1) + "\n", encoding="utf-8"
    )
    return run | {"arms": results}


def free_passages(chunks: Sequence[Chunk], n: int) -> list[Chunk]:
    """`n` passages, drawn with `SEED`, on which no dev or test question rests."""
    asked = [q for q in corpus.load_questions() if q.split != "train"]
    taken = {p.id for question in asked for p in gold_chunks(question, chunks)}
    free = [passage for passage in chunks if passage.id not in taken]
    return random.Random(SEED).sample(free, min(n, len(free)))


def write_questions(
    passages: Sequence[Chunk], index: DenseIndex
) -> list[dict[str, str]]:
    """What the model wrote for each passage, and what speaks against it."""
    asked = [prompts.write_question(passage.text) for passage in passages]
    rows = []
    for passage, text in zip(passages, Generator().generate(asked, 48), strict=True):
        written = adapt.parse_written(text)
        question, answer = written or ("", "")
        reason = adapt.why_not(written, passage, index)
        rows.append(
            {
                "passage": passage.id,
                "question": question,
                "answer": answer,
                "why_not": reason,
            }
        )
    return rows


def written_pairs(
    rows: Sequence[dict[str, str]], passages: dict[str, Chunk]
) -> list[Pair]:
    """The pairs of the questions that were kept."""
    return [
        Pair(row["question"], passages[row["passage"]], frozenset([row["passage"]]))
        for row in rows
        if not row["why_not"]
    ]


def recalls(
    questions: Sequence[Question], index: DenseIndex, embed: Embed
) -> list[float]:
    """Evidence found within the budget, the questions embedded by `embed`."""
    texts = [question.question for question in questions]
    found = DenseIndex(index.chunks, index.vectors, embed).search(texts, 20)
    return [
        evidence_recall(question, within(passages)) or 0.0
        for question, passages in zip(questions, found, strict=True)
    ]


def _course(pairs: Sequence[Pair]) -> Course:
    """Once through many pairs; of few more often, or the adapter hardly moves."""
    return Course(epochs=1 if len(pairs) > 500 else 10, seed=SEED)


def _arm(
    directory: Path,
    embedder: Embedder,
    pairs: Sequence[Pair],
    index: DenseIndex,
    dev: Sequence[Question],
    plain: Sequence[float],
) -> dict[str, Any]:
    if len(pairs) < 2:
        raise LabsError(
            f"{len(pairs)} of the written questions were kept, expected two or more: "
            "name a stronger model in LABS_MODEL, or raise --passages."
        )
    course = _course(pairs)
    model, losses = adapt.train(embedder, pairs, index, course)
    adapt.save(model, directory)
    scores = recalls(dev, index, Embedder(directory).embed)
    return {
        "pairs": len(pairs),
        "epochs": course.epochs,
        "losses": [round(loss, 4) for loss in losses],
        "dev": asdict(metrics.bootstrap_mean(scores)),
        "dev minus plain": asdict(metrics.paired_bootstrap(scores, plain)),
    }


def _where() -> dict[str, Any]:
    import torch

    profile = profiles.current()
    return {
        "data": profiles.data_dir().name,
        "model": Path(profile.model).name,
        "device": f"{profile.device}, {platform.machine()}",
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "commit": provenance.commit() or "unknown",
        "seed": SEED,
    }


def _write_lines(path: Path, rows: Sequence[dict[str, str]]) -> None:
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
