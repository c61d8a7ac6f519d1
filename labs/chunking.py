"""What goes into the index: passages, and what is embedded in their place.

A passage's text is literal text of its document, however it was cut: so evidence can
be found in it. What stands around it (a title, a heading, the head of a table) may go
into its vector, and need not be read. `labs.explore_chunks` shows the borders.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from labs.corpus import Document
from labs.errors import LabsError
from labs.retrieval import Chunk, DenseIndex, Embed, n_tokens

Span = tuple[int, int]  # of a passage in its document's text, from and to

# Cutting ------------------------------------------------------------------------------

# Where a line's sentences part; the "1." of a list is no sentence.
_GAP = re.compile(r"(?<!^\d\.)(?<!^\d\d\.)(?<=[.!?])\s+(?=[^\sa-z])")
_HEADING = re.compile(r"(#{1,6})\s+(.+)")
_RULE = re.compile(r"[|:\s-]+")  # below the head of a table


def windows(
    documents: Sequence[Document], size: int = 48, overlap: int = 0
) -> list[Chunk]:
    """Windows of `size` words, each sharing `overlap` words with the one before.

    48 words are about 64 tokens. First shown in notebooks/1_rag/02_before_retrieval.

    Raises:
        LabsError: the overlap is not smaller than the window.
    """
    if not 0 <= overlap < size:
        asked = f"Windows of {size} words with an overlap of {overlap}"
        raise LabsError(f"{asked}: expected a smaller overlap, of 0 or more.")
    chunks = []
    for document in documents:
        words = [found.span() for found in re.finditer(r"\S+", document.text)]
        last = min(len(words), max(1, len(words) - overlap))
        for i, start in enumerate(range(0, last, size - overlap), start=1):
            inside = words[start : start + size]
            text = document.text[inside[0][0] : inside[-1][1]]
            chunks.append(Chunk(f"{document.id}#{i}", document.id, text))
    return chunks


def sentences(text: str) -> list[str]:
    """Sentences of Markdown, and each heading, list item and table row as one.

    First shown in notebooks/1_rag/02_before_retrieval.
    """
    lines = [line.strip() for line in text.splitlines()]
    rows = [[line] if line[:1] in ("|", "#") else _GAP.split(line) for line in lines]
    return [piece for row in rows for piece in row if piece]


def spans(text: str, pieces: Sequence[str]) -> list[Span]:
    """Where pieces of a text stand in it; they come in its order and may overlap.

    Raises:
        LabsError: a piece does not stand in the text.
    """
    found: list[Span] = []
    start, end = -1, 0
    for piece in pieces:
        at = text.find(piece, end)
        start = at if at >= 0 else text.find(piece, start + 1)
        if start < 0:
            raise LabsError(
                f"{piece[:60]!r} does not stand in the text {text[:60]!r}…: expected "
                "literal pieces of it, in their order."
            )
        end = start + len(piece)
        found.append((start, end))
    return found


def semantic(
    documents: Sequence[Document],
    embed: Embed,
    percentile: float = 80,
    size: int | None = 128,
) -> list[Chunk]:
    """Sentences joined up to where the subject changes.

    A border falls where the cosine distance from a sentence to the next is above the
    `percentile` of its document, and before a passage grows beyond `size` tokens. After
    Kamradt's "5 levels of text splitting" (2023). First shown in
    notebooks/1_rag/02_before_retrieval.
    """
    units = [sentences(document.text) for document in documents]
    vectors = embed([unit for own in units for unit in own])
    chunks, at = [], 0
    for document, own in zip(documents, units, strict=True):
        mine = vectors[at : at + len(own)]
        at += len(own)
        distances = 1 - (mine[:-1] * mine[1:]).sum(axis=1)
        limit = np.percentile(distances, percentile) if len(distances) else 0.0
        groups = _groups(own, [d > limit for d in distances], size)
        places = spans(document.text, own)
        for i, (first, last) in enumerate(groups, start=1):
            text = document.text[places[first][0] : places[last][1]]
            chunks.append(Chunk(f"{document.id}#{i}", document.id, text))
    return chunks


def _groups(
    units: Sequence[str], is_border: Sequence[bool], size: int | None
) -> Iterator[tuple[int, int]]:
    """First and last unit of each passage."""
    if not units:
        return
    first, used = 0, n_tokens(units[0])
    for i, border in enumerate(is_border, start=1):
        used += n_tokens(units[i])
        if border or (size is not None and used > size):
            yield first, i - 1
            first, used = i, n_tokens(units[i])
    yield first, len(units) - 1


def propositions(documents: Sequence[Document]) -> list[Chunk]:
    """Each sentence, list item or table row as a passage of its own.

    The cheap version of proposition chunking (Chen et al. 2023, arXiv 2312.06648),
    without an LLM: what a sentence lacks to stand alone goes into its vector by
    `with_headers`. A heading below the title is a passage too ("P-104 Cleaning the
    ring" tells what P-104 is); the title and the head of a table are headers only.
    First shown in notebooks/1_rag/02_before_retrieval.
    """
    chunks = []
    for document in documents:
        units = sentences(document.text)
        below = [*units[1:], ""]
        pairs = zip(units, below, strict=True)
        kept = [unit for unit, after in pairs if _says(unit, after)]
        chunks += [
            Chunk(f"{document.id}#{i}", document.id, text)
            for i, text in enumerate(kept, start=1)
        ]
    return chunks


def _says(unit: str, below: str) -> bool:
    is_rule = _RULE.fullmatch(unit) is not None
    is_head = unit[0] == below[:1] == "|" and bool(_RULE.fullmatch(below))
    return not (is_rule or is_head or unit.startswith("# "))


# What stands around a passage ---------------------------------------------------------


def header(document: Document, start: int) -> list[str]:
    """What stands above a place of a document: title, headings, head of the table.

    First shown in notebooks/1_rag/02_before_retrieval.
    """
    open_headings: dict[int, str] = {}
    table: list[str] = []
    for line in _lines_until(document.text, start):
        if found := _HEADING.match(line):
            level = len(found[1])
            open_headings = {n: h for n, h in open_headings.items() if n < level}
            open_headings[level] = found[2]
        table = [*table, line] if line[:1] == "|" else []
    headings = [h for h in open_headings.values() if h != document.title]
    return [document.title, *headings, *table[:-1][:1]]


def _lines_until(text: str, start: int) -> list[str]:
    """The lines up to the one that begins at or holds `start`, that one included."""
    end = text.find("\n", start)
    return text[: end if end >= 0 else len(text)].splitlines()


def headers(chunks: Sequence[Chunk], documents: Sequence[Document]) -> list[str]:
    """The header of each passage in one line.

    A line of it that stands in the passage already is not said twice. A passage that
    begins with a heading has that heading's section.
    """
    by_id = {document.id: document for document in documents}
    lines = []
    for chunk, (start, _) in zip(chunks, places(chunks, documents), strict=True):
        above = _header(by_id[chunk.document], start + _first_word(chunk.text))
        lines.append(" > ".join(line for line in above if line not in chunk.text))
    return lines


def with_headers(chunks: Sequence[Chunk], documents: Sequence[Document]) -> list[str]:
    """What to embed for each passage: its header, then its text.

    Contextual chunk headers: what Anthropic's "contextual retrieval" (2024) asks an LLM
    for, from the document itself. First shown in notebooks/1_rag/02_before_retrieval.
    """
    above = headers(chunks, documents)
    texts = [chunk.text for chunk in chunks]
    return [f"{h}\n{t}" if h else t for h, t in zip(above, texts, strict=True)]


def add_headers(
    chunks: Sequence[Chunk], documents: Sequence[Document], embed: Embed
) -> np.ndarray:
    """Unit vectors (chunks, d): the header's and the text's, added.

    For short passages: a header is embedded once and not for every sentence below it.
    It weighs as much as the text whatever their lengths, so long passages are better
    embedded together with theirs. First shown in notebooks/1_rag/02_before_retrieval.
    """
    texts = [chunk.text for chunk in chunks]
    pairs = zip(headers(chunks, documents), texts, strict=True)
    above = [header or text for header, text in pairs]
    vectors = embed(above) + embed(texts)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@lru_cache(maxsize=1 << 15)
def _header(document: Document, start: int) -> list[str]:
    return header(document, start)


def _first_word(text: str) -> int:
    """Where a passage's first line that is no heading begins; 0 if all are."""
    at = 0
    for line in text.splitlines(keepends=True):
        if line.strip() and not _HEADING.match(line):
            return at
        at += len(line)
    return 0


def places(chunks: Sequence[Chunk], documents: Sequence[Document]) -> list[Span]:
    """Where each passage stands in its document.

    Raises:
        LabsError: a passage is not literal text of its document.
    """
    texts: dict[str, list[str]] = {document.id: [] for document in documents}
    for chunk in chunks:
        texts[chunk.document].append(chunk.text)
    found = {d.id: iter(spans(d.text, texts[d.id])) for d in documents}
    return [next(found[chunk.document]) for chunk in chunks]


# Small to search, large to read -------------------------------------------------------


def parents(
    children: Sequence[Chunk],
    larger: Sequence[Chunk],
    documents: Sequence[Document],
) -> list[Chunk]:
    """For each child the larger passage in which it begins.

    `larger` cut the same documents without gaps. First shown in
    notebooks/1_rag/02_before_retrieval.
    """
    starts: dict[str, list[int]] = {}
    own: dict[str, list[Chunk]] = {}
    for chunk, (start, _) in zip(larger, places(larger, documents), strict=True):
        starts.setdefault(chunk.document, []).append(start)
        own.setdefault(chunk.document, []).append(chunk)
    return [
        own[child.document][max(0, bisect_right(starts[child.document], start) - 1)]
        for child, (start, _) in zip(children, places(children, documents), strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Distinct:
    """An index with several vectors for a passage; each passage is found once.

    So children lead to their parents, and questions to the passage that they were
    written for. First shown in notebooks/1_rag/02_before_retrieval.
    """

    index: DenseIndex

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        """The `k` best passages for each question, by the best of their vectors."""
        most = max(Counter(self.index.chunks).values(), default=1)
        ranked = self.index.search(questions, k * most)
        return [list(dict.fromkeys(row))[:k] for row in ranked]
