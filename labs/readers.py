"""One file of somebody's own as text: Markdown, plain text, HTML, DOCX, PDF.

Headings become `#` lines and a row of a table one line, `| Hub height | 90 m |`, so
that a passage holds whole facts. The readers of llama-index run the cells of a table
together (HTML) or apart (DOCX), and lose a PDF for one broken page; beneath are the
same libraries, BeautifulSoup and pypdf.
"""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labs import docx, records


class Unreadable(Exception):
    """Why a file gives no text, and what to do, in words for the log of an import."""


@dataclass(slots=True)
class Page:
    """What a file holds."""

    text: str
    title: str = ""  # the first heading, as far as there is one
    fields: dict[str, Any] = field(default_factory=dict)  # front matter
    notes: list[str] = field(default_factory=list)  # what its owner should know


def read(path: Path, max_bytes: int) -> Page:
    """The text of a file; `max_bytes` bounds what a packed one may unfold to.

    Raises:
        Unreadable: the file is broken, packed too densely, or holds no text.
    """
    try:
        page = READERS[path.suffix.lower()](path, max_bytes)
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # each format breaks in its own ways
        said = " ".join(str(error).split())[:150] or type(error).__name__
        raise Unreadable(
            f"the file is broken or of another type than its name says ({said}); "
            "open it in its own program and save it again"
        ) from error
    page.text = _tidy(page.text)
    if not re.search(r"\w", page.text):
        raise Unreadable("it holds no text")
    page.title = whole_characters(page.title) or first_heading(page.text)
    return page


def first_heading(text: str) -> str:
    """The first `#` line outside code, without its marks, or nothing."""
    prose = re.sub(r"(?ms)^(```|~~~).*?^\1", "", text)
    found = re.search(r"(?m)^#{1,6}[ \t]+(\S.*)", prose)
    return found[1].rstrip(" \t#") if found else ""


def whole_characters(text: str) -> str:
    """Without the half characters that a PDF or an escape in YAML may hold."""
    return text.encode("utf-8", "replace").decode()


