"""Checks of the exercises. In a notebook, below the function and in the same cell:

    recall_at_k = exercises.grade("recall_at_k", recall_at_k)

A right function comes back as it is, otherwise the reference does: nobody is stuck,
and a notebook runs through as it is handed out.
"""

import copy
import inspect
import math
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from numbers import Real
from typing import Any

from labs.errors import LabsError
from labs.exercise_cases import (
    Case,
    Exercise,
    after_retrieval,
    ai_feedback,
    at_retrieval,
    baseline,
    before_retrieval,
    continuous,
    dataset,
    decide,
    four_arms,
    freshness,
    graph,
    human_feedback,
    leaderboard,
    lora,
    many_documents,
    protocol,
    query,
    raft,
    roi,
    uncertainty,
)

_LABS = (
    baseline,
    before_retrieval,
    query,
    at_retrieval,
    after_retrieval,
    graph,
    many_documents,
    leaderboard,
    human_feedback,
    ai_feedback,
    raft,
    lora,
    dataset,
    continuous,
    four_arms,
    freshness,
    uncertainty,
    protocol,
    roi,
    decide,
)
EXERCISES: dict[str, Exercise] = {e.name: e for lab in _LABS for e in lab.EXERCISES}

TIME_LIMIT_S = 2.0
_SHOWN_FAILURES = 2
_SHOWN_CHARACTERS = 200


def grade(name: str, attempt: Callable[..., Any]) -> Callable[..., Any]:
    """Check `attempt`, show what came out, return it if it is right.

    Otherwise the reference is returned, and the report says so. Raises LabsError for
    a name that is no exercise.
    """
    from IPython.display import display

    exercise = _find(name)
    report = check(exercise, attempt)
    display(report)
    return attempt if report.passed else exercise.reference


def solution(name: str) -> None:
    """Print the reference's source. Raises LabsError for an unknown exercise."""
    print(inspect.getsource(_find(name).reference))


def _find(name: str) -> Exercise:
    if name not in EXERCISES:
        raise LabsError(
            f"There is no exercise {name!r}. Expected one of: {', '.join(EXERCISES)}."
        )
    return EXERCISES[name]


# Checking -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that failed, and what happened in place of the expected result."""

    case: Case
    happened: str
    is_stub: bool = False
    took_too_long: bool = False


def check(exercise: Exercise, attempt: Callable[..., Any]) -> "Report":
    """Run the exercise's cases on `attempt`; the first that loops is the last."""
    failures = []
    for case in exercise.cases:
        if failure := _run(case, attempt):
            failures.append(failure)
            if failure.took_too_long:
                break
    return Report(exercise, failures)


def _run(case: Case, attempt: Callable[..., Any]) -> Failure | None:
    """Call `attempt` on copies of the arguments; None if all is as it should be."""
    args = copy.deepcopy(case.args)
    try:
        with _time_limit():
            got = attempt(*args)
    except NotImplementedError:
        return Failure(case, "raised NotImplementedError", is_stub=True)
    except _TookTooLong:
        message = f"still running after {TIME_LIMIT_S:g} s: does a loop never end?"
        return Failure(case, message, took_too_long=True)
    except Exception as error:
        return Failure(case, f"raised {type(error).__name__}: {error}")
    if got is None or got is ...:
        message = f"returned {got}: is a `return` missing?"
        return Failure(case, message, is_stub=True)
    if args != case.args:
        changed = ", ".join(_show(arg) for arg in args)
        return Failure(case, f"an input changed on the way: {changed}")
    return None if _same(got, case.expected) else Failure(case, _show(got))


def _same(got: Any, expected: Any) -> bool:
    """Equal, up to rounding for a number."""
    if isinstance(expected, float):
        return isinstance(got, Real) and math.isclose(got, expected, abs_tol=1e-9)
    return type(got) is type(expected) and got == expected


class _TookTooLong(BaseException):
    """No Exception, so that an attempt's `except Exception` does not swallow it."""


@contextmanager
def _time_limit() -> Iterator[None]:
    """Stop what runs too long, where signals can: on the main thread, not Windows."""
    on_main_thread = threading.current_thread() is threading.main_thread()
    if not (on_main_thread and hasattr(signal, "setitimer")):
        yield
        return
    before = signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, TIME_LIMIT_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _stop(*_: object) -> None:
    raise _TookTooLong


# Reporting ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """The outcome of an attempt, as text or, in a notebook, as HTML."""

    exercise: Exercise
    failures: list[Failure]

    @property
    def passed(self) -> bool:
        return not self.failures

    @property
    def is_untouched(self) -> bool:
        """Whether every case met a stub: nothing is written yet."""
        n_stubs = sum(failure.is_stub for failure in self.failures)
        return n_stubs == len(self.exercise.cases)

    def __repr__(self) -> str:
        return "\n".join([self._headline(), *(f"  {line}" for line in self._details())])

    def _repr_html_(self) -> str:
        details = escape("\n".join(self._details()))
        return (
            f'<div style="border-left: 4px solid {self._colour()}; padding-left: 1em">'
            f"<strong>{escape(self._headline())}</strong>"
            f'<pre style="white-space: pre-wrap">{details}</pre></div>'
        )

    def _headline(self) -> str:
        name, n = self.exercise.name, len(self.exercise.cases)
        if self.passed:
            return f"✓ {name}: all {n} cases are right. Yours goes on from here."
        if self.is_untouched:
            return f"○ {name}: not written yet, or without a `return`."
        return f"✗ {name}: wrong in {len(self.failures)} of {n} cases."

    def _colour(self) -> str:
        if self.passed:
            return "#2da44e"
        return "#8c959f" if self.is_untouched else "#d1242f"

    def _details(self) -> list[str]:
        if self.passed:
            return []
        shown = [] if self.is_untouched else self.failures[:_SHOWN_FAILURES]
        return [
            *(line for failure in shown for line in self._describe(failure)),
            f"Hint: {self.exercise.hint}",
            f'Solution: exercises.solution("{self.exercise.name}") prints it.',
            "Until yours is right, the reference goes on from here.",
        ]

    def _describe(self, failure: Failure) -> list[str]:
        case = failure.case
        return [
            case.why,
            f"  input     {_show_call(self.exercise, case.args)}",
            f"  expected  {_show(case.expected)}",
            f"  got       {failure.happened}",
        ]


def _show_call(exercise: Exercise, args: tuple[Any, ...]) -> str:
    names = inspect.signature(exercise.reference).parameters
    pairs = zip(names, args, strict=True)
    return ", ".join(f"{name}={_show(value)}" for name, value in pairs)


def _show(value: Any) -> str:
    """A value on one line, the same in every run (sets are sorted), not too long."""
    if isinstance(value, set) and value:
        text = "{" + ", ".join(sorted(map(repr, value))) + "}"
    else:
        text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
