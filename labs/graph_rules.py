"""Triples without an LLM: out of tables, between two names, and of figures.

What a document's structure says needs no model: a table's row and column, the words
between two names, a figure behind a name; and what a section is about, its heading.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from labs.corpus import Document
from labs.documents import by_document
from labs.graph import Triple
from labs.graph_entities import Gazetteer
from labs.retrieval import Chunk, shortest_run

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z*])")
_DATE = r"\b\d{1,2} [A-Z][a-z]+ \d{4}\b"
_QUANTITY = re.compile(rf"{_DATE}|(?<![\w.-])-?\d[\d,.:]*(?: (?:[a-z%°]\S*|[A-Z]+\b))?")
_LONGEST = 8  # words between two ends that still are a relation


def by_passage(
    documents: Sequence[Document], chunks: Sequence[Chunk], names: Gazetteer
) -> dict[str, list[Triple]]:
    """For each passage's id the triples that it states, by `from_document`.

    `chunks` are in the order of the documents. First shown in
    notebooks/1_rag/06_knowledge_graph.
    """
    of_document = by_document(chunks)
    found: dict[str, list[Triple]] = {chunk.id: [] for chunk in chunks}
    for document in documents:
        for triple, line in from_document(document, names):
            for chunk in shortest_run(of_document.get(document.id, []), line):
                found[chunk.id].append(triple)
    return found


def from_document(document: Document, names: Gazetteer) -> list[tuple[Triple, str]]:
    """Triples, each with the row or the sentence that states it.

    A section is about the name in its heading, else in the title; a sentence without a
    name about the last one before it in its paragraph. First shown in
    notebooks/1_rag/06_knowledge_graph.
    """
    title = _first(document.title, names)
    about, table, found = title, [], []
    for line in [*document.text.splitlines(), ""]:
        if line.startswith("|"):
            table.append(line)
            continue
        found += from_table(table, about, names)
        table = []
        if line.startswith("#"):
            about = _first(line, names) or title
        else:
            found += _from_paragraph(line, about, names)
    return found


def _first(text: str, names: Gazetteer) -> str:
    found = names.find(text)
    return names.names[found[0]] if found else ""


def from_table(
    rows: Sequence[str], about: str, names: Gazetteer
) -> list[tuple[Triple, str]]:
    """Of a Markdown table, its first row the head.

    A row that begins with a known name is about it: (name, column, cell). Else it is a
    property of the column, if that is a known name, or of what the section is about.
    """
    cells = [[c.strip() for c in row.strip().strip("|").split("|")] for row in rows]
    found = []
    for row, text in list(zip(cells, rows, strict=True))[2:]:
        named = names.entity(row[0])
        for column, cell in zip(cells[0][1:], row[1:], strict=False):
            owner = column if names.entity(column) else about
            triple = (row[0], column, cell) if named else (owner, row[0], cell)
            if all(triple):
                found.append((triple, text))
    return found


def _from_paragraph(
    line: str, about: str, names: Gazetteer
) -> Iterator[tuple[Triple, str]]:
    for sentence in _SENTENCE.split(line.strip(" -*")):
        yield from (
            (triple, sentence) for triple in from_sentence(sentence, about, names)
        )
        about = _first(sentence, names) or about


def from_sentence(sentence: str, about: str, names: Gazetteer) -> list[Triple]:
    """(name, words between, next name) and (name or `about`, words before, figure)."""
    spots = _spots(sentence, names)
    found = []
    for (_, end, first), (start, _, second) in pairwise(spots):
        if words := _between(sentence[end:start]):
            found.append((first, words, second))
    for match in _QUANTITY.finditer(sentence):
        if any(start < match.end() and match.start() < end for start, end, _ in spots):
            continue
        before = [spot for spot in spots if spot[1] <= match.start()]
        owner, start = (before[-1][2], before[-1][1]) if before else (about, 0)
        words = _between(sentence[start : match.start()])
        if owner and words:
            found.append((owner, words, match[0].rstrip(".,:")))
    return found


def _spots(sentence: str, names: Gazetteer) -> list[tuple[int, int, str]]:
    """Where the names stand: from, to, name; in their order."""
    known = [names.names[own] for own in names.find(sentence)]
    patterns = [rf"(?i)\b{re.escape(name)}\b" for name in known]
    found = [re.search(pattern, sentence) for pattern in patterns]
    pairs = zip(found, known, strict=True)
    return sorted((match.start(), match.end(), name) for match, name in pairs if match)


def _between(text: str) -> str:
    """The words between two ends; "" for none, or for more than a relation has."""
    words = text.strip(" .,;:()*'\u2019\"").split()
    return " ".join(words) if 0 < len(words) <= _LONGEST else ""
