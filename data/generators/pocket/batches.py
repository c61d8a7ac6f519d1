"""Endless batches of training conversations, easy ones first."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from .skills import answer, draw_example
from .tokenizer import ASSISTANT, END, START, USER, conversation
from .worlds import Domain

MAX_LENGTH = 900
POOL = 256


@dataclass(slots=True)
class Batch:
    """`ids` and `weights`: (rows, length); the weight of predicting each token."""

    ids: torch.Tensor
    weights: torch.Tensor


@dataclass(frozen=True, slots=True)
class Markers:
    """What a chat template puts around the turns; `end` is the assistant's to say."""

    user: str
    assistant: str
    end: str
    after: str = ""  # behind each reply
    start: str = ""  # of the conversation


POCKET = Markers(user=USER, assistant=END + ASSISTANT, end=END, start=START)


class Encoder:
    """Conversations as token ids, with 1 where the assistant speaks."""

    def __init__(self, tokenizer, markers: Markers = POCKET):
        self.tokenizer = tokenizer
        names = ("start", "user", "assistant", "end", "after")
        for name in names:
            text = getattr(markers, name)
            ids = tokenizer(text, add_special_tokens=False)["input_ids"]
            setattr(self, name, ids)

    def __call__(
        self, conversations: list[list[tuple[str, str]]]
    ) -> list[tuple[list, list]]:
        texts = [part for turns in conversations for turn in turns for part in turn]
        pieces = iter(self.tokenizer(texts, add_special_tokens=False)["input_ids"])
        return [self._join(turns, pieces) for turns in conversations]

    def _join(self, turns, pieces) -> tuple[list[int], list[int]]:
        ids, spoken = [*self.start], [0] * len(self.start)
        for _ in turns:
            heard = [*self.user, *next(pieces), *self.assistant]
            said = [*next(pieces), *self.end]
            ids += [*heard, *said, *self.after]
            spoken += [0] * len(heard) + [1] * len(said) + [0] * len(self.after)
        return ids, spoken


def _draw(
    rng: random.Random, domains: list[Domain], progress: float
) -> list[tuple[str, str]]:
    """A conversation; as training goes on, contexts grow and follow-ups get fewer.

    Early on the instruction is mostly left out, which doubles the answers per token.
    """
    domain = rng.choice(domains)
    most = 3 + int(7 * min(1.0, progress / 0.8))
    n_facts = rng.randint(2, most)
    turns = rng.choice((4, 6, 8)) if progress < 0.4 else rng.choice((1, 2, 6, 8))
    if progress < 0.1:
        turns_of = conversation(answer(rng, domain, n_facts, turns))
    else:
        turns_of = conversation(draw_example(rng, domain, n_facts, turns))
    if rng.random() > progress / 0.4:
        head, _, rest = turns_of[0][0].partition("\n\n")
        turns_of[0] = (rest or head, turns_of[0][1])
    return turns_of


def _pad(rows: list[tuple[list, list]], pad: int, context_weight: float) -> Batch:
    length = max(len(ids) for ids, _ in rows)
    ids = torch.tensor([ids + [pad] * (length - len(ids)) for ids, _ in rows])
    spoken = torch.tensor(
        [s + [0] * (length - len(s)) for _, s in rows], dtype=torch.float32
    )
    heard = (ids != pad) & (spoken == 0) & (torch.rand(ids.shape) < 0.25)
    return Batch(ids, spoken + context_weight * heard)


def batches(
    encoder: Encoder, domains: list[Domain], rng: random.Random, progress, tokens: int
) -> Iterator[Batch]:
    """Batches of `tokens` tokens, up to twice as many as contexts grow.

    `progress()` gives the share of the training that is done, from 0 to 1.
    """
    while True:
        drawn = [_draw(rng, domains, progress()) for _ in range(POOL)]
        rows = [row for row in encoder(drawn) if len(row[0]) <= MAX_LENGTH]
        groups = _by_length(rows, tokens * min(2.0, 1 + 4 * progress()))
        rng.shuffle(groups)
        for group in groups:
            yield _pad(group, encoder.tokenizer.pad_token_id, 0.1)


def _by_length(rows: list[tuple[list, list]], tokens: float) -> list[list]:
    """Rows of similar length together, at most `tokens` tokens in a group."""
    groups, group = [], []
    for row in sorted(rows, key=lambda row: len(row[0])):
        if group and (len(group) + 1) * len(row[0]) > tokens:
            groups.append(group)
            group = []
        group.append(row)
    return [*groups, group]
