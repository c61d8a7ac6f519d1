"""What a tour measured: each arm's scores with intervals, and what sets arms apart."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from labs.corpus import KINDS
from labs.stats import Comparison, Interval, bootstrap_mean, compare
from labs.tour_run import SEED, Answer, Row, Tour

Measure = Callable[[Answer], float | None]

N_SHOWN = 12


def headline(rows: Sequence[Row]) -> dict[str, list[Comparison]]:
    """By measure, each arm beside the first, over the questions that the measure fits.

    Right are answers to what the documents tell; what they do not has one right answer,
    counted as a refusal. No single wording of a summary is right: exact match leaves
    summaries out.
    """
    answerable = [row for row in rows if row.question.kind != "unanswerable"]
    exact = [row for row in answerable if row.question.kind != "summary"]
    refused = [row for row in rows if row.question.kind == "unanswerable"]
    return {
        "right": _compare(answerable, lambda answer: answer.right),
        "exact match": _compare(exact, lambda answer: answer.exact_match),
        "refused": _compare(refused, lambda answer: answer.right),
    }


def by_kind(rows: Sequence[Row]) -> dict[str, list[Comparison]]:
    """For each kind, how right each arm's answers are, by the kind's own measure."""
    of_kind = {k: [row for row in rows if row.question.kind == k] for k in KINDS}
    found = {kind: _compare(own, lambda a: a.right) for kind, own in of_kind.items()}
    return {kind: compared for kind, compared in found.items() if compared}


def evidence(rows: Sequence[Row]) -> dict[str, Interval]:
    """The share of the evidence that each arm had read, of the arms that read."""
    told = [row.answers for row in rows if row.question.evidence]
    found = {}
    for name in told[0] if told else ():
        shares = [answers[name].recall for answers in told]
        if None not in shares:
            found[name] = bootstrap_mean(shares)
    return found


def _compare(rows: Sequence[Row], measure: Measure) -> list[Comparison]:
    if not rows:
        return []
    names = list(rows[0].answers)
    scores = {
        name: [float(measure(row.answers[name])) for row in rows] for name in names
    }
    return compare(scores, names[0])


def as_json(tour: Tour) -> dict[str, Any]:
    """All that the terminal shows, and every answer of the sample."""
    return {
        "profile": tour.profile,
        "seed": SEED,
        "documents": tour.n_documents,
        "questions": len(tour.rows),
        "scores": {m: _plain(found) for m, found in headline(tour.rows).items()},
        "by_kind": {k: _plain(found) for k, found in by_kind(tour.rows).items()},
        "evidence": {name: asdict(own) for name, own in evidence(tour.rows).items()},
        "shown": [row.question.id for row in tour.rows[:N_SHOWN]],
        "answers": [_row(row) for row in tour.rows],
        "seconds": {name: round(value, 2) for name, value in tour.seconds.items()},
    }


def _plain(compared: Sequence[Comparison]) -> dict[str, Any]:
    return {row.name: asdict(row) for row in compared}


def _row(row: Row) -> dict[str, Any]:
    question = row.question
    return {
        "id": question.id,
        "kind": question.kind,
        "question": question.question,
        "answer": question.answer,
        "arms": {name: asdict(answer) for name, answer in row.answers.items()},
        "sources": [asdict(passage) for passage in row.passages],
    }
