"""Rankings held against each other within the budget, as tables to show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from labs import metrics, widgets
from labs.corpus import Evidence, Fact, Question
from labs.meter import Meter
from labs.retrieval import CONTEXT_BUDGET, Chunk, evidence_recall, within
from labs.stats import Scores


def wanting(text: str, quotes: Iterable[tuple[str, str]]) -> Question:
    """A question of one's own, with the (document, quote) pairs that it needs."""
    evidence = tuple(Evidence(*pair) for pair in quotes)
    return Question("own", text, "", ("",), "comparison", "dev", (), evidence, 1)


def recalls(
    questions: Sequence[Question],
    rankings: Sequence[Sequence[Chunk]],
    budget: int = CONTEXT_BUDGET,
) -> list[float]:
    """The evidence of each question found within the budget.

    Raises ValueError for a question without evidence.
    """
    shares = [
        evidence_recall(question, within(ranked, budget))
        for question, ranked in zip(questions, rankings, strict=True)
    ]
    if None in shares:
        own = questions[shares.index(None)]
        raise ValueError(f"{own.id} has no evidence: leave such questions out")
    return [share for share in shares if share is not None]


def compared(scores: Mapping[str, Scores]) -> Any:
    """A table of systems, the first of which is what the others are held against."""
    base = next(iter(scores))
    rows = [
        (row.name, row.mean, row.difference or "", row.verdict)
        for row in metrics.compare(scores, base)
    ]
    shown = base.replace(",", "")  # a comma parts the columns
    return widgets.table(rows, f"system, mean, minus {shown}, verdict")


def by_kind(
    questions: Sequence[Question], scores: Mapping[str, Sequence[float]]
) -> Any:
    """Means with intervals of each kind of question and system, for `plots.dots`.

    A DataFrame with the columns kind, system, mean, low, high, n.
    """
    import pandas as pd

    rows = []
    for name, own in scores.items():
        kinds: dict[str, list[float]] = {}
        for question, score in zip(questions, own, strict=True):
            kinds.setdefault(question.kind, []).append(score)
        for kind, values in kinds.items():
            mean = asdict(metrics.bootstrap_mean(values))
            rows.append({"kind": kind, "system": name} | mean)
    return pd.DataFrame(rows)


def facts_told(passages: Sequence[Chunk], facts: Iterable[Fact]) -> list[Fact]:
    """The facts whose quotes stand in a passage of their document."""
    texts = [(p.document, "".join(p.text.split())) for p in passages]
    told = []
    for fact in facts:
        quote = "".join(fact.quote.split())
        if quote and any(fact.document == d and quote in text for d, text in texts):
            told.append(fact)
    return told


def spent(meter: Meter) -> tuple[int, int, int, float]:
    """Calls, tokens in, tokens out and seconds since the meter began."""
    return meter.calls, meter.tokens_in, meter.tokens_out, meter.seconds
