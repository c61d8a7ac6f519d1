"""A cross-encoder: it reads question and passage together and gives one score.

An embedder sees a passage without knowing the question, so it can be searched among
millions; a cross-encoder sees both, at a forward pass for each pair, so it orders
anew the few that were found (Nogueira & Cho 2019, arXiv 1901.04085). This one is made
of the embedder's weights, a LoRA adapter and a head with one output; the adapter lies
in data/reranker, and `python -m labs reranker` trains it anew.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from labs import cache, checkpoints, profiles, progress
from labs.embedding import Embedder
from labs.errors import LabsError, unreadable
from labs.retrieval import Chunk, Searcher

DIRECTORY = profiles.ROOT / "data" / "reranker"
MAX_TOKENS = 192  # of question, title and passage together; the rest is not read
SCALE = 20.0  # of the cosines in the score, as in the losses of sentence-transformers
_BATCH = 32  # pairs scored at once

Pair = tuple[str, str]  # a question, and a passage as it is read


def as_read(passage: Chunk, titles: Mapping[str, str]) -> str:
    """What the model reads of a passage: its document's title, then its text.

    Without the title, a row of a table does not tell which of two sibling handbooks it
    is from. First shown in notebooks/1_rag/05_after_retrieval.
    """
    title = titles.get(passage.document, "")
    return f"{title}: {passage.text}" if title else passage.text


# The model ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that a training depends on beside the rows."""

    questions: int = 360  # of the train split, drawn with the seed
    layers: int = 6  # of the embedder's six
    rank: int = 16  # of the LoRA adapter
    negatives: int = 3  # for each question
    depth: int = 30  # passages of the first ranking that negatives come from
    groups_per_step: int = 6
    epochs: int = 1
    learning_rate: float = 5e-4
    seed: int = 0


def build(recipe: Recipe) -> tuple[Any, Any]:
    """The tokenizer, and the embedder's layers with a new head of one output.

    Raises LabsError where the embedder does not load.
    """
    import torch
    from transformers import AutoModel, AutoTokenizer

    directory = Embedder().directory
    options = {"trust_remote_code": False, "local_files_only": True}
    try:
        tokenizer = AutoTokenizer.from_pretrained(directory, **options)
        with _quiet():  # the weights that are left out are left out on purpose
            model = AutoModel.from_pretrained(
                directory,
                num_hidden_layers=recipe.layers,
                add_pooling_layer=False,
                dtype=torch.float32,
                use_safetensors=True,
                **options,
            )
    except Exception as error:  # transformers raises many kinds
        raise unreadable(directory, error) from error
    model.head = torch.nn.Linear(model.config.hidden_size, 1, bias=False)
    torch.nn.init.zeros_(model.head.weight)  # every word of a question counts alike
    return tokenizer, model.to(profiles.current().device)


def with_lora(model: Any, recipe: Recipe) -> Any:
    """LoRA at every linear layer and the head are trained; all else is frozen."""
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(recipe.seed)
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=2 * recipe.rank,
        target_modules=["query", "key", "value", "dense"],
        modules_to_save=["head"],  # trained and saved as it is
    )
    with _quiet():
        return get_peft_model(model, config)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep transformers and peft from warning of each other's changes."""
    from transformers.utils import logging

    progress.quiet_loading()
    before = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        with progress.without_old_names():
            yield
    finally:
        logging.set_verbosity(before)


def match(states: Any, question: Any, passage: Any, importance: Any) -> Any:
    """How well each passage holds what its question asks for: a tensor (pairs,).

    Each token of the question looks for its nearest in the passage, as in ColBERT
    (Khattab & Zaharia 2020, arXiv 2004.12832), but between states that have read both
    texts. Untrained, that is the embedder's sense of likeness, word by word: training
    starts there and not from chance. First shown in
    notebooks/1_rag/05_after_retrieval.

    Args:
        states: of the last layer, (pairs, tokens, d).
        question: where its tokens are, of bools (pairs, tokens); `passage` alike.
        importance: how much each token of the question counts, before the softmax.
    """
    unit = states / states.norm(dim=-1, keepdim=True)
    cosine = unit @ unit.transpose(1, 2)
    nearest = cosine.masked_fill(~passage[:, None], -1).amax(dim=2)
    weight = importance.masked_fill(~question, -1e4).softmax(dim=1)
    return SCALE * (weight * nearest).sum(dim=1)


