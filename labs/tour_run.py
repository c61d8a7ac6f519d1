"""The tour: every arm on the same questions, measured.

The plain model, RAG, fine-tuning and both. Arms whose adapters are not at hand for
these data and this model are left out: to train them takes longer than a tour.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, zip_longest

from labs import arm_training, arms, corpus, metrics, tour
from labs.arms import ARMS, Arm
from labs.corpus import Question
from labs.errors import LabsError
from labs.models import Generator
from labs.retrieval import Chunk, evidence_recall

SEED = 1
SHOWN = "naive-rag"  # the arm whose passages are shown


@dataclass(frozen=True, slots=True)
class Answer:
    """What an arm said."""

    text: str
    right: float  # 0 to 1, by the measure of the question's kind (`tour.rate`)
    exact_match: bool
    token_f1: float
    recall: float | None  # share of the evidence that it had read; None without any


@dataclass(frozen=True, slots=True)
class Row:
    """A question with every arm's answer."""

    question: Question
    answers: dict[str, Answer]  # by arm
    passages: list[Chunk]  # of `SHOWN`


@dataclass(slots=True)
class Tour:
    """All that a tour found."""

    profile: str
    n_documents: int = 0
    rows: list[Row] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Keep the seconds that a step takes."""
        started_s = time.perf_counter()
        yield
        self.seconds[step] = time.perf_counter() - started_s


def run(n_questions: int, say: Callable[[object], None] = print) -> Tour:
    """Answer `n_questions` test questions with every arm; `say` tells the steps.

    Raises:
        LabsError: the data, the embedder or the model is missing or broken.
    """
    plain = Generator()
    plain.check()
    found = Tour(str(plain.profile))
    say(found.profile)
    asked = sample(corpus.load_questions(), n_questions)
    documents = corpus.load_documents()
    found.n_documents = len(documents)
    say(
        f"{len(asked)} test questions, drawn with seed {SEED}, on {len(documents)} "
        "documents."
    )
    chosen = _at_hand(say)
    read: dict[str | None, list] = {None: [None] * len(asked)}
    for reads in dict.fromkeys(arm.reads for arm in chosen if arm.reads):
        with found.timed(f"index and search, {reads}"):
            index = arms.searcher(reads, documents)
            read[reads] = arms.passages(index, [q.question for q in asked])
    texts = {}
    for arm in chosen:
        with found.timed(arm.name):
            texts[arm.name] = tour.generate(_generator(arm), asked, read[arm.reads])
    found.rows = _rows(asked, chosen, read, texts)
    return found


def _at_hand(say: Callable[[object], None]) -> list[Arm]:
    """The arms that can answer now."""
    there = [
        arm
        for arm in ARMS.values()
        if arm.training is None or arm_training.recorded(arm.training, 0)
    ]
    if lacking := [name for name in ARMS if ARMS[name] not in there]:
        say(
            f"Left out, for their adapters are of other data or of another model: "
            f"{', '.join(lacking)}. `python -m labs train-arms` trains them."
        )
    return there


def _generator(arm: Arm) -> Generator:
    if arm.training is None:
        return Generator()
    return Generator(adapter=arm_training.recorded(arm.training, 0))


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


def _rows(
    asked: Sequence[Question],
    chosen: Sequence[Arm],
    read: dict[str | None, list],
    texts: dict[str, list[str]],
) -> list[Row]:
    objects = {fact.id: fact.object for fact in corpus.load_facts()}
    return [
        Row(
            question,
            {
                arm.name: _judge(
                    question, texts[arm.name][i], read[arm.reads][i], objects
                )
                for arm in chosen
            },
            read[ARMS[SHOWN].reads][i],
        )
        for i, question in enumerate(asked)
    ]


def _judge(
    question: Question,
    text: str,
    read: list[Chunk] | None,
    objects: dict[str, str],
) -> Answer:
    return Answer(
        text,
        tour.rate(question, text, objects),
        metrics.exact_match(text, question.accepted),
        metrics.token_f1(text, question.accepted),
        None if read is None else evidence_recall(question, read),
    )
