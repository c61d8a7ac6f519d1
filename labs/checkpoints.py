"""Where a checkpoint lies on this machine, whether it is whole, and its fingerprint.

Safetensors only, and code that comes with a checkpoint is never run.
"""

import json
import os
import re
import sys
from pathlib import Path

from labs import cache
from labs.errors import LabsError

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")

_FILES = ["*.safetensors", "*.json", "*.jinja", "*.model", "*.txt"]
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt")
_HUB_ID = re.compile(r"\w[\w.-]*/\w[\w.-]*")


def locate(model: str) -> Path:
    """The directory of a checkpoint: `model` itself, or a snapshot from the hub.

    What is in the hub's cache already is taken from there, without the network.

    Raises:
        LabsError: there is no such checkpoint, or a part of it is missing.
    """
    directory = Path(model).expanduser()
    if directory.is_dir():
        if missing := _missing(directory):
            raise LabsError(
                f"The model directory {directory} has no {missing}. Expected "
                "config.json, safetensors weights and a tokenizer, as "
                "`save_pretrained` of the model and of its tokenizer write them."
            )
        return directory
    if not _HUB_ID.fullmatch(model):
        raise LabsError(
            f"Found no model directory {model}. Expected a directory or a hub id "
            "(owner/name) in LABS_MODEL; `make model` trains the bundled model."
        )
    return _from_hub(model)


def _from_hub(model: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        cached = snapshot_download(model, allow_patterns=_FILES, local_files_only=True)
        if not _missing(Path(cached)):
            return Path(cached)
    except (LocalEntryNotFoundError, ValueError):
        pass  # not fetched yet, or no valid name: the hub will say so
    print(f"Fetching {model} from the Hugging Face hub, once …", file=sys.stderr)
    try:
        fetched = Path(snapshot_download(model, allow_patterns=_FILES))
    except Exception as error:  # the hub's client and its transport have many kinds
        raise LabsError(
            f"There is no directory {model}, and the Hugging Face hub did not deliver "
            f"a model of that name: {_first_line(error)} Check the name and the "
            "network (HF_HUB_OFFLINE cuts it off), name a local directory in "
            "LABS_MODEL, or set LABS_PROFILE=pocket, which needs no network."
        ) from error
    if missing := _missing(fetched):
        raise LabsError(
            f"The hub's {model} has no {missing}. Expected a model in safetensors "
            "with its tokenizer; choose another one in LABS_MODEL."
        )
    return fetched


def _missing(directory: Path) -> str:
    """The first part that a checkpoint lacks, or nothing."""
    if not (directory / "config.json").is_file():
        return "config.json"
    for name in _weight_files(directory):
        if not (directory / name).is_file():
            return f"weights ({name})"
    if not any((directory / name).is_file() for name in _TOKENIZERS):
        return f"tokenizer ({' or '.join(_TOKENIZERS)})"
    return ""


def _weight_files(directory: Path) -> list[str]:
    """One file, or the shards that the index names."""
    index = directory / "model.safetensors.index.json"
    if not index.is_file():
        return ["model.safetensors"]
    return sorted(set(json.loads(index.read_bytes())["weight_map"].values()))


def fingerprint(directory: Path) -> str:
    """A digest of all that a checkpoint's answers depend on, its template included."""
    files = sorted({path for glob in _FILES for path in directory.glob(glob)})
    return cache.key([[path.name, cache.file_digest(path)] for path in files])


def quiet() -> None:
    """Keep the progress bars of transformers out of the notebooks."""
    from transformers.utils import logging

    logging.disable_progress_bar()


def unreadable(directory: Path, error: Exception) -> LabsError:
    """The error for a checkpoint that is whole and still does not load."""
    return LabsError(
        f"The model in {directory} does not load: {_first_line(error)} Expected a "
        "checkpoint that transformers reads without code of its own; copy or fetch it "
        "again, or name another one."
    )


def _first_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].rstrip(".") + "."
