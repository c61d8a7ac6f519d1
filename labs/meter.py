"""What the answers of a model cost: calls, tokens, seconds."""

from collections.abc import Sequence

from labs.models import Generation, Generator
from labs.prompts import Messages


class Meter:
    """Generates as its `Generator` does, and adds up what that cost.

    Answers from the cache count with what they cost when they were generated: a second
    run shows the same figures.
    """

    def __init__(self, generator: Generator) -> None:
        self.generator = generator
        self.reset()

    def reset(self) -> None:
        """Begin to count anew."""
        self.calls, self.tokens_in, self.tokens_out, self.seconds = 0, 0, 0, 0.0

    def generate(
        self, prompts: Sequence[Messages], max_new_tokens: int = 64
    ) -> list[str]:
        """As `Generator.generate`."""
        return [done.text for done in self.generate_detailed(prompts, max_new_tokens)]

    def generate_detailed(
        self, prompts: Sequence[Messages], max_new_tokens: int = 64
    ) -> list[Generation]:
        """As `Generator.generate_detailed`."""
        answers = self.generator.generate_detailed(prompts, max_new_tokens)
        self.calls += len(answers)
        self.tokens_in += sum(answer.tokens_in for answer in answers)
        self.tokens_out += sum(answer.tokens_out for answer in answers)
        self.seconds += sum(answer.seconds for answer in answers)
        return answers
