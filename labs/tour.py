"""The tour: the plain model and naive RAG on the same questions, measured.

Nothing here is new to the labs: the first notebook builds the same in the open.
"""

import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, zip_longest

from labs import corpus, metrics, prompts
from labs.corpus import Question
from labs.embedding import Embedder
from labs.errors import LabsError
from labs.models import Generator
from labs.prompts import Messages
from labs.retrieval import Chunk, DenseIndex, chunk, evidence_recall

SEED = 1
TOP_K = 4
SYSTEMS = ("plain", "rag")
MAX_NEW_TOKENS = {"summary": 128, "work_order": 96}
_MAX_NEW_TOKENS_OF_THE_REST = 32


@dataclass(frozen=True, slots=True)
class Answer:
    """What a system said."""

    text: str
    right: float  # 0 to 1, by the measure of the question's kind (`rate`)
    exact_match: bool
    token_f1: float


@dataclass(frozen=True, slots=True)
class Row:
    """A question with every system's answer."""

    question: Question
    answers: dict[str, Answer]  # by system
    passages: list[Chunk]
    recall: float | None  # share of the evidence found; None where there is none


@dataclass(slots=True)
class Tour:
    """All that a tour found."""

    profile: str
    n_documents: int = 0
    n_passages: int = 0
    rows: list[Row] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Keep the seconds that a step takes."""
        started_s = time.perf_counter()
        yield
        self.seconds[step] = time.perf_counter() - started_s


def run(n_questions: int, say: Callable[[object], None] = print) -> Tour:
    """Answer `n_questions` test questions with every system; `say` tells the steps.

    Raises:
        LabsError: the data, the embedder or the model is missing or broken.
    """
    generator, embedder = Generator(), Embedder()
    tour = Tour(str(generator.profile))
    say(tour.profile)
    asked = sample(corpus.load_questions(), n_questions)
    say(f"{len(asked)} test questions, drawn with seed {SEED}.")
    texts = {}
    with tour.timed("answer without documents"):
        texts["plain"] = generate(generator, asked, [None] * len(asked))
    with tour.timed("index"):
        index = build_index(embedder)
    tour.n_passages = len(index.chunks)
    tour.n_documents = len({chunk.document for chunk in index.chunks})
    say(f"{tour.n_documents} documents in {tour.n_passages:,} passages.")
    with tour.timed("retrieve"):
        passages = index.search([question.question for question in asked], TOP_K)
    with tour.timed("answer with documents"):
        texts["rag"] = generate(generator, asked, passages)
    tour.rows = _rows(asked, passages, texts)
    return tour


def build_index(embedder: Embedder) -> DenseIndex:
    """The corpus, cut into passages and embedded."""
    return DenseIndex.build(chunk(corpus.load_documents()), embedder.embed)


def sample(questions: Sequence[Question], n: int) -> list[Question]:
    """At most `n` test questions, as evenly over the kinds as there are questions.

    Raises LabsError where there is none.
    """
    tests = [question for question in questions if question.split.startswith("test_")]
    if not tests:
        raise LabsError(
            f"{len(questions)} questions, none of a test split. Expected some with "
            "the split test_seen_facts or test_unseen_facts in questions.jsonl."
        )
    random.Random(SEED).shuffle(tests)
    of_kind = [[q for q in tests if q.kind == kind] for kind in corpus.KINDS]
    turns = chain.from_iterable(zip_longest(*of_kind))
    return [question for question in turns if question is not None][:n]


def prompt_for(question: Question, passages: Sequence[Chunk] | None) -> Messages:
    """The prompt that fits the question's kind; without passages, the closed book."""
    if passages is None:
        return prompts.answer_closed_book(question.question)
    texts = [passage.text for passage in passages]
    if question.kind == "work_order":
        fields = re.findall("^(.+?):", question.answer, flags=re.MULTILINE)
        return prompts.fill_form(question.question, fields, texts)
    if question.kind == "summary":
        return prompts.summarise(question.question, texts)
    return prompts.answer(question.question, texts)


def generate(
    generator: Generator,
    questions: Sequence[Question],
    passages: Sequence[Sequence[Chunk] | None],
) -> list[str]:
    """An answer to each question; the kinds differ in how long it may be."""
    limits = [
        MAX_NEW_TOKENS.get(question.kind, _MAX_NEW_TOKENS_OF_THE_REST)
        for question in questions
    ]
    asked = [prompt_for(*pair) for pair in zip(questions, passages, strict=True)]
    texts = [""] * len(asked)
    for limit in sorted(set(limits)):
        places = [i for i, own in enumerate(limits) if own == limit]
        done = generator.generate([asked[i] for i in places], max_new_tokens=limit)
        for i, text in zip(places, done, strict=True):
            texts[i] = text
    return texts


def _rows(
    asked: Sequence[Question],
    passages: Sequence[list[Chunk]],
    texts: dict[str, list[str]],
) -> list[Row]:
    objects = {fact.id: fact.object for fact in corpus.load_facts()}
    return [
        Row(
            question,
            {name: _judge(question, texts[name][i], objects) for name in SYSTEMS},
            found,
            evidence_recall(question, found),
        )
        for i, (question, found) in enumerate(zip(asked, passages, strict=True))
    ]


def _judge(question: Question, text: str, objects: dict[str, str]) -> Answer:
    exact = metrics.exact_match(text, question.accepted)
    f1 = metrics.token_f1(text, question.accepted)
    return Answer(text, rate(question, text, objects), exact, f1)


def rate(question: Question, text: str, objects: dict[str, str]) -> float:
    """How right an answer is, 0 to 1, by the measure of its kind.

    Refused where nothing is told; a work order's share of right fields; a summary's
    share of the facts that must be in it; otherwise exact match.
    """
    if question.kind == "unanswerable":
        return float(metrics.is_refusal(text))
    if question.kind == "work_order":
        return metrics.form_accuracy(text, question.answer)
    if question.kind == "summary":
        return metrics.summary_coverage(text, _objects(question, objects))
    return float(metrics.exact_match(text, question.accepted))


def _objects(question: Question, objects: dict[str, str]) -> list[str]:
    if lacking := [fact for fact in question.facts if fact not in objects]:
        raise LabsError(
            f"Question {question.id} rests on the fact {lacking[0]}, which facts.jsonl "
            "does not hold. Build the data again with `make data`."
        )
    return [objects[fact] for fact in question.facts]
