"""A class at once on one Chroma server and one model server: `labs speed classroom`.

Each attendee has passages, questions and a collection of their own, and fills the one
collection that all share, as in notebooks/1_rag/01_baseline. Everybody works alone
first, one after the other; then all at once, in new collections. Nothing may differ
but the time: the same passages, the same answers.

Both servers are real, started for this and ended after it, on the loopback address.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from labs import (
    cache,
    checkpoints,
    clock,
    corpus,
    profiles,
    prompts,
    retrieval,
    speed,
    store,
)
from labs.errors import LabsError
from labs.models import Generation, Generator
from labs.retrieval import Chunk

Found = dict[str, Any]

TOP_K = 4
MAX_NEW_TOKENS = 32
SHARED = 300  # passages of the collection that all fill
EXACT = {"hnsw": {"space": "cosine", "ef_search": 500}}  # as in notebooks/1_rag/01


@dataclass(frozen=True, slots=True)
class Attendee:
    """What one of the class works on."""

    chunks: list[Chunk]
    vectors: np.ndarray
    questions: list[str]
    question_vectors: np.ndarray


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of one question."""

    passages: list[str]  # ids and texts
    answer: str
    search_s: float
    answer_s: float


@dataclass(frozen=True, slots=True)
class Work:
    """What came of one attendee's work, or the error that ended it."""

    answered: list[Answered]
    shared_passages: int  # what the shared collection held when it was filled
    fill_s: float
    error: str = ""


def run(attendees: int, questions: int) -> Found:
    """Start both servers and measure, in a process of its own.

    Raises:
        LabsError: a server does not start, or the measuring broke off.
    """
    from labs import serving

    machine = speed.describe_machine()
    speed.say("starting a Chroma server and a model server")
    with tempfile.TemporaryDirectory() as work:
        folder, model = Path(work), checkpoints.locate(profiles.current().model)
        with serving.chroma(folder) as chroma, serving.model(model, folder) as served:
            own = {"LABS_CHROMA": chroma.url, "LABS_BASE_URL": served.url}
            own["LABS_MODEL"] = str(model)
            command = ["-m", "labs.speed_classroom", str(attendees), str(questions)]
            what = f"a class of {attendees}"
            found = speed.in_a_process(command, what, "a smaller class", own)
    return {"machine": machine, "model": model.name, **found}


# In the process that measures ---------------------------------------------------------


def measure(attendees: int, questions: int) -> Found:
    """The class, one after the other and then at once, on the servers that are set."""
    people, shared = enrol(attendees, questions)
    speed.say(f"{attendees} attendees, one after the other")
    alone, alone_s = clock.timed(
        lambda: [attend(one, shared, "alone") for one in people]
    )
    speed.say(f"{attendees} attendees at once")
    with ThreadPoolExecutor(attendees) as room:
        together, together_s = clock.timed(
            lambda: list(room.map(lambda one: attend(one, shared, "together"), people))
        )
    return {
        "attendees": attendees,
        "questions_each": questions,
        "passages_each": len(people[0].chunks),
        "mixed_up": mixed_up(people, alone, together),
        "errors": sorted({w.error for w in (*alone, *together) if w.error}),
        "alone": _figures(alone, alone_s.wall_s),
        "together": _figures(together, together_s.wall_s),
    }


def enrol(attendees: int, questions: int) -> tuple[list[Attendee], Attendee]:
    """The class, no two with the same passages, each with other questions as far as
    they go round; and what all share.

    Raises:
        LabsError: the data is too small for such a class.
    """
    from labs.embedding import Embedder

    embed = Embedder().embed
    chunks = retrieval.chunk(corpus.load_documents())
    texts = list(dict.fromkeys(q.question for q in corpus.load_questions()))
    if len(texts) < questions or len(chunks) < TOP_K * attendees:
        raise LabsError(
            f"The data has {len(texts)} questions and {len(chunks)} passages, too few "
            f"for {attendees} attendees. Choose a smaller class, or unset LABS_DATA."
        )

    def attendee(own: list[Chunk], asked: list[str]) -> Attendee:
        return Attendee(own, embed([c.text for c in own]), asked, embed(asked))

    people = [
        attendee(
            chunks[i::attendees],
            [texts[(i * questions + n) % len(texts)] for n in range(questions)],
        )
        for i in range(attendees)
    ]
    return people, attendee(chunks[:SHARED], [])


