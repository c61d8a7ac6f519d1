"""An embedding model adapted to a domain: pairs of question and passage, a small LoRA.

Only the questions are embedded by the adapted model; the passages keep the vectors
that they have, so an index stays as it is. `python -m labs adapt` makes the adapters
of notebooks/1_rag/04_retrieval anew.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs import metrics, progress
from labs.corpus import Question
from labs.embedding import PACKAGE, Embedder, mean_pooled
from labs.retrieval import Chunk, DenseIndex, Searcher, gold_chunks

SCALE = 20.0  # of the cosines in the loss, as sentence-transformers has it
_WRITTEN = re.compile(r"\s*Question:\s*(.+?\?)\s*\n\s*Answer:\s*(\S.*?)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and a passage that answers it, or a part of it."""

    question: str
    passage: Chunk
    gold: frozenset[str]  # ids of all passages that answer it: never its negatives


def pairs_of(questions: Sequence[Question], chunks: Sequence[Chunk]) -> list[Pair]:
    """A pair for each question and each passage that holds its evidence."""
    gold = {question.question: gold_chunks(question, chunks) for question in questions}
    return [
        Pair(text, passage, frozenset(other.id for other in passages))
        for text, passages in gold.items()
        for passage in passages
    ]


def parse_written(text: str) -> tuple[str, str] | None:
    """Question and answer of a reply to `prompts.write_question`; None if it has none.

    First shown in notebooks/1_rag/04_retrieval.
    """
    found = _WRITTEN.fullmatch(text)
    return (found[1], found[2]) if found else None


def why_not(
    written: tuple[str, str] | None, passage: Chunk, index: Searcher, k: int = 10
) -> str:
    """What speaks against a question that a model wrote for a passage; "" if nothing.

    It must have the form, its answer must stand in the passage and not in the question
    itself, and the plain index must find the passage for it (the round trip of
    Promptagator, Dai et al. 2022, arXiv 2209.11755). First shown in
    notebooks/1_rag/04_retrieval.
    """
    if written is None:
        return "no question and answer"
    question, answer = written
    said = f" {metrics.normalise(answer)} "
    if said not in f" {metrics.normalise(passage.text)} ":
        return "answer not in the passage"
    if said in f" {metrics.normalise(question)} ":
        return "answer in the question"
    if passage not in index.search([question], k)[0]:
        return "passage not found again"
    return ""


# Training -----------------------------------------------------------------------------


def info_nce(questions: Any, passages: Any, scale: float = SCALE) -> Any:
    """Cross-entropy of each question's own passage among all passages of the batch.

    Rows are of length one. The passage of question i stands in row i; every other row
    is a negative, hard ones may follow behind (van den Oord et al. 2018, arXiv
    1807.03748; as sentence-transformers' MultipleNegativesRankingLoss). First shown in
    notebooks/1_rag/04_retrieval.

    Args:
        questions: tensor (n, d).
        passages: tensor (m, d), m >= n.
    """
    logits = scale * questions @ passages.T  # (n, m)
    own = logits.diagonal()
    return (logits.logsumexp(dim=1) - own).mean()


def batches(pairs: Sequence[Pair], size: int, seed: int) -> Iterator[list[Pair]]:
    """The pairs in batches, shuffled; no passage of one answers another's question.

    A pair that fits into no open batch waits for the next. First shown in
    notebooks/1_rag/04_retrieval.
    """
    left = random.Random(seed).sample(pairs, len(pairs))
    while left:
        batch, taken, gold, rest = [], set(), set(), []
        for pair in left:
            clash = pair.passage.id in gold or pair.gold & taken
            if clash or len(batch) == size:
                rest.append(pair)
            else:
                batch.append(pair)
                taken.add(pair.passage.id)
                gold |= pair.gold
        yield batch
        left = rest


def with_lora(model: Any, rank: int = 8) -> Any:
    """The model with a LoRA adapter at every linear layer; all else is frozen.

    First shown in notebooks/1_rag/04_retrieval.
    """
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear")
    with progress.without_old_names():
        return get_peft_model(model, config)


@dataclass(frozen=True, slots=True)
class Course:
    """How long and how fast to train."""

    epochs: int = 1
    batch_size: int = 32
    hard_negatives: int = 2  # for each question of a batch
    learning_rate: float = 1e-3
    seed: int = 0


def mine(pairs: Sequence[Pair], index: DenseIndex, depth: int = 20) -> list[list[int]]:
    """For each pair, rows of passages that the index finds and that are not gold."""
    row = {chunk.id: i for i, chunk in enumerate(index.chunks)}
    found = index.search([pair.question for pair in pairs], depth)
    return [
        [row[passage.id] for passage in passages if passage.id not in pair.gold]
        for pair, passages in zip(pairs, found, strict=True)
    ]


def train(
    embedder: Embedder,
    pairs: Sequence[Pair],
    index: DenseIndex,
    course: Course,
    after_step: Callable[[], None] = lambda: None,
) -> tuple[Any, list[float]]:
    """A LoRA adapter for the questions' side, and the loss of every step.

    First shown in notebooks/1_rag/04_retrieval.

    Args:
        pairs: at least two; their passages are the index's.
        after_step: is called after each step, to show how far it is.
    """
    import torch

    torch.manual_seed(course.seed)
    tokenizer, model = embedder.load_encoder()
    model, losses = with_lora(model).train(), []
    steps = plan(pairs, index, course)
    weights = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=course.learning_rate)
    decay = torch.optim.lr_scheduler.LinearLR(optimiser, 1, 0.05, len(steps))
    for texts, rows in steps:
        passages = torch.from_numpy(index.vectors[rows]).to(model.device)
        loss = info_nce(mean_pooled(tokenizer, model, texts), passages)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        decay.step()
        losses.append(loss.item())
        after_step()
    return model.eval(), losses


def plan(
    pairs: Sequence[Pair], index: DenseIndex, course: Course
) -> list[tuple[list[str], list[int]]]:
    """For each step its questions, and the rows of their passages and hard negatives.

    A passage that answers any question of the batch is nobody's negative.
    """
    row = {chunk.id: i for i, chunk in enumerate(index.chunks)}
    mined = dict(zip(pairs, mine(pairs, index), strict=True))
    rng, steps = random.Random(course.seed), []
    for epoch in range(course.epochs):
        for batch in batches(pairs, course.batch_size, course.seed + epoch):
            own = [row[pair.passage.id] for pair in batch]
            gold = {row[name] for pair in batch for name in pair.gold}
            hard = [
                i
                for pair in batch
                for i in _some(rng, mined[pair], course.hard_negatives)
                if i not in gold
            ]
            steps.append(([pair.question for pair in batch], own + hard))
    return steps


def _some(rng: random.Random, rows: list[int], n: int) -> list[int]:
    return rng.sample(rows, min(n, len(rows)))


def save(model: Any, directory: Path) -> None:
    """Write the adapter alone, in half precision: some 0.7 MB at rank 8."""
    import torch
    from safetensors.torch import load_file, save_file

    model.peft_config["default"].base_model_name_or_path = PACKAGE  # not a local path
    model.save_pretrained(str(directory), save_embedding_layers=False)
    path = directory / "adapter_model.safetensors"
    tensors = {name: t.to(torch.float16) for name, t in load_file(path).items()}
    save_file(tensors, path, metadata={"format": "pt"})
    path.chmod(0o644)
    (directory / "README.md").unlink(missing_ok=True)  # peft's empty model card
