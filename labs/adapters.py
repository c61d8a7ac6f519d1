"""Adapters on disk: what they came from, and whether they fit a base model."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs import cache, progress
from labs.errors import LabsError, unreadable

LINEAGE = "labs.json"
WEIGHTS = "adapter_model.safetensors"
_FILES = ("adapter_config.json", WEIGHTS)


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter in peft's layout; `labs.json` beside it tells its lineage.

    Raises:
        LabsError: the directory holds no adapter.
    """

    directory: Path

    def __post_init__(self) -> None:
        for name in _FILES:
            if not (self.directory / name).is_file():
                raise LabsError(
                    f"The adapter directory {self.directory} has no {name}. Expected "
                    "what peft's `save_pretrained` writes, in safetensors."
                )

    @property
    def key(self) -> str:
        """The digest of the weights and of their configuration."""
        return cache.key([cache.file_digest(self.directory / f) for f in _FILES])

    @property
    def lineage(self) -> dict[str, Any]:
        """Base, parent, digest of the rows, recipe, seconds, tokens, losses.

        Empty for an adapter that was made elsewhere.
        """
        path = self.directory / LINEAGE
        return json.loads(path.read_bytes()) if path.is_file() else {}

    @property
    def n_bytes(self) -> int:
        """The size of the weights on disk."""
        return (self.directory / WEIGHTS).stat().st_size

    def copy_to(self, directory: Path) -> dict[str, Any]:
        """A copy of the adapter for use elsewhere; its lineage."""
        directory.mkdir(parents=True, exist_ok=True)
        for name in (*_FILES, LINEAGE):
            if (self.directory / name).is_file():
                shutil.copyfile(self.directory / name, directory / name)
        return self.lineage

    def check_base(self, fingerprint: str) -> None:
        """Refuse a base model that the adapter was not trained on.

        Raises:
            LabsError: the lineage names another base model.
        """
        base = self.lineage.get("base", fingerprint)
        if base != fingerprint:
            raise LabsError(
                f"The adapter in {self.directory} was trained on another base model "
                f"(digest {base[:12]}, this one has {fingerprint[:12]}). Set "
                "LABS_MODEL to that model, or train the adapter anew on this one."
            )

    def merged_into(self, model: Any) -> Any:
        """The base model with the adapter's change added to its own weights.

        Raises:
            LabsError: the adapter does not load on this model.
        """
        from peft import PeftModel

        try:
            with progress.without_old_names():
                adapted = PeftModel.from_pretrained(model, self.directory)
        except Exception as error:  # peft raises many kinds
            raise unreadable(self.directory, error) from error
        return adapted.merge_and_unload()
