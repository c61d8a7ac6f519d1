"""One way to generate, whatever the model: bundled, a directory, a hub id, a server.

Answers come in the order asked, greedy unless they are drawn on purpose. Each is cached
by all that it depends on, so a second run generates nothing and does not even load the
model.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from labs import cache, profiles, progress
from labs.adapters import Adapter
from labs.errors import LabsError
from labs.prompts import Messages


@dataclass(frozen=True, slots=True)
class Generation:
    """An answer and what it cost when it was generated."""

    text: str
    tokens_in: int  # of the prompt
    tokens_out: int  # the one that ends the answer included
    seconds: float  # its share of its batch, or of its own request to a server


@dataclass(frozen=True, slots=True)
class Draw:
    """How the next token is chosen: the likeliest, or drawn at a temperature."""

    temperature: float = 0.0  # 0: greedy
    seed: int = 0

    def __bool__(self) -> bool:
        return self.temperature > 0


GREEDY = Draw()


class Backend(Protocol):
    """What generates: `labs.local.LocalModel` or `labs.server.ChatServer`."""

    identity: dict[str, str]  # what an answer depends on beside the messages
    context_window: int  # tokens of prompt and answer together

    def run(
        self, prompts: Sequence[Messages], max_new_tokens: int, draw: Draw = GREEDY
    ) -> Iterable[Mapping[int, Generation]]:
        """Batches of answers by position, as they are done."""


class Generates(Protocol):
    """`Generator`, a `labs.meter.Meter` around one, or what stands for it in a test."""

    def generate(
        self, prompts: Sequence[Messages], max_new_tokens: int = 64
    ) -> list[str]:
        """The answer to each prompt."""


class Generator:
    """Generates with the model of the profile, or with a given checkpoint.

    Args:
        model: a directory or a hub id; by default what the profile and `LABS_MODEL`,
            `LABS_BASE_URL` say.
        adapter: LoRA weights that the model answers with (see `labs.finetune`).
    """

    def __init__(
        self, model: str | Path | None = None, adapter: Adapter | None = None
    ) -> None:
        self.profile = profiles.current()
        self.adapter = adapter
        if model is not None:
            self.profile = replace(self.profile, model=str(model), base_url=None)
        self._cache = cache.Cache("generations")

    @cached_property
    def backend(self) -> Backend:
        """What generates.

        Raises:
            LabsError: the checkpoint is not there or not whole, the adapter belongs
                to another one or to none that runs here, or the server's address is
                none.
        """
        if self.profile.base_url:
            from labs.server import ChatServer

            if self.adapter:
                raise LabsError(
                    "LABS_BASE_URL is set: an adapter trained here cannot answer on "
                    "the server. Unset it, or serve the adapter and name it there."
                )
            return ChatServer(self.profile.base_url, self.profile.model)
        from labs.local import LocalModel

        return LocalModel(self.profile, self.adapter)

    def check(self) -> None:
        """Raise what stands in the way of answers before other work is done for them.

        Raises:
            LabsError: as `backend`.
        """
        _ = self.backend

    def generate(
        self, prompts: Sequence[Messages], max_new_tokens: int = 64
    ) -> list[str]:
        """The answer to each prompt (its chat messages), without special tokens.

        Raises:
            LabsError: a prompt is too long, the model is broken, the server fails.
        """
        return [done.text for done in self.generate_detailed(prompts, max_new_tokens)]

    def generate_detailed(
        self, prompts: Sequence[Messages], max_new_tokens: int = 64
    ) -> list[Generation]:
        """As `generate`, with tokens and seconds.

        Answers from the cache tell what they cost when they were generated.
        """
        return self._complete(prompts, max_new_tokens, GREEDY)

    def sample(
        self,
        prompts: Sequence[Messages],
        n: int,
        temperature: float = 1.0,
        seed: int = 0,
        max_new_tokens: int = 64,
    ) -> list[list[str]]:
        """`n` answers to each prompt, drawn from the model's own distribution.

        The same prompts and seed give the same answers, from the cache or anew.

        Raises:
            LabsError: as `generate`.
        """
        drawn = [
            self._complete(prompts, max_new_tokens, Draw(temperature, seed * n + i))
            for i in range(n)
        ]
        return [[one.text for one in row] for row in zip(*drawn, strict=True)]

    def _complete(
        self, prompts: Sequence[Messages], max_new_tokens: int, draw: Draw
    ) -> list[Generation]:
        _check(prompts)
        how = [draw.temperature, draw.seed] if draw else []
        keys = [
            cache.key([self.backend.identity, messages, max_new_tokens, *how])
            for messages in prompts
        ]
        rows = self._cache.complete(
            keys, lambda missing: self._compute(prompts, missing, max_new_tokens, draw)
        )
        return [Generation(**json.loads(row)) for row in rows]

    def as_llama_llm(self, max_new_tokens: int = 256) -> Any:
        """The same as a llama-index `CustomLLM`, for its query engines."""
        from labs.llama import LabsLLM

        return LabsLLM(self, max_new_tokens)

    def _compute(
        self,
        prompts: Sequence[Messages],
        missing: list[int],
        max_new_tokens: int,
        draw: Draw,
    ) -> Iterator[Mapping[int, bytes]]:
        asked = [prompts[i] for i in missing]
        with progress.bar(len(missing), "generating", "answer") as shown:
            for batch in self.backend.run(asked, max_new_tokens, draw):
                yield {
                    missing[i]: json.dumps(asdict(done)).encode()
                    for i, done in batch.items()
                }
                shown.update(len(batch))


def _check(prompts: Sequence[Messages]) -> None:
    """One conversation given as if it were a list of them is the usual slip."""
    for prompt in prompts:
        if not isinstance(prompt, list):
            raise LabsError(
                f"Found a prompt of type {type(prompt).__name__}, expected a list of "
                "chat messages; for one prompt call `generate([messages])`."
            )
