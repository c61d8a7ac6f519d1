"""Asking and rating: one prompt for each kind of question, and what an answer is worth.

Nothing here is new to the labs: the first notebook builds the same in the open. The
tour (`labs.tour_run`), the benchmark and series 2 ask and rate by it.
"""

import re
from collections.abc import Callable, Sequence

from labs import corpus, metrics, prompts
from labs.corpus import Question
from labs.embedding import Embedder
from labs.errors import LabsError
from labs.models import Generation, Generator
from labs.prompts import Messages
from labs.retrieval import Chunk, DenseIndex, chunk

TOP_K = 4
MAX_NEW_TOKENS = {"summary": 128, "work_order": 96}
_MAX_NEW_TOKENS_OF_THE_REST = 32


def build_index(embedder: Embedder) -> DenseIndex:
    """The corpus, cut into passages and embedded."""
    return DenseIndex.build(chunk(corpus.load_documents()), embedder.embed)


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
    done = generate_with(generator.generate_detailed, questions, passages)
    return [one.text for one in done]


def generate_with(
    run: Callable[[list[Messages], int], list[Generation]],
    questions: Sequence[Question],
    passages: Sequence[Sequence[Chunk] | None],
) -> list[Generation]:
    """As `generate`, with what each answer cost.

    Args:
        run: such as `Generator.generate_detailed`: prompts and the most new tokens.
    """
    limits = [
        MAX_NEW_TOKENS.get(question.kind, _MAX_NEW_TOKENS_OF_THE_REST)
        for question in questions
    ]
    asked = [prompt_for(*pair) for pair in zip(questions, passages, strict=True)]
    found: dict[int, Generation] = {}
    for limit in sorted(set(limits)):
        places = [i for i, own in enumerate(limits) if own == limit]
        done = run([asked[i] for i in places], limit)
        found |= dict(zip(places, done, strict=True))
    return [found[i] for i in range(len(asked))]


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
