"""The report of the whole workbook: every notebook run anew, what each measured.

`python -m labs report` (`make report`) executes all notebooks and writes
`build/report/index.html`: the tables with which each notebook ends, its pictures, the
minutes it took, versions, device. One file, opened from disk, without a network. The
notebooks in the checkout stay as they are.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from labs import contents, execution, profiles, progress, provenance
from labs.contents import NOTEBOOKS, Lab
from labs.errors import LabsError
from labs.pages import Page

OUT = profiles.ROOT / "build" / "report"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a notebook showed, or why it stopped."""

    lab: Lab
    seconds: float
    tables: list[str] = field(default_factory=list)  # HTML
    pictures: list[str] = field(default_factory=list)  # PNG in base64
    error: str | None = None


def run(out: Path = OUT, only: str | None = None) -> Path:
    """Execute the notebooks and write the report; its path.

    Each notebook's page is written as it is done: what a kill leaves is a report of the
    notebooks before.

    Args:
        only: a part of the path of the notebooks to run; all without it.

    Raises:
        LabsError: no notebook has `only` in its path, or `out` cannot be written.
    """
    chosen = [lab for lab in contents.load_index() if only is None or only in lab.path]
    if not chosen:
        raise LabsError(
            f"Found no notebook with {only!r} in its path. Expected a part of one in "
            "notebooks/index.toml, such as 1_rag or 3_benchmarking/04."
        )
    file, done = out / "index.html", []
    try:
        out.mkdir(parents=True, exist_ok=True)
        with progress.bar(len(chosen), "report", "notebook") as bar:
            for lab in chosen:
                done.append(execute(lab))
                file.write_text(as_html(done), encoding="utf-8")
                bar.update(1)
    except OSError as error:
        raise LabsError(f"{out} cannot be written ({error.strerror}).") from error
    return file


def execute(lab: Lab) -> Shown:
    """Execute a notebook in its own folder; the file is not touched."""
    done = execution.run(NOTEBOOKS / lab.path)
    shown = tables(done.cells), pictures(done.cells)
    return Shown(lab, done.seconds, *shown, done.error)


def tables(cells: Sequence[Any]) -> list[str]:
    """HTML tables of the last section that has any: what a notebook ends with."""
    return [text for cell in closing(cells) for text in _tables_of(cell)]


def closing(cells: Sequence[Any]) -> list[Any]:
    """The code cells of the last section that shows a table."""
    sections: list[list[Any]] = [[]]
    for cell in cells:
        if cell["cell_type"] == "code":
            sections[-1].append(cell)
        elif re.search(r"^## ", cell["source"], flags=re.M):
            sections.append([])
    return next((own for own in reversed(sections) if any(map(_tables_of, own))), [])


def _tables_of(cell: Any) -> list[str]:
    data = (output.get("data", {}) for output in cell["outputs"])
    shown = (own.get("text/html", "") for own in data)
    return [text for text in shown if "<table" in text]


def pictures(cells: Sequence[Any]) -> list[str]:
    """All PNG pictures, in base64."""
    outputs = [o for cell in cells for o in cell.get("outputs", ())]
    data = (output.get("data", {}) for output in outputs)
    return [own["image/png"] for own in data if "image/png" in own]


# Writing ------------------------------------------------------------------------------


def as_html(shown: Sequence[Shown]) -> str:
    """The report as one page."""
    page = Page("RAG, fine-tuning, or both?")
    page.text(
        "What the notebooks measured when they were run on this machine. Seeds are "
        "fixed; they stand in the notebooks."
    )
    failed = sum(own.error is not None for own in shown)
    page.table(["run", ""], facts([own.seconds for own in shown], failed).items())
    page.table(
        ["notebook", "", "seconds"],
        [(own.lab.path, own.lab.title, _told(own)) for own in shown],
    )
    for own in shown:
        _add(page, own)
    return page.html()


def facts(seconds: Sequence[float], failed: int) -> dict[str, str]:
    """What the notebooks ran on, with what, when, and how it went."""
    machine, versions = provenance.machine(), provenance.versions()
    return {
        "profile": str(profiles.current()),
        "data": f"{profiles.data_dir().name} ({provenance.data_digest()})",
        "machine": ", ".join(f"{name} {value}" for name, value in machine.items()),
        "versions": ", ".join(f"{name} {value}" for name, value in versions.items()),
        "commit": provenance.commit() or "none",
        "made": datetime.now(UTC).isoformat(timespec="minutes"),
        "notebooks": f"{len(seconds)}, {failed} stopped by an error",
        "minutes": f"{sum(seconds) / 60:.1f}",
    }


def _told(own: Shown) -> str:
    return f"{'stopped after ' if own.error else ''}{own.seconds:.0f}"


def _add(page: Page, own: Shown) -> None:
    page.heading(own.lab.title)
    page.text(own.lab.goal)
    if own.error:
        page.text(f"Stopped: {own.error}", first=True)
    for table in own.tables:
        page.embed(table)
    for i, picture in enumerate(own.pictures, start=1):
        name = f"picture {i} of {own.lab.title}"
        page.png(name, base64.b64decode(picture), name)
