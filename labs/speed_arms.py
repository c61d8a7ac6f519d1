"""One arm of `labs speed retrieval` on one corpus, in a process of its own.

`python -m labs.speed_arms labs 2000 50` measures on the corpus of `LABS_DATA` and
prints JSON. Its own process, so that peak memory is this arm's alone; no cache, so that
every text is embedded and every pair is scored in the time that is measured. Seconds
are taken twice: on the wall clock, and of all cores (`cpu`), which says what the work
cost even where others are at work on the machine.
"""

import json
import random
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from labs import cache, corpus
from labs.clock import Row, Spent, held_mb, memory, queries, timed
from labs.corpus import Document
from labs.embedding import MAX_TOKENS, Embedder
from labs.errors import LabsError
from labs.retrieval import Embed, chunk, n_tokens
from labs.speed_strategies import STRATEGIES, Built

SEED = 1
TOP_K = 4


# The arms -----------------------------------------------------------------------------


def measure_labs(limit: int, n_queries: int) -> Row:
    """Passages a second, and of every strategy seconds to build and a query's time."""
    documents, questions = _corpus(n_queries)
    embedder = Embedder()
    _cut_and_embed(documents[:1], embedder.embed)  # loads what is loaded late
    own = _sample(documents, limit)
    (real, texts), spent = timed(lambda: _cut_and_embed(own, embedder.embed))
    before_mb = held_mb()
    chunks = chunk(documents)
    vectors = random_vectors(len(chunks), embedder.dimension)
    ids = {document.id for document in own}
    of_sample = [i for i, passage in enumerate(chunks) if passage.document in ids]
    real_of = dict(zip(texts, real, strict=True))
    vectors[of_sample] = [real_of[chunks[i].text] for i in of_sample]
    built = Built(chunks, vectors, embedder.embed, documents)
    return {
        "ingest": _ingest(own, texts, spent),
        "chunks": len(chunks),
        "strategies": [_strategy(n, built, questions, before_mb) for n in STRATEGIES],
    }


def _cut_and_embed(
    documents: Sequence[Document], embed: Embed
) -> tuple[np.ndarray, list[str]]:
    texts = [passage.text for passage in chunk(documents)]
    return embed(texts), texts


def _strategy(name: str, built: Built, questions: list[str], before_mb: float) -> Row:
    try:
        searcher, build = timed(lambda: STRATEGIES[name](built))
        built.searchers[name] = searcher
        row = queries(lambda text: searcher.search([text], TOP_K), questions)
    except (LabsError, ImportError, KeyError) as error:
        return {"strategy": name, "skipped": str(error)}
    _, batch = timed(lambda: searcher.search(questions, TOP_K))
    row |= {"batched_ms": 1e3 * batch.wall_s / len(questions)}
    return {"strategy": name, "build_s": build.wall_s, **row, **memory(before_mb)}


def measure_llama_index(limit: int, n_queries: int) -> Row:
    """Its own pipeline with its own sizes, and its store in memory."""
    from llama_index.core.constants import DEFAULT_EMBED_BATCH_SIZE
    from llama_index.core.ingestion import IngestionPipeline
    from llama_index.core.node_parser import SentenceSplitter

    documents, questions = _corpus(n_queries)
    embedding = Embedder().as_llama_embedding()
    embedding.embed_batch_size = DEFAULT_EMBED_BATCH_SIZE
    own = _sample(documents, limit)
    pipeline = IngestionPipeline(transformations=[SentenceSplitter(), embedding])
    _warm_up(
        pipeline.run(documents=corpus.as_llama_documents(documents[:1])), embedding
    )
    given = corpus.as_llama_documents(own)
    before_mb = held_mb()
    nodes, spent = timed(lambda: pipeline.run(documents=given))
    ids = {document.id for document in own}
    others = [d for d in documents if d.id not in ids]
    rest = SentenceSplitter()(corpus.as_llama_documents(others))
    vectors = random_vectors(len(rest), len(nodes[0].embedding))
    for node, vector in zip(rest, vectors, strict=True):
        node.embedding = vector.tolist()
    row = _llama_queries([*nodes, *rest], embedding, questions, before_mb)
    return {
        "ingest": _ingest(own, [node.text for node in nodes], spent),
        "chunks": len(nodes) + len(rest),
        "strategies": [{"strategy": "llama-index, its defaults", **row}],
    }


