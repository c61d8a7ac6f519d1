"""The shape of notebooks: their cells, their outputs, what they define of the package.

The checks stand first; a toy notebook that is right, and spoiled in every way, shows
that each of them can fail.
"""

import ast
import copy
import importlib
import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from labs import contents
from labs.contents import NOTEBOOKS, Lab

Notebook = dict[str, Any]

LONGEST_CELL, MEDIAN_CELL, LONGEST_LINE = 30, 8, 80
_LOCAL_PATH = re.compile(r"(?<![\w.])/(?:home|root|Users|tmp|work)/|\b[A-Z]:\\\\")
_WARNING = re.compile(r"\w*Warning\b|Traceback")
_MARK = re.compile(r"# labs\.(\w+)\.(\w+)\n")


def _source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def _code(notebook: Notebook) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def check_opening(lab: Lab, notebook: Notebook) -> None:
    text = _source(notebook["cells"][0])
    assert text.startswith(f"# {lab.title}\n")
    minutes = [f"{value}" for value in lab.minutes.values()]
    for part in ("Goal", lab.goal, "Level", lab.level, "minute", *minutes, lab.badge):
        assert part in text, f"the opening cell lacks {part!r}"


def check_setup(_: Lab, notebook: Notebook) -> None:
    """Colab's setup cell comes first, in every notebook the same."""
    cell = notebook["cells"][1]
    assert cell.get("id") == contents.SETUP_ID, "run `python -m labs contents`"
    assert _source(cell) == contents.setup_cell(), "run `python -m labs contents`"
    assert cell["outputs"] == []


def check_closing(_: Lab, notebook: Notebook) -> None:
    assert "In this notebook we" in _source(notebook["cells"][-1])


def check_was_executed(_: Lab, notebook: Notebook) -> None:
    """From top to bottom, in one go."""
    counts = [cell["execution_count"] for cell in _code(notebook)]
    assert counts == list(range(1, len(counts) + 1))
    assert any(cell["outputs"] for cell in _code(notebook))


def check_outputs(_: Lab, notebook: Notebook) -> None:
    for cell in _code(notebook):
        for output in cell["outputs"]:
            assert output["output_type"] != "error"
            assert not _WARNING.search(json.dumps(output)), _source(cell)


def check_metadata(_: Lab, notebook: Notebook) -> None:
    assert set(notebook["metadata"]) <= {"kernelspec", "language_info"}
    assert set(notebook["metadata"].get("language_info", {})) <= {"name"}
    assert not any(cell["metadata"] for cell in notebook["cells"])


def check_paths(_: Lab, notebook: Notebook) -> None:
    """What stands there holds on every machine."""
    assert not _LOCAL_PATH.search(json.dumps(notebook["cells"]))


def check_model(lab: Lab, notebook: Notebook) -> None:
    """The laptop's model is preferred where the index has minutes with it."""
    prefers = any("prefer_laptop()" in _source(cell) for cell in _code(notebook))
    assert prefers == (lab.usual == "laptop")


def check_sizes(_: Lab, notebook: Notebook) -> None:
    cells = [_source(cell).splitlines() for cell in _code(notebook)]
    assert median(map(len, cells[1:])) <= MEDIAN_CELL  # the setup cell is no lesson's
    assert max(map(len, cells)) <= LONGEST_CELL
    for cell in cells:
        for line in cell:
            assert len(line) <= LONGEST_LINE, line


def check_definitions(_: Lab, notebook: Notebook) -> None:
    """A cell that begins `# labs.module.name` defines what the package defines."""
    for cell in _code(notebook):
        if mark := _MARK.match(_source(cell)):
            module, name = mark.groups()
            own = getattr(importlib.import_module(f"labs.{module}"), name)
            shown, packaged = _source(cell), inspect.getsource(own)
            assert _definition(shown, name) == _definition(packaged, name)


def _definition(source: str, name: str) -> str:
    """What a source defines under a name, without docstrings and layout."""
    [found] = [n for n in ast.parse(source).body if getattr(n, "name", "") == name]
    for node in ast.walk(found):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            del node.body[0]
    return ast.dump(found)


CHECKS = [check for name, check in sorted(globals().items()) if name[:6] == "check_"]
LABS = contents.load_index()


def test_index_lists_every_notebook() -> None:
    found = NOTEBOOKS.glob("*/*.ipynb")
    shown = [p for p in found if ".ipynb_checkpoints" not in p.parts]
    assert sorted(lab.path for lab in LABS) == sorted(
        path.relative_to(NOTEBOOKS).as_posix() for path in shown
    )


def test_contents_follow_the_index() -> None:
    written = (NOTEBOOKS / "contents.ipynb").read_text(encoding="utf-8")
    assert written == contents.table(LABS), "run `python -m labs contents`"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.path)
def test_notebook(lab: Lab, check: Callable[[Lab, Notebook], None]) -> None:
    check(lab, json.loads((NOTEBOOKS / lab.path).read_text(encoding="utf-8")))


# The checks themselves ----------------------------------------------------------------

TOY_LAB = Lab("1_toy/01_toy.ipynb", "Toy", "See it.", "easy", {"pocket": 3}, "[b](u)")


def _cell(source: str, count: int, outputs: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": count,
        "metadata": {},
        "outputs": outputs,
        "source": source,
    }


