"""What a run of a notebook put out otherwise than the outputs that it comes with.

Texts and tables are compared line by line, pictures and widgets are not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

WIDGET = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True, slots=True)
class Change:
    """Lines of one cell that differ, as they were committed and as they are now."""

    cell: int  # among the code cells, counted from 1
    old: tuple[str, ...]
    new: tuple[str, ...]
    closing: bool  # in the section whose tables a notebook ends with


def lines(outputs: Sequence[Any]) -> list[str]:
    """What a cell printed and showed: texts, and the rows of tables."""
    printed = [o["text"] for o in outputs if o["output_type"] == "stream"]
    shown = [_text(o["data"]) for o in outputs if "data" in o]
    found = ("".join(printed) + "\n" + "\n".join(shown)).splitlines()
    return [stripped for line in found if (stripped := line.strip())]


def _text(data: dict[str, Any]) -> str:
    if WIDGET in data or "image/png" in data:
        return ""
    if "text/html" in data:
        return _from_html(data["text/html"])
    return data.get("text/markdown") or data.get("text/plain", "")


def _from_html(html: str) -> str:
    """A table's row on a line, its cells parted by bars; else the text."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(html, "html.parser")
    for style in soup(["style", "script"]):
        style.decompose()
    rows = soup("tr")
    if not rows:
        return soup.get_text(" ", strip=True)
    cells = ([c.get_text(" ", strip=True) for c in row(["th", "td"])] for row in rows)
    return "\n".join(" | ".join(own) for own in cells)


def find(
    old: Sequence[Any], new: Sequence[Any], closing: Sequence[Any]
) -> list[Change]:
    """The changes between two copies of a notebook, as it comes and as it ran.

    Args:
        closing: the cells of `old` that hold its headline numbers.
    """
    before, after = _code(old), _code(new)
    differing = map(_differ, before, after)
    return [
        Change(i, *lines, any(cell is own for own in closing))
        for i, (cell, lines) in enumerate(zip(before, differing, strict=True), start=1)
        if any(lines)
    ]


def _code(cells: Sequence[Any]) -> list[Any]:
    return [cell for cell in cells if cell["cell_type"] == "code"]


def _differ(old: Any, new: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines that only one of two cells has; none of a cell with a widget."""
    if any(WIDGET in own.get("data", {}) for own in new["outputs"]):
        return (), ()
    a, b = lines(old["outputs"]), lines(new["outputs"])
    blocks = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    changed = [block[1:] for block in blocks if block[0] != "equal"]
    gone = tuple(line for i, j, *_ in changed for line in a[i:j])
    come = tuple(line for *_, i, j in changed for line in b[i:j])
    return gone, come
