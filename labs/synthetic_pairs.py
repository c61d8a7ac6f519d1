"""One question about one passage, as an LLM wrote it: read, checked, or dropped."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from labs import leakage, metrics, prompts
from labs.models import Generates
from labs.retrieval import Chunk

MAX_ANSWER_WORDS = 20

NO_PAIR = "no question with an answer"
NOT_STATED = "the answer stands in no sentence of the passage"
GIVEN_AWAY = "the question holds its answer"
FOREIGN = "the question is about what the passage does not name"
AMBIGUOUS = "the same question, with another answer elsewhere"
REPEATED = "the same question again"
NOT_REPRODUCED = "asked with the passage, the model answers otherwise"


class Pair(NamedTuple):
    """A question that a passage prompted, its answer and the sentence that holds it."""

    passage: Chunk
    question: str
    answer: str
    quote: str


_FIELD = r"(?im)^[\W\d]*{}\W*?:\s*(.+?)\s*$"


def parse(reply: str) -> tuple[str, str] | None:
    """The question and the answer of a reply, or None where one is missing."""
    found = [re.search(_FIELD.format(name), reply) for name in ("question", "answer")]
    if not all(found):
        return None
    question, answer = (match[1].strip(" *_\"'`") for match in found)
    answer = answer.removesuffix(".").strip()
    whole = question.endswith("?") and len(question.split()) >= 3 and answer
    return (question, answer) if whole else None


def sentences(text: str) -> list[str]:
    """Literal pieces of a text: its sentences, rows of tables, items of lists.

    A line that is merely wrapped, as in a PDF, does not end a sentence.
    """
    border = (
        r"\n\s*\n|\n(?=\s*(?:[|#>]|[-*•]\s|\d+[.)]\s))|(?<=\|)\n|(?<=[.!?])\s+(?=\S)"
    )
    return [piece.strip() for piece in re.split(border, text) if piece.strip()]


def evidence_for(question: str, answer: str, text: str) -> str | None:
    """The sentence that holds the answer, of several the one most like the question."""
    wanted = f" {metrics.normalise(answer)} "
    holding = [s for s in sentences(text) if wanted in f" {metrics.normalise(s)} "]
    asked = leakage.content_words(question)
    return max(
        holding,
        key=lambda sentence: len(asked & leakage.content_words(sentence)),
        default=None,
    )


def draft(
    passages: Sequence[Chunk], generator: Generates, dropped: Counter[str]
) -> list[Pair]:
    """A pair for each passage about which the LLM wrote one; `dropped` counts the rest.

    Checked by words alone: `reproduced` asks the LLM again.
    """
    asked = [prompts.write_question(passage.text) for passage in passages]
    pairs = []
    replies = generator.generate(asked, max_new_tokens=64)
    for passage, reply in zip(passages, replies, strict=True):
        found = _check(passage, reply)
        if isinstance(found, Pair):
            pairs.append(found)
        else:
            dropped[found] += 1
    return pairs


def _check(passage: Chunk, reply: str) -> Pair | str:
    """The pair, or why there is none."""
    found = parse(reply)
    if found is None:
        return NO_PAIR
    question, answer = found
    if f" {metrics.normalise(answer)} " in f" {metrics.normalise(question)} ":
        return GIVEN_AWAY
    if not _is_about(question, passage.text):
        return FOREIGN
    quote = evidence_for(question, answer, passage.text)
    if quote is None or len(answer.split()) > MAX_ANSWER_WORDS:
        return NOT_STATED
    return Pair(passage, question, answer, quote)


def _is_about(question: str, text: str) -> bool:
    """Whether the passage has all names and figures of the question, and a word of it.

    The first word is a capital by its place alone.
    """
    asked = re.findall(r"\w\S*\w|\w", question)[1:]
    names = [w for w in asked if w[0].isupper() or any(c.isdigit() for c in w)]
    known = {*leakage.words(text), "i"}
    named = all(known.issuperset(leakage.words(name)) for name in names)
    shared = leakage.content_words(question) & leakage.content_words(text)
    return named and bool(shared)


def distinct(pairs: Sequence[Pair], dropped: Counter[str]) -> list[Pair]:
    """Each question once, and only those that have one answer everywhere."""
    groups: dict[str, list[Pair]] = {}
    for pair in pairs:
        groups.setdefault(" ".join(leakage.words(pair.question)), []).append(pair)
    kept = []
    for group in groups.values():
        if len({metrics.normalise(pair.answer) for pair in group}) > 1:
            dropped[AMBIGUOUS] += len(group)
            continue
        dropped[REPEATED] += len(group) - 1
        kept.append(group[0])
    return kept


def reproduced(
    pairs: Sequence[Pair], generator: Generates, dropped: Counter[str]
) -> list[Pair]:
    """The pairs whose answer the LLM gives again, asked with the passage."""
    asked = [prompts.answer(pair.question, [pair.passage.text]) for pair in pairs]
    said = generator.generate(asked, max_new_tokens=32) if asked else []
    kept = [
        pair
        for pair, text in zip(pairs, said, strict=True)
        if metrics.exact_match(text, [pair.answer])
    ]
    dropped[NOT_REPRODUCED] += len(pairs) - len(kept)
    return kept
