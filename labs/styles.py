"""Answers in two styles: alone, and in a sentence that names what they are about.

A model that has learnt both can be moved towards one of them by preferences; which
style an answer has, and whether it is right, can be told by code. First shown in
notebooks/2_finetuning/04_human_feedback.
"""

import random
import re
from collections.abc import Mapping, Sequence

from labs import finetune, metrics, prompts, training_rows
from labs.corpus import Fact, Question
from labs.votes import Pair

_SENTENCE = re.compile(r"For (.+?), the answer is (.*?)\.?", re.DOTALL)


def in_sentence(subject: str, answer: str) -> str:
    """The answer in a sentence that names what it is about."""
    return f"For {subject}, the answer is {answer}."


def content(reply: str) -> str:
    """What a reply answers, without the sentence around it."""
    found = _SENTENCE.fullmatch(reply.strip())
    return found[2] if found else reply.strip()


def names_subject(reply: str, question: str) -> bool:
    """Whether the reply is a sentence whose subject stands in the question."""
    found = _SENTENCE.fullmatch(reply.strip())
    return bool(found) and found[1] in question


def is_right(reply: str, question: Question) -> bool:
    """Whether the reply's content is one of the accepted wordings."""
    return metrics.exact_match(content(reply), question.accepted)


def points(reply: str, question: Question) -> int:
    """The rubric: two points for a right answer, one if it names what was asked about.

    So a right answer always beats a wrong one, and of equally right ones the sentence
    wins: over the radio, nobody should take the answer for that of another turbine.
    """
    return 2 * is_right(reply, question) + names_subject(reply, question.question)


def lesson(n_facts: int) -> training_rows.Lesson:
    """Facts to learn and prompts to measure on that no recipe was chosen on.

    Learning rates and beta of the two notebooks were tried on
    `training_rows.lesson(n_facts)` and its first test prompts; these are others.
    """
    tried, whole = training_rows.lesson(n_facts), training_rows.lesson(100_000)
    every = {question.facts for question in whole.train}
    left = sorted(every - {q.facts for q in tried.train}) or sorted(every)
    chosen = set(random.Random(0).sample(left, min(n_facts, len(left))))
    return training_rows.Lesson(
        tuple(q for q in whole.train if q.facts in chosen),
        tuple(q for q in whole.seen if q.facts in chosen),
        whole.unseen[n_facts:] or whole.unseen,
    )


def rows(
    questions: Sequence[Question], facts: Mapping[str, Fact]
) -> list[finetune.Row]:
    """Closed-book training rows: each question once in either style."""
    made = []
    for question in questions:
        asked = prompts.answer_closed_book(question.question)
        subject = facts[question.facts[0]].subject
        for reply in (question.answer, in_sentence(subject, question.answer)):
            made.append(finetune.row(asked, reply))
    return made


def pairs(
    questions: Sequence[Question], drawn: Sequence[Sequence[str]]
) -> dict[str, tuple[Pair, Question]]:
    """What is worth a vote, by the id of the pair: two replies that differ.

    An empty reply is left out: DPO can neither teach nor unteach it.

    Args:
        drawn: two replies to each question.
    """
    found = {}
    for question, (first, second) in zip(questions, drawn, strict=True):
        if first and second and first != second:
            quote = question.evidence[0].quote if question.evidence else ""
            pair = Pair(question.question, first, second, quote)
            found[pair.id] = (pair, question)
    return found
