"""Passages and how to find them: naive retrieval, as the first lab builds it.

Whatever retrieves has `search(questions, k)`, which gives the `k` best passages for
each question, the best first: retrievers are compared, fused and reranked alike.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from labs import corpus
from labs.corpus import Document, Question

Embed = Callable[[Sequence[str]], np.ndarray]  # texts -> unit vectors (n, d)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage: a piece of one document."""

    id: str  # "HB-COR-92#17": the document's id and a running number
    document: str
    text: str


def chunk(documents: Sequence[Document], size: int = 64) -> list[Chunk]:
    """Documents cut into passages of at most `size` tokens, at sentence ends.

    64 tokens are about 48 words: four such passages and the question make a prompt of
    some 400 tokens, which a small model still reads well.
    """
    from llama_index.core.node_parser import SentenceSplitter

    splitter = SentenceSplitter(chunk_size=size, chunk_overlap=0)
    return [
        Chunk(f"{document.id}#{i}", document.id, text)
        for document in documents
        for i, text in enumerate(splitter.split_text(document.text), start=1)
    ]


def shortest_run(chunks: Sequence[Chunk], quote: str) -> Sequence[Chunk]:
    """The fewest neighbours that hold the quote, white space aside; () if none do.

    One passage, unless a border cuts the quote. `chunks` are one document's, in order.
    """
    wanted = "".join(quote.split())
    texts = ["".join(chunk.text.split()) for chunk in chunks]
    for size in range(1, len(texts) + 1):
        for end in range(size, len(texts) + 1):
            if wanted in "".join(texts[end - size : end]):
                return chunks[end - size : end]
    return ()


def gold_chunks(question: Question, chunks: Sequence[Chunk]) -> list[Chunk]:
    """The passages that hold the question's evidence, each once, in its order.

    First shown in notebooks/1_rag/01_baseline.
    """
    gold: dict[str, Chunk] = {}
    for evidence in question.evidence:
        own = [chunk for chunk in chunks if chunk.document == evidence.document]
        gold |= {chunk.id: chunk for chunk in shortest_run(own, evidence.quote)}
    return list(gold.values())


class Searcher(Protocol):
    """What retrieves."""

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        """The `k` best passages for each question, the best first."""


@dataclass(frozen=True, slots=True)
class DenseIndex:
    """Passages beside their vectors; the nearest by cosine are found."""

    chunks: list[Chunk]
    vectors: np.ndarray  # (chunks, d), of length one
    embed: Embed

    @classmethod
    def build(cls, chunks: list[Chunk], embed: Embed) -> "DenseIndex":
        """Embed all passages."""
        return cls(chunks, embed([chunk.text for chunk in chunks]), embed)

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        """The `k` passages nearest to each question, the best first."""
        similarity = self.embed(questions) @ self.vectors.T
        best = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
        return [[self.chunks[i] for i in row] for row in best]


_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_WORD = re.compile(r"(?<!\w)-\d[\d.]*\d|(?<!\w)-\d|°?\w+(?:[-.:/]\w+)*|[%€$£°]")


def words(text: str) -> list[str]:
    """The words of a text for `BM25Index`, in lower case.

    What holds a digit stays whole, for one digit makes it another: F-2317, SB-2030-12,
    2.4, -19 (1,200 is 1200). Units stay whole: m/s, °C, %. Other words are parted at
    their dashes and lose the s of a plural or of a possessive. First shown in
    notebooks/1_rag/04_retrieval.
    """
    text = _THOUSANDS.sub("", text.lower().replace("\u2019", "'"))
    found: list[str] = []
    for word in _WORD.findall(text.replace("'s", "").replace("s'", "s")):
        whole = any(c.isdigit() or c in "/°" for c in word)
        parts = [word] if whole else re.split("[-.:]", word)
        found += [re.sub(r"(?<=[a-z]{3})(?<![su])s$", "", part) for part in parts]
    return found


@dataclass(frozen=True, slots=True)
class BM25Index:
    """Passages ranked by the words that they share with the question.

    Robertson & Zaragoza 2009 (doi 10.1561/1500000019), as Lucene and bm25s compute it.
    """

    chunks: list[Chunk]
    ranker: Any  # bm25s.BM25

    @classmethod
    def build(
        cls, chunks: list[Chunk], texts: Sequence[str] | None = None
    ) -> "BM25Index":
        """Count the words of the passages, or of the `texts` given in their place."""
        from bm25s import BM25

        counted = [chunk.text for chunk in chunks] if texts is None else texts
        ranker = BM25(k1=1.5, b=0.75)
        ranker.index([words(text) for text in counted], show_progress=False)
        return cls(chunks, ranker)

    def scores(self, questions: Sequence[str]) -> np.ndarray:
        """The score of every passage for every question: (questions, chunks)."""
        scores = np.zeros((len(questions), len(self.chunks)), dtype=np.float32)
        for row, question in zip(scores, questions, strict=True):
            known = [w for w in words(question) if w in self.ranker.vocab_dict]
            if known:
                row[:] = self.ranker.get_scores(known)
        return scores

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        """The `k` best passages for each question; fewer where fewer share a word."""
        scores = self.scores(questions)
        best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return [
            [self.chunks[i] for i in ranked if row[i] > 0]
            for ranked, row in zip(best, scores, strict=True)
        ]


# Measuring ----------------------------------------------------------------------------

CONTEXT_BUDGET = 256  # tokens of passages in a prompt: four of 64, as in the first lab


@lru_cache(maxsize=1 << 17)
def n_tokens(text: str) -> int:
    """The text's length in tokens, counted alike for every technique and model.

    By the tokenizer that llama-index's splitters count with (GPT-2's byte pairs).
    """
    from llama_index.core.utils import get_tokenizer

    return len(get_tokenizer()(text))


def within(ranked: Sequence[Chunk], budget: int = CONTEXT_BUDGET) -> list[Chunk]:
    """The best passages that fit into `budget` tokens together, in their order.

    A passage that does not fit is passed over, and the next may. First shown in
    notebooks/1_rag/02_before_retrieval.
    """
    kept, left = [], budget
    for passage in ranked:
        size = n_tokens(passage.text)
        if size <= left:
            kept.append(passage)
            left -= size
    return kept


def evidence_recall(question: Question, passages: Sequence[Chunk]) -> float | None:
    """Share of the question's quotes that stand in the passages; None without any."""
    if not question.evidence:
        return None
    texts = [passage.text for passage in passages]
    documents = [passage.document for passage in passages]
    found = corpus.evidence_found(texts, question, documents)
    return sum(found) / len(found)
