"""A model that says which of two answers is better, asked in both orders.

LLM judges prefer a place (Zheng et al. 2023, arXiv 2306.05685): only what they say in
both orders counts. First shown in notebooks/2_finetuning/05_ai_feedback.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from labs.models import Generator
from labs.prompts import Messages, choose_better
from labs.stats import Interval, bootstrap_mean
from labs.votes import Pair

_LETTER = re.compile(r"\W*(?:answer\s+)?([AB])\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judge said of a pair: "A", "B", or "" for neither."""

    forward: str  # A is the pair's first answer
    backward: str  # A is the pair's second answer

    @property
    def choice(self) -> str:
        """What it said in both orders, in the words of `labs.votes`; else "tie"."""
        known = {("A", "B"): "first", ("B", "A"): "second"}
        return known.get((self.forward, self.backward), "tie")

    @property
    def share_of_a(self) -> float:
        """How much of what it said fell to the place A: 0.5 without a position bias."""
        said = [letter for letter in (self.forward, self.backward) if letter]
        return said.count("A") / len(said) if said else 0.5


def letter(reply: str) -> str:
    """The letter that a judge's reply begins with, or "" where there is none."""
    found = _LETTER.match(reply)
    return found[1].upper() if found else ""


def question_for(pair: Pair, rubric: str, swapped: bool = False) -> Messages:
    """The judge's prompt: the rubric stands before the passage."""
    first, second = pair.first, pair.second
    if swapped:
        first, second = second, first
    told = f"{pair.passage}\nRules: {rubric}" if rubric else pair.passage
    return choose_better(pair.question, told, first, second)


def verdicts(
    generator: Generator,
    pairs: Sequence[Pair],
    rubric: str = "",
    max_new_tokens: int = 4,
) -> list[Verdict]:
    """Ask about every pair in both orders.

    A server that thinks aloud before it answers needs more new tokens.
    """
    asked = [question_for(p, rubric, swap) for swap in (False, True) for p in pairs]
    said = [letter(text) for text in generator.generate(asked, max_new_tokens)]
    n = len(pairs)
    return [Verdict(*both) for both in zip(said[:n], said[n:], strict=True)]


def position_bias(judged: Sequence[Verdict]) -> Interval:
    """How often the answer in place A wins, over both orders of every pair.

    Each answer stood in A once, so a judge without a bias gives one half.
    """
    return bootstrap_mean([verdict.share_of_a for verdict in judged])


def best_of(
    generator: Generator,
    questions: Sequence[tuple[str, str]],
    replies: Sequence[Sequence[str]],
    rubric: str = "",
) -> list[int]:
    """The place of the best reply to each question, by knock-out in both orders.

    In doubt the earlier reply stays: that is a random pick, for they were drawn alike.

    Args:
        questions: each with the passage that answers it.
        replies: as many to each question.
    """
    best = [0] * len(questions)
    for i in range(1, len(replies[0]) if replies else 0):
        pairs = [
            Pair(question, own[at], own[i], passage)
            for (question, passage), own, at in zip(
                questions, replies, best, strict=True
            )
        ]
        for j, verdict in enumerate(verdicts(generator, pairs, rubric)):
            if verdict.choice == "second":
                best[j] = i
    return best
