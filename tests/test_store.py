"""Chroma, embedded and as a real server in a process of its own."""

import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from labs import serving, store
from labs.errors import LabsError
from labs.retrieval import Chunk, DenseIndex

EXACT = {"hnsw": {"space": "cosine", "ef_search": 500}}  # as in notebooks/1_rag/01
CHUNKS = [
    Chunk("merlin-60#1", "merlin-60", "The Merlin 60 starts at 3.5 m/s."),
    Chunk("merlin-64#1", "merlin-64", "The Merlin 64 starts at 3 m/s."),
    Chunk("hut#1", "hut", "The key to the hut hangs in the crew van."),
]


def embed(texts: Sequence[str]) -> np.ndarray:
    """Which words of the corpus a text holds, as a unit vector."""
    words = sorted({word for chunk in CHUNKS for word in chunk.text.split()})
    rows = [[0.1, *(float(word in text.split()) for word in words)] for text in texts]
    vectors = np.array(rows, dtype=np.float32).reshape(len(texts), len(words) + 1)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server; it is stopped when the tests are done."""
    with serving.chroma(tmp_path_factory.mktemp("server")) as running:
        yield running.url.removeprefix("http://")


@pytest.fixture(params=["embedded", "server", "url"])
def client(request, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("LABS_CACHE", str(tmp_path))
    monkeypatch.delenv("LABS_CHROMA", raising=False)
    if request.param != "embedded":
        address = request.getfixturevalue("server")
        head = "http://" if request.param == "url" else ""
        monkeypatch.setenv("LABS_CHROMA", head + address)
    found = store.client()
    yield found
    for collection in found.list_collections():
        found.delete_collection(collection.name)


def test_the_baseline_collection_wherever_it_is_kept(client) -> None:
    """As notebooks/1_rag/01_baseline fills it and asks it, by llama-index."""
    from llama_index.core import VectorStoreIndex
    from llama_index.core.embeddings import MockEmbedding
    from llama_index.core.schema import TextNode
    from llama_index.core.vector_stores import VectorStoreQuery
    from llama_index.vector_stores.chroma import ChromaVectorStore

    collection = client.get_or_create_collection(
        "baseline", embedding_function=None, configuration=EXACT
    )
    vectors = ChromaVectorStore(chroma_collection=collection)
    unused = MockEmbedding(embed_dim=1)  # every node brings its vector
    index = VectorStoreIndex.from_vector_store(vectors, embed_model=unused)
    for _ in range(2):  # the second time nothing is missing
        there = set(collection.get(include=[])["ids"])
        missing = [c for c in CHUNKS if c.id not in there]
        rows = zip(missing, embed([c.text for c in missing]), strict=True)
        index.insert_nodes(
            [TextNode(id_=c.id, text=c.text, embedding=v.tolist()) for c, v in rows]
        )
    assert collection.count() == len(CHUNKS)
    question = "The Merlin 64 starts when?"
    asked = VectorStoreQuery(embed([question])[0].tolist(), similarity_top_k=3)
    exact = DenseIndex.build(CHUNKS, embed).search([question], k=3)[0]
    assert vectors.query(asked).ids == [chunk.id for chunk in exact]
    assert exact[0].id == "merlin-64#1"


def test_telemetry_is_off(client) -> None:
    assert client.get_settings().anonymized_telemetry is False


def test_a_cache_that_cannot_be_written_is_named(monkeypatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(LabsError, match="Chroma cannot keep its files in .*LABS_CACHE"):
        store.client()


def test_a_server_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    port = serving.free_port()
    monkeypatch.setenv("LABS_CHROMA", f"127.0.0.1:{port}")
    command = rf'chroma run --path ".*" --host 127\.0\.0\.1 --port {port}\n'
    with pytest.raises(LabsError, match=command) as raised:
        store.client()
    assert f"http://127.0.0.1:{port}" in str(raised.value)


def test_another_server_is_told_from_chroma(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:  # takes the call and hangs up
        other.bind(("127.0.0.1", 0))
        other.listen()
        other.settimeout(5)
        monkeypatch.setattr(store, "TIMEOUT_S", 0.2)
        monkeypatch.setenv("LABS_CHROMA", f"127.0.0.1:{other.getsockname()[1]}")
        with pytest.raises(LabsError, match=r"No Chroma server answers.*timed out"):
            store.client()


@pytest.mark.parametrize(
    "given", ["localhost", "localhost:port", "ftp://h:1", "h:1/path", "[::1", ":8000"]
)
def test_an_address_that_is_none(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABS_CHROMA", given)
    with pytest.raises(LabsError, match="LABS_CHROMA is .*expected host:port"):
        store.client()
