"""`python -m labs prefetch`: a profile's checkpoint, fetched before it is needed."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from labs import assembled, checkpoints, profiles
from labs.errors import LabsError

LARGE = 10_000_000  # bytes of a file that is worth going on with


def run(profile: str | None, say: Callable[[str], None]) -> Path:
    """Fetch what the profile's model lacks on this disk, with progress; its directory.

    A download that was broken off goes on where it was.

    Args:
        profile: without it, the model that the labs use here (`LABS_MODEL` too), of
            the two that come with the project the larger one.

    Raises:
        LabsError: there is no such profile, the disk is too full, or the hub cannot be
            reached.
    """
    if profile is None:
        assembled.prefer_laptop()
    model = profiles.checkpoint(profile) if profile else profiles.current().model
    if directory := checkpoints.here(model):
        say(f"{_name(model)} is here: {_gb(size(directory))} in {directory}.")
        return directory
    if Path(model).expanduser().is_dir():  # in parts: a base, fetched once, an adapter
        directory = checkpoints.locate(model)
    else:
        directory = _fetch(model, say)
    say(f"{_name(model)} is here now: {_gb(size(directory))} in {directory}.")
    return directory


def _name(model: str) -> str:
    return Path(model).name if Path(model).expanduser().is_dir() else model


def _fetch(model: str, say: Callable[[str], None]) -> Path:
    from tqdm.auto import tqdm

    files = checkpoints.to_fetch(model)
    needed = sum(file.file_size or 0 for file in files)
    _check_disk(needed)
    say(f"Fetching {model}: {_gb(needed)}.")
    try:
        for file in files:
            if (file.file_size or 0) > LARGE:
                _go_on(model, file, tqdm)
    except Exception as error:  # the hub's client and its transport have many kinds
        raise checkpoints.undelivered(model, error) from error
    return checkpoints.fetch(model, tqdm)


def _go_on(model: str, file: Any, tqdm_class: Any) -> None:
    """Put a large file into the hub's cache, going on where another run broke off.

    huggingface_hub 2.4 itself goes on within a run, and deletes the file at its end.
    """
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_url
    from huggingface_hub.file_download import http_get, repo_folder_name
    from huggingface_hub.utils import build_hf_headers

    url = hf_hub_url(model, file.filename, revision=file.commit_hash)
    etag = get_hf_file_metadata(url).etag  # of a large file, its sha256
    folder = repo_folder_name(repo_id=model, repo_type="model")
    blob = Path(constants.HF_HUB_CACHE) / folder / "blobs" / etag
    blob.parent.mkdir(parents=True, exist_ok=True)
    part = blob.with_name(f"{etag}.part")
    with part.open("ab") as opened:
        http_get(
            url,
            opened,
            resume_size=opened.tell(),
            headers=build_hf_headers(),
            expected_size=file.file_size,
            displayed_filename=file.filename,
            tqdm_class=tqdm_class,
        )
    if len(etag) == 64 and _sha256(part) != etag:
        part.unlink()
        raise OSError(f"{file.filename} came damaged; fetch it again")
    part.replace(blob)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_disk(needed: int) -> None:
    from huggingface_hub.constants import HF_HUB_CACHE

    folder = Path(HF_HUB_CACHE)
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise LabsError(
            f"{folder} has {_gb(free)} free, {_gb(needed)} are needed. Free some "
            "space, or set HF_HOME to a directory on another disk."
        )


def size(directory: Path) -> int:
    """Bytes of the files of a checkpoint; links count as what they point to."""
    return sum(file.stat().st_size for file in directory.iterdir() if file.is_file())


def _gb(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:.2f} GB"