def scores_of(tokenizer: Any, model: Any, pairs: Sequence[Pair]) -> Any:
    """A tensor (pairs,): the higher, the better the passage fits. Gradients flow."""
    inputs = tokenizer(
        [question for question, _ in pairs],
        [text for _, text in pairs],
        padding=True,
        truncation=True,
        max_length=MAX_TOKENS,
        return_special_tokens_mask=True,
        return_tensors="pt",
    ).to(model.device)
    words = ~inputs.pop("special_tokens_mask").bool()
    in_passage = inputs.pop("token_type_ids").bool()  # the embedder knows one type
    states = model(**inputs).last_hidden_state
    importance = model.head(states)[..., 0]
    return match(states, words & ~in_passage, words & in_passage, importance)


# Use ----------------------------------------------------------------------------------

_FILES = ("adapter_config.json", "adapter_model.safetensors", "recipe.json")


class Reranker:
    """Scores passages against questions; each pair is kept, so it costs once.

    Args:
        titles: of the documents by id (`{d.id: d.title for d in documents}`).
        directory: of the adapter.

    Raises:
        LabsError: a file of the adapter is missing, or it fits another embedder.
    """

    def __init__(self, titles: Mapping[str, str], directory: Path = DIRECTORY) -> None:
        for name in _FILES:
            if not (directory / name).is_file():
                raise LabsError(
                    f"The reranker {directory} has no {name}. Expected what `python "
                    "-m labs reranker` writes; run it, or name another directory."
                )
        self.titles, self.directory = titles, directory
        base = checkpoints.fingerprint(Embedder().directory)
        digests = [cache.file_digest(directory / name) for name in _FILES]
        self._depends_on = [base, *digests, MAX_TOKENS]
        self._cache = cache.Cache("rerankings")

    def score(self, pairs: Sequence[tuple[str, Chunk]]) -> np.ndarray:
        """A score (pairs,) for each question and passage; the higher, the better."""
        read = [(question, as_read(p, self.titles)) for question, p in pairs]
        keys = [cache.key([*self._depends_on, *pair]) for pair in read]
        rows = self._cache.complete(keys, lambda missing: self._compute(read, missing))
        return np.frombuffer(b"".join(rows), dtype=np.float32).astype(float)

    def rank(
        self, questions: Sequence[str], ranked: Sequence[Sequence[Chunk]]
    ) -> list[list[tuple[Chunk, float]]]:
        """Each question's passages in a new order, with their scores."""
        pairs = [(q, p) for q, row in zip(questions, ranked, strict=True) for p in row]
        scores, found = iter(self.score(pairs)), []
        for row in ranked:
            own = np.array([next(scores) for _ in row])
            order = np.argsort(-own, kind="stable")
            found.append([(row[i], float(own[i])) for i in order])
        return found

    def _compute(
        self, pairs: Sequence[Pair], missing: list[int]
    ) -> Iterator[Mapping[int, bytes]]:
        """Batches of scores by position, pairs of like length together."""
        import torch

        tokenizer, model = self._loaded
        order = sorted(missing, key=lambda i: len(pairs[i][0]) + len(pairs[i][1]))
        with progress.bar(len(order), "reranking", "pair") as shown:
            for start in range(0, len(order), _BATCH):
                batch = order[start : start + _BATCH]
                with torch.inference_mode():
                    scores = scores_of(tokenizer, model, [pairs[i] for i in batch])
                values = scores.float().cpu().numpy()
                yield {i: v.tobytes() for i, v in zip(batch, values, strict=True)}
                shown.update(len(batch))

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        from peft import PeftModel

        recipe = json.loads((self.directory / "recipe.json").read_bytes())
        tokenizer, model = build(Recipe(**recipe))
        try:
            with _quiet():
                model = PeftModel.from_pretrained(model, str(self.directory))
            return tokenizer, model.merge_and_unload().eval()
        except Exception as error:  # made for another embedder: peft has many kinds
            raise unreadable(self.directory, error) from error


@dataclass(frozen=True, slots=True)
class Reranked:
    """A searcher whose first `depth` passages are ordered anew by the reranker.

    What comes after them stays as it is.
    """

    searcher: Searcher
    reranker: Reranker
    depth: int = 20

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        """The `k` best passages for each question, the best first."""
        ranked = self.searcher.search(questions, max(k, self.depth))
        first = self.reranker.rank(questions, [row[: self.depth] for row in ranked])
        anew = [[passage for passage, _ in row] for row in first]
        rest = [row[self.depth :] for row in ranked]
        return [(a + b)[:k] for a, b in zip(anew, rest, strict=True)]
