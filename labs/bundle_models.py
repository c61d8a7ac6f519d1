"""A profile's model in a bundle: from this machine's caches to another's."""

import shutil
from pathlib import Path

from labs import profiles

HUB, ASSEMBLED = "hub", "assembled"


def take(directory: Path, models: Path) -> None:
    """Copy a checkpoint into a bundle; one that comes with the project is there."""
    if directory.is_relative_to(profiles.ROOT):
        return
    if directory.parent.name != "snapshots":
        shutil.copytree(directory, models / ASSEMBLED / directory.name)
        return
    # The layout of the hub's cache, with files in place of its links.
    copied = models / HUB / directory.parents[1].name
    shutil.copytree(directory, copied / "snapshots" / directory.name)
    (copied / "refs").mkdir()
    (copied / "refs" / "main").write_text(directory.name, encoding="utf-8")


def place(models: str) -> None:
    """Copy the models of a bundle to where the labs look for them."""
    from huggingface_hub.constants import HF_HUB_CACHE

    folders = {HUB: Path(HF_HUB_CACHE), ASSEMBLED: profiles.cache_dir() / "models"}
    for name, folder in folders.items():
        if (Path(models) / name).is_dir():
            print(f"Copying the model to {folder} ...", flush=True)
            shutil.copytree(Path(models) / name, folder, dirs_exist_ok=True)
