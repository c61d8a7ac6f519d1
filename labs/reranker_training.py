"""Training the reranker: hard negatives, a listwise loss, and a loop.

`python -m labs reranker` (labs/reranker_record.py) runs it in full.
"""

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from labs.corpus import Question
from labs.reranking import Recipe, as_read, build, scores_of, with_lora
from labs.retrieval import Chunk, Searcher, gold_chunks


@dataclass(frozen=True, slots=True)
class Group:
    """A question, a passage that answers it, and some that do not, as they are read."""

    question: str
    texts: tuple[str, ...]  # the right one first


def groups(
    questions: Sequence[Question],
    chunks: Sequence[Chunk],
    searcher: Searcher,
    titles: Mapping[str, str],
    recipe: Recipe,
) -> list[Group]:
    """A group for each question drawn whose evidence the first ranking finds.

    Negatives are hard: found for the question, and not holding its evidence. Where a
    passage of another document says the same word for word, it is no negative.
    """
    rng = random.Random(recipe.seed)
    drawn = rng.sample(questions, min(recipe.questions, len(questions)))
    found = searcher.search([q.question for q in drawn], recipe.depth)
    made = []
    for question, row in zip(drawn, found, strict=True):
        gold = gold_chunks(question, chunks)
        right = [p for p in row if p in gold]
        wrong = [p for p in row if not _holds(p, question) and p not in gold]
        if right and len(wrong) >= recipe.negatives:
            chosen = [rng.choice(right), *rng.sample(wrong, recipe.negatives)]
            texts = tuple(as_read(passage, titles) for passage in chosen)
            made.append(Group(question.question, texts))
    return made


def _holds(passage: Chunk, question: Question) -> bool:
    """Whether a quote of the evidence stands in it, whatever its document."""
    text = "".join(passage.text.split())
    return any("".join(e.quote.split()) in text for e in question.evidence)


def listwise_loss(scores: Any) -> Any:
    """Cross-entropy of the first column among all: the right passage should lead.

    `scores` is a tensor (groups, 1 + negatives), the right one first (Gao et al. 2021,
    arXiv 2101.08751). First shown in notebooks/1_rag/05_after_retrieval.
    """
    return (scores.logsumexp(dim=1) - scores[:, 0]).mean()


def train(
    rows: Sequence[Group],
    recipe: Recipe,
    after_step: Callable[[int, float, Any, Any], None] = lambda *_: None,
    max_steps: int | None = None,
) -> tuple[Any, Any]:
    """The tokenizer and a model trained on the rows, ready to score.

    Args:
        after_step: is told the step, its loss, the tokenizer and the model.
        max_steps: stop there; the learning rate falls as if it went on.
    """
    import torch

    tokenizer, model = build(recipe)
    model = with_lora(model, recipe).train()
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=recipe.learning_rate, weight_decay=0.01)
    steps = list(_steps(rows, recipe))
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda i: min(1, (i + 1) / 5) * max(0.05, 1 - i / len(steps))
    )
    for i, batch in enumerate(steps[:max_steps], start=1):
        pairs = [(group.question, text) for group in batch for text in group.texts]
        scores = scores_of(tokenizer, model, pairs).view(len(batch), -1)
        loss = listwise_loss(scores)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        rate.step()
        after_step(i, loss.item(), tokenizer, model)
    return tokenizer, model.eval()


def _steps(rows: Sequence[Group], recipe: Recipe) -> Iterator[list[Group]]:
    """Batches of groups of like length (less padding), shuffled for each epoch."""
    size = recipe.groups_per_step
    order = sorted(rows, key=lambda group: max(map(len, group.texts)))
    whole = range(0, len(order) - size + 1, size)
    batches = [order[start : start + size] for start in whole]
    rng = random.Random(recipe.seed)
    for _ in range(recipe.epochs):
        yield from rng.sample(batches, len(batches))


def save(model: Any, recipe: Recipe, directory: Path) -> None:
    """Write the adapter and the head, in half precision, and the recipe."""
    import torch
    from safetensors.torch import load_file, save_file

    model.peft_config["default"].base_model_name_or_path = "all-MiniLM-L6-v2"
    model.save_pretrained(str(directory), save_embedding_layers=False)
    path = directory / "adapter_model.safetensors"
    tensors = {name: t.to(torch.float16) for name, t in load_file(path).items()}
    save_file(tensors, path, metadata={"format": "pt"})
    (directory / "README.md").unlink(missing_ok=True)  # peft's empty model card
    text = json.dumps(asdict(recipe), indent=1)
    (directory / "recipe.json").write_text(text + "\n", encoding="utf-8")
