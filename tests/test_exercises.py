"""Every exercise's check, fed with right, untouched and typically wrong attempts.

An exercise without attempts in ATTEMPTS fails the tests.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from labs import exercises
from labs.errors import LabsError
from labs.exercise_cases import Case, Exercise
from labs.metrics import normalise


@dataclass(frozen=True)
class Attempts:
    """Another right answer than the solution, and wrong ones as learners write them."""

    right: Callable
    wrong: tuple[Callable, ...]


# recall_at_k --------------------------------------------------------------------------


def _recall_right(ranked, relevant, k):
    return sum(item in ranked[:k] for item in relevant) / len(relevant)


def _recall_over_k(ranked, relevant, k):  # precision
    return len(set(ranked[:k]) & relevant) / k


def _recall_without_cut(ranked, relevant, k):
    return len(set(ranked) & relevant) / len(relevant)


def _recall_any_hit(ranked, relevant, k):  # hit rate
    return float(any(item in relevant for item in ranked[:k]))


def _recall_counts_twice(ranked, relevant, k):
    return sum(item in relevant for item in ranked[:k]) / len(relevant)


def _recall_over_found(ranked, relevant, k):
    top = ranked[:k]
    return len(set(top) & relevant) / len(top)


def _recall_eats_input(ranked, relevant, k):
    n = len(relevant)
    for item in ranked[:k]:
        relevant.discard(item)
    return (n - len(relevant)) / n


# reciprocal_rank ----------------------------------------------------------------------


def _rank_right(ranked, relevant):
    ranks = [i + 1 for i, item in enumerate(ranked) if item in relevant]
    return 1 / min(ranks) if ranks else 0.0


def _rank_from_zero(ranked, relevant):
    for i, item in enumerate(ranked):
        if item in relevant:
            return 1 / i
    return 0.0


def _rank_last(ranked, relevant):
    score = 0.0
    for i, item in enumerate(ranked, start=1):
        if item in relevant:
            score = 1 / i
    return score


def _rank_sums(ranked, relevant):
    return sum(1 / i for i, item in enumerate(ranked, start=1) if item in relevant)


def _rank_not_reciprocal(ranked, relevant):
    return next((i for i, item in enumerate(ranked, 1) if item in relevant), 0)


def _rank_none_if_missing(ranked, relevant):
    for i, item in enumerate(ranked, start=1):
        if item in relevant:
            return 1 / i


# chunk_words --------------------------------------------------------------------------


def _chunk_right(text, size, overlap):
    words = text.split()
    if not words:
        return []
    if len(words) <= size:
        return [" ".join(words)]
    rest = " ".join(words[size - overlap :])
    return [" ".join(words[:size]), *_chunk_right(rest, size, overlap)]


def _chunk_without_stop(text, size, overlap):
    words = text.split()
    step = size - overlap
    return [" ".join(words[i : i + size]) for i in range(0, len(words), step)]


def _chunk_without_overlap(text, size, overlap):
    words = text.split()
    return [" ".join(words[i : i + size]) for i in range(0, len(words), size)]


def _chunk_characters(text, size, overlap):
    return [text[i : i + size] for i in range(0, len(text), size - overlap)]


def _chunk_full_windows_only(text, size, overlap):
    words = text.split()
    starts = range(0, len(words) - size + 1, size - overlap)
    return [" ".join(words[i : i + size]) for i in starts]


def _chunk_word_lists(text, size, overlap):
    return [chunk.split() for chunk in _chunk_right(text, size, overlap)]


def _chunk_split_at_blanks(text, size, overlap):
    words = text.split(" ")
    chunks = []
    for i in range(0, max(1, len(words) - overlap), size - overlap):
        chunks.append(" ".join(words[i : i + size]))
    return chunks


def _chunk_never_ends(text, size, overlap):
    words, start = text.split(), 0
    while start < len(words):
        start = start + size - size
    return words


# exact_match_rate ---------------------------------------------------------------------


def _rate_right(predictions, accepted):
    n = 0
    for prediction, wordings in zip(predictions, accepted, strict=True):
        if normalise(prediction) in map(normalise, wordings):
            n += 1
    return n / len(predictions)


def _rate_without_normalising(predictions, accepted):
    pairs = list(zip(predictions, accepted, strict=True))
    return sum(p in wordings for p, wordings in pairs) / len(pairs)


def _rate_lower_case_only(predictions, accepted):
    pairs = list(zip(predictions, accepted, strict=True))
    return sum(p.lower() in [w.lower() for w in a] for p, a in pairs) / len(pairs)


def _rate_one_side_normalised(predictions, accepted):
    pairs = list(zip(predictions, accepted, strict=True))
    return sum(normalise(p) in wordings for p, wordings in pairs) / len(pairs)


def _rate_letters_only(predictions, accepted):
    def strip(text):
        return re.sub("[^a-z]", "", normalise(text))

    pairs = list(zip(predictions, accepted, strict=True))
    return sum(strip(p) in map(strip, a) for p, a in pairs) / len(pairs)


def _rate_first_wording(predictions, accepted):
    pairs = list(zip(predictions, accepted, strict=True))
    return sum(normalise(p) == normalise(a[0]) for p, a in pairs) / len(pairs)


def _rate_contains(predictions, accepted):
    pairs = list(zip(predictions, accepted, strict=True))
    hits = [any(normalise(w) in normalise(p) for w in a) for p, a in pairs]
    return sum(hits) / len(pairs)


def _rate_counts(predictions, accepted):
    return _rate_right(predictions, accepted) * len(predictions)


ATTEMPTS = {
    "recall_at_k": Attempts(
        _recall_right,
        (
            _recall_over_k,
            _recall_without_cut,
            _recall_any_hit,
            _recall_counts_twice,
            _recall_over_found,
            _recall_eats_input,
        ),
    ),
    "reciprocal_rank": Attempts(
        _rank_right,
        (
            _rank_from_zero,
            _rank_last,
            _rank_sums,
            _rank_not_reciprocal,
            _rank_none_if_missing,
        ),
    ),
    "chunk_words": Attempts(
        _chunk_right,
        (
            _chunk_without_stop,
            _chunk_without_overlap,
            _chunk_characters,
            _chunk_full_windows_only,
            _chunk_word_lists,
            _chunk_split_at_blanks,
            _chunk_never_ends,
        ),
    ),
    "exact_match_rate": Attempts(
        _rate_right,
        (
            _rate_without_normalising,
            _rate_lower_case_only,
            _rate_one_side_normalised,
            _rate_letters_only,
            _rate_first_wording,
            _rate_contains,
            _rate_counts,
        ),
    ),
}

NAMES = sorted(exercises.EXERCISES)
WRONG = [
    pytest.param(name, attempt, id=f"{name}-{attempt.__name__}")
    for name, attempts in ATTEMPTS.items()
    for attempt in attempts.wrong
]


def _ellipsis(*args): ...


def _returns_ellipsis(*args):
    return ...


def _not_implemented(*args):
    raise NotImplementedError


@pytest.fixture(autouse=True)
def _short_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exercises, "TIME_LIMIT_S", 0.2)


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
    namespace: dict = {}
    exec(
        "from collections.abc import *\nfrom labs.metrics import *\n" + source,
        namespace,
    )
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
        (_loops, "got       still running after 0.2 s: does a loop never end?"),
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
