"""From what was measured to what an arm uses: results, indexes, adapters, hours.

First shown in notebooks/3_benchmarking/04_cost_and_roi.
"""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from labs import advanced, arm_training, checkpoints, profiles, results
from labs.arms import ARMS, DEPTH, Arm
from labs.corpus import Document
from labs.embedding import Embedder, mean_pooled
from labs.price_table import PriceTable
from labs.results import Result
from labs.retrieval import DenseIndex, Searcher, chunk
from labs.roi_terms import Outcomes, Usage

_BATCH = 64
_CHAIN = {None: (), "feedback": ("reading", "feedback")}  # else the training alone


# Indexing -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Indexing:
    """What an index takes, measured on some documents, scaled to all by their length.

    What grows faster than the documents (a graph's edges) is underrated by that.
    """

    seconds: float  # for all documents
    search_s: float  # a question, alone, on the index of the sample
    stored_gb: float  # vectors and texts of all documents
    measured_s: float  # for the sample
    n_passages: int  # of the sample


@lru_cache(maxsize=1)
def _encoder() -> tuple[Any, Any]:
    return Embedder().load_encoder()


class Fresh:
    """The embedder without its cache: what is measured must be computed."""

    def __init__(self) -> None:
        self.embed(["The first text loads what is loaded late."])

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors (texts, d), as `labs.embedding.Embedder.embed`."""
        import torch

        with torch.inference_mode():
            batches = [
                mean_pooled(*_encoder(), list(texts[i : i + _BATCH]))
                for i in range(0, len(texts), _BATCH)
            ]
        return np.concatenate([batch.cpu().numpy() for batch in batches])


def build(reads: str, documents: Sequence[Document], embedder: Any) -> Searcher:
    """The index of an arm that reads, as `labs.arms.searcher`, by another embedder."""
    if reads == "naive":
        return DenseIndex.build(chunk(documents), embedder.embed)
    return advanced.build(documents, embedder, embedder.embed)


def measure_index(
    reads: str,
    documents: Sequence[Document],
    questions: Sequence[str],
    n: int = 12,
    seed: int = 0,
) -> Indexing:
    """Index `n` documents and search in them, with nothing kept; scaled to all.

    Args:
        reads: "naive" or "advanced", as in `labs.arms`.
        questions: asked one by one, at least one.
    """
    sample = random.Random(seed).sample(list(documents), min(n, len(documents)))
    scale = _length(documents) / _length(sample)
    chunks, embedder = chunk(sample), Fresh()
    started_s = time.perf_counter()
    index = build(reads, sample, embedder)
    built_s = time.perf_counter()
    for question in questions:
        index.search([question], DEPTH)
    search_s = (time.perf_counter() - built_s) / len(questions)
    vectors = embedder.embed(questions[:1]).nbytes * len(chunks)
    stored = (vectors + _length(sample)) * scale / 1e9
    taken_s = built_s - started_s
    return Indexing(taken_s * scale, search_s, stored, taken_s, len(chunks))


def _length(documents: Sequence[Document]) -> int:
    """In bytes of text."""
    return sum(len(document.text.encode()) for document in documents)


# Training -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Training:
    """What the adapters of an arm took, one built on the other."""

    seconds: float
    tokens: float  # trained on, all epochs
    stored_gb: float  # of the last one: the others are not used


def training(name: str | None, seed: int = 0) -> Training:
    """Sums over the lineage of an arm's adapter; zeros for an arm without one.

    Raises:
        LabsError: as `labs.arm_training.adapter`.
    """
    chain = _CHAIN.get(name, (name,))
    made = [arm_training.adapter(each, seed) for each in chain]
    seconds, tokens = (
        sum(adapter.lineage.get(what, 0) for adapter in made)
        for what in ("seconds", "tokens")
    )
    return Training(seconds, tokens, made[-1].n_bytes / 1e9 if made else 0.0)


def model_gb() -> float:
    """The weights of the base model; 0 where a server holds them."""
    profile = profiles.current()
    if profile.base_url:
        return 0.0
    directory = checkpoints.locate(profile.model)
    return sum(file.stat().st_size for file in directory.glob("*.safetensors")) / 1e9


# All together -------------------------------------------------------------------------


def of_arms(
    found: Sequence[Result],
    over: Sequence[str],
    indexing: Mapping[str, Indexing],
    table: PriceTable,
    update_share: float,
) -> dict[str, Usage]:
    """What each arm of the results uses.

    On an update, an arm that reads has new documents indexed, and is not trained
    again: what it learnt is to read. An arm that learnt by heart is trained anew.

    Args:
        over: the tasks that stand for the questions to come.
        indexing: by what an arm reads ("naive", "advanced").
        table: for the people's hours.
        update_share: how much of the documents an update brings, 0 to 1.

    Raises:
        LabsError: an arm has no result of a task.
    """
    asked = {
        name: results.overall(found, name, over)
        for name in ("tokens_in", "tokens_out", "seconds")
    }
    usages = {}
    for name in results.names(found, "arm"):
        spent = {what: float(own[name].mean()) for what, own in asked.items()}
        usages[name] = _usage(ARMS[name], spent, indexing, table, update_share)
    return usages


def _usage(
    arm: Arm,
    spent: Mapping[str, float],
    indexing: Mapping[str, Indexing],
    table: PriceTable,
    update_share: float,
) -> Usage:
    own = training(arm.training)
    index = indexing[arm.reads] if arm.reads else Indexing(0, 0, 0, 0, 0)
    again = not arm.reads  # what was learnt by heart grows old
    corrected = arm_training.N_CORRECTED if arm.training == "feedback" else 0
    return Usage(
        spent["tokens_in"],
        spent["tokens_out"],
        spent["seconds"],
        setup_s=own.seconds + corrected * spent["seconds"],
        update_s=own.seconds * again,
        stored_gb=model_gb() + own.stored_gb + index.stored_gb,
        setup_hours=_hours(arm, table, "setup"),
        update_hours=_hours(arm, table, "update"),
        cpu_s=index.search_s,
        setup_cpu_s=index.seconds,
        update_cpu_s=index.seconds * update_share,
        setup_tokens=own.tokens,
        update_tokens=own.tokens * again,
    )


def _hours(arm: Arm, table: PriceTable, when: str) -> float:
    """Of people, once ("setup") or for each "update"."""
    hours = table[f"{when}_index"].value if arm.reads else 0.0
    if arm.training and (when == "setup" or not arm.reads):
        hours += table[f"{when}_training"].value
    if arm.training == "feedback" and when == "setup":
        hours += table["setup_feedback"].value
    return hours


def outcomes(found: Sequence[Result], over: Sequence[str]) -> dict[str, Outcomes]:
    """For each arm how far each question was answered rightly and wrongly.

    A refusal is neither, even a right one: it earns nothing, and misleads nobody. An
    answer that is right in part is wrong in the rest. The mean over training seeds.

    Raises:
        LabsError: an arm has no result of a task.
    """
    shares = {}
    for arm in results.names(found, "arm"):
        right, wrong = [], []
        for task in over:
            runs = results.answers(found, arm, task)
            given = np.array([[not a["refused"] for a in run] for run in runs])
            score = np.array([[float(a["right"]) for a in run] for run in runs])
            right.append((given * score).mean(0))
            wrong.append((given * (1 - score)).mean(0))
        shares[arm] = Outcomes(np.concatenate(right), np.concatenate(wrong))
    return shares
