"""The full training of the reranker, recorded: `python -m labs reranker`.

Only questions of the train split are trained on, after the leakage gate; questions of
dev choose how long. What lies in data/reranker afterwards is all that a reader needs
to judge it: the adapter, its recipe, the log of losses and dev scores, a model card.
"""

import json
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from labs import corpus, leakage, metrics, profiles, progress, provenance
from labs.corpus import Question
from labs.embedding import Embedder
from labs.errors import LabsError
from labs.fusion import Fused
from labs.reranker_training import groups, save, train
from labs.reranking import DIRECTORY, Recipe, Reranker, as_read, build, scores_of
from labs.retrieval import BM25Index, Chunk, DenseIndex, chunk, evidence_recall, within

POOL = 20  # passages of the dense index that are reranked on dev
CHECKS = 3  # times that dev is scored in a training
_CHOOSE = slice(None, None, 5)  # the questions of dev that choose the step


def record(
    out: Path = DIRECTORY,
    recipe: Recipe | None = None,
    say: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Train, keep the adapter that is best on dev, write log and card to `out`.

    Raises:
        LabsError: a test question leaks into train, or there is nothing to train on.
    """
    recipe, clock = recipe or Recipe(), (time.perf_counter(), time.process_time())
    embedder, questions = Embedder(), corpus.load_questions()
    leakage.assert_no_leaks(questions, embedder.embed)
    documents = corpus.load_documents()
    titles = {document.id: document.title for document in documents}
    chunks = chunk(documents)
    dense = DenseIndex.build(chunks, embedder.embed)
    sparse = BM25Index.build(chunks, [as_read(p, titles) for p in chunks])
    answered = {s: [q for q in questions if q.split == s and q.evidence] for s in _USED}
    both = Fused([dense, sparse], recipe.depth)
    rows = groups(answered["train"], chunks, both, titles, recipe)
    n_steps = recipe.epochs * (len(rows) // recipe.groups_per_step)
    if not n_steps:
        raise LabsError(
            f"{len(rows)} questions to train on, expected {recipe.groups_per_step} or "
            "more: the train split of questions.jsonl is too small."
        )
    say(f"No leak. {len(rows):,} questions to train on, {n_steps} steps.")
    dev = answered["dev"]
    pool = dense.search([q.question for q in dev], POOL)
    log: dict[str, Any] = {"steps": [], "dev": []}
    out.mkdir(parents=True, exist_ok=True)
    every = max(1, n_steps // CHECKS)
    with progress.bar(n_steps, "training", "step") as shown:

        def after_step(step: int, loss: float, tokenizer: Any, model: Any) -> None:
            shown.update(1)
            log["steps"].append(round(loss, 4))
            if step % every:
                return
            scores = _recalls(dev[_CHOOSE], pool[_CHOOSE], titles, tokenizer, model)
            best = max((row["recall"] for row in log["dev"]), default=-1.0)
            seconds = round(time.perf_counter() - clock[0])
            cpu_s = round(time.process_time() - clock[1])
            now = {"step": step, "recall": float(np.mean(scores))}
            log["dev"].append(now | {"seconds": seconds, "cpu_seconds": cpu_s})
            say(f"step {step}: dev {now['recall']:.3f}, {seconds} s, {cpu_s} CPU-s")
            if now["recall"] > best:
                save(model, recipe, out)
            _write(out / "log.json", log)

        train(rows, recipe, after_step)
    log |= _where(clock) | {"data": profiles.data_dir().name, "groups": len(rows)}
    log["result"] = compare(dev, pool, titles, recipe, out)
    _write(out / "log.json", log)
    (out / "README.md").write_text(card(recipe, log), encoding="utf-8")
    return log


_USED = ("train", "dev")


def _recalls(
    questions: Sequence[Question],
    pool: Sequence[Sequence[Chunk]],
    titles: dict[str, str],
    tokenizer: Any,
    model: Any,
) -> list[float]:
    """Evidence within the budget, each question's passages ordered by the model."""
    import torch

    model.eval()
    found = []
    for question, passages in zip(questions, pool, strict=True):
        pairs = [(question.question, as_read(p, titles)) for p in passages]
        with torch.inference_mode():
            scores = scores_of(tokenizer, model, pairs).cpu().numpy()
        order = np.argsort(-scores, kind="stable")
        ranked = [passages[i] for i in order]
        found.append(evidence_recall(question, within(ranked)) or 0.0)
    model.train()
    return found


def compare(
    dev: Sequence[Question],
    pool: Sequence[Sequence[Chunk]],
    titles: dict[str, str],
    recipe: Recipe,
    adapter: Path,
) -> dict[str, Any]:
    """Dense as it is, reranked by the untrained model, and by the trained one.

    On the questions that did not choose the step.
    """
    chosen_by = dev[_CHOOSE]
    kept = [i for i, question in enumerate(dev) if question not in chosen_by]
    dev, pool = [dev[i] for i in kept], [pool[i] for i in kept]
    rows = Reranker(titles, adapter).rank([q.question for q in dev], pool)
    ranked = {"dense": pool, "reranked": [[p for p, _ in row] for row in rows]}
    recalls = {
        name: [
            evidence_recall(q, within(r)) or 0.0 for q, r in zip(dev, own, strict=True)
        ]
        for name, own in ranked.items()
    }
    recalls["untrained"] = _recalls(dev, pool, titles, *build(recipe))
    figures = {name: metrics.bootstrap_mean(own) for name, own in recalls.items()}
    for name in ("dense", "untrained"):
        change = metrics.paired_bootstrap(recalls["reranked"], recalls[name])
        figures[f"reranked minus {name}"] = change
    return {name: asdict(figure) for name, figure in figures.items()}


def _where(clock: tuple[float, float]) -> dict[str, Any]:
    import torch

    return {
        "seconds": round(time.perf_counter() - clock[0]),
        "cpu_seconds": round(time.process_time() - clock[1]),
        "device": f"{profiles.current().device}, {platform.machine()}",
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "commit": provenance.commit() or "unknown",
    }


def _write(path: Path, log: dict[str, Any]) -> None:
    path.write_text(json.dumps(log, indent=1) + "\n", encoding="utf-8")


def card(recipe: Recipe, log: dict[str, Any]) -> str:
    """The model card, from what was logged."""
    figures = {k: metrics.Interval(**v) for k, v in log["result"].items()}
    best = max(log["dev"], key=lambda row: row["recall"])
    table = "\n".join(f"| {name} | {value} |" for name, value in figures.items())
    lines = [f"- `{name}`: {value}" for name, value in asdict(recipe).items()]
    return f"""---
license: apache-2.0
language: en
pipeline_tag: text-ranking
library_name: peft
---

# The bundled reranker

A cross-encoder for notebooks/1_rag/05_after_retrieval: {recipe.layers} layers of
all-MiniLM-L6-v2 (Apache-2.0, from the pinned package of the embedder), a LoRA adapter,
and a head of one output. It reads a question and a passage under the title of its
document together; each word of the question looks for its nearest in the passage
(`labs.reranking.match`). Made by `python -m labs reranker`.

**Data.** {log["groups"]:,} questions of the train split of `data/{log["data"]}`, each
with one passage that holds evidence and {recipe.negatives} hard negatives: found for
the question by BM25 and the dense index together, many from sibling documents, none
holding the evidence. Before training, the leakage gate passed. Dev chose the step that
is kept ({best["step"]} of {len(log["steps"])}). No test question was used.

**Recipe.** Listwise softmax loss, AdamW; the learning rate rises for 5 steps and then
falls in a line.

{chr(10).join(lines)}

**On dev**, evidence within 256 tokens of context, from the {POOL} nearest passages of
the dense index, on the questions that did not choose the step; the mean over questions
with its 95% interval ("untrained": the same head upon the embedder as it is):

| | |
| --- | --- |
{table}

Those on test stand in the notebook.

**Run.** {log["seconds"]} s ({log["cpu_seconds"]} CPU-seconds) on {log["device"]},
{log["threads"]} thread(s), torch {log["torch"]}, on top of commit {log["commit"]}; the
losses and dev scores stand in `log.json`.

**Limits.** Trained on questions of one small invented domain; elsewhere, train it anew.
It was never shown a question without an answer, so its score is no probability.
"""
