"""What a tour measured: each system's scores with intervals, and the difference."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from labs.corpus import KINDS
from labs.metrics import Interval, bootstrap_mean, paired_bootstrap
from labs.tour import SEED, SYSTEMS, TOP_K, Row, Tour

Measure = Callable[[Row, str], float]  # of a system's answer
Scores = dict[str, Interval]  # by system, and their paired "difference"

N_SHOWN = 12
RECALL = f"recall_at_{TOP_K}"


def headline(rows: Sequence[Row]) -> dict[str, Scores]:
    """Scores over the questions that each measure fits.

    No single wording of a summary is right: exact match leaves summaries out. What is
    not in the documents has no evidence and one right answer, counted as a refusal.
    """
    answerable = [row for row in rows if row.question.kind != "unanswerable"]
    exact = [row for row in answerable if row.question.kind != "summary"]
    refused = [row for row in rows if row.question.kind == "unanswerable"]
    return {
        "exact_match": _compare(exact, lambda row, name: row.answers[name].exact_match),
        "token_f1": _compare(answerable, lambda row, name: row.answers[name].token_f1),
        "refusal_recall": _compare(refused, _right),
        RECALL: _recall(answerable),
    }


def by_kind(rows: Sequence[Row]) -> dict[str, dict[str, Scores]]:
    """For each kind, how right the answers are (by its own measure), and the recall."""
    of_kind = {k: [row for row in rows if row.question.kind == k] for k in KINDS}
    return {
        kind: {"right": _compare(own, _right), RECALL: _recall(own)}
        for kind, own in of_kind.items()
        if own
    }


def _right(row: Row, system: str) -> float:
    return row.answers[system].right


def _compare(rows: Sequence[Row], measure: Measure) -> Scores:
    if not rows:
        return {}
    plain, rag = ([float(measure(row, name)) for row in rows] for name in SYSTEMS)
    return {
        "plain": bootstrap_mean(plain),
        "rag": bootstrap_mean(rag),
        "difference": paired_bootstrap(rag, plain),
    }


def _recall(rows: Sequence[Row]) -> Scores:
    """Only what retrieves has a recall."""
    recalls = [row.recall for row in rows if row.recall is not None]
    return {"rag": bootstrap_mean(recalls)} if recalls else {}


def as_json(tour: Tour) -> dict[str, Any]:
    """All that the terminal shows, and every answer of the sample."""
    return {
        "profile": tour.profile,
        "seed": SEED,
        "documents": tour.n_documents,
        "passages": tour.n_passages,
        "questions": len(tour.rows),
        "scores": {name: _plain(s) for name, s in headline(tour.rows).items()},
        "by_kind": {
            kind: {name: _plain(s) for name, s in scores.items()}
            for kind, scores in by_kind(tour.rows).items()
        },
        "shown": [row.question.id for row in tour.rows[:N_SHOWN]],
        "answers": [_row(row) for row in tour.rows],
        "seconds": {name: round(value, 2) for name, value in tour.seconds.items()},
    }


def _plain(scores: Scores) -> dict[str, dict[str, float]]:
    return {name: asdict(interval) for name, interval in scores.items()}


def _row(row: Row) -> dict[str, Any]:
    question = row.question
    return {
        "id": question.id,
        "kind": question.kind,
        "question": question.question,
        "answer": question.answer,
        "systems": {name: asdict(answer) for name, answer in row.answers.items()},
        "sources": [asdict(passage) for passage in row.passages],
        RECALL: row.recall,
    }
