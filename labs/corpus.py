"""The documents of a domain, its facts, its questions, and its later edition.

A directory of data (`labs.profiles.data_dir()`, set by `LABS_DATA`) holds
`documents/*.md` with YAML front matter, `facts.jsonl`, `questions.jsonl`, and in
`edition2/` the documents that arrive later with `changes.jsonl`. Every loader raises
`LabsError` for what it cannot read and names the file and the line.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs import profiles, records
from labs.errors import LabsError

KINDS = (
    "lookup",
    "multi_hop",
    "comparison",
    "summary",
    "work_order",
    "unanswerable",
)
SPLITS = ("train", "dev", "test_seen_facts", "test_unseen_facts")


@dataclass(frozen=True, slots=True)
class Document:
    """A Markdown file without its front matter."""

    id: str
    title: str
    type: str
    date: str  # ISO: 2031-03-01
    edition: int
    text: str
    supersedes: str | None = None  # the id of the document that this one replaces


@dataclass(frozen=True, slots=True)
class Fact:
    """An edge of the gold knowledge graph."""

    id: str
    subject: str
    relation: str
    object: str
    document: str
    edition: int
    quote: str = ""  # where the document states it
    superseded_by: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A literal passage of a document that an answer rests on."""

    document: str
    quote: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question with all that is needed to grade an answer and a retrieval."""

    id: str
    question: str
    answer: str
    accepted: tuple[str, ...]  # every right wording
    kind: str  # one of KINDS
    split: str  # one of SPLITS
    facts: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    edition: int
    written_by: str | None = None  # the LLM that wrote it (labs.synthetic); else people


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose right answer is another one after the second edition."""

    id: str
    question: str
    kind: str
    old_answer: str
    new_answer: str
    old_accepted: tuple[str, ...]
    accepted: tuple[str, ...]  # every right wording after the second edition
    facts_old: tuple[str, ...]
    facts: tuple[str, ...]
    evidence: tuple[Evidence, ...]


# Loading ------------------------------------------------------------------------------


def load_documents(edition: int = 1) -> list[Document]:
    """The documents of the first edition, or those that arrive with the second."""
    folder = _edition_dir(edition) / "documents"
    paths = sorted(folder.glob("*.md"))
    if not paths:
        found = "no *.md files" if folder.is_dir() else "no such directory"
        raise _lacking(folder, found)
    rows = [(f"{path}:1", records.read_front_matter(path)) for path in paths]
    return _build(Document, rows)


def load_facts(edition: int = 1) -> list[Fact]:
    """The facts that the documents of one edition state."""
    return _build(Fact, _rows(_edition_dir(edition) / "facts.jsonl"))


def load_questions(split: str | None = None, kind: str | None = None) -> list[Question]:
    """The questions of a split and a kind, or all."""
    for name, value, known in (("split", split, SPLITS), ("kind", kind, KINDS)):
        if value is not None:
            _check_known(f"{name}={value!r} was asked for", value, known)
    questions = _build(Question, _rows(profiles.data_dir() / "questions.jsonl"))
    return [
        question
        for question in questions
        if split in (None, question.split) and kind in (None, question.kind)
    ]


def one_wording(questions: Iterable[Question]) -> list[Question]:
    """One question of each kind for the same facts.

    Train questions ask for a fact in several wordings, which are answered alike:
    counted as so many questions they would make intervals too narrow.
    """
    asked = {(q.kind, frozenset(q.facts) or q.id): q for q in questions}
    return list(asked.values())


def load_changes() -> list[Change]:
    """The questions whose answers change with the second edition."""
    return _build(Change, _rows(_edition_dir(2) / "changes.jsonl"))


def _edition_dir(edition: int) -> Path:
    _check_known(f"edition={edition} was asked for", edition, (1, 2))
    directory = profiles.data_dir()
    return directory if edition == 1 else directory / "edition2"


