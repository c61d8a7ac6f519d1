"""Exercises of notebooks/2_finetuning/04_human_feedback."""

import math

from labs.exercise_cases import Case, Exercise
from labs.preferences import majority


def dpo_of_one_pair(
    chosen: float, rejected: float, ref_chosen: float, ref_rejected: float, beta: float
) -> float:
    """The DPO loss of one pair, from the log-probabilities of whole replies."""
    margin = beta * ((chosen - ref_chosen) - (rejected - ref_rejected))
    return max(0.0, -margin) + math.log1p(math.exp(-abs(margin)))


EXERCISES = (
    Exercise(
        majority,
        "Counter(choices).most_common(2) gives the two leading choices with their "
        "counts. Where both counts are equal, nobody leads: return 'tie'.",
        (
            Case((["first", "second", "first"],), "first", "Two of three."),
            Case((["second"],), "second", "One rater decides alone."),
            Case((["first", "second"],), "tie", "One against one: nobody leads."),
            Case(
                (["both_bad", "both_bad", "tie"],),
                "both_bad",
                "'both bad' is a choice like the others.",
            ),
            Case(
                (["tie", "tie", "first"],), "tie", "Most say tie: one vote is no lead."
            ),
            Case(
                (["first", "second", "tie", "first"],),
                "first",
                "A lead need not be half of the votes and more.",
            ),
            Case(
                (["second", "second", "first", "first", "both_bad"],),
                "tie",
                "Two leaders alike: nobody leads.",
            ),
        ),
    ),
    Exercise(
        dpo_of_one_pair,
        "The margin is beta times how much more the policy has moved towards the "
        "chosen reply than towards the rejected one. The loss is "
        "-log(sigmoid(margin)), or log(1 + exp(-margin)); for a large negative "
        "margin that is -margin.",
        (
            Case(
                (-5.0, -5.0, -5.0, -5.0, 0.1),
                math.log(2),
                "Nothing has moved: the loss of a coin.",
            ),
            Case(
                (-5.0, -3.0, -5.0, -3.0, 0.1),
                math.log(2),
                "Not the likelier reply counts, but what moved.",
            ),
            Case(
                (-5.0 + math.log(3), -5.0, -5.0, -5.0, 1.0),
                math.log(4 / 3),
                "The chosen reply became three times as likely.",
            ),
            Case(
                (-5.0, -5.0 - math.log(3), -5.0, -5.0, 1.0),
                math.log(4 / 3),
                "To move away from the rejected reply counts as much.",
            ),
            Case(
                (-5.0, -5.0 + math.log(3), -5.0, -5.0, 1.0),
                math.log(4),
                "Towards the rejected reply: a higher loss.",
            ),
            Case(
                (-5.0 + math.log(9), -5.0, -5.0, -5.0, 0.5),
                math.log(4 / 3),
                "beta scales the margin.",
            ),
            Case(
                (-2000.0, -5.0, -1000.0, -5.0, 1.0),
                1000.0,
                "A long way in the wrong direction must not overflow.",
            ),
        ),
    ),
)
