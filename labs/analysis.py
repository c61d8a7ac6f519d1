"""One question put to many documents: what each tells, with its source."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from labs import metrics, prompts
from labs.models import Generates
from labs.passages import sentences
from labs.retrieval import Chunk, Embed, n_tokens

# A value is a number with its unit: 1,200 euros, -20 °C, 97.5 %, 8 months.
_AMOUNT = r"-?\d[\d,.]* {}(?![\w/])"
_NUMBER = re.compile(r"(?<![\w.-])-?\d+(?:,\d{3})*(?:\.\d+)?")
_CITATION = re.compile(r"\s*\[\d+(?:\s*[,;]\s*\d+)*\]\s*")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was read in a document; no value where it does not tell."""

    document: str
    value: str | None = None
    source: Chunk | None = None  # where it stands: the citation


def windows(passages: Sequence[Chunk], budget: int) -> list[list[Chunk]]:
    """Passages of one document in runs of at most `budget` tokens, none left out.

    A passage that is longer by itself is a run of its own. First shown in
    notebooks/1_rag/07_many_documents.
    """
    runs: list[list[Chunk]] = []
    left = 0
    for passage in passages:
        size = n_tokens(passage.text)
        if not runs or size > left:
            runs.append([])
            left = budget
        runs[-1].append(passage)
        left -= size
    return runs


def read_each(
    generator: Generates,
    questions: Sequence[str],
    rows: Sequence[Sequence[Chunk]],
    max_new_tokens: int = 24,
) -> list[Finding]:
    """Map: each question answered from its own passages, all of one document.

    A refusal gives no value. Where nothing was found, nothing is asked. First shown in
    notebooks/1_rag/07_many_documents.
    """
    asked = [i for i, row in enumerate(rows) if row]
    calls = [prompts.answer(questions[i], [p.text for p in rows[i]]) for i in asked]
    said = generator.generate(calls, max_new_tokens) if calls else []
    found = [Finding("") for _ in rows]
    for i, text in zip(asked, said, strict=True):
        found[i] = as_finding(text, rows[i])
    return found


def as_finding(text: str, passages: Sequence[Chunk]) -> Finding:
    """An answer as a finding: its words, and the passage that it cites if there is one.

    Raises ValueError without a passage.
    """
    if not passages:
        raise ValueError("an answer needs the passages that it was read from")
    document = passages[0].document
    value = _CITATION.sub(" ", text).strip()
    if not value or metrics.is_refusal(text):
        return Finding(document)
    cited = [i for i in metrics.cited_passages(text) if 1 <= i <= len(passages)]
    return Finding(document, value, passages[min(cited) - 1] if cited else None)


def first_told(findings: Iterable[Finding]) -> dict[str, Finding]:
    """Reduce: the first finding of each document that has a value, else an empty one.

    Documents stand in the order in which they come.
    """
    best: dict[str, Finding] = {}
    for finding in findings:
        known = best.setdefault(finding.document, finding)
        if known.value is None:
            best[finding.document] = finding
    return best


def extract(
    question: str, passages: Sequence[Chunk], pattern: str, embed: Embed
) -> Finding:
    """What the pattern matches in the sentence nearest to the question; no LLM.

    Only sentences (and lines) with a match take part. Of several matches in it the
    first counts. First shown in notebooks/1_rag/07_many_documents.

    Args:
        pattern: a regular expression; its first group, if it has one, is the value.
    """
    parts = [part for passage in passages for part in sentences(passage)]
    matches = [(part, m) for part in parts if (m := re.search(pattern, part.text))]
    if not matches:
        return Finding(passages[0].document if passages else "")
    vectors = embed([question, *(part.text for part, _ in matches)])
    part, match = matches[int(np.argmax(vectors[1:] @ vectors[0]))]
    return Finding(part.document, match[match.re.groups and 1], part)


def number(text: str | None) -> float | None:
    """The first number of a text (1,200 is 1200); None where there is none."""
    match = _NUMBER.search(text or "")
    return float(match[0].replace(",", "")) if match else None


def with_unit(unit: str) -> str:
    """A pattern for a number with this unit: "m" is neither "mm" nor "m/s"."""
    return _AMOUNT.format(re.escape(unit))


def judge(finding: Finding, gold: str | None) -> str:
    """What became of a cell of which the document tells `gold`, or nothing (None).

    "right" (an empty cell where nothing is told is), "wrong", "empty, though told" or
    "invented".
    """
    if finding.value is None:
        return "right" if gold is None else "empty, though told"
    if gold is None:
        return "invented"
    return "right" if metrics.exact_match(finding.value, [gold]) else "wrong"


def as_table(
    findings: Mapping[tuple[str, str], Finding], empty: str = ""
) -> tuple[Any, Any]:
    """Values and citations, each a DataFrame of documents (rows) by properties.

    A cell without a value is `empty` in both.

    Args:
        findings: by (row, column), in the order wanted.
    """
    import pandas as pd

    rows = list(dict.fromkeys(row for row, _ in findings))
    columns = list(dict.fromkeys(column for _, column in findings))
    values = pd.DataFrame(empty, index=rows, columns=columns)
    sources = values.copy()
    for (row, column), finding in findings.items():
        if finding.value is not None:
            values.loc[row, column] = finding.value
            sources.loc[row, column] = finding.source.id if finding.source else empty
    return values, sources