def measure_llama_index_same(limit: int, n_queries: int) -> Row:
    """Its store in memory with our passages, so that both search as many vectors."""
    from llama_index.core.schema import TextNode

    documents, questions = _corpus(n_queries)
    embedder = Embedder()
    embedding = embedder.as_llama_embedding()
    _warm_up([TextNode(text=chunk(documents[:1])[0].text)], embedding)
    before_mb = held_mb()
    chunks = chunk(documents)
    vectors = random_vectors(len(chunks), embedder.dimension)
    nodes = [
        TextNode(id_=passage.id, text=passage.text, embedding=vector.tolist())
        for passage, vector in zip(chunks, vectors, strict=True)
    ]
    row = _llama_queries(nodes, embedding, questions, before_mb)
    return {
        "chunks": len(chunks),
        "strategies": [{"strategy": "llama-index, our passages", **row}],
    }


def _warm_up(nodes: list[Any], embedding: Any) -> None:
    """Load what llama-index loads late, so that neither time nor memory counts it."""
    from llama_index.core import VectorStoreIndex

    index = VectorStoreIndex(nodes, embed_model=embedding)
    index.as_retriever().retrieve("warm up")


def _llama_queries(
    nodes: list[Any], embedding: Any, questions: list[str], before_mb: float
) -> Row:
    from llama_index.core import VectorStoreIndex

    index, build = timed(lambda: VectorStoreIndex(nodes, embed_model=embedding))
    retriever = index.as_retriever(similarity_top_k=TOP_K)
    row = queries(retriever.retrieve, questions)
    return {"build_s": build.wall_s, **row, **memory(before_mb)}


ARMS = {
    "labs": measure_labs,
    "llama_index": measure_llama_index,
    "llama_index_same": measure_llama_index_same,
}


# Measuring ----------------------------------------------------------------------------


def random_vectors(n: int, dimension: int) -> np.ndarray:
    """Unit vectors in all directions: float32 of shape (n, dimension)."""
    rows = np.random.default_rng(SEED).standard_normal((n, dimension), dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def _ingest(documents: Sequence[Document], texts: Sequence[str], spent: Spent) -> Row:
    """Documents cut and embedded, nothing of it from a cache."""
    lengths = [n_tokens(text) for text in texts]
    read = sum(min(n, MAX_TOKENS) for n in lengths)  # the embedder cuts the rest off
    return {
        "documents": len(documents),
        "chunks": len(texts),
        "tokens_read": read,
        "share_read": read / sum(lengths),
        **spent._asdict(),
    }


def _corpus(n_queries: int) -> tuple[list[Document], list[str]]:
    asked = sorted({question.question for question in corpus.load_questions()})
    if not asked:
        raise LabsError("The corpus has no questions to ask.")
    random.Random(SEED).shuffle(asked)
    return corpus.load_documents(), asked[:n_queries]


def _sample(documents: Sequence[Document], limit: int) -> list[Document]:
    """Documents, drawn until they have about `limit` passages of 64 tokens."""
    drawn = random.Random(SEED).sample(documents, len(documents))
    n_words = np.cumsum([len(document.text.split()) for document in drawn])
    words_each = 30  # of a passage of at most 64 tokens, with numbers and tables
    return drawn[: int(np.searchsorted(n_words, limit * words_each)) + 1]


def _complete(
    _: cache.Cache,
    keys: Sequence[str],
    compute: Callable[[list[int]], Iterable[Mapping[int, bytes]]],
) -> list[bytes]:
    """`Cache.complete` without a cache."""
    made = {i: v for batch in compute([*range(len(keys))]) for i, v in batch.items()}
    return [made[i] for i in range(len(keys))]


def main(arm: str, limit: str, n_queries: str) -> None:
    """Measure one arm and print what was found as JSON, on a line of its own."""
    cache.Cache.complete = _complete
    found = ARMS[arm](int(limit), int(n_queries))
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
