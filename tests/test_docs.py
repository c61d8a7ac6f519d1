"""README, docs/ and CONTRIBUTING.md speak of what is there: links, commands, cells."""

import json
import re
import shlex
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from typer.main import get_command

from labs import contents
from labs.cli import app
from labs.profiles import ROOT

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
LABS = contents.load_index()
README_LINES, PICTURE_BYTES = 110, 100_000
WORDS_PER_MINUTE = 200

_FENCE = re.compile(r"^```.*?^```", re.S | re.M)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)", re.M)


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def number(path: str) -> str:
    """1_rag/04_retrieval.ipynb is lab 1.4."""
    series, lab = re.match(r"(\d)_\w+/(\d\d)_", path).groups()
    return f"{series}.{int(lab)}"


# Links --------------------------------------------------------------------------------


def links(markdown: str) -> list[str]:
    """The targets of a page's links, those in code left out."""
    prose = _CODE.sub("", _FENCE.sub("", markdown))
    return [one or other for one, other in _LINK.findall(prose)]


def anchors(markdown: str) -> set[str]:
    """Of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", markdown), re.M)
    plain = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading) for heading in headings)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in plain}


def dead(markdown: str, folder: Path) -> list[str]:
    """The relative links of a page in `folder` that lead nowhere."""
    found = []
    for link in links(markdown):
        if re.match(r"\w+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = folder / file if file else None
        there = target is None or target.exists()
        if there and anchor:
            page = target.read_text(encoding="utf-8") if target else markdown
            there = anchor in anchors(page)
        found += [] if there else [link]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    assert dead(text(name), (ROOT / name).parent) == []


def test_dead_links_are_found() -> None:
    page = "# A b\n[x](#a-b) [y](#c) [z](none.md) `[q](code.md)`\n\n[r]: gone.md\n"
    assert dead(page, DOCS) == ["#c", "none.md", "gone.md"]


def test_index_lists_every_guide() -> None:
    listed = links(text("docs/README.md"))
    assert {page.name for page in DOCS.glob("*.md")} - {"README.md"} <= set(listed)


# Commands -----------------------------------------------------------------------------


def pieces(markdown: str) -> Iterator[str]:
    """Lines of fenced code and pieces of inline code, without comments."""
    for fence in _FENCE.findall(markdown):
        yield from (line.partition(" #")[0] for line in fence.splitlines()[1:-1])
    yield from _CODE.findall(_FENCE.sub("", markdown))


def unknown(piece: str) -> str:
    """What a piece of code asks of `python -m labs` or make that there is not."""
    if found := re.search(r"-m labs\b(.*)", piece):
        return _unknown_command(shlex.split(found[1]))
    targets = re.findall(r"(?:^|[ &;])make ([a-z]\w*)", piece)
    return " ".join(set(targets) - make_targets())


def _unknown_command(words: list[str]) -> str:
    at = get_command(app)
    while words and hasattr(at, "commands") and not words[0].startswith("-"):
        name = words.pop(0)
        if not re.fullmatch(r"[a-z][a-z-]*", name):
            return ""  # a placeholder: COMMAND, …
        if name not in at.commands:
            return name
        at = at.commands[name]
    if at.context_settings.get("ignore_unknown_options"):
        return ""  # passed on to a generator, which has its own
    known = {option for parameter in at.params for option in parameter.opts} | {
        "--help"
    }
    given = {word.partition("=")[0] for word in words if word.startswith("--")}
    return " ".join(given - known)


@lru_cache
def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]\w*):", text("Makefile"), re.M))


@pytest.mark.parametrize("name", NAMES)
def test_commands_exist(name: str) -> None:
    assert [p for p in pieces(text(name)) if unknown(p)] == []


@pytest.mark.parametrize(
    ("piece", "found"),
    [
        ("python -m labs dance", "dance"),
        ("LABS_DATA=x python -m labs decide A --out b --fast", "--fast"),
        ("python -m labs speed sideways", "sideways"),
        ("make coffee", "coffee"),
        ("python -m labs speed training --rows 16", ""),
        ("python -m labs COMMAND --help", ""),
        ("make data SEED=2 OUT=dir", ""),
    ],
)
def test_unknown_commands_are_found(piece: str, found: str) -> None:
    assert unknown(piece) == found


@pytest.mark.parametrize("name", NAMES)
def test_settings_exist(name: str) -> None:
    read = "\n".join(p.read_text("utf-8") for p in (ROOT / "labs").glob("*.py"))
    named = set(re.findall(r"\bLABS_[A-Z_]+\b", text(name)))
    assert {setting for setting in named if f'"{setting}"' not in read} == set()


# Notebooks ----------------------------------------------------------------------------


@lru_cache
def cells(path: str) -> list[dict]:
    return json.loads((contents.NOTEBOOKS / path).read_text("utf-8"))["cells"]


def prose(path: str) -> str:
    own = (c for c in cells(path) if c["cell_type"] == "markdown")
    return "\n\n".join("".join(cell["source"]) for cell in own)


def rows(name: str) -> dict[str, list[str]]:
    """The rows of a page's tables of labs, by notebook: the cells after the first."""
    table = re.findall(
        r"^\| \[[^]]+\]\((?:\.\./)?notebooks/([^)]+)\) \|(.*)\|$", text(name), re.M
    )
    return {path: [cell.strip() for cell in rest.split("|")] for path, rest in table}


