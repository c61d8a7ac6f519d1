"""The report of the whole workbook: every notebook run anew, what each measured.

`python -m labs report` (`make report`) executes all notebooks and writes
`build/report/index.html`: the tables with which each notebook ends, its pictures, the
minutes it took, versions, device. One file, opened from disk, without a network. The
notebooks in the checkout stay as they are.
"""

import base64
import html
import os
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from labs import contents, profiles, progress, provenance
from labs.contents import NOTEBOOKS, Lab
from labs.errors import LabsError

OUT = profiles.ROOT / "build" / "report"


@dataclass(frozen=True, slots=True)
class Page:
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
    file, pages = out / "index.html", []
    try:
        out.mkdir(parents=True, exist_ok=True)
        with progress.bar(len(chosen), "report", "notebook") as shown:
            for lab in chosen:
                pages.append(page(lab))
                file.write_text(as_html(pages), encoding="utf-8")
                shown.update(1)
    except OSError as error:
        raise LabsError(f"{out} cannot be written ({error.strerror}).") from error
    return file


def page(lab: Lab) -> Page:
    """Execute a notebook in its own folder; the file is not touched."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    path = NOTEBOOKS / lab.path
    notebook = nbformat.read(path, as_version=4)
    os.environ["TQDM_DISABLE"] = "1"  # bars are no part of a report
    client = NotebookClient(
        notebook, timeout=None, resources={"metadata": {"path": str(path.parent)}}
    )
    begun_s, error = time.perf_counter(), None
    try:
        client.execute()
    except CellExecutionError as failed:
        error = f"{failed.ename}: {failed.evalue}"
    seconds = time.perf_counter() - begun_s
    return Page(lab, seconds, tables(notebook.cells), pictures(notebook.cells), error)


def tables(cells: Sequence[Any]) -> list[str]:
    """HTML tables of the last section that has any: what a notebook ends with."""
    sections: list[list[str]] = [[]]
    for cell in cells:
        if cell["cell_type"] == "markdown":
            if re.search(r"^## ", cell["source"], flags=re.M):
                sections.append([])
            continue
        data = (output.get("data", {}) for output in cell["outputs"])
        shown = (own.get("text/html", "") for own in data)
        sections[-1] += [text for text in shown if "<table" in text]
    return next((own for own in reversed(sections) if own), [])


def pictures(cells: Sequence[Any]) -> list[str]:
    """All PNG pictures, in base64."""
    outputs = [o for cell in cells for o in cell.get("outputs", ())]
    data = (output.get("data", {}) for output in outputs)
    return [own["image/png"] for own in data if "image/png" in own]


# Writing ------------------------------------------------------------------------------

_STYLE = """\
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto;
  padding: 0 1rem; color: #222; }
table { border-collapse: collapse; margin: 1rem 0; font-size: 0.9rem; }
th, td { border-bottom: 1px solid #ddd; padding: 0.3rem 0.7rem; text-align: left;
  vertical-align: top; }
img { max-width: 100%; } .wrong { color: #a00; }
figure { display: inline-block; margin: 0.5rem 0; }
"""


def as_html(pages: Sequence[Page]) -> str:
    """The report as one page."""
    body = "".join([_head(pages), *map(_section, pages)])
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>Lab workbook: report</title><style>{_STYLE}</style></head>"
        f"<body>{body}</body></html>\n"
    )


def _head(pages: Sequence[Page]) -> str:
    machine, versions = provenance.machine(), provenance.versions()
    made = datetime.now(UTC).isoformat(timespec="minutes")
    failed = sum(page.error is not None for page in pages)
    facts = {
        "profile": str(profiles.current()),
        "data": f"{profiles.data_dir().name} ({provenance.data_digest()})",
        "machine": ", ".join(f"{name} {value}" for name, value in machine.items()),
        "versions": ", ".join(f"{name} {value}" for name, value in versions.items()),
        "commit": provenance.commit() or "none",
        "made": made,
        "notebooks": f"{len(pages)}, {failed} stopped by an error",
        "minutes": f"{sum(page.seconds for page in pages) / 60:.1f}",
    }
    links = [
        (f'<a href="#{_anchor(page)}">{html.escape(page.lab.title)}</a>', _told(page))
        for page in pages
    ]
    return (
        "<h1>RAG, fine-tuning, or both?</h1><p>What the notebooks measured when they "
        "were run on this machine. Seeds stand in the notebooks; they are fixed.</p>"
        + _table((name, html.escape(value)) for name, value in facts.items())
        + _table(links)
    )


def _told(page: Page) -> str:
    if page.error:
        return f'<span class="wrong">stopped after {page.seconds:.0f} s</span>'
    return f"{page.seconds:.0f} s"


def _table(rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in rows)
    return f"<table>{cells}</table>"


def _section(page: Page) -> str:
    parts = [
        f'<h2 id="{_anchor(page)}">{html.escape(page.lab.title)}</h2>',
        f"<p>{html.escape(page.lab.goal)} <em>{page.lab.path}, {_told(page)}</em></p>",
    ]
    if page.error:
        parts.append(f'<p class="wrong">{html.escape(page.error)}</p>')
    parts += page.tables
    parts += [_picture(own, page.lab.title) for own in page.pictures]
    return "".join(parts)


def _picture(png: str, title: str) -> str:
    data = base64.b64encode(base64.b64decode(png)).decode()  # in one line
    alt = html.escape(f"a picture of {title}", quote=True)
    return f'<figure><img alt="{alt}" src="data:image/png;base64,{data}"></figure>'


def _anchor(page: Page) -> str:
    return re.sub(r"\W", "-", page.lab.path)