def _markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def _toy() -> Notebook:
    opening = "# Toy\n**Goal** See it. **Level** easy, 3 minutes (pocket) [b](u)"
    defined = "# labs.errors.LabsError\nclass LabsError(Exception):\n    '''Short.'''"
    printed = {"output_type": "stream", "name": "stdout", "text": ["0.42\n"]}
    return {
        "cells": [
            _markdown(opening),
            _cell(contents.setup_cell(), 1, []) | {"id": contents.SETUP_ID},
            _cell(defined, 2, []),
            _cell("print(0.42)", 3, [printed]),
            _markdown("In this notebook we saw it."),
        ],
        "metadata": {"kernelspec": {"name": "python3"}},
    }


def _put(place: int, name: str, value: Any) -> Callable[[Notebook], None]:
    return lambda notebook: notebook["cells"][place].update({name: value})


def _printed(text: str) -> list[dict[str, Any]]:
    return [{"output_type": "stream", "name": "stderr", "text": [text]}]


SPOILED = {
    "no title": (check_opening, _put(0, "source", "**Goal** See it. easy, 3 minutes")),
    "no badge": (check_opening, _put(0, "source", "# Toy\nGoal Level See it. easy 3 ")),
    "no end": (check_closing, _put(-1, "source", "Well done.")),
    "no setup cell": (check_setup, lambda notebook: notebook["cells"].pop(1)),
    "another setup cell": (check_setup, _put(1, "source", "import sys")),
    "not in order": (check_was_executed, _put(2, "execution_count", 4)),
    "not executed": (check_was_executed, _put(3, "outputs", [])),
    "an error": (check_outputs, _put(3, "outputs", [{"output_type": "error"}])),
    "a warning": (check_outputs, _put(3, "outputs", _printed("UserWarning: old"))),
    "cell metadata": (check_metadata, _put(3, "metadata", {"execution": {}})),
    "another model": (check_model, _put(3, "source", "assembled.prefer_laptop()")),
    "a path": (check_paths, _put(3, "outputs", _printed("in /tmp/labs"))),
    "a long cell": (check_sizes, _put(3, "source", "x = 1\n" * 31)),
    "a long line": (check_sizes, _put(3, "source", "x" * 81)),
    "another definition": (
        check_definitions,
        _put(2, "source", "# labs.errors.LabsError\nclass LabsError(ValueError): ..."),
    ),
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_check_passes_what_is_right(check: Callable[[Lab, Notebook], None]) -> None:
    check(TOY_LAB, _toy())


@pytest.mark.parametrize("fault", SPOILED)
def test_check_finds(fault: str) -> None:
    check, spoil = SPOILED[fault]
    notebook = copy.deepcopy(_toy())
    spoil(notebook)
    with pytest.raises(AssertionError):
        check(TOY_LAB, notebook)


def test_every_check_has_a_fault_to_find() -> None:
    assert {check for check, _ in SPOILED.values()} == set(CHECKS)


BADGE = "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Notebooks before their first `python -m labs contents`, and the index of them."""
    (tmp_path / "1_toy").mkdir()
    notebook = _toy()
    notebook["cells"][0]["source"] += f"{BADGE}(https://old.example)"
    del notebook["cells"][1]
    for count, cell in enumerate(_code(notebook), start=1):
        result = {"output_type": "execute_result", "execution_count": count, "data": {}}
        cell |= {"execution_count": count, "outputs": [*cell["outputs"], result]}
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    (tmp_path / TOY_LAB.path).write_text(text, encoding="utf-8")
    (tmp_path / "index.toml").write_text(
        'repository = "someone/labs"\n[[notebook]]\npath = "1_toy/01_toy.ipynb"\n'
        'title = "Toy"\ngoal = "See it."\nlevel = "easy"\nminutes = { pocket = 3 }\n',
        encoding="utf-8",
    )
    return tmp_path


def test_badges_are_written_from_the_repository(folder: Path) -> None:
    contents.write(folder)
    place = "github/someone/labs/blob/main/notebooks/1_toy/01_toy.ipynb"
    expected = f"{BADGE}(https://colab.research.google.com/{place})"
    assert expected in (folder / TOY_LAB.path).read_text(encoding="utf-8")
    assert expected in (folder / "contents.ipynb").read_text(encoding="utf-8")


def test_the_setup_cell_is_put_in_once_and_changes_no_other(folder: Path) -> None:
    path = folder / TOY_LAB.path
    before = json.loads(path.read_text(encoding="utf-8"))["cells"]
    contents.write(folder)
    written = path.read_text(encoding="utf-8")
    first, setup, *others = json.loads(written)["cells"]
    assert (
        '    REPOSITORY = "someone/labs"  # owner/name on GitHub\n' in setup["source"]
    )
    counts = [c["execution_count"] for c in (setup, *others) if "outputs" in c]
    assert counts == [1, 2, 3]
    assert [c["outputs"][-1]["execution_count"] for c in others[:2]] == [2, 3]
    assert [_source(c) for c in others] == [_source(c) for c in before[1:]]

    contents.write(folder)
    assert path.read_text(encoding="utf-8") == written
    path.write_text(written.replace("someone/labs", "other/labs"), encoding="utf-8")
    contents.write(folder)
    assert path.read_text(encoding="utf-8") == written
