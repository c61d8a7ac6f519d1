"""Exercises of notebooks/2_finetuning/06_continuous."""

from labs.continual import forgetting
from labs.exercise_cases import Case, Exercise


def still_right(taught: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Of (fact, question, answer), oldest first: those with the fact's last answer."""
    last = {fact: answer for fact, _, answer in taught}
    return [one for one in taught if one[2] == last[one[0]]]


_OLD = [("oil", "How long?", "40 months"), ("oil", "How often?", "40 months")]
_CREW = ("crew", "Who leads it?", "Ada")
_NEW = ("oil", "How long?", "36 months")

EXERCISES = (
    Exercise(
        still_right,
        "Go through the rows once and keep each fact's last answer in a dict; then "
        "keep the rows whose answer is that one.",
        (
            Case(([_CREW],), [_CREW], "A fact that was taught once."),
            Case(([*_OLD, _CREW],), [*_OLD, _CREW], "Two wordings, one answer: both."),
            Case(
                ([*_OLD, _CREW, _NEW],),
                [_CREW, _NEW],
                "The old answer goes in every wording, also in one not asked again.",
            ),
            Case(
                ([_NEW, _CREW, _OLD[0]],),
                [_CREW, _OLD[0]],
                "What came last counts, not what is larger or smaller.",
            ),
            Case(
                ([_OLD[0], _NEW, _OLD[0]],),
                [_OLD[0], _OLD[0]],
                "An answer that came back is right again.",
            ),
            Case(
                ([_OLD[0], ("a", "x?", "40 months"), _NEW],),
                [("a", "x?", "40 months"), _NEW],
                "Another fact with the old answer stays: facts are told by their id.",
            ),
            Case(([],), [], "Nothing was taught."),
        ),
    ),
    Exercise(
        forgetting,
        "For each column but the last: the highest score before the last row, minus "
        "the score in the last row. Then the mean. Rows differ in length.",
        (
            Case(([[0.5], [0.5, 1.0]],), 0.0, "Nothing was lost."),
            Case(([[1.0], [0.25, 1.0]],), 0.75, "One earlier round."),
            Case(
                ([[0.5], [0.75, 1.0], [0.25, 0.5, 1.0]],),
                0.5,
                "Both earlier rounds lost 0.5; the best came after round 1.",
            ),
            Case(
                ([[1.0], [0.5, 0.5], [0.5, 0.0, 0.0]],),
                0.5,
                "The last round's own facts cannot be forgotten yet.",
            ),
            Case(
                ([[0.25], [0.5, 0.5]],),
                -0.25,
                "What got better counts below zero.",
            ),
            Case(
                ([[1.0], [0.0, 1.0], [1.0, 1.0, 1.0]],),
                0.0,
                "Lost on the way and back at the end.",
            ),
        ),
    ),
)
