"""Replies that should have a form: one more try, then a fallback that is counted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from labs.models import Generator
from labs.prompts import Messages

Value = TypeVar("Value")
Parse = Callable[[str], Value]  # raises ValueError for a reply without the form


@dataclass(frozen=True, slots=True)
class Parsed(Generic[Value]):
    """A value for each prompt, and how many replies needed help."""

    values: list[Value]
    retried: int  # broken at first, and asked for again
    fallbacks: int  # broken twice


def generate_parsed(
    generator: Generator,
    asked: Sequence[Messages],
    parse: Parse[Value],
    fallback: Callable[[int], Value],
    max_new_tokens: int = 64,
) -> Parsed[Value]:
    """Generate and parse; ask once more where a reply is broken; then the fallback.

    The second prompt shows the model its own reply and what is wrong with it.

    Args:
        parse: raises ValueError, with the reason, for a reply that is broken.
        fallback: the value for the prompt at a position whose replies both were.
    """
    texts = generator.generate(asked, max_new_tokens)
    values, reasons = _parse_all(parse, dict(enumerate(texts)))
    again = {i: _ask_again(asked[i], texts[i], why) for i, why in reasons.items()}
    second = generator.generate(list(again.values()), max_new_tokens)
    mended, broken = _parse_all(parse, dict(zip(again, second, strict=True)))
    values |= mended | {i: fallback(i) for i in broken}
    ordered = [values[i] for i in range(len(asked))]
    return Parsed(ordered, len(again), len(broken))


def _parse_all(
    parse: Parse[Value], texts: dict[int, str]
) -> tuple[dict[int, Value], dict[int, str]]:
    """Values, and for what is broken the reason, by position."""
    values: dict[int, Value] = {}
    reasons: dict[int, str] = {}
    for i, text in texts.items():
        try:
            values[i] = parse(text)
        except ValueError as error:
            reasons[i] = str(error)
    return values, reasons


def _ask_again(asked: Messages, reply: str, why: str) -> Messages:
    return [
        *asked,
        {"role": "assistant", "content": reply},
        {"role": "user", "content": f"This has not the form asked for: {why}. Again."},
    ]
