"""Where a checkpoint lies on this machine, whether it is whole, and its fingerprint.

Safetensors only, and code that comes with a checkpoint is never run.
"""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from labs import assembled, cache
from labs.errors import LabsError, first_line

os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")

_FILES = ["*.safetensors", "*.json", "*.jinja", "*.model", "*.txt"]
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt")
_HUB_ID = re.compile(r"\w[\w.-]*/\w[\w.-]*")


def locate(model: str, setting: str = "LABS_MODEL") -> Path:
    """The directory of a checkpoint: `model` itself, or a snapshot from the hub.

    What is in the hub's cache already is taken from there, without the network. Of a
    directory that names a base for its adapter, both are put together first.

    Args:
        setting: the variable that errors name, where another model can be chosen.

    Raises:
        LabsError: there is no such checkpoint, or a part of it is missing.
    """
    directory = Path(model).expanduser()
    if assembled.is_recipe(directory):
        return assembled.assemble(directory)
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
            f"(owner/name) in {setting}; without it the labs take their own model."
        )
    if found := here(model):
        return found
    print(f"Fetching {model} from the Hugging Face hub, once …", file=sys.stderr)
    return fetch(model, setting=setting)


def here(model: str) -> Path | None:
    """Where the whole checkpoint lies, if it does; nothing is fetched or made."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    found = Path(model).expanduser()
    if assembled.is_recipe(found):
        found = assembled.directory_of(found)
    elif not found.is_dir():
        only = {"allow_patterns": _FILES, "local_files_only": True}
        try:
            found = Path(snapshot_download(model, **only))
        except (LocalEntryNotFoundError, ValueError):
            return None  # not fetched yet, or no valid name: the hub will say so
    return None if _missing(found) else found


def fetch(model: str, tqdm_class: Any = None, setting: str = "LABS_MODEL") -> Path:
    """Fetch a checkpoint from the hub; files that are there whole are kept.

    Args:
        tqdm_class: of the progress bars; none are shown without it.
        setting: as in `locate`.

    Raises:
        LabsError: the hub does not deliver it, or a part of it is missing.
    """
    from huggingface_hub import snapshot_download

    try:
        fetched = Path(
            snapshot_download(model, allow_patterns=_FILES, tqdm_class=tqdm_class)
        )
    except Exception as error:  # the hub's client and its transport have many kinds
        raise undelivered(model, error, setting) from error
    if missing := _missing(fetched):
        raise LabsError(
            f"The hub's {model} has no {missing}, or the network broke off. Expected a "
            "model in safetensors with its tokenizer; try again, or choose another one "
            f"in {setting}."
        )
    return fetched


def to_fetch(model: str) -> list[Any]:
    """The files of a checkpoint that the hub would have to deliver (DryRunFileInfo).

    Raises:
        LabsError: the hub cannot be asked, or has no such model.
    """
    from huggingface_hub import snapshot_download

    try:
        files = snapshot_download(model, allow_patterns=_FILES, dry_run=True)
    except Exception as error:  # as in `fetch`
        raise undelivered(model, error) from error
    return [file for file in files if file.will_download]


def undelivered(model: str, error: Exception, setting: str = "LABS_MODEL") -> LabsError:
    """The error for a name that is no directory and that the hub does not serve."""
    return LabsError(
        f"There is no directory {model}, and the Hugging Face hub did not deliver a "
        f"model of that name: {first_line(error)} Check the name and the network "
        f"(HF_HUB_OFFLINE cuts it off), or name a local directory in {setting}; the "
        "labs' own models (LABS_PROFILE=pocket) need no network."
    )


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
    """A digest of all that a checkpoint's answers depend on, its template included.

    One that was put together here is known by its parts: processors round differently.
    """
    if (parts := directory / assembled.PARTS).is_file():
        return cache.key(json.loads(parts.read_bytes()))
    files = sorted({path for glob in _FILES for path in directory.glob(glob)})
    return cache.key([[path.name, cache.file_digest(path)] for path in files])
