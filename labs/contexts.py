"""Which documents may answer, and what is read around a passage that was found."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from labs.corpus import Document
from labs.retrieval import Chunk, Searcher

Rule = Callable[[str], Collection[str] | None]  # a question -> documents; None: all
NAME = re.compile(r"\b[A-Z][a-z]+ \d{2,3}\b")  # of a turbine model: Varthane 94


def about(documents: Sequence[Document], strict: bool = False) -> Rule:
    """A rule: a question that names a model leaves out the documents on its siblings.

    What a document is on, its title tells. Documents that name no model stay, unless
    `strict` asks for those on the model alone. A question without a known name is not
    restricted. First shown in notebooks/1_rag/04_retrieval.
    """
    names = {doc.id: frozenset(NAME.findall(doc.title)) for doc in documents}
    known = frozenset().union(*names.values())

    def rule(question: str) -> set[str] | None:
        asked = known.intersection(NAME.findall(question))
        if not asked:
            return None
        return {i for i, own in names.items() if own & asked or not (own or strict)}

    return rule


@dataclass(frozen=True, slots=True)
class Filtered:
    """A searcher that returns only passages of the documents that a rule allows."""

    searcher: Searcher
    rule: Rule

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        """The `k` best allowed passages for each question; all are ranked for it."""
        allowed = [self.rule(question) for question in questions]
        everything = 1 << 30
        return [
            [p for p in ranked if documents is None or p.document in documents][:k]
            for ranked, documents in zip(
                self.searcher.search(questions, everything), allowed, strict=True
            )
        ]


# Small to search, more to read --------------------------------------------------------


def sentences(documents: Sequence[Document]) -> list[Chunk]:
    """Every sentence of the documents, as llama-index's sentence windows cut them.

    A table or a list without full stops is one sentence.
    """
    from llama_index.core.node_parser.text.utils import split_by_sentence_tokenizer

    split = split_by_sentence_tokenizer()
    return [
        Chunk(f"{document.id}#s{i}", document.id, text)
        for document in documents
        for i, text in enumerate(split(document.text), start=1)
    ]


@dataclass(frozen=True, slots=True)
class SentenceWindow:
    """Sentences are searched; each is read with its neighbours.

    First shown in notebooks/1_rag/04_retrieval.
    """

    searcher: Searcher  # over `sentences`
    sentences: Sequence[Chunk]  # in the order of the documents
    neighbours: int = 1  # on each side

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        """`k` windows for each question; no sentence is read twice."""
        place = {sentence.id: i for i, sentence in enumerate(self.sentences)}
        found = self.searcher.search(questions, k * (2 * self.neighbours + 1))
        return [self._windows([place[s.id] for s in row])[:k] for row in found]

    def _windows(self, places: Sequence[int]) -> list[Chunk]:
        windows, read = [], set()
        for centre in places:
            if centre not in read:
                own = [i for i in self._around(centre) if i not in read]
                read.update(own)
                windows += [self._joined(run) for run in _runs(own)]
        return windows

    def _around(self, centre: int) -> list[int]:
        """Places of a sentence and its neighbours in the same document."""
        reach = range(centre - self.neighbours, centre + self.neighbours + 1)
        document = self.sentences[centre].document
        inside = [i for i in reach if 0 <= i < len(self.sentences)]
        return [i for i in inside if self.sentences[i].document == document]

    def _joined(self, places: Sequence[int]) -> Chunk:
        parts = [self.sentences[i] for i in places]
        text = "".join(part.text for part in parts).strip()
        return Chunk(parts[0].id, parts[0].document, text)


def _runs(places: Sequence[int]) -> list[list[int]]:
    """Places parted where one is missing."""
    runs: list[list[int]] = []
    for place in places:
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def parents(
    chunks: Sequence[Chunk], documents: Sequence[Document], size: int = 3
) -> dict[str, Chunk]:
    """For each passage's id its parent: `size` neighbours of one document as one text.

    The last parent of a document may have fewer. `chunks` are in order.
    """
    texts = {document.id: document.text for document in documents}
    families: dict[str, list[list[Chunk]]] = {}
    for chunk in chunks:
        own = families.setdefault(chunk.document, [[]])
        if len(own[-1]) == size:
            own.append([])
        own[-1].append(chunk)
    return {
        child.id: parent
        for document, own in families.items()
        for family, parent in zip(own, _joined(own, texts[document]), strict=True)
        for child in family
    }


def _joined(families: Sequence[Sequence[Chunk]], text: str) -> list[Chunk]:
    """A passage for each family: what its document says from first child to last."""
    joined, end = [], 0
    for family in families:
        start = text.index(family[0].text, end)
        for child in family:
            end = text.index(child.text, end) + len(child.text)
        name = f"{family[0].id}-{family[-1].id.rpartition('#')[2]}"
        joined.append(Chunk(name, family[0].document, text[start:end]))
    return joined


def merge(
    found: Sequence[str],
    parent_of: Mapping[str, str],
    n_children: Mapping[str, int],
) -> list[str]:
    """Ids of what is read: a parent where more than half of its children were found.

    The parent stands, once, where the first of them stood. First shown in
    notebooks/1_rag/04_retrieval.

    Args:
        found: ids of passages, the best first.
        parent_of: the id of each passage's parent.
        n_children: how many children each parent has.
    """
    parents = [parent_of[child] for child in found]
    read = []
    for child, parent in zip(found, parents, strict=True):
        whole = parents.count(parent) / n_children[parent] > 0.5
        if (item := parent if whole else child) not in read:
            read.append(item)
    return read


@dataclass(frozen=True, slots=True)
class AutoMerging:
    """Passages are searched; where most of a parent is found, the parent is read.

    After llama-index's AutoMergingRetriever.
    """

    searcher: Searcher
    parents: Mapping[str, Chunk]  # of each passage's id, as `parents` gives them
    depth: int = 8  # passages among which a parent's children are counted

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        """At most `k` passages or parents for each question, the best first."""
        parent_of = {child: parent.id for child, parent in self.parents.items()}
        n_children = Counter(parent_of.values())
        known = {parent.id: parent for parent in self.parents.values()}
        found = []
        for row in self.searcher.search(questions, self.depth):
            known |= {passage.id: passage for passage in row}
            ids = merge([passage.id for passage in row], parent_of, n_children)
            found.append([known[i] for i in ids[:k]])
        return found
