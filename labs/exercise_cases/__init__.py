"""What an exercise is made of; each module here holds those of one notebook."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Case:
    """A call with its result, computed by hand; `why` says what it is about."""

    args: tuple[Any, ...]
    expected: Any
    why: str


@dataclass(frozen=True, slots=True)
class Exercise:
    """A function to write, the calls that check it, a hint, and one that is right.

    The reference stands on its own (a learner may paste it), under the exercise's name.
    """

    reference: Callable[..., Any]
    hint: str
    cases: tuple[Case, ...]

    @property
    def name(self) -> str:
        return self.reference.__name__
