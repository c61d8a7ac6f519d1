"""Passages and how to find them: naive retrieval, as the first lab builds it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from labs.corpus import Document

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
