"""One page as HTML that needs nothing else, and as Markdown with its pictures."""

import base64
import re
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from labs.pages import Page

SHARP = "a < b & c | d"


@pytest.fixture
def page() -> Page:
    own = Page(f"Title {SHARP}")
    own.text(SHARP, first=True)
    own.heading("Part")
    own.items([SHARP, "two"])
    own.table(("head", "other"), [(SHARP, 1), ("two\nlines", None)])
    figure = Figure(figsize=(2, 1))
    figure.subplots().plot([1, 2])
    own.picture("drawn", figure, f"A line, {SHARP}.")
    return own


def test_html_needs_nothing_else(page: Page) -> None:
    text = page.html()
    sources = re.findall(r'src="([^"]*)"', text)
    assert len(sources) == 1 and sources[0].startswith("data:image/png;base64,")
    assert base64.b64decode(sources[0].partition(",")[2]).startswith(b"\x89PNG")
    assert not re.search(r"https?:|<script|<link|@import|url\(|href", text)


def test_texts_are_texts(page: Page) -> None:
    text = page.html()
    assert SHARP not in text
    assert text.count("a &lt; b &amp; c | d") == 6  # the title twice
    assert "two<br>lines" in text


def test_markdown_tables_have_as_many_cells_as_heads(page: Page) -> None:
    rows = [line for line in page.markdown().splitlines() if line.startswith("|")]
    assert len(rows) == 4
    assert {len(re.split(r"(?<!\\)\|", row)) for row in rows} == {4}
    assert "two lines" in rows[3]


def test_markdown_has_no_tag(page: Page) -> None:
    assert "<" not in page.markdown().replace("# Title a < b", "").replace(
        "![A line, a < b", ""
    )


def test_files(page: Page, tmp_path: Path) -> None:
    html, text = page.write(tmp_path / "new", "report")
    assert html.read_text(encoding="utf-8") == page.html()
    [(name)] = re.findall(r"\]\((\S+\.png)\)", text.read_text(encoding="utf-8"))
    assert (tmp_path / "new" / name).read_bytes().startswith(b"\x89PNG")
