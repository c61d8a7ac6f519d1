"""The benchmark: arms by tasks by training seeds, a grid of independent cells.

A cell is one arm on the questions of one task. It is kept by content (data, model,
adapter, settings, code), so a run that was killed goes on where it was, and asking for
more arms computes the new ones alone. Cells run through joblib: in this process, in
several, or on a Ray or a Dask cluster.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import product
from typing import Any

from labs import (
    arm_training,
    arms,
    cache,
    clock,
    corpus,
    finetune,
    metrics,
    profiles,
    progress,
    provenance,
    tasks,
    tour,
)
from labs.arms import ARMS, Arm
from labs.corpus import Question
from labs.errors import LabsError
from labs.models import Generation, Generator
from labs.retrieval import CONTEXT_BUDGET, Chunk, Searcher, evidence_recall
from labs.tasks import Item

Result = dict[str, Any]  # of one cell: what was asked, every answer, where it is from

BACKENDS = ("loky", "ray", "dask")


@dataclass(frozen=True, slots=True)
class Cell:
    """One arm on one task, with adapters of one training seed."""

    arm: str
    task: str
    seed: int  # of the training; an arm that is not trained is the same for all
    n: int  # questions at most


def cells(
    arm_names: Sequence[str],
    task_names: Sequence[str],
    seeds: Sequence[int],
    n: int = tasks.N,
) -> list[Cell]:
    """The grid: every arm on every task, trained arms once for each seed.

    Raises LabsError for a name that no arm or task has.
    """
    chosen = arms.by_names(arm_names)
    tasks.check(task_names)
    return [
        Cell(arm.name, task, seed, n)
        for arm, task in product(chosen, task_names)
        for seed in (seeds if arm.training else seeds[:1])
    ]


def run(grid: Sequence[Cell], jobs: int = 1, backend: str = "loky") -> Iterator[Result]:
    """The result of each cell as it is done, those that are kept first.

    A cell that fails gives a result with its `error` and is not kept: the next run
    tries it again.

    Args:
        jobs: worker processes; 1 stays in this one. Each holds about 1 GB with the
            bundled model (`peak_mb` of a result tells).
        backend: "loky" (processes here), "ray" or "dask" (a cluster, by the joblib
            backend of each; LABS_CACHE must then name a directory that all share).

    Raises:
        LabsError: an adapter cannot be trained, or there is no such backend.
    """
    keys = [key(cell) for cell in grid]
    kept = cache.Cache("cells").get_many(keys)
    yield from (json.loads(kept[k]) for k in keys if k in kept)
    missing = [cell for cell, k in zip(grid, keys, strict=True) if k not in kept]
    for training, seed in _trainings(missing):
        arm_training.adapter(training, seed)  # once, not in each worker
    with progress.bar(len(missing), "benchmark", "cell") as shown:
        for result in _computed(missing, jobs, backend):
            yield result
            shown.update(1)


def _trainings(grid: Sequence[Cell]) -> list[tuple[str, int]]:
    trained = ((ARMS[cell.arm].training, cell.seed) for cell in grid)
    return [(name, seed) for name, seed in dict.fromkeys(trained) if name]


def _computed(grid: Sequence[Cell], jobs: int, backend: str) -> Iterator[Result]:
    if jobs == 1 and backend == "loky":
        yield from map(compute, grid)
        return
    from joblib import Parallel, delayed

    waves = backend == "ray"  # its backend gives results only all together
    with _on(backend, jobs):
        for wave in _in_waves(grid, jobs if waves else len(grid)):
            how = "list" if waves else "generator_unordered"
            parallel = Parallel(n_jobs=jobs, return_as=how, batch_size=1)
            yield from parallel(delayed(compute)(cell) for cell in wave)


def _in_waves(grid: Sequence[Cell], size: int) -> Iterator[Sequence[Cell]]:
    for start in range(0, len(grid), max(1, size)):
        yield grid[start : start + size]


def _on(backend: str, jobs: int) -> AbstractContextManager[Any]:
    """The joblib backend, on the cluster of its own environment variables or here."""
    from joblib import parallel_config

    if backend not in BACKENDS:
        raise LabsError(
            f"Found the backend {backend!r}, expected one of {', '.join(BACKENDS)}."
        )
    try:
        if backend == "ray":
            from ray.util.joblib import register_ray

            register_ray()
        if backend == "dask":
            from distributed import Client, get_client  # a client becomes the default

            try:
                get_client()
            except ValueError:
                Client(n_workers=jobs, threads_per_worker=1, dashboard_address=None)
    except ImportError as error:
        raise LabsError(
            f"--backend {backend} needs the package {error.name}, which is not "
            "installed: pip install -e '.[cluster]'."
        ) from error
    return parallel_config(backend=backend, n_jobs=jobs)


# One cell -----------------------------------------------------------------------------


def key(cell: Cell) -> str:
    """The digest of all that decides a cell's result."""
    arm = ARMS[cell.arm]
    return cache.key(
        {
            "cell": asdict(cell) | ({} if arm.training else {"seed": None}),
            "arm": [arm.reads, arm.training],
            "versions": versions(arm, cell.seed),
            "settings": settings(),
        }
    )


