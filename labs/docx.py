"""The text of a Word file: its paragraphs, headings, lists and tables, in order.

A DOCX is a zip of XML (ECMA-376): `word/document.xml` holds paragraphs `w:p` and tables
`w:tbl`; styles are known by names that do not depend on the language of Word. Headers
and footers, the same on every page, are left out.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_PARTS = [f"word/{name}.xml" for name in ("document", "footnotes", "endnotes")]
_STYLES = "word/styles.xml"


def unpacked_bytes(path: Path) -> int:
    """How much XML the file would unfold to: a small zip may hold gigabytes."""
    with zipfile.ZipFile(path) as archive:
        wanted = {*_PARTS, _STYLES}
        return sum(i.file_size for i in archive.infolist() if i.filename in wanted)


def read(path: Path) -> str:
    """Headings as `#` lines, rows of tables as lines, notes at the end."""
    with zipfile.ZipFile(path) as archive:
        there = set(archive.namelist())
        levels = _heading_levels(_parse(archive, _STYLES)) if _STYLES in there else {}
        roots = [_parse(archive, _PARTS[0])]
        roots += [_parse(archive, name) for name in _PARTS[1:] if name in there]
    return "\n\n".join(block for root in roots for block in _blocks(root, levels))


def table_lines(rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown, the first row its head; of one column, lines of text."""
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    cells = [row for row in cells if any(row)]
    width = max(map(len, cells), default=0)
    if width <= 1:
        return "\n".join(cell for row in cells for cell in row)
    escaped = [[cell.replace("|", r"\|") for cell in row] for row in cells]
    head, *rest = [f"| {' | '.join(row)} |" for row in escaped]
    return "\n".join([head, "|" + " --- |" * width, *rest])


def _parse(archive: zipfile.ZipFile, name: str) -> Element:
    content = archive.read(name)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ValueError("its XML defines entities, which no Word file does")
    return ElementTree.fromstring(content)


def _heading_levels(styles: Element) -> dict[str, int]:
    """By a style's id: 1 for the title and "heading 1", and so on."""
    levels = {}
    for style in styles.iter(f"{_W}style"):
        name = style.find(f"{_W}name")
        said = "" if name is None else name.get(f"{_W}val", "").lower()
        heading = re.fullmatch(r"heading ([1-6])", said)
        if heading or said == "title":
            levels[style.get(f"{_W}styleId", "")] = int(heading[1]) if heading else 1
    return levels


def _blocks(parent: Element, levels: dict[str, int]) -> Iterator[str]:
    for child in parent:
        if child.tag == f"{_W}p":
            yield from filter(str.strip, [_paragraph(child, levels)])
        elif child.tag == f"{_W}tbl":
            yield from filter(None, [_table(child)])
        elif child.tag != _FALLBACK:
            yield from _blocks(child, levels)


def _paragraph(paragraph: Element, levels: dict[str, int]) -> str:
    text = "".join(_runs(paragraph))
    properties = paragraph.find(f"{_W}pPr")
    if properties is None or not text.strip():
        return text
    style = properties.find(f"{_W}pStyle")
    level = levels.get("" if style is None else style.get(f"{_W}val", ""), 0)
    if level:
        return f"{'#' * level} {' '.join(text.split())}"
    return f"- {text}" if properties.find(f"{_W}numPr") is not None else text


def _runs(element: Element) -> Iterator[str]:
    """The text within, once: what a text box repeats for older programs is not."""
    for child in element:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
            yield "\t" if child.tag.endswith("tab") else "\n"
        elif child.tag not in (_FALLBACK, f"{_W}pPr"):
            yield from _runs(child)


def _table(table: Element) -> str:
    return table_lines(
        [
            [" ".join(_blocks(cell, {})) for cell in row.iter(f"{_W}tc")]
            for row in table.findall(f"{_W}tr")
        ]
    )
