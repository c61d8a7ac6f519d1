"""Whether an answer rests on what was retrieved, and what to do where it cannot.

Checked citations, a threshold below which to search again or to refuse, and sentences
in retrieved text that give orders to the model.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from labs import metrics
from labs.reranking import Reranker
from labs.retrieval import Chunk, Searcher

# Citations ----------------------------------------------------------------------------


def check_citation(answer: str, passages: Sequence[str]) -> str:
    """Whether a passage that the answer cites holds what it says.

    By words: "supported" where the answer, normalised, stands in a cited passage. An
    answer that was computed from two passages stands in neither and counts as
    "unsupported". First shown in notebooks/1_rag/05_after_retrieval.

    Returns:
        "supported", "unsupported", "no citation" or "refusal".
    """
    if metrics.is_refusal(answer):
        return "refusal"
    numbers = metrics.cited_passages(answer)
    if not numbers:
        return "no citation"
    said = f" {metrics.normalise(answer)} "
    cited = [passages[i - 1] for i in numbers if 1 <= i <= len(passages)]
    holds = any(said in f" {metrics.normalise(text)} " for text in cited)
    return "supported" if holds and said.strip() else "unsupported"


# Refusing, and searching again --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Refusals:
    """What refusing below a threshold would be right in, and what it would miss."""

    threshold: float
    precision: float  # of the refused questions, those that have no answer
    recall: float  # of the questions without an answer, those refused
    f1: float


def refusal_curve(
    best_scores: Sequence[float], unanswerable: Sequence[bool]
) -> list[Refusals]:
    """One row for each threshold that parts the questions, from low to high.

    A question is refused where its best score is below the threshold. First shown in
    notebooks/1_rag/05_after_retrieval. Raises ValueError for other lengths, or where
    no question is unanswerable.
    """
    scores, open_ = np.asarray(best_scores, float), np.asarray(unanswerable, bool)
    if scores.shape != open_.shape or not open_.any():
        raise ValueError(
            f"{scores.shape} scores and {open_.sum()} unanswerable of {open_.shape}: "
            "expected one of each a question, and at least one unanswerable"
        )
    rows = []
    for threshold in np.unique(scores)[1:]:
        refused = scores < threshold
        n_right = int((refused & open_).sum())
        precision, recall = n_right / refused.sum(), n_right / open_.sum()
        f1 = 2 * n_right / (refused.sum() + open_.sum())
        found = (threshold, precision, recall, f1)
        rows.append(Refusals(*map(float, found)))
    return rows


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a corrective search found for a question, and whether it searched again."""

    passages: list[Chunk]  # the best first
    score: float  # of the best, by the reranker
    again: bool  # whether the first search was too weak
    kept_second: bool  # whether the second search found better


@dataclass(frozen=True, slots=True)
class Corrective:
    """Searches, reranks, and searches another way where the best is too weak.

    After corrective RAG (Yan et al. 2024, arXiv 2401.15884), with the reranker's score
    as the judge. First shown in notebooks/1_rag/05_after_retrieval.
    """

    first: Searcher
    second: Searcher
    reranker: Reranker
    threshold: float
    depth: int = 20  # passages of each search that are reranked

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        """The `k` best passages for each question, the best first."""
        return [found.passages[:k] for found in self.correct(questions)]

    def correct(self, questions: Sequence[str]) -> list[Corrected]:
        """All reranked passages for each question, and how they came about."""
        found = self._best(self.first, questions, again=False)
        weak = [i for i, row in enumerate(found) if row.score < self.threshold]
        anew = self._best(self.second, [questions[i] for i in weak], again=True)
        for i, row in zip(weak, anew, strict=True):
            better = row.score > found[i].score
            chosen = row if better else found[i]
            found[i] = replace(chosen, again=True, kept_second=better)
        return found

    def _best(
        self, searcher: Searcher, questions: Sequence[str], again: bool
    ) -> list[Corrected]:
        if not questions:
            return []
        ranked = searcher.search(questions, self.depth)
        scored = self.reranker.rank(questions, ranked)
        return [
            Corrected(
                [p for p, _ in row],
                row[0][1] if row else float("-inf"),
                again,
                kept_second=False,
            )
            for row in scored
        ]


# Orders in retrieved text -------------------------------------------------------------

_ORDERS = (
    r"\b(?:ignore|disregard|forget|override|skip)\b[^.!?\n]{0,40}"
    r"\b(?:instructions?|prompts?|rules?|passages?|documents?|sources?|questions?"
    r"|above|before|everything)\b",
    r"\b(?:system|developer|assistant|user)\s*(?:prompt|message|note|:)",
    r"\byou (?:are|must|should|will|shall)\b[^.!?\n]{0,30}"
    r"\b(?:now|answer|reply|respond|say|assistant|model|chatbot)\b",
    r"\b(?:answer|reply|respond|say)\b[^.!?\n]{0,25}"
    r"\b(?:only|always|instead|exactly|every question|all questions|following)\b",
    r"\b(?:new|real|true|actual|updated) (?:task|instructions?|orders?)\b",
    r"</?(?:system|instructions?|im_start|im_end)\b|\[/?INST\]|<\|",
)
_ORDER = re.compile("|".join(_ORDERS), re.IGNORECASE)
_SENTENCE = re.compile(r".+?(?:[.!?]+(?=\s)|\n|\Z)\s*", re.DOTALL)
REMOVED = "(An instruction to the reader was removed here.)"


def gives_orders(sentence: str) -> bool:
    """Whether the sentence speaks to the model, by patterns of known attacks.

    Patterns catch the clumsy and miss whoever words it otherwise: measure both. First
    shown in notebooks/1_rag/05_after_retrieval.
    """
    return _ORDER.search(sentence) is not None


def neutralise(text: str) -> str:
    """The text with `REMOVED` in the place of each sentence that gives orders."""
    parts = _SENTENCE.findall(text)
    kept = [f"{REMOVED} " if gives_orders(part) else part for part in parts]
    return "".join(kept).rstrip() if any(map(gives_orders, parts)) else text


def fence(text: str) -> str:
    """The text between marks that it cannot close itself: data, not instructions."""
    inner = text.replace("<<", "‹").replace(">>", "›")
    return f"<<{inner}>>"
