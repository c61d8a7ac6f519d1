"""What goes wrong in the answers of a benchmark: to find, to read, to know, to refuse.

An answer's error is put where the answer was lost first: what was not found cannot be
read, and what was never told to a model cannot be remembered.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from labs import corpus, tasks
from labs.arms import ARMS
from labs.corpus import Question
from labs.errors import LabsError
from labs.stats import Scores, bootstrap_mean

RIGHT = "right"
TOLD = {  # every error, in a few words
    "retrieval": "what it read does not hold all the evidence",
    "reading": "the evidence lay before it, the answer is wrong",
    "memory": "trained on these facts, answered wrongly",
    "refused in vain": "it had read or learnt the answer, and refused",
    "not taught": "closed book, and never trained on these facts",
    "made up": "no document tells, and it answered all the same",
}
ERRORS = tuple(TOLD)
_KEPT = ("id", "text", "right", "refused", "recall", "passages")


def taught_facts(questions: Iterable[Question]) -> set[str]:
    """The facts that a training on the train questions has seen."""
    return {fact for q in questions if q.split == "train" for fact in q.facts}


def error_kind(
    question: Question,
    answer: Mapping[str, Any],
    arm: str,
    taught: set[str],
) -> str:
    """Where what is missing of an answer was lost; one of ERRORS.

    For an answer that is all right it says what would have been lost. First shown in
    notebooks/3_benchmarking/03_uncertainty_and_errors.

    Args:
        answer: with `refused`, `recall` (None where nothing is known of the evidence)
            and `passages`, as `labs.benchmark.compute` writes it.
        taught: facts of the training, for an arm that was trained by heart.
    """
    if question.kind == "unanswerable":
        return "made up"
    reads = bool(ARMS[arm].reads or answer["passages"])
    if reads and (not answer["passages"] or answer["recall"] not in (None, 1)):
        return "retrieval"
    if not reads and (not ARMS[arm].training or not taught >= set(question.facts)):
        return "not taught"
    if answer["refused"]:
        return "refused in vain"
    return "reading" if reads else "memory"


def answers(results: Iterable[Mapping[str, Any]]) -> Any:
    """Every judged answer of a benchmark in a row, with its kind of error.

    A DataFrame with the columns arm, task, seed, id, text, right (0 to 1), refused,
    recall, passages, error. First shown in
    notebooks/3_benchmarking/03_uncertainty_and_errors.

    Raises:
        LabsError: an answer to a question that is not in the data.
    """
    import pandas as pd

    taught = taught_facts(corpus.load_questions())
    known = by_id()
    rows = []
    for result in results:
        if result["task"] not in tasks.QUALITY:
            continue
        for answer in result["answers"]:
            question = _of(known, answer["id"])
            row = {name: result[name] for name in ("arm", "task", "seed")}
            row |= {name: answer[name] for name in _KEPT}
            row["error"] = error_kind(question, answer, result["arm"], taught)
            rows.append(row)
    return pd.DataFrame(rows)


def by_id() -> dict[str, Question]:
    """All questions of the data and those on other domains."""
    others = tasks.general(sys.maxsize)
    asked = [*corpus.load_questions(), *(own.question for own in others)]
    return {question.id: question for question in asked}


def _of(known: Mapping[str, Question], name: str) -> Question:
    if name not in known:
        raise LabsError(
            f"The results hold an answer to {name}, which is no question of these data."
            " Expected results of the same LABS_DATA: run the benchmark again."
        )
    return known[name]


def shares(table: Any, by: Sequence[str] = ("arm",)) -> Any:
    """Shares of the answers of each arm: right, and lost by each kind of error.

    They add up to 1: of a summary that is 0.4 right, 0.6 is lost. A DataFrame with the
    columns of `by`, then kind, mean, low, high, n; the intervals are over questions, of
    several training seeds the mean. First shown in
    notebooks/3_benchmarking/03_uncertainty_and_errors.
    """
    import pandas as pd

    rows = []
    for names, own in table.groupby(list(by), sort=False):
        for kind in (RIGHT, *ERRORS):
            lost = (1 - own["right"]) * (own["error"] == kind)
            part = own["right"] if kind == RIGHT else lost
            each = part.groupby([own["task"], own["id"]], sort=False).mean()
            mean = asdict(bootstrap_mean(each.to_numpy(), 2_000))
            rows.append(dict(zip(by, names, strict=True)) | {"kind": kind} | mean)
    return pd.DataFrame(rows)


def right_where_wrong(scores: Mapping[str, Scores]) -> Any:
    """The share of questions that the arm of a row gets right and that of a column not.

    Of scores between 0 and 1, the part by which the row is above the column. A
    DataFrame, arms by arms. First shown in
    notebooks/3_benchmarking/03_uncertainty_and_errors.
    """
    import pandas as pd

    above = {
        other: {
            arm: np.maximum(np.asarray(own) - np.asarray(theirs), 0).mean()
            for arm, own in scores.items()
        }
        for other, theirs in scores.items()
    }
    return pd.DataFrame(above)


def examples(table: Any, error: str, n: int = 2) -> Any:
    """Answers with nothing right, lost by this error: from every arm and task in turn.

    The rows of the table, at most `n`, each of another question.
    """
    own = table[(table["error"] == error) & (table["right"] == 0)]
    turn = own.groupby(["arm", "task"], sort=False).cumcount()
    own = own.assign(turn=turn).sort_values("turn", kind="stable")
    return own.drop_duplicates("id").head(n)