def _tidy(text: str) -> str:
    """One kind of line end, no control characters, at most one blank line."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")
    text = whole_characters(text)
    text = re.sub(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff]", "", text)
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


# Plain text and Markdown --------------------------------------------------------------


def _read_text(path: Path, _: int) -> Page:
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Page(content.decode("utf-16"))
    if b"\0" in content:
        raise Unreadable("this is no text, or text in UTF-16; save it as UTF-8")
    try:
        return Page(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        note = (
            f"line {line} is not UTF-8; read as Windows-1252. If letters look wrong, "
            "convert it, for instance with `iconv -f latin2 -t utf-8`"
        )
        return Page(_decode_western(content), notes=[note])


def _decode_western(content: bytes) -> str:
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:  # five bytes mean nothing there
        return content.decode("latin-1")


def _read_markdown(path: Path, max_bytes: int) -> Page:
    """Front matter apart; one that is no YAML stays in the text, with a note."""
    page = _read_text(path, max_bytes)
    text = page.text.replace("\r\n", "\n")
    matter = re.match(r"---[ \t]*\n(.*?\n)---[ \t]*(?:\n|$)", text, re.DOTALL)
    if not matter:
        return page
    try:
        fields = records.read_yaml(matter[1])
    except ValueError as error:
        page.notes.append(f"its front matter is no YAML ({error}); kept as text")
        return page
    if isinstance(fields, dict):  # else two rules with words between them
        page.fields, page.text = fields, text[matter.end() :]
    return page


# HTML ---------------------------------------------------------------------------------

_UNSEEN = {"script", "style", "noscript", "template", "svg", "math", "object", "title"}
_BLOCKS = set(
    "address article aside blockquote body dd details div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hr html legend main nav ol p pre "
    "section summary table td th tr ul".split()
)
# BeautifulSoup searches all tags like <br> before it at each end of a tag, unless they
# end by themselves: a page of many takes time by the square.
_VOID = re.compile(rb"(?i)<((?:br|col|hr|img|input|link|meta|wbr)\b[^<>]*?)/?>")
_LAID_OUT = ["table", "h1", "h2", "h3", "h4", "ul", "ol", "pre"]


def _read_html(path: Path, _: int) -> Page:
    from bs4 import BeautifulSoup

    content = _VOID.sub(rb"<\1/>", path.read_bytes())
    soup = BeautifulSoup(content, "html.parser")
    notes = []
    if soup.contains_replacement_characters:
        notes.append("some letters could not be read; save it as UTF-8")
    text = re.sub(r"\n[ \t]+(?=\S)", "\n", "".join(_pieces(soup, in_pre=False)))
    title = " ".join(soup.title.get_text().split()) if soup.title else ""
    return Page(text, first_heading(text) or title, notes=notes)


def _pieces(parent: Any, in_pre: bool) -> Iterator[str]:
    """The text within, with line ends where a browser shows them."""
    from bs4.element import NavigableString, PreformattedString

    for node in parent.children:
        if isinstance(node, NavigableString):
            if not isinstance(node, PreformattedString):  # comments, doctype
                yield node if in_pre else re.sub(r"\s+", " ", node)
        elif node.name == "br":
            yield "\n"
        elif node.name == "table" and not node.find(_LAID_OUT):
            yield f"\n\n{_rows(node)}\n\n"
        elif node.name not in _UNSEEN:  # a table that only lays out a page, too
            before, after = _marks(node.name)
            yield before
            yield from _pieces(node, in_pre or node.name == "pre")
            yield after


def _marks(name: str) -> tuple[str, str]:
    """What stands before and after the text of a tag."""
    if heading := re.fullmatch(r"h([1-6])", name):
        return f"\n\n{'#' * int(heading[1])} ", "\n\n"
    if name == "li":
        return "\n- ", ""
    return ("\n\n", "\n\n") if name in _BLOCKS else ("", "")


def _rows(table: Any) -> str:
    """In one pass over the tags, since </td> and </tr> may lawfully be missing."""
    from bs4.element import NavigableString

    caption: list[str] = []
    rows: list[list[list[str]]] = [[]]
    for node in table.descendants:
        here = rows[-1][-1] if rows[-1] else caption
        if type(node) is NavigableString:  # no comment, no script
            here.append(node)
        elif node.name == "tr":
            rows.append([])
        elif node.name in ("td", "th"):
            rows[-1].append([])
        elif node.name == "br" or node.name in _BLOCKS:
            here.append(" ")
    cells = [["".join(cell) for cell in row] for row in rows]
    head = " ".join("".join(caption).split())
    return "\n".join(filter(None, [head, docx.table_lines(cells)]))


# DOCX and PDF -------------------------------------------------------------------------


def _read_docx(path: Path, max_bytes: int) -> Page:
    if docx.unpacked_bytes(path) > max_bytes:
        raise Unreadable("unpacked, its text is larger than the limit; raise --max-mb")
    return Page(docx.read(path))


def _read_pdf(path: Path, max_bytes: int) -> Page:
    """Page by page; pages without text, mostly scans, are told."""
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what counts is told here
    reader = pypdf.PdfReader(path)
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("it is locked by a password; save it without one")
    texts, size = [], 0
    for page in reader.pages:
        texts.append(_page_text(page))
        size += len(texts[-1])
        if size > max_bytes:
            raise Unreadable("its text is larger than the limit; raise --max-mb")
    empty = [i for i, text in enumerate(texts, start=1) if not text.strip()]
    if len(empty) == len(texts):
        raise Unreadable(
            f"{len(texts)} page(s) and no text in them, mostly a scan; recognise its "
            "text first, for instance with `ocrmypdf in.pdf out.pdf`"
        )
    notes = []
    if empty:
        shown = ", ".join(map(str, empty[:10])) + (", …" if len(empty) > 10 else "")
        notes.append(f"no text on {len(empty)} of {len(texts)} pages ({shown})")
    title = (reader.metadata or {}).get("/Title")
    return Page("\n".join(texts), str(title or "").strip(), notes=notes)


def _page_text(page: Any) -> str:
    try:
        return page.extract_text()
    except Exception:  # one broken page is told as one without text
        return ""


Reader = Callable[[Path, int], Page]
READERS: dict[str, Reader] = {
    ".md": _read_markdown,
    ".markdown": _read_markdown,
    ".txt": _read_text,
    ".text": _read_text,
    ".html": _read_html,
    ".htm": _read_html,
    ".docx": _read_docx,
    ".pdf": _read_pdf,
}
