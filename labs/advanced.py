"""Advanced RAG as series 1 ends: the recipe that later series call "advanced"."""

from collections.abc import Sequence
from dataclasses import dataclass

from labs import chunking, graph_rules, graph_search, passages
from labs.corpus import Document
from labs.embedding import Embedder
from labs.graph_entities import Gazetteer, harvest
from labs.graph_mentions import ends_of, mentions
from labs.graph_search import GraphIndex, MentionGraph
from labs.retrieval import BM25Index, Chunk, DenseIndex, Embed, Searcher, chunk


@dataclass(frozen=True, slots=True)
class Current:
    """A searcher whose finds from replaced documents come last.

    First shown in notebooks/1_rag/08_leaderboard.
    """

    searcher: Searcher
    stale: set[str]  # documents that a later one replaces
    depth: int = 20  # passages that are put in order

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        """The `k` best passages for each question, the best first."""
        rows = self.searcher.search(questions, max(k, self.depth))
        return [passages.demote(row, self.stale)[:k] for row in rows]


def entity_graph(
    documents: Sequence[Document], chunks: Sequence[Chunk]
) -> tuple[MentionGraph, Gazetteer]:
    """Passages, and the entities that they mention or that rules read in them.

    First shown in notebooks/1_rag/08_leaderboard, from the parts of
    06_knowledge_graph.
    """
    texts = [text for doc in documents for text in (doc.title, doc.text)]
    names = Gazetteer.of(harvest(texts))
    named = mentions(documents, chunks, names)
    ruled = ends_of(graph_rules.by_passage(documents, chunks, names), names)
    both = {i: [*own, *ruled.get(i, ())] for i, own in named.items()}
    return MentionGraph.build(chunks, both), names


def build(
    documents: Sequence[Document], embedder: Embedder, embed_question: Embed
) -> Current:
    """The recipe: words with headers, vectors, a walk over the graph, what is current.

    First shown in notebooks/1_rag/08_leaderboard.

    Args:
        embed_question: an embedder adapted to the domain, or `embedder.embed`.
    """
    chunks = chunk(documents)
    vectors = embedder.embed([passage.text for passage in chunks])
    words = BM25Index.build(chunks, chunking.with_headers(chunks, documents))
    dense = DenseIndex(chunks, vectors, embed_question)
    relevance = graph_search.hybrid(dense, words, 0.5)
    graph, names = entity_graph(documents, chunks)
    walk = GraphIndex(graph, names, relevance, turns=True)
    return Current(walk, passages.superseded(documents))
