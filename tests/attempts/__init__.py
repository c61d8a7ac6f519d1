"""Attempts at the exercises: a module for each one of `labs.exercise_cases`.

Each has `ATTEMPTS`, by the name of the exercise; `tests/test_exercises.py` grades them.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Attempts:
    """Another right answer than the solution, and wrong ones as learners write them."""

    right: Callable
    wrong: tuple[Callable, ...]
