"""Exercises of notebooks/2_finetuning/05_ai_feedback."""

from labs.exercise_cases import Case, Exercise
from labs.preferences import kappa


def agreed_verdict(forward: str, backward: str) -> str:
    """What a judge says of a pair when both orders are heard.

    `forward` is the letter where the first answer stands in A, `backward` the letter
    where it stands in B.
    """
    if forward == "A" and backward == "B":
        return "first"
    if forward == "B" and backward == "A":
        return "second"
    return "tie"


EXERCISES = (
    Exercise(
        agreed_verdict,
        "In the second order the letters are swapped: B is the first answer there. "
        "Whoever says A twice has chosen a place and no answer.",
        (
            Case(("A", "B"), "first", "The first answer won from both places."),
            Case(("B", "A"), "second", "The second answer won from both places."),
            Case(("A", "A"), "tie", "A twice is a place, not an answer."),
            Case(("B", "B"), "tie", "B twice is a place, not an answer."),
            Case(("", "B"), "tie", "No letter in one order: undecided."),
            Case(("B", ""), "tie", "No letter in the other order: undecided."),
            Case(("", ""), "tie", "No letter at all."),
        ),
    ),
    Exercise(
        kappa,
        "Seen is the share of equal labels. Chance is, summed over the labels, the "
        "share of the label with one rater times its share with the other. Kappa is "
        "(seen - chance) / (1 - chance), and 0.0 where chance is 1.",
        (
            Case((["first", "second"], ["first", "second"]), 1.0, "They always agree."),
            Case(
                (["first", "second"], ["second", "first"]),
                -1.0,
                "They never agree: seen 0, chance 1/2.",
            ),
            Case(
                (["first", "first", "second", "second"], ["first", "second"] * 2),
                0.0,
                "Half agree, as two coins would.",
            ),
            Case(
                (["first", "first", "first", "tie"], ["first"] * 4),
                0.0,
                "One who always says the same agrees by habit alone.",
            ),
            Case(
                (["tie", "tie"], ["tie", "tie"]),
                0.0,
                "One label only: chance is 1, and nothing is shown.",
            ),
            Case(
                (
                    ["first", "first", "first", "second"],
                    ["first", "first", "second", "second"],
                ),
                0.5,
                "Seen 3/4; chance 3/4 x 1/2 + 1/4 x 1/2 = 1/2.",
            ),
            Case(
                (
                    ["first", "second", "tie", "first"],
                    ["first", "second", "tie", "second"],
                ),
                7 / 11,
                "Three labels: seen 3/4, chance 1/8 + 1/8 + 1/16 = 5/16.",
            ),
        ),
    ),
)
