"""Documents of what was read in a folder: their ids, titles, dates, each text once."""

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from labs.corpus import Document
from labs.readers import Page, whole_characters

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")  # no file on Windows


@dataclass(frozen=True, slots=True)
class Note:
    """What became of a file, where that is not plain."""

    file: str  # its path within the folder
    said: str

    def __str__(self) -> str:
        return f"{self.file}: {self.said}"


@dataclass(slots=True)
class Import:
    """All that was found in a folder."""

    documents: list[Document] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)  # document id -> its file
    left_out: list[Note] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)  # on files that were taken
    hidden: list[str] = field(default_factory=list)
    other_types: list[str] = field(default_factory=list)

    def warnings(self) -> list[str]:
        """One line each: files of one sort that nobody expects to be read as one."""
        lines = [f"left out: {note}" for note in self.left_out]
        lines += [f"note: {note}" for note in self.notes]
        for sort, files in (("hidden", self.hidden), ("other", self.other_types)):
            if files:
                what = {"hidden": "hidden", "other": "of other types"}[sort]
                shown = ", ".join(files[:5]) + (", …" if len(files) > 5 else "")
                lines.append(f"left out: {len(files)} {what}: {shown}")
        return lines


def build(pages: dict[str, tuple[Path, Page]], found: Import) -> None:
    """Documents with ids of their own, each text once."""
    ids = _ids({name: page for name, (_, page) in pages.items()}, found)
    first: dict[str, str] = {}  # digest of a text -> the file that had it first
    known: dict[str, str] = {}  # how `supersedes` may name a document -> its id
    kept = []
    for name, (path, page) in pages.items():
        digest = hashlib.sha256("".join(page.text.split()).encode()).hexdigest()
        same = first.setdefault(digest, name)
        known |= {name: ids[same], ids[name]: ids[same]}
        if same == name:
            kept.append((name, path, page))
        else:
            said = f"the same text as {same}, which is kept once"
            found.left_out.append(Note(name, said))
    for name, path, page in kept:
        document = _document(ids[name], name, path, page)
        earlier = _superseded(name, page, document.id, known, found)
        fields = asdict(document) | {"supersedes": earlier}
        found.documents.append(Document(**fields))
        found.files[document.id] = name
    _note_two_dates(found)


def _document(id_: str, name: str, path: Path, page: Page) -> Document:
    stem, parent = Path(name).stem, Path(name).parent.name
    title = " ".join((_given(page, "title") or page.title or stem).split())
    kind = _given(page, "type") or parent or "document"
    day = _date(page.fields.get("date")) or _changed(path)
    return Document(id_, title, kind, day, 1, page.text)


def _given(page: Page, name: str) -> str:
    """What front matter gives, as text; nothing where it gives a list or a mapping."""
    value = page.fields.get(name)
    plain = isinstance(value, str | int | float | date)
    return whole_characters(str(value)) if plain else ""


def _date(given: object) -> str | None:
    """A date that front matter gives, as ISO 8601, or None."""
    if isinstance(given, datetime | date):
        return given.isoformat()[:10]
    try:
        return date.fromisoformat(given[:10]).isoformat()
    except (TypeError, ValueError):
        return None


def _changed(path: Path) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()


def _superseded(
    name: str, page: Page, own: str, known: dict[str, str], found: Import
) -> str | None:
    """The id that front matter names under `supersedes`: an id or a path."""
    if page.fields.get("supersedes") is None:
        return None
    given = _given(page, "supersedes") or "(a list)"
    earlier = known.get(given)
    if earlier is None or earlier == own:
        said = f"`supersedes: {given}` names no other document here; left out"
        found.notes.append(Note(name, said))
        return None
    return earlier


def _note_two_dates(found: Import) -> None:
    """A loader cannot tell which of two documents holds; their owner can."""
    titled: dict[str, list[Document]] = defaultdict(list)
    for document in found.documents:
        titled[document.title.casefold()].append(document)
    for same in titled.values():
        linked = {d.supersedes for d in same} | {d.id for d in same if d.supersedes}
        free = sorted((d for d in same if d.id not in linked), key=lambda d: d.date)
        if len({d.date for d in same}) > 1 and free:
            others = ", ".join(f"{found.files[d.id]} ({d.date})" for d in same[1:])
            said = (
                f"({same[0].date}) has the same title as {others}. If one replaces the "
                "other, say so in its front matter: `supersedes: <id or path>`"
            )
            found.notes.append(Note(found.files[same[0].id], said))


# Ids ----------------------------------------------------------------------------------


def _ids(pages: dict[str, Page], found: Import) -> dict[str, str]:
    """An id for each file, by its path alone: it stays when other files come or go.

    Where two files would share one, both carry a digest of their paths, so that no id
    ever passes from one file to another.
    """
    wanted = {name: _wanted(name, page) for name, page in pages.items()}
    shared = _repeated(id_.casefold() for id_ in wanted.values())
    for name, id_ in wanted.items():
        if id_.casefold() in shared:
            wanted[name] = f"{id_[:80]}-{_digest(name)}"
            if _given(pages[name], "id"):
                said = f"other files claim the id {id_}; it is {wanted[name]} here"
                found.notes.append(Note(name, said))
    return wanted


def _wanted(name: str, page: Page) -> str:
    given = _given(page, "id")
    wanted = given if _ID.fullmatch(given) else _slug(name)
    return f"document-{wanted}" if _DEVICE.match(wanted) else wanted


def _slug(name: str) -> str:
    """reports/Annual Report 2024.pdf -> reports-annual-report-2024"""
    bare = unicodedata.normalize("NFKD", str(Path(name).with_suffix("")))
    plain = bare.encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    lossless = len(slug) <= 80 and bare.isascii()
    return slug if lossless and slug else f"{slug[:80]}-{_digest(name)}".strip("-")


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:8]


def _repeated(values: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    return {value for value in values if value in seen or seen.add(value)}