def attend(one: Attendee, shared: Attendee, when: str) -> Work:
    """Fill both collections, search for each question, and have them answered."""
    started_s = time.perf_counter()
    try:
        client = store.client()
        n_shared = fill(client, shared, when).count()
        own = fill(client, one, when)
        fill_s = time.perf_counter() - started_s
        answered = ask(own, one)
    except Exception as error:  # one attendee's trouble is counted, and not the end
        return Work([], 0, 0, f"{type(error).__name__}: {error}"[:300])
    return Work(answered, n_shared, fill_s)


def fill(client: Any, one: Attendee, when: str) -> Any:
    """A collection named by what it holds; what is missing is added."""
    content = cache.key([when, [[chunk.id, chunk.text] for chunk in one.chunks]])
    collection = client.get_or_create_collection(
        f"classroom-{content[:16]}", embedding_function=None, configuration=EXACT
    )
    there = set(collection.get(include=[])["ids"])
    missing = [i for i, chunk in enumerate(one.chunks) if chunk.id not in there]
    if missing:
        collection.add(
            [one.chunks[i].id for i in missing],
            embeddings=one.vectors[missing],
            documents=[one.chunks[i].text for i in missing],
        )
    return collection


def ask(collection: Any, one: Attendee) -> list[Answered]:
    """All questions, past every cache; the prompts in one call, as a cell does it."""
    found, prompts_ = [], []
    for question, vector in zip(one.questions, one.question_vectors, strict=True):
        begun_s = time.perf_counter()
        hits = collection.query(query_embeddings=[vector], n_results=TOP_K)
        seconds = time.perf_counter() - begun_s
        texts = hits["documents"][0]
        pairs = zip(hits["ids"][0], texts, strict=True)
        found.append(([f"{id_} {text}" for id_, text in pairs], seconds))
        prompts_.append(prompts.answer(question, texts))
    done: dict[int, Generation] = {}
    for batch in Generator().backend.run(prompts_, MAX_NEW_TOKENS):
        done |= batch
    return [
        Answered(passages, done[i].text, seconds, done[i].seconds)
        for i, (passages, seconds) in enumerate(found)
    ]


def mixed_up(
    people: Sequence[Attendee], alone: Sequence[Work], together: Sequence[Work]
) -> list[str]:
    """Where somebody got what is not theirs, or not what they get alone."""
    wrong = []
    for i, (one, first, second) in enumerate(zip(people, alone, together, strict=True)):
        own = {f"{chunk.id} {chunk.text}" for chunk in one.chunks}
        got = {passage for each in second.answered for passage in each.passages}
        if strange := got - own:
            wrong.append(f"attendee {i} found {sorted(strange)[0][:60]!r}")
        pairs = zip(first.answered, second.answered, strict=False)
        for n, (a, b) in enumerate(pairs):
            if (a.passages, a.answer) != (b.passages, b.answer):
                wrong.append(f"attendee {i}, question {n}: {a.answer!r}, {b.answer!r}")
        if second.shared_passages not in (0, first.shared_passages):
            wrong.append(f"attendee {i}: the shared collection lacks passages")
    return wrong


def _figures(done: Sequence[Work], wall_s: float) -> Found:
    answered = [each for work in done for each in work.answered]
    waits = {
        "fill": [work.fill_s for work in done if not work.error],
        "search": [each.search_s for each in answered],
        "answer": [each.answer_s for each in answered],
    }
    figures: Found = {"wall_s": wall_s, "answers": len(answered)}
    figures["answers_per_s"] = len(answered) / wall_s
    figures["failed"] = sum(bool(work.error) for work in done)
    for name, seconds in waits.items():
        p50, p95 = np.percentile(seconds or [float("nan")], [50, 95])
        figures |= {f"{name}_p50_s": p50, f"{name}_p95_s": p95}
    return figures


# The table ----------------------------------------------------------------------------


def table(found: Found) -> str:
    """What was found, for people."""
    machine = ", ".join(f"{name} {value}" for name, value in found["machine"].items())
    lines = [
        f"Machine: {machine}; clients and servers share it.",
        f"{found['attendees']} attendees, {found['questions_each']} questions and "
        f"{found['passages_each']} passages each, model {found['model']}.",
        f"  {'':<16}{'one by one':>12}{'at once':>12}",
    ]
    for name, value in found["alone"].items():
        lines.append(f"  {name:<16}{value:12.3f}{found['together'][name]:12.3f}")
    lines.append(f"Mixed up between attendees: {len(found['mixed_up']) or 'nothing'}.")
    lines += [f"  {wrong}" for wrong in found["mixed_up"][:5]]
    lines += [f"Error: {error}" for error in found["errors"][:5]]
    return "\n".join(lines)


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
