"""The advanced recipe, the Pareto front and the leaderboard's widget."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from labs import advanced
from labs.corpus import Document
from labs.errors import LabsError
from labs.explore_leaderboard import explore
from labs.leaderboard import cheapest_as_good, pareto_front
from labs.retrieval import Chunk

A, C = Chunk("D#1", "D", "a"), Chunk("D#3", "D", "c")
OLD = Chunk("E#1", "E", "old")


@dataclass
class Ranked:
    chunks: list[Chunk]

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        return [self.chunks[:k] for _ in questions]


def test_what_is_replaced_comes_last() -> None:
    found = advanced.Current(Ranked([OLD, A, C]), {"E"})
    assert found.search(["?", "!"]) == [[A, C, OLD]] * 2
    assert found.search(["?"], k=1) == [[A]]


def _document(name: str, text: str, supersedes: str | None = None) -> Document:
    return Document(name, name, "bulletin", "2031-01-01", 1, text, supersedes)


def test_the_recipe_counts_headers_and_knows_what_is_replaced() -> None:
    documents = [
        _document("SB-1", "# Sealing the hatch\n\nThe torque is 40 Nm."),
        _document("SB-2", "# Sealing the hatch\n\nIt is 60 Nm.", supersedes="SB-1"),
        _document("HB", "# Painting\n\nThe tower is white."),
    ]

    class Flat:
        def embed(self, texts: Sequence[str]) -> np.ndarray:
            return np.ones((len(texts), 2)) / np.sqrt(2)

    built = advanced.build(documents, Flat(), Flat().embed)
    [found] = built.search(["What is the torque for sealing the hatch?"])
    assert [p.document for p in found[:2]] == ["SB-2", "HB"]
    assert found[-1].document == "SB-1"


def test_the_front_leaves_out_what_is_beaten() -> None:
    points = {"slow": (9.0, 0.5), "fast": (1.0, 0.3), "good": (4.0, 0.5)}
    assert pareto_front(points) == ["fast", "good"]


def test_the_cheapest_as_good_is_not_the_cheapest() -> None:
    scores = {"bad": [0.0] * 30, "fair": [0.0, 1.0] * 15, "best": [1.0, 0.0] * 15}
    costs = {"bad": 1.0, "fair": 2.0, "best": 3.0}
    assert cheapest_as_good(scores, costs, "best") == "fair"


SCORES = {
    "naive": {64: [0.0] * 20, 256: [1.0] * 20},
    "<rich>": {64: [1.0] * 20, 256: [1.0] * 20},
}


def test_the_slider_sorts_anew_and_tells_the_verdict() -> None:
    board = explore(SCORES, "naive")
    assert board.page.value.index("▲ &lt;rich&gt;") < board.page.value.index("● naive")
    board.budget.value = 256
    assert "≈ &lt;rich&gt;" in board.page.value and "<b>256</b>" in board.page.value
    assert board.page.value in board._repr_mimebundle_()["text/html"]


def test_scores_at_other_budgets_are_refused() -> None:
    with pytest.raises(LabsError, match="same budgets"):
        explore(SCORES | {"odd": {32: [0.0]}}, "naive")
    with pytest.raises(LabsError, match="'best'"):
        explore(SCORES, "best")
