"""What `labs speed retrieval` measures: a strategy is one line in `STRATEGIES`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from labs.corpus import Document
from labs.retrieval import BM25Index, Chunk, DenseIndex, Embed, Searcher


@dataclass(slots=True)
class Built:
    """What a strategy is built from, and the strategies built before it."""

    chunks: list[Chunk]
    vectors: np.ndarray  # (chunks, d), of length one
    embed: Embed
    documents: Sequence[Document]
    searchers: dict[str, Searcher] = field(default_factory=dict)


def _hybrid(built: Built) -> Searcher:
    from labs.fusion import Fused

    return Fused([built.searchers["dense, exact"], built.searchers["BM25"]])


def _reranked(built: Built) -> Searcher:
    from labs.reranking import Reranked, Reranker

    titles = {document.id: document.title for document in built.documents}
    return Reranked(built.searchers["hybrid, RRF"], Reranker(titles))


STRATEGIES: dict[str, Callable[[Built], Searcher]] = {
    "dense, exact": lambda built: DenseIndex(built.chunks, built.vectors, built.embed),
    "dense, Chroma (HNSW)": lambda built: ChromaIndex(built),
    "BM25": lambda built: BM25Index.build(built.chunks),
    "hybrid, RRF": _hybrid,
    "hybrid, RRF, reranked": _reranked,
}


class ChromaIndex:
    """Passages in Chroma, with the settings of notebooks/1_rag/01_baseline."""

    def __init__(self, built: Built) -> None:
        from labs import store

        client = store.client()
        self.collection = client.create_collection(
            "bench",
            embedding_function=None,
            configuration={"hnsw": {"space": "cosine", "ef_search": 500}},
        )
        self.chunks = {chunk.id: chunk for chunk in built.chunks}
        self.embed = built.embed
        size = min(client.get_max_batch_size(), 5_000)
        for start in range(0, len(built.chunks), size):
            batch = built.chunks[start : start + size]
            vectors = built.vectors[start : start + size]
            self.collection.add([chunk.id for chunk in batch], embeddings=vectors)

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        """The `k` nearest passages for each question, as far as HNSW finds them."""
        vectors = self.embed(questions)
        found = self.collection.query(query_embeddings=vectors, n_results=k, include=[])
        return [[self.chunks[id_] for id_ in row] for row in found["ids"]]