def _rows(path: Path) -> list[records.Row]:
    if not path.is_file():
        raise _lacking(path, "no such file")
    return records.read_json_lines(path)


def _build(
    cls: type[records.Record], rows: Iterable[records.Row]
) -> list[records.Record]:
    """Typed records; their ids are unique, their kinds and splits known."""
    built: dict[str, tuple[str, Any]] = {}
    for where, values in rows:
        record = records.build(cls, values, where)
        if record.id in built:
            raise LabsError(
                f"{where}: the id {record.id!r} stands in {built[record.id][0]} too. "
                "Expected each id once."
            )
        for name, known in (("kind", KINDS), ("split", SPLITS)):
            if hasattr(record, name):
                value = getattr(record, name)
                _check_known(f"{where}: {name} is {value!r}", value, known)
        built[record.id] = where, record
    return [record for _, record in built.values()]


def _check_known(found: str, value: object, known: Sequence[object]) -> None:
    if value not in known:
        raise LabsError(f"{found}, expected one of {', '.join(map(str, known))}.")


def _lacking(path: Path, found: str) -> LabsError:
    return LabsError(
        f"{path}: {found}. LABS_DATA names a directory with documents/*.md, "
        "facts.jsonl, questions.jsonl and edition2/; `make data OUT=dir` makes one, "
        "`python -m labs import FOLDER --out dir` makes documents of your own files "
        "and `python -m labs questions dir` questions on them. Without LABS_DATA the "
        "labs use data/wind."
    )


# Use ----------------------------------------------------------------------------------


def evidence_found(
    texts: Sequence[str],
    question: Question,
    documents: Sequence[str] | None = None,
) -> list[bool]:
    """For each quote of the evidence, whether it stands in the passages.

    White space does not count, and a quote that a chunk's border cuts is found when
    the passages hold all its pieces.

    Args:
        texts: the passages, as cut from the documents.
        documents: the id of each passage's document. Give it wherever it is known:
            siblings share sentences, and only the right document's is evidence.
    """
    squeezed = ["".join(text.split()) for text in texts]
    sources = [None] * len(texts) if documents is None else documents
    passages = list(zip(squeezed, sources, strict=True))
    return [
        _is_covered(
            "".join(evidence.quote.split()),
            [text for text, source in passages if source in (None, evidence.document)],
        )
        for evidence in question.evidence
    ]


def _is_covered(quote: str, passages: list[str]) -> bool:
    """Whether the pieces of the quote that stand in the passages make it whole."""
    end = 0
    for start, stop in sorted(piece for p in passages for piece in _pieces(quote, p)):
        if start <= end:
            end = max(end, stop)
    return end == len(quote)


def _pieces(quote: str, passage: str) -> list[tuple[int, int]]:
    """Parts of the quote, from and to, that the passage holds whole or at its edges."""
    size = len(quote)
    if quote in passage:
        return [(0, size)]
    pieces = []
    if passage and (inside := quote.find(passage)) >= 0:
        pieces.append((inside, inside + len(passage)))
    reach = range(min(size, len(passage)), 0, -1)
    if head := next((n for n in reach if passage.endswith(quote[:n])), 0):
        pieces.append((0, head))
    if tail := next((n for n in reach if passage.startswith(quote[size - n :])), 0):
        pieces.append((size - tail, size))
    return pieces


def as_llama_documents(documents: Iterable[Document]) -> list[Any]:
    """llama-index documents under the same ids; a chunk's text is the document's only.

    Title, type, date and edition are metadata that neither the embedder nor the model
    gets to see, until a lesson asks for it.
    """
    from llama_index.core import Document as LlamaDocument

    hidden = ["title", "type", "date", "edition"]
    return [
        LlamaDocument(
            id_=document.id,
            text=document.text,
            metadata={name: getattr(document, name) for name in hidden},
            excluded_embed_metadata_keys=hidden,
            excluded_llm_metadata_keys=hidden,
        )
        for document in documents
    ]