def test_readme_lists_every_lab_with_its_minutes() -> None:
    minutes = {path: row[-1] for path, row in rows("README.md").items()}
    assert minutes == {lab.path: str(lab.minutes[lab.usual]) for lab in LABS}


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.path)
def test_instructors_table_is_right(lab: contents.Lab) -> None:
    runs, to_read, exercises, _ = rows("docs/instructor.md")[lab.path]
    told = prose(lab.path)
    assert runs == str(lab.minutes[lab.usual])
    assert abs(int(to_read) - len(told.split()) / WORDS_PER_MINUTE) < 1.5
    assert exercises == " + ".join(re.findall(r"· about (\d+) minutes", told))


@pytest.mark.parametrize(
    ("title", "total"), [("Three hours", 180), ("Ninety minutes", 90), ("One day", 480)]
)
def test_schedule_adds_up(title: str, total: int) -> None:
    section = text("docs/instructor.md").split(f"\n## {title}\n")[1].split("\n## ")[0]
    found = re.findall(r"^\| (\d+):(\d\d) \| (\d+) \|", section, re.M)
    at = 0
    for hours, minutes, lasts in found:
        assert 60 * int(hours) + int(minutes) == at, f"{hours}:{minutes}"
        at += int(lasts)
    assert at == total


# As in "1.1 §4, `recall@4`" and "1.8 closing table, `evidence`".
_POINTED = re.compile(r"(\d\.\d) (?:§(\d+)|closing table),?\s+`([^`]+)`")
POINTED = _POINTED.findall((DOCS / "instructor.md").read_text("utf-8"))


def shown(path: str, section: str) -> str:
    """What the cells of a section show; without a number, what the last table does."""
    at, found = "", []
    for cell in cells(path):
        if heading := re.search(r"^## (\d+)\. ", "".join(cell["source"]), re.M):
            at = heading[1]
        if cell.get("outputs") and at == (section or at):
            found.append(cell["outputs"])
    return BeautifulSoup(
        json.dumps(found if section else found[-1]), "html.parser"
    ).text


def test_instructor_points_at_something() -> None:
    assert len(POINTED) >= 15


@pytest.mark.parametrize(("lab", "section", "words"), POINTED)
def test_what_the_instructor_points_at_is_there(
    lab: str, section: str, words: str
) -> None:
    [path] = [own.path for own in LABS if number(own.path) == lab]
    assert words in shown(path, section)


# Glossary -----------------------------------------------------------------------------

TERMS = re.findall(
    r"^- \*\*(.+?)\*\* \(\[(\d\.\d)\]\): ", text("docs/glossary.md"), re.M
)


def test_glossary_is_in_order_and_whole() -> None:
    terms = [term.lower() for term, _ in TERMS]
    assert terms == sorted(set(terms)) and len(terms) > 80
    assert text("docs/glossary.md").count("\n- ") == len(terms)


@pytest.mark.parametrize(("term", "lab"), TERMS)
def test_the_lab_of_a_term_uses_it(term: str, lab: str) -> None:
    [path] = [own.path for own in LABS if number(own.path) == lab]
    source = " ".join("".join(cell["source"]) for cell in cells(path))
    plain = re.sub(r"[-\s]+", " ", source).lower()
    assert re.sub(r"-", " ", term).lower() in plain
    assert f"\n[{lab}]: ../notebooks/{path}\n" in text("docs/glossary.md")


# The first page -----------------------------------------------------------------------


def test_readme_is_short_with_one_light_picture() -> None:
    page = text("README.md")
    assert page.count("\n") <= README_LINES
    [(told, picture)] = re.findall(r"!\[([^]]*)\]\(([^)]+)\)", page)
    assert len(told) > 40, "a picture needs words for those who don't see it"
    assert 0 < (ROOT / picture).stat().st_size < PICTURE_BYTES
