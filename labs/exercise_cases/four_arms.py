"""Exercises of notebooks/3_benchmarking/02_four_arms."""

from math import inf

from labs.exercise_cases import Case, Exercise


def three_outcomes(right: list[float], refused: list[bool]) -> dict[str, float]:
    """Shares of "right", "refused" and "wrong"; they add up to 1.

    What a refusal or an answer lacks of being right is refused or wrong.
    """
    n = len(right)
    lacking = [(1 - own, no) for own, no in zip(right, refused, strict=True)]
    return {
        "right": sum(right) / n,
        "refused": sum(share for share, no in lacking if no) / n,
        "wrong": sum(share for share, no in lacking if not no) / n,
    }


def wrong_price(bold: dict[str, float], timid: dict[str, float]) -> float:
    """What a wrong answer must cost, in right ones, for `timid` to be worth as much.

    From this price on it is worth at least as much as `bold`; inf: at no price.
    """
    lost = bold["right"] - timid["right"]
    spared = bold["wrong"] - timid["wrong"]
    if spared > 0:
        return max(0.0, lost / spared)
    return 0.0 if spared == 0 and lost <= 0 else inf


def _shares(right: float, refused: float, wrong: float) -> dict[str, float]:
    return {"right": right, "refused": refused, "wrong": wrong}


EXERCISES = (
    Exercise(
        three_outcomes,
        "Add up what is right. What an answer lacks of 1 goes to refused if it is a "
        "refusal, and to wrong if not. Divide all three by the number of answers.",
        (
            Case(
                ([1.0, 0.0, 0.0, 0.0], [False, True, False, False]),
                _shares(0.25, 0.25, 0.5),
                "One is right, one refused, two are wrong.",
            ),
            Case(
                ([1.0, 0.0], [True, True]),
                _shares(0.5, 0.5, 0.0),
                "A refusal can be right: then it is right, and not refused in vain.",
            ),
            Case(
                ([0.25, 0.5], [False, False]),
                _shares(0.375, 0.0, 0.625),
                "A work order is right in part: the rest of it is wrong.",
            ),
            Case(
                ([0.5, 0.0], [True, False]),
                _shares(0.25, 0.25, 0.5),
                "Half right and a refusal: the other half is refused.",
            ),
            Case(
                ([1.0, 1.0], [False, False]),
                _shares(1.0, 0.0, 0.0),
                "Nothing is lacking; all three are still told.",
            ),
        ),
    ),
    Exercise(
        wrong_price,
        "Worth is right minus price times wrong. Set the worth of both equal and solve "
        "for the price. Then think of who is not wrong less often.",
        (
            Case(
                (_shares(0.5, 0.0, 0.5), _shares(0.25, 0.625, 0.125)),
                0.25 / 0.375,
                "The bold one gains 0.25 right answers for 0.375 wrong ones.",
            ),
            Case(
                (_shares(0.5, 0.25, 0.25), _shares(0.25, 0.625, 0.125)),
                2.0,
                "A quarter of right answers for an eighth of wrong ones.",
            ),
            Case(
                (_shares(0.5, 0.0, 0.5), _shares(0.5, 0.25, 0.25)),
                0.0,
                "As often right and less often wrong: worth it at any price.",
            ),
            Case(
                (_shares(0.25, 0.0, 0.75), _shares(0.5, 0.25, 0.25)),
                0.0,
                "Better in both: no price is below 0.",
            ),
            Case(
                (_shares(0.5, 0.25, 0.25), _shares(0.25, 0.25, 0.5)),
                inf,
                "Less often right and more often wrong: at no price.",
            ),
            Case(
                (_shares(0.25, 0.5, 0.25), _shares(0.5, 0.0, 0.5)),
                inf,
                "Who is wrong more often loses as soon as wrong answers are dear "
                "enough.",
            ),
            Case(
                (_shares(0.5, 0.25, 0.25), _shares(0.25, 0.5, 0.25)),
                inf,
                "As often wrong and less often right: at no price.",
            ),
            Case(
                (_shares(0.5, 0.25, 0.25), _shares(0.5, 0.25, 0.25)),
                0.0,
                "The same in all: worth as much from the start.",
            ),
        ),
    ),
)
