"""Writes a directory of data: documents, facts, questions, the second edition."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .changes import build_changes
from .edition2 import build_edition2
from .questions import build_questions
from .schema import GENERATOR_VERSION, Document, World
from .world import build_world

MARK = "world.json"  # tells a directory that was built here


class BuildError(Exception):
    """OUT cannot be written; the message says what was found and what to do."""


def build(out: Path, seed: int, scale: int) -> dict[str, Any]:
    """Builds the directory `out`; returns what its world.json holds.

    Everything is written beside `out` first, so an interruption leaves it as it was.
    Files in `out` that were not built here stay.

    Raises:
        BuildError: `scale` is below 1, or `out` holds something else.
    """
    if scale < 1:
        raise BuildError(f"--scale is {scale}; expected 1 or more, as in --scale 1")
    check_target(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as folder:
        told = _write(Path(folder), seed, scale)
        _move(Path(folder), out)
    return told


def check_target(out: Path) -> None:
    """Raises BuildError unless `out` is missing, empty or an earlier build."""
    if out.exists() and not out.is_dir():
        raise BuildError(f"{out} is a file; name a directory with --out")
    if out.is_dir() and any(out.iterdir()) and not (out / MARK).is_file():
        raise BuildError(
            f"{out} is not empty and holds no {MARK}, so it was not built here. "
            "Name an empty or a new directory with --out."
        )


def _write(folder: Path, seed: int, scale: int) -> dict[str, Any]:
    world = build_world(seed, scale)
    later = build_edition2(world)
    questions = build_questions(world, later)
    changes = build_changes(world, later, questions)
    _write_edition(folder, world)
    _write_edition(folder / "edition2", later)
    _write_lines(folder / "questions.jsonl", questions.rows)
    _write_lines(folder / "edition2" / "changes.jsonl", changes)
    told = _describe(world, later, questions.rows, changes)
    text = json.dumps(told, indent=1, ensure_ascii=False)
    (folder / MARK).write_text(text + "\n", encoding="utf-8", newline="\n")
    return told


def _write_edition(folder: Path, world: World) -> None:
    documents = folder / "documents"
    documents.mkdir(parents=True)
    for document in world.documents:
        path = documents / f"{document.id}.md"
        path.write_text(as_markdown(document), encoding="utf-8", newline="\n")
    replaces = {new: {"replaces": old} for old, new in world.replaced.items()}
    rows = (asdict(fact) | replaces.get(fact.id, {}) for fact in world.facts)
    _write_lines(folder / "facts.jsonl", rows)


def as_markdown(document: Document) -> str:
    """The body below its YAML front matter."""
    head = {
        "id": document.id,
        "title": document.title,
        "type": document.type,
        "date": document.date,
        "edition": document.edition,
    }
    if document.supersedes:
        head["supersedes"] = document.supersedes
    lines = (f"{name}: {_scalar(value)}" for name, value in head.items())
    return "\n".join(["---", *lines, "---", "", document.body])


def _scalar(value: str | int) -> str:
    """A YAML scalar, in quotes where it needs them."""
    text = str(value)
    plain = text.replace("-", "").replace("_", "").replace(" ", "").isalnum()
    return text if plain else json.dumps(text, ensure_ascii=False)


def _write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _describe(world: World, later: World, rows, changes) -> dict[str, Any]:
    words = sum(len(document.body.split()) for document in world.documents)
    return {
        "generator_version": GENERATOR_VERSION,
        "seed": world.seed,
        "scale": world.scale,
        "documents": len(world.documents),
        "words": words,
        "facts": len(world.facts),
        "questions": len(rows),
        "questions_by_split": dict(Counter(row["split"] for row in rows)),
        "questions_by_kind": dict(Counter(row["kind"] for row in rows)),
        "edition2": {
            "documents": len(later.documents),
            "facts": len(later.facts),
            "replaced_facts": len(later.replaced),
            "changes": len(changes),
        },
    }


def _move(built: Path, out: Path) -> None:
    """Puts what was built in the place of what an earlier build left."""
    out.mkdir(exist_ok=True)
    for path in sorted(built.iterdir()):
        target = out / path.name
        if target.is_dir():
            shutil.rmtree(target)
        path.replace(target)
