"""The table of contents, the Colab badges and the setup cells of the notebooks.

Written from notebooks/index.toml and notebooks/setup_cell.py, where each stands once.
"""

import json
import re
import tomllib
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from labs.errors import LabsError
from labs.profiles import ROOT

NOTEBOOKS = ROOT / "notebooks"
SETUP_ID = "setup"  # of the first code cell of every notebook
_SERIES = {  # by folder
    "1_rag": "1. Advanced RAG",
    "2_finetuning": "2. Fine-tuning",
    "3_benchmarking": "3. Benchmarking",
}
_COLAB = "https://colab.research.google.com"
_BADGE = re.compile(rf"\[!\[[^]]*\]\({_COLAB}/assets/colab-badge\.svg\)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Lab:
    """A notebook as the index knows it."""

    path: str  # below notebooks/
    title: str
    goal: str
    level: str
    minutes: dict[str, int]  # by profile, measured
    badge: str  # Markdown that opens it in Colab

    @property
    def usual(self) -> str:
        """The profile that it takes without a GPU, where none is asked for."""
        return "laptop" if "laptop" in self.minutes else "pocket"


def load_index(folder: Path = NOTEBOOKS) -> list[Lab]:
    """Every notebook, in the order of the labs."""
    index = _index(folder)
    repository = index["repository"]
    return [
        Lab(**row, badge=_badge(repository, row["path"])) for row in index["notebook"]
    ]


def _index(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "index.toml").read_text(encoding="utf-8"))


def setup_cell(folder: Path = NOTEBOOKS) -> str:
    """What makes Colab ready (see `labs.colab`): the same cell in every notebook."""
    source = (NOTEBOOKS / "setup_cell.py").read_text(encoding="utf-8").rstrip()
    own = f'REPOSITORY = "{_index(folder)["repository"]}"'
    return source.replace('REPOSITORY = ""', own)


def _badge(repository: str, path: str) -> str:
    """Opens the notebook or, before the project has an address, Colab's own browser."""
    place = f"{repository}/blob/main/notebooks/{path}" if repository else ""
    image = f"![Open in Colab]({_COLAB}/assets/colab-badge.svg)"
    return f"[{image}]({_COLAB}/github/{place})"


def write(folder: Path = NOTEBOOKS) -> Path:
    """Write `contents.ipynb`, and each notebook's badge and setup cell.

    Raises LabsError where a notebook of the index is missing.
    """
    labs, setup = load_index(folder), setup_cell(folder)
    for lab in labs:
        _write_opening(folder / lab.path, lab.badge, setup)
    path = folder / "contents.ipynb"
    path.write_text(table(labs), encoding="utf-8")
    return path


def _write_opening(path: Path, badge: str, setup: str) -> None:
    """The badge of the first cell and, after it, the setup cell; all else stays."""
    if not path.is_file():
        raise LabsError(
            f"index.toml lists {path}, which is not there. Expected every notebook "
            "that it lists; mend the path or take it out."
        )
    text = path.read_text(encoding="utf-8")
    notebook = json.loads(_BADGE.sub(lambda _: badge, text, count=1))
    _set_up(notebook["cells"], setup)
    path.write_text(_as_saved(notebook), encoding="utf-8")


def _set_up(cells: list[dict[str, Any]], setup: str) -> None:
    """Write the setup cell anew, or put it in and count the cells after it one on."""
    if cells[1].get("id") != SETUP_ID:
        for cell in cells[1:]:
            for counted in (cell, *cell.get("outputs", ())):
                if counted.get("execution_count"):
                    counted["execution_count"] += 1
        cells.insert(1, {"cell_type": "code", "execution_count": 1, "id": SETUP_ID})
        cells[1] |= {"metadata": {}, "outputs": []}
    cells[1]["source"] = setup.splitlines(keepends=True)


def table(labs: list[Lab]) -> str:
    """The notebook `contents.ipynb`, as JSON: a table for each series."""
    opening = (
        "# Labs\n\nEvery notebook runs alone, from a clean kernel, in any order. "
        "Minutes are measured for each profile."
    )
    series = groupby(labs, lambda lab: lab.path.partition("/")[0])
    tables = [_table(_SERIES.get(folder, folder), list(own)) for folder, own in series]
    return _notebook("\n\n".join([opening, *tables]))


def _table(title: str, labs: list[Lab]) -> str:
    rows = [
        f"| [{lab.title}]({lab.path}) | {lab.goal} | {lab.level} "
        f"| {_minutes(lab.minutes)} | {lab.badge} |"
        for lab in labs
    ]
    head = ["| lab | goal | level | minutes | |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([f"## {title}", "", *head, *rows])


def _minutes(minutes: dict[str, int]) -> str:
    return ", ".join(f"{value} ({profile})" for profile, value in minutes.items())


def _notebook(markdown: str) -> str:
    """A notebook of one Markdown cell, as JupyterLab saves it."""
    cell = {
        "cell_type": "markdown",
        "id": "contents",
        "metadata": {},
        "source": markdown.splitlines(keepends=True),
    }
    kernel = {"display_name": "Python 3 (ipykernel)", "name": "python3"}
    notebook = {
        "cells": [cell],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return _as_saved(notebook)


def _as_saved(notebook: dict[str, Any]) -> str:
    """As JupyterLab writes it: what did not change makes no difference in git."""
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
