"""Which entities a passage is about: what it names, and what its headings name.

HippoRAG's graph (Gutiérrez et al. 2024, arXiv 2405.14831) without an LLM: passages and
entities, an edge where a passage names an entity.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from labs.corpus import Document
from labs.graph import Triple
from labs.graph_entities import Gazetteer, Key, key
from labs.retrieval import Chunk

_HEADING = re.compile(r"(?m)^(#+) +(.+)$")
_DEFINED = re.compile(r"([A-Z][\w-]*(?: [A-Z][\w-]*)*) \(\"([^\"]+)\"\)")


def headings(documents: Sequence[Document], chunks: Sequence[Chunk]) -> dict[str, str]:
    """For each passage's id its document's title and the headings that hold there.

    `chunks` are in the order of the documents. A heading within a passage does not
    stand above it.
    """
    of_id = {document.id: document for document in documents}
    paths = {document.id: _paths(document) for document in documents}
    above: dict[str, str] = {}
    end: dict[str, int] = defaultdict(int)
    for chunk in chunks:
        own = chunk.document
        end[own] = max(of_id[own].text.find(chunk.text, end[own]), end[own])
        starts, shown = paths[own]
        above[chunk.id] = shown[bisect_left(starts, end[own]) - 1]
    return above


def _paths(document: Document) -> tuple[list[int], list[str]]:
    """Where headings begin, and what holds behind each; the title before them all."""
    starts, shown = [-1], [document.title]
    levels: dict[int, str] = {}
    for match in _HEADING.finditer(document.text):
        depth = len(match[1])
        levels = {n: own for n, own in levels.items() if n < depth}
        levels[depth] = match[2]
        below = [own for n, own in levels.items() if n > 1]
        starts.append(match.start())
        shown.append(" / ".join([document.title, *below]))
    return starts, shown


def defined_terms(text: str) -> dict[str, str]:
    """Aliases that a text defines for itself: Prilley Castings ("the Supplier")."""
    return {alias: name for name, alias in _DEFINED.findall(text)}


def mentions(
    documents: Sequence[Document], chunks: Sequence[Chunk], names: Gazetteer
) -> dict[str, list[Key]]:
    """For each passage's id the entities that it names or that its headings name.

    An alias that a document defines stands for its name in that document alone. First
    shown in notebooks/1_rag/06_knowledge_graph.
    """
    above = headings(documents, chunks)
    aliases = {doc.id: defined_terms(doc.text) for doc in documents}
    found = {}
    for chunk in chunks:
        own = aliases[chunk.document]
        meant = [name for alias, name in own.items() if alias in chunk.text]
        text = " / ".join([chunk.text, above[chunk.id], *meant])
        found[chunk.id] = names.find(text)
    return found


def ends_of(
    triples: Mapping[str, Iterable[Triple]], names: Gazetteer
) -> dict[str, list[Key]]:
    """As `mentions`, of each passage's triples: the entities at their ends.

    An end that no name is near is an entity of its own. First shown in
    notebooks/1_rag/06_knowledge_graph.
    """
    return {
        i: [names.entity(e) or key(e) for s, _, o in own for e in (s, o) if key(e)]
        for i, own in triples.items()
    }
