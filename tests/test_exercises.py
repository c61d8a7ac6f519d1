"""Every exercise's check, fed with right, untouched and typically wrong attempts.

The attempts stand in tests/attempts; an exercise without any fails the tests.
"""

import importlib
import inspect
import pkgutil
import re
import threading
from collections.abc import Callable

import attempts
import pytest
from attempts import Attempts

from labs import exercises
from labs.errors import LabsError
from labs.exercise_cases import Case, Exercise

ATTEMPTS: dict[str, Attempts] = {}
for module in pkgutil.iter_modules(attempts.__path__):
    ATTEMPTS |= importlib.import_module(f"attempts.{module.name}").ATTEMPTS

NAMES = sorted(exercises.EXERCISES)
WRONG = [
    pytest.param(name, attempt, id=f"{name}-{attempt.__name__}")
    for name, own in ATTEMPTS.items()
    for attempt in own.wrong
]


def _ellipsis(*args): ...


def _returns_ellipsis(*args):
    return ...


def _not_implemented(*args):
    raise NotImplementedError


@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_has_attempts(name: str) -> None:
    assert len(ATTEMPTS[name].wrong) >= 2
    exercise = exercises.EXERCISES[name]
    assert exercise.hint and len(exercise.cases) >= 5
    assert all(case.why for case in exercise.cases)


@pytest.mark.parametrize("name", NAMES)
def test_right_answers_come_back(name: str, capsys: pytest.CaptureFixture) -> None:
    reference = exercises.EXERCISES[name].reference
    for attempt in (ATTEMPTS[name].right, reference):
        assert exercises.grade(name, attempt) is attempt
        assert capsys.readouterr().out.startswith(f"✓ {name}: all ")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("stub", [_ellipsis, _returns_ellipsis, _not_implemented])
def test_stubs_give_the_reference(
    name: str, stub: Callable, capsys: pytest.CaptureFixture
) -> None:
    exercise = exercises.EXERCISES[name]
    assert exercises.grade(name, stub) is exercise.reference
    out = capsys.readouterr().out
    assert out.startswith(f"○ {name}: not written yet")
    assert exercise.hint in out
    assert "reference goes on from here" in out
    assert "expected" not in out


@pytest.mark.parametrize(("name", "attempt"), WRONG)
def test_wrong_answers_are_found(
    name: str, attempt: Callable, capsys: pytest.CaptureFixture
) -> None:
    exercise = exercises.EXERCISES[name]
    assert exercises.grade(name, attempt) is exercise.reference
    out = capsys.readouterr().out
    assert re.match(rf"✗ {name}: wrong in \d of {len(exercise.cases)} cases", out)
    for part in ("input", "expected", "got", exercise.hint, "exercises.solution"):
        assert part in out


@pytest.mark.parametrize("name", NAMES)
def test_every_case_finds_something(name: str) -> None:
    """A case that no wrong answer fails checks nothing that the others do not."""
    exercise = exercises.EXERCISES[name]
    found = {
        failure.case.why
        for attempt in ATTEMPTS[name].wrong
        for failure in exercises.check(exercise, attempt).failures
    }
    assert {case.why for case in exercise.cases} - found == set()


@pytest.mark.parametrize("name", NAMES)
def test_solution_is_right_as_printed(name: str, capsys: pytest.CaptureFixture) -> None:
    exercises.solution(name)
    source = capsys.readouterr().out
    module = inspect.getmodule(exercises.EXERCISES[name].reference)
    namespace = dict(vars(module))  # what a notebook imports to show it
    del namespace[name]
    exec(source, namespace)
    assert exercises.check(exercises.EXERCISES[name], namespace[name]).passed


# What is reported, on an exercise of its own ------------------------------------------


def double(numbers: list[int]) -> list[int]:
    """Every number twice as large."""
    return [2 * number for number in numbers]


DOUBLE = Exercise(
    double,
    "Use a <list> comprehension.",
    (Case(([1, 2],), [2, 4], "Two numbers."), Case(([],), [], "No number.")),
)


def _raises(numbers):
    return numbers[0] / 0


def _in_place(numbers):
    for i, number in enumerate(numbers):
        numbers[i] = 2 * number
    return list(numbers)


def _in_place_without_return(numbers):
    for i, number in enumerate(numbers):
        numbers[i] = 2 * number


def _loops(numbers):
    while True:
        try:
            numbers.append(1)
            numbers.pop()
        except Exception:
            pass


@pytest.mark.parametrize(
    ("attempt", "happened"),
    [
        (_raises, "got       raised ZeroDivisionError: division by zero"),
        (_in_place, "got       an input changed on the way: [2, 4]"),
        (_in_place_without_return, "not written yet, or without a `return`"),
        (_loops, "got       still running after 2 s: does a loop never end?"),
        (lambda numbers: tuple(double(numbers)), "got       (2, 4)"),
        (lambda numbers: [n * 1000 for n in range(999)], "…"),
        (lambda: [], "got       raised TypeError"),
        (7, "got       raised TypeError: 'int' object is not callable"),
    ],
)
def test_report_says_what_happened(attempt, happened: str) -> None:
    report = exercises.check(DOUBLE, attempt)
    assert not report.passed
    assert happened in repr(report)
    assert max(map(len, repr(report).splitlines())) < 250


def test_report_names_the_inputs() -> None:
    report = exercises.check(DOUBLE, lambda numbers: numbers)
    assert repr(report).splitlines() == [
        "✗ double: wrong in 1 of 2 cases.",
        "  Two numbers.",
        "    input     numbers=[1, 2]",
        "    expected  [2, 4]",
        "    got       [1, 2]",
        "  Hint: Use a <list> comprehension.",
        '  Solution: exercises.solution("double") prints it.',
        "  Until yours is right, the reference goes on from here.",
    ]


def test_html_is_escaped_and_not_by_colour_alone() -> None:
    html = exercises.check(DOUBLE, lambda numbers: "<b>")._repr_html_()
    assert "✗ double" in html
    assert "&lt;list&gt;" in html and "<list>" not in html
    assert "&lt;b&gt;" in html


def test_rounding_does_not_fail_a_number() -> None:
    assert exercises._same(0.1 + 0.2, 0.3)
    assert exercises._same(1, 1.0)
    assert not exercises._same(0.3001, 0.3)
    assert not exercises._same(float("nan"), 0.3)
    assert not exercises._same("0.3", 0.3)


def test_checks_run_off_the_main_thread() -> None:
    reports = []
    thread = threading.Thread(
        target=lambda: reports.append(exercises.check(DOUBLE, double))
    )
    thread.start()
    thread.join()
    assert reports[0].passed


def test_unknown_exercise_names_the_known_ones() -> None:
    with pytest.raises(LabsError, match=r"'recall'.*recall_at_k, reciprocal_rank"):
        exercises.grade("recall", double)
    with pytest.raises(LabsError, match="'recall'"):
        exercises.solution("recall")
