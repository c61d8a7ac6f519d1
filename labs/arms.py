"""The arms of series 3: a plain model, RAG, fine-tuning, and both together.

An arm is what it reads (no passage, what naive RAG finds, what series 1 ends with)
and what it was trained on before (nothing, answers by heart, reading, reading with
feedback). All read within the same budget, and all trainings are on the same train
questions at about the same number of tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from labs import advanced
from labs.corpus import Document
from labs.embedding import Embedder
from labs.errors import LabsError
from labs.retrieval import Chunk, DenseIndex, Searcher, chunk, within

DEPTH = 20  # passages that are ranked; those that fit the budget are read


@dataclass(frozen=True, slots=True)
class Arm:
    """What answers: which passages it reads, and what it was trained on."""

    name: str
    reads: str | None  # None (closed book), "naive" or "advanced"
    training: str | None  # None, "by_heart", "reading" or "feedback"
    told: str  # in a few words


ARMS = {
    arm.name: arm
    for arm in (
        Arm("base", None, None, "the plain model, no documents"),
        Arm("naive-rag", "naive", None, "the nearest passages by vectors"),
        Arm("advanced-rag", "advanced", None, "the recipe of series 1"),
        Arm("fine-tuned", None, "by_heart", "answers learnt by heart, no documents"),
        Arm("both", "advanced", "reading", "trained to read what that recipe finds"),
        Arm("both-feedback", "advanced", "feedback", "and corrected where it erred"),
    )
}


def by_names(names: Sequence[str]) -> list[Arm]:
    """The arms of these names, in their order.

    Raises LabsError for a name that no arm has.
    """
    if unknown := [name for name in names if name not in ARMS]:
        raise LabsError(
            f"Found no arm {unknown[0]!r}. Expected some of: {', '.join(ARMS)}."
        )
    return [ARMS[name] for name in names]


def searcher(reads: str, documents: Sequence[Document]) -> Searcher:
    """The index of an arm that reads."""
    embedder = Embedder()
    if reads == "naive":
        return DenseIndex.build(chunk(documents), embedder.embed)
    return advanced.build(documents, embedder, embedder.embed)


def passages(index: Searcher, questions: Sequence[str]) -> list[list[Chunk]]:
    """What is read for each question: the best passages within the budget."""
    return [within(ranked) for ranked in index.search(questions, DEPTH)]
