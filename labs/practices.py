"""Practices, each tied to the cell of this workbook that measured it.

`data/practices.toml` names for each one a notebook and the row of a table there. What
was measured is read from the notebook's own output, and the advice follows from it:
nobody types a figure, and a practice whose cell is gone is an error.
"""

import html
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from labs import profiles
from labs.contents import NOTEBOOKS
from labs.errors import LabsError
from labs.stats import Interval

FILE = profiles.ROOT / "data" / "practices.toml"
ADVICE = {
    "better": "do",
    "worse": "do not",
    "not distinguishable": "spare it",
    "asserted": "do",
}
# Its spaces may be of the sort that no line breaks at (`labs.widgets.table`).
_INTERVAL = re.compile(r"(-?[\d.]+)\s\[(-?[\d.]+),\s(-?[\d.]+)\],\sn\s=\s(\d+)")


@dataclass(frozen=True, slots=True)
class Practice:
    """Something that one may do, and where it was measured."""

    name: str
    phase: str
    measure: str  # what the figure is
    notebook: str  # "1_rag/04_retrieval"
    row: str = ""  # how the row of a table, or a printed line, begins
    column: str = ""  # of that table; its second one where nothing is said
    claim: str = ""  # in place of a row: what a cell asserts
    good: str = "high"  # or "low": which way is better
    against: float = 0.0  # what the figure is held against


@dataclass(frozen=True, slots=True)
class Finding:
    """What was measured of a practice, and what follows."""

    practice: Practice
    measured: Interval | None  # None where a cell asserts it
    verdict: str  # a key of ADVICE
    cell: int  # its place in the notebook

    @property
    def advice(self) -> str:
        return ADVICE[self.verdict]


def load(path: Path = FILE) -> list[Practice]:
    """All practices.

    Raises:
        LabsError: the file is no TOML, or an entry has other fields.
    """
    try:
        with path.open("rb") as file:
            return [Practice(**own) for own in tomllib.load(file)["practice"]]
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise LabsError(
            f"{path}: no table of practices ({error}). Expected [[practice]] entries "
            "with name, phase, measure, notebook, and row or claim."
        ) from error


def find(practice: Practice, folder: Path = NOTEBOOKS) -> Finding:
    """What the notebook says of a practice.

    Raises:
        LabsError: the notebook, the cell or the figure is gone.
    """
    cells = _cells(folder / f"{practice.notebook}.ipynb")
    if practice.claim:
        for place, cell in enumerate(cells):
            if practice.claim in " ".join("".join(cell["source"]).split()):
                return Finding(practice, None, "asserted", place)
        raise _gone(practice, practice.claim)
    for place, cell in enumerate(cells):
        for output in cell.get("outputs", ()):
            if text := _told(output, practice):
                measured = interval_in(text)
                if measured is None:
                    raise _gone(practice, f"an interval in {text!r}")
                own = verdict(measured, practice.good, practice.against)
                return Finding(practice, measured, own, place)
    raise _gone(practice, practice.row)


def verdict(measured: Interval, good: str = "high", against: float = 0.0) -> str:
    """Better, worse or not distinguishable from `against`, by the interval.

    First shown in notebooks/3_benchmarking/06_decide.
    """
    if measured.low <= against <= measured.high:
        return "not distinguishable"
    return "better" if (measured.low > against) == (good == "high") else "worse"


def interval_in(text: str) -> Interval | None:
    """The interval that a text shows, as `str` of an `Interval` writes it."""
    found = _INTERVAL.search(text)
    if not found:
        return None
    return Interval(*map(float, found.groups()[:3]), int(found[4]))


# Outputs of notebooks -----------------------------------------------------------------


@lru_cache(maxsize=32)
def _cells(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        raise LabsError(
            f"There is no notebook {path}, which {FILE.name} names. Mend the entry."
        )
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def _told(output: dict[str, Any], practice: Practice) -> str | None:
    """What an output says in the practice's row; None where it has no such row."""
    if "text/html" in output.get("data", {}):
        rows = list(_table("".join(output["data"]["text/html"])))
        return _in_table(rows, practice)
    lines = "".join(output.get("text", "")).splitlines()
    if practice.column:
        return None
    return next((line for line in lines if line.startswith(practice.row)), None)


def _in_table(rows: list[list[str]], practice: Practice) -> str | None:
    if not rows or (practice.column and practice.column not in rows[0]):
        return None
    place = rows[0].index(practice.column) if practice.column else 1
    own = (row for row in rows[1:] if row[0] == practice.row and len(row) > place)
    return next((row[place] for row in own), None)


def _table(page: str) -> Iterator[list[str]]:
    """The rows of a page's tables, their heads first, as texts."""
    for row in re.findall(r"(?s)<tr>(.*?)</tr>", page):
        cells = re.findall(r"(?s)<t[hd][^>]*>(.*?)</t[hd]>", row)
        yield [html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in cells]


def _gone(practice: Practice, what: str) -> LabsError:
    return LabsError(
        f"{practice.notebook} holds no longer {what!r}, which measured the practice "
        f"{practice.name!r}. Run the notebook again, or mend {FILE.name}."
    )
