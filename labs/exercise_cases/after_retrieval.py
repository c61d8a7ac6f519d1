"""Exercises of notebooks/1_rag/05_after_retrieval."""

from labs.exercise_cases import Case, Exercise
from labs.passages import best_run


def reorder(passages: list[str], scores: list[float], k: int) -> list[str]:
    """The `k` passages with the highest scores; of equal ones the first leads."""
    order = sorted(range(len(passages)), key=lambda i: -scores[i])
    return [passages[i] for i in order[:k]]


def refused_in_vain(
    scores: list[float], unanswerable: list[bool], threshold: float
) -> float:
    """Share of the answerable questions whose best score is below the threshold."""
    told = [s for s, is_open in zip(scores, unanswerable, strict=True) if not is_open]
    return sum(score < threshold for score in told) / len(told) if told else 0.0


EXERCISES = (
    Exercise(
        reorder,
        "Sort the positions by the negative score: sorted(range(n), key=...) leaves "
        "equal ones in their order. Then take the first k.",
        (
            Case((["a", "b"], [0.1, 0.9], 2), ["b", "a"], "The higher score leads."),
            Case((["a", "b", "c"], [3.0, 1.0, 2.0], 2), ["a", "c"], "Only k of them."),
            Case(
                (["b", "a", "c"], [1.0, 1.0, 2.0], 3),
                ["c", "b", "a"],
                "Where scores are equal, the first ranking decides.",
            ),
            Case((["a", "b"], [-5.0, -2.0], 1), ["b"], "Scores may be negative."),
            Case(
                (["a", "a", "b"], [0.5, 0.7, 0.6], 3),
                ["a", "b", "a"],
                "Two passages with one text keep their own scores.",
            ),
            Case((["a"], [0.3], 5), ["a"], "Fewer than k were found."),
            Case(([], [], 3), [], "Nothing was found."),
        ),
    ),
    Exercise(
        best_run,
        "Walk through with a running sum. Where the sum before a place is not above "
        "zero, start anew there. Remember start and end of the largest sum seen.",
        (
            Case(([1.0, 2.0],), (0, 2), "All of it is good."),
            Case(([-1.0, 3.0, -2.0],), (1, 2), "Bad edges stay out."),
            Case(
                ([2.0, -1.0, 2.0],),
                (0, 3),
                "A gap is bridged where both sides outweigh it.",
            ),
            Case(([2.0, -3.0, 2.5],), (2, 3), "A gap that costs too much parts runs."),
            Case(([-1.0, -2.0],), (0, 0), "Nothing is above zero."),
            Case(([],), (0, 0), "Nothing to read."),
            Case(
                ([1.0, -1.0, 1.0],), (0, 1), "Of equal runs, the one that ends first."
            ),
            Case(([0.0, 1.0],), (1, 2), "What is worth nothing is not read."),
            Case(([2.0, -2.0, 3.0],), (2, 3), "Of equal ends, the shortest run."),
        ),
    ),
    Exercise(
        refused_in_vain,
        "Keep the scores of the questions that have an answer, count those below the "
        "threshold, and divide by how many have an answer.",
        (
            Case(([1.0, 3.0], [False, False], 2.0), 0.5, "One of two is refused."),
            Case(
                ([1.0, 1.0, 3.0], [True, False, False], 2.0),
                0.5,
                "Questions without an answer do not count.",
            ),
            Case(([2.0], [False], 2.0), 0.0, "At the threshold is not below it."),
            Case(([0.1, 0.2], [False, False], 2.0), 1.0, "All are refused."),
            Case(([0.1], [True], 2.0), 0.0, "No question has an answer."),
            Case(([-3.0, -1.0], [False, True], -2.0), 1.0, "Scores may be negative."),
        ),
    ),
)