def versions(arm: Arm, seed: int) -> dict[str, Any]:
    """Of data, model, adapter and code: what results that are compared must share."""
    profile = profiles.current()
    server = profile.base_url and f"{profile.base_url} {profile.model}"
    made = arm.training and arm_training.made_of(arm.training, seed)
    return {
        "data": provenance.data_digest(),
        "general": tasks.general_digest(),
        "model": server or finetune.base_fingerprint(),
        "adapter": cache.key(made)[:16] if made else None,
        "code": provenance.code_digest("benchmark"),
        "dtype": profile.dtype,
    }


def settings() -> dict[str, Any]:
    """What is the same for all arms and all their questions."""
    return {
        "context_tokens": CONTEXT_BUDGET,
        "depth": arms.DEPTH,
        "max_new_tokens": tour.MAX_NEW_TOKENS,
        "sample_seed": tasks.SEED,
    }


def compute(cell: Cell) -> Result:
    """Answer the questions of a cell and judge the answers; kept unless it fails."""
    arm = ARMS[cell.arm]
    started = datetime.now(UTC).isoformat(timespec="seconds")
    begun_s = time.perf_counter()
    result: Result = {**asdict(cell), "key": key(cell), "started": started}
    result |= {"settings": settings(), "versions": versions(arm, cell.seed)}
    try:
        items = tasks.load(cell.n)[cell.task]
        timed = cell.task == tasks.LATENCY
        result["answers"] = (_one_by_one if timed else _all)(arm, cell.seed, items)
    except Exception as error:  # one arm's failure is not the grid's
        return result | {"error": f"{type(error).__name__}: {error}"}
    result |= {
        "seconds": time.perf_counter() - begun_s,
        "peak_mb": clock.peak_mb(),
        "machine": provenance.machine(),
        "libraries": provenance.versions(),
        "commit": provenance.commit(),
    }
    cache.Cache("cells").put_many({result["key"]: json.dumps(result).encode()})
    return result


def _all(arm: Arm, seed: int, items: Sequence[Item]) -> list[dict[str, Any]]:
    read = _read(_index(arm), items)
    done = _generator(arm.training, seed, provenance.data_digest()).generate_detailed
    return _judged(items, read, tour.generate_with(done, _questions(items), read))


def _one_by_one(arm: Arm, seed: int, items: Sequence[Item]) -> list[dict[str, Any]]:
    """Each question alone, searched and answered anew: `seconds` is what one waits.

    Only the question's vector may come from the cache: milliseconds.
    """
    index = _index(arm)
    backend = _generator(arm.training, seed, provenance.data_digest()).backend

    def fresh(prompts: list[Any], max_new_tokens: int) -> list[Generation]:
        batches = [backend.run([prompt], max_new_tokens) for prompt in prompts]
        return [done for run in batches for batch in run for done in batch.values()]

    def waited(item: Item) -> tuple[list[Chunk] | None, Generation]:
        begun_s = time.perf_counter()
        [read] = _read(index, [item])
        [said] = tour.generate_with(fresh, [item.question], [read])
        return read, replace(said, seconds=time.perf_counter() - begun_s)

    waited(items[0])  # what is loaded late
    pairs = [waited(item) for item in items]
    return _judged(items, [read for read, _ in pairs], [said for _, said in pairs])


def _questions(items: Sequence[Item]) -> list[Question]:
    return [item.question for item in items]


def _index(arm: Arm) -> Searcher | None:
    return _searcher(arm.reads, provenance.data_digest()) if arm.reads else None


def _read(index: Searcher | None, items: Sequence[Item]) -> list[list[Chunk] | None]:
    """The passages of each item: its own, or those that are found."""
    if index is None:
        return [item.passages for item in items]
    asked = [question.question for question in _questions(items)]
    return [
        found if item.passages is None else item.passages
        for item, found in zip(items, arms.passages(index, asked), strict=True)
    ]


def _judged(
    items: Sequence[Item],
    read: Sequence[list[Chunk] | None],
    done: Sequence[Generation],
) -> list[dict[str, Any]]:
    objects = {fact.id: fact.object for fact in corpus.load_facts()}
    return [
        {
            "id": item.question.id,
            "kind": item.question.kind,
            "text": one.text,
            "right": tour.rate(item.question, one.text, objects),
            "refused": metrics.is_refusal(one.text),
            "token_f1": metrics.token_f1(one.text, item.question.accepted),
            "recall": evidence_recall(item.question, own) if own else None,
            "passages": [passage.id for passage in own or ()],
            "tokens_in": one.tokens_in,
            "tokens_out": one.tokens_out,
            "seconds": one.seconds,
        }
        for item, own, one in zip(items, read, done, strict=True)
    ]


@lru_cache(maxsize=4)
def _searcher(reads: str, data: str) -> Searcher:
    """An index in this process, for the data of this digest."""
    return arms.searcher(reads, corpus.load_documents())


@lru_cache(maxsize=8)
def _generator(training: str | None, seed: int, data: str) -> Generator:
    """A model in this process, with the adapter made of the data of this digest."""
    adapter = arm_training.adapter(training, seed) if training else None
    return Generator(adapter=adapter)
