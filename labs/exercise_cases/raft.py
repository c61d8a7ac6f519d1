"""Exercises of notebooks/2_finetuning/03_fine_tuning_for_rag."""

from labs.exercise_cases import Case, Exercise
from labs.metrics import exact_match, is_refusal, normalise


def distractors(ranked: list[str], gold: list[str], answer: str, n: int) -> list[str]:
    """The `n` best passages that are not gold and do not hold the answer."""
    wanted = f" {normalise(answer)} "
    wrong = [
        text
        for text in ranked
        if text not in gold and wanted not in f" {normalise(text)} "
    ]
    return wrong[:n]


def outcome(said: str, accepted: list[str], passages: list[str]) -> str:
    """What became of a question: "refused", "right", "copied" or "made up"."""
    if is_refusal(said):
        return "refused"
    if exact_match(said, accepted):
        return "right"
    words = f" {normalise(said)} "
    texts = [f" {normalise(text)} " for text in passages]
    copied = words.strip() and any(words in text for text in texts)
    return "copied" if copied else "made up"


_M60 = "The Merlin 60 starts at 3.5 m/s."
_M64 = "The Merlin 64 starts at 3 m/s."
_HUT = "The key to the hut hangs in the crew van."

EXERCISES = (
    Exercise(
        distractors,
        "Go through the ranking in its order. Leave out what is gold, and what holds "
        "the answer as whole words: put a space before and behind both normalised "
        "texts and use `in`. Cut after n at the end.",
        (
            Case(
                ([_M64, _HUT, _M60], [_M64], "3 m/s", 2),
                [_HUT, _M60],
                "The gold passage is no distractor; the others keep their order.",
            ),
            Case(([_HUT, _M60], [], "7 m/s", 1), [_HUT], "Only the n best."),
            Case(
                (["It turns from 3 m/s on.", _HUT], [_M64], "3 m/s", 2),
                [_HUT],
                "A passage that holds the answer would make a refusal wrong.",
            ),
            Case(
                (["It stops at 13 m/s.", _HUT], [], "3 m/s", 2),
                ["It stops at 13 m/s.", _HUT],
                "13 m/s is not 3 m/s: whole words count.",
            ),
            Case(
                (["Keys: CREW VAN.", _M60], [_HUT], "the crew van", 2),
                [_M60],
                "Case and articles make no other answer.",
            ),
            Case(
                ([_M64, "About 3 m/s.", _M60, _HUT], [_M64], "3 m/s", 2),
                [_M60, _HUT],
                "Leave out first, then take n.",
            ),
            Case(([_M64], [_M64], "3 m/s", 2), [], "Nothing wrong was found."),
        ),
    ),
    Exercise(
        outcome,
        "Ask in this order: metrics.is_refusal, then metrics.exact_match, then whether "
        "the normalised answer stands in a normalised passage, as whole words. What is "
        "left was made up.",
        (
            Case(
                ("The documents do not tell.", ["3 m/s"], [_M60]),
                "refused",
                "A refusal.",
            ),
            Case(("I do not know.", ["3 m/s"], [_M60]), "refused", "Another one."),
            Case(
                ("3 m/s [1]", ["3 m/s"], [_M64]),
                "right",
                "What is right and stands in a passage is right, not copied.",
            ),
            Case(
                ("3 m/s", ["3 m/s"], [_M60]),
                "right",
                "Right without a passage that tells it: from memory, or by luck.",
            ),
            Case(
                ("three metres a second", ["3 m/s", "three metres a second"], []),
                "right",
                "Every accepted wording counts.",
            ),
            Case(
                ("3.5 m/s [1]", ["3 m/s"], [_HUT, _M60]),
                "copied",
                "The sibling's figure, from any of the passages.",
            ),
            Case(("7 m/s", ["3 m/s"], [_M60]), "made up", "It stands nowhere."),
            Case(
                ("5 m/s", ["3 m/s"], [_M60]),
                "made up",
                "5 is a piece of 3.5, and was not copied from it.",
            ),
            Case(
                ("[1]", ["3 m/s"], [_M60]), "made up", "Nothing said, nothing copied."
            ),
        ),
    ),
)
