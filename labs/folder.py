"""A folder of one's own files as a directory of data: `python -m labs import`.

Every file ends in one of three ways, and each is told: it becomes a document, it is
left out with the reason and what to do, or it is of a type that nobody reads here. The
import is written beside the documents, in `import.json`.
"""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

from labs import progress, readers, records
from labs.corpus import Document, Evidence
from labs.errors import LabsError
from labs.folder_documents import Import, Note, build
from labs.readers import Page, Unreadable

MAX_MB = 20  # of one file; as plain text that would be 60,000 passages or more
RECORD = "import.json"


def read_folder(
    folder: Path, max_mb: float = MAX_MB, without: Path | None = None
) -> Import:
    """Every document of a folder and of the folders in it.

    Args:
        folder: where the files are; hidden files and linked folders are left out.
        max_mb: files above this size (10⁶ bytes) are left out.
        without: a folder in it to pass over, such as that of the import itself.

    Raises:
        LabsError: there is no such folder, or nothing in it can be read.
    """
    if not folder.is_dir():
        found = "is a file" if folder.exists() else "is not there"
        raise LabsError(f"{folder} {found}, expected a folder of your own files.")
    found = Import()
    paths = list(_walk(folder, without, found))
    pages: dict[str, tuple[Path, Page]] = {}
    with progress.bar(len(paths), "reading", "file") as shown:
        for path in paths:
            name = _name(path, folder)
            if page := _read(path, name, max_mb, found):
                pages[name] = path, page
            shown.update()
    build(pages, found)
    if not found.documents:
        raise _nothing(folder, found)
    return found


def write(found: Import, out: Path) -> None:
    """A directory for `LABS_DATA`; what an earlier import wrote there is replaced.

    Questions and facts that are there stay as they are.

    Raises:
        LabsError: `out` holds something that no import wrote.
    """
    check_out(out)
    fresh, documents = out / "documents.new", out / "documents"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for document in found.documents:
        fields = asdict(document)
        text = fields.pop("text")
        kept = {name: value for name, value in fields.items() if value is not None}
        head = yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=10_000)
        path = fresh / f"{document.id}.md"
        path.write_text(f"---\n{head}---\n\n{text}\n", encoding="utf-8")
    record = {
        "documents": found.files,
        "left_out": {note.file: note.said for note in found.left_out},
        "notes": [str(note) for note in found.notes],
        "hidden": found.hidden,
        "other_types": found.other_types,
    }
    text = json.dumps(record, indent=1, ensure_ascii=False)
    (out / RECORD).write_text(text + "\n", encoding="utf-8")
    (out / "facts.jsonl").touch()
    shutil.rmtree(documents, ignore_errors=True)
    fresh.rename(documents)


def check_out(out: Path) -> None:
    """Before the work: `out` is new, empty, or an earlier import.

    Raises:
        LabsError: it is something else, which an import would overwrite.
    """
    if out.exists() and not out.is_dir():
        raise LabsError(f"--out names {out}, a file; expected a folder.")
    if out.is_dir() and any(out.iterdir()) and not (out / RECORD).is_file():
        raise LabsError(
            f"--out names {out}, which is not empty and holds no {RECORD} of an "
            "earlier import. Name a new folder: nothing of yours is overwritten."
        )


# Finding files ------------------------------------------------------------------------


def _walk(folder: Path, without: Path | None, found: Import) -> Iterator[Path]:
    """Files by name, folder by folder; a link to a folder is not followed: it may
    lead round in a circle, or to another disk."""
    passed = None if without is None else without.resolve()

    def unreadable(error: OSError) -> None:
        name = _name(Path(error.filename), folder)
        found.left_out.append(Note(name, f"cannot be opened ({error.strerror})"))

    for here, folders, files in os.walk(folder, onerror=unreadable):
        root = Path(here)
        entered = []
        for path in [root / name for name in sorted(folders)]:
            if path.is_symlink():
                said = "a link to a folder, not followed; copy the folder instead"
                found.left_out.append(Note(_name(path, folder), said))
            elif _is_hidden(path.name):
                found.hidden.append(_name(path, folder) + "/")
            elif path.resolve() != passed:
                entered.append(path.name)
        folders[:] = entered
        for path in [root / name for name in sorted(files)]:
            if _is_hidden(path.name):
                found.hidden.append(_name(path, folder))
            elif path.suffix.lower() not in readers.READERS:
                found.other_types.append(_name(path, folder))
            else:
                yield path


def _is_hidden(name: str) -> bool:
    """`~$…` are what Word keeps beside a file that is open."""
    return name.startswith((".", "~$"))


def _name(path: Path, folder: Path) -> str:
    """The path within the folder, with / on every system, fit to be printed."""
    name = path.relative_to(folder).as_posix()
    return name.encode("utf-8", "replace").decode()


def _read(path: Path, name: str, max_mb: float, found: Import) -> Page | None:
    try:
        if not path.is_file():
            raise Unreadable("no ordinary file: a link to nowhere, or a device")
        size_mb = path.stat().st_size / 1e6
        if size_mb > max_mb:
            raise Unreadable(
                f"{size_mb:,.0f} MB, and the limit is {max_mb:g}; split it, or take it "
                f"whole with --max-mb {int(size_mb) + 1}"
            )
        page = readers.read(path, int(max_mb * 1e6))
    except Unreadable as error:
        found.left_out.append(Note(name, str(error)))
        return None
    found.notes += [Note(name, said) for said in page.notes]
    return page


def _nothing(folder: Path, found: Import) -> LabsError:
    kinds = ", ".join(readers.READERS)
    if lines := found.warnings():
        told = "\n".join(lines)
        return LabsError(f"{folder}: nothing in it can be read ({kinds}).\n{told}")
    return LabsError(f"{folder} is empty, expected files of these types: {kinds}.")


@dataclass(frozen=True, slots=True)
class _Resting:
    """A question, as far as it matters here."""

    evidence: tuple[Evidence, ...]


def n_stale_questions(found: Import, out: Path) -> int:
    """Questions of an earlier day whose evidence no document holds any more.

    Raises:
        LabsError: a line is no question (the message names file and line).
    """
    path = out / "questions.jsonl"
    texts = {d.id: "".join(d.text.split()) for d in found.documents}
    rows = records.read_json_lines(path) if path.is_file() else []
    asked = [records.build(_Resting, values, where) for where, values in rows]
    return sum(not all(_holds(texts, e) for e in q.evidence) for q in asked)


def _holds(texts: dict[str, str], evidence: Evidence) -> bool:
    quote = "".join(evidence.quote.split())
    return quote in texts.get(evidence.document, "")


def n_words(documents: Sequence[Document]) -> int:
    """Words of all documents together."""
    return sum(len(document.text.split()) for document in documents)
