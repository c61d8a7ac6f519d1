"""A page of headings, texts, tables and pictures, as one HTML file and as Markdown.

The HTML opens from disk without a network: pictures stand in it, style is in its head,
and nothing is loaded from elsewhere. In Markdown the pictures are files beside it.
"""

import base64
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

_STYLE = """
.labs-page { max-width: 60rem; margin: 0 auto; line-height: 1.5;
  font-family: system-ui, sans-serif; color: #1f2328; background: #fff;
  padding: 1rem }
.labs-page table { border-collapse: collapse; margin: 1rem 0; font-size: 0.9em }
.labs-page th, .labs-page td { text-align: left !important; vertical-align: top;
  padding: 0.3rem 0.7rem; border-bottom: 1px solid #d0d7de; background: #fff;
  white-space: normal !important }
.labs-page .wide { overflow-x: auto }
.labs-page img { max-width: 100%; height: auto }
.labs-page .first { border-left: 5px solid #0072B2; padding: 0.2rem 1rem;
  background: #f3f7fb; font-size: 1.05em }
"""


@dataclass(slots=True)
class Page:
    """Blocks, one after the other; what they say is text and no HTML."""

    title: str
    blocks: list[tuple[str, Any]] = field(default_factory=list)

    def heading(self, text: str) -> None:
        self.blocks.append(("heading", text))

    def text(self, text: str, first: bool = False) -> None:
        """A paragraph; `first` sets it off as the page's answer."""
        self.blocks.append(("first" if first else "text", text))

    def items(self, texts: Iterable[str]) -> None:
        self.blocks.append(("items", list(texts)))

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        cells = [[str(cell) for cell in row] for row in rows]
        self.blocks.append(("table", (list(heads), cells)))

    def picture(self, name: str, figure: Any, alt: str) -> None:
        """A matplotlib figure; `alt` says in a sentence what is on it."""
        drawn = io.BytesIO()
        figure.savefig(drawn, format="png", dpi=110)
        self.png(name, drawn.getvalue(), alt)

    def png(self, name: str, content: bytes, alt: str) -> None:
        """A picture that is drawn already."""
        self.blocks.append(("picture", (name, content, alt)))

    def embed(self, html: str) -> None:
        """HTML as it is, from a source that is trusted; not in Markdown."""
        self.blocks.append(("embedded", html))

    def html(self) -> str:
        """A whole document, in one file."""
        title = escape(self.title)
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{title}</title></head>\n<body>{self.body()}</body></html>\n"
        )

    def body(self) -> str:
        """What stands in the document, with its style: to show within another page."""
        parts = "\n".join(_html(kind, own) for kind, own in self.blocks)
        return (
            f"<style>{_STYLE}</style>\n"
            f'<main class="labs-page"><h1>{escape(self.title)}</h1>\n{parts}</main>'
        )

    def markdown(self) -> str:
        """The same, with pictures named as the files that `write` puts beside it."""
        parts = (_markdown(*block) for block in self.blocks if block[0] != "embedded")
        return "\n\n".join([f"# {self.title}", *parts]) + "\n"

    def write(self, out: Path, name: str) -> tuple[Path, Path]:
        """`name.html`, and `name.md` with its pictures; their paths."""
        out.mkdir(parents=True, exist_ok=True)
        page, text = out / f"{name}.html", out / f"{name}.md"
        page.write_text(self.html(), encoding="utf-8")
        text.write_text(self.markdown(), encoding="utf-8")
        for kind, own in self.blocks:
            if kind == "picture":
                (out / f"{own[0]}.png").write_bytes(own[1])
        return page, text


def _html(kind: str, own: Any) -> str:
    if kind == "embedded":
        return f'<div class="wide">{own}</div>'
    if kind == "heading":
        return f"<h2>{escape(own)}</h2>"
    if kind in ("text", "first"):
        mark = ' class="first"' if kind == "first" else ""
        return f"<p{mark}>{_lines(own)}</p>"
    if kind == "items":
        return "<ul>" + "".join(f"<li>{_lines(text)}</li>" for text in own) + "</ul>"
    if kind == "table":
        return _html_table(*own)
    _, drawn, alt = own
    data = base64.b64encode(drawn).decode()
    return f'<p><img src="data:image/png;base64,{data}" alt="{escape(alt)}"></p>'


def _html_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    cells = ("".join(f"<td>{_lines(cell)}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f'<div class="wide"><table><tr>{top}</tr>{body}</table></div>'


def _lines(text: str) -> str:
    """With lines that may break within an address or a name."""
    shown = re.sub(r"(?<=\w)([/_])(?=\w)", r"\1<wbr>", escape(text))
    return shown.replace("\n", "<br>")


def _markdown(kind: str, own: Any) -> str:
    if kind == "heading":
        return f"## {own}"
    if kind == "text":
        return _plain(own)
    if kind == "first":
        return f"> {_plain(own)}"
    if kind == "items":
        return "\n".join(f"- {_plain(text)}" for text in own)
    if kind == "table":
        heads, rows = own
        lines = [heads, ["---"] * len(heads), *rows]
        return "\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in lines)
    name, _, alt = own
    return f"![{alt}]({name}.png)"


def _plain(text: str) -> str:
    """On one line; what an HTML reader would take for a tag is none."""
    return " ".join(text.split()).replace("<", "&lt;")


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|")
