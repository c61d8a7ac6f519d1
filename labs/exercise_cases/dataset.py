"""Exercises of notebooks/2_finetuning/01_dataset."""

from labs.exercise_cases import Case, Exercise


def label_mask(ids: list[int], assistant: int, end: int) -> list[int]:
    """The ids within the assistant's turns, up to and with `end`; -100 elsewhere."""
    labels, speaking = [], False
    for token in ids:
        labels.append(token if speaking else -100)
        if token == assistant:
            speaking = True
        elif token == end:
            speaking = False
    return labels


def drop_repeats(questions: list[str], threshold: float) -> list[str]:
    """The questions, in order, whose words are not too like those of one kept."""
    kept: list[str] = []
    for question in questions:
        own = set(question.lower().split())
        others = [set(other.lower().split()) for other in kept]
        likeness = [len(own & other) / max(1, len(own | other)) for other in others]
        if max(likeness, default=0.0) < threshold:
            kept.append(question)
    return kept


_TURNS = [1, 3, 10, 11, 2, 4, 12, 2]  # start, user, two words, end, assistant, ...

EXERCISES = (
    Exercise(
        label_mask,
        "Walk through the ids and remember whether the assistant speaks. The marker "
        "itself has no label, the token that ends the turn has one.",
        (
            Case((_TURNS, 4, 2), [-100] * 6 + [12, 2], "One reply, with its end."),
            Case(
                ([3, 10, 2, 4, 11, 2, 3, 12, 2, 4, 13, 2], 4, 2),
                [-100] * 4 + [11, 2] + [-100] * 4 + [13, 2],
                "Two turns of the assistant, a question between.",
            ),
            Case(([3, 10, 2], 4, 2), [-100] * 3, "The assistant says nothing."),
            Case(
                ([3, 10, 2, 4, 11], 4, 2),
                [-100] * 4 + [11],
                "The reply was cut off before its end.",
            ),
            Case(
                ([4, 10, 2, 10, 2], 4, 2),
                [-100, 10, 2, -100, -100],
                "The same word outside of the reply has no label.",
            ),
            Case(([], 4, 2), [], "No token."),
            Case(([7, 8, 9], 7, 9), [-100, 8, 9], "The markers may be other ids."),
        ),
    ),
    Exercise(
        drop_repeats,
        "Keep a list. For each question take the set of its lower-case words; hold it "
        "against the set of each kept one: shared words over all words of both.",
        (
            Case((["a b", "a b"], 0.5), ["a b"], "The same again."),
            Case((["A b", "b a"], 1.0), ["A b"], "Case and order do not count."),
            Case(
                (["a b c", "a b d"], 0.5),
                ["a b c"],
                "Two of four words are shared: at the threshold it goes.",
            ),
            Case(
                (["a b c", "a b d"], 0.6),
                ["a b c", "a b d"],
                "Below the threshold both stay.",
            ),
            Case(
                (["a b c", "a b d", "b d e"], 0.5),
                ["a b c", "b d e"],
                "What was dropped drops nothing.",
            ),
            Case(
                (["c d", "a b", "a b", "e"], 0.9),
                ["c d", "a b", "e"],
                "The order is kept, and the first of those alike.",
            ),
            Case((["a a a b", "a b"], 1.0), ["a a a b"], "A word counts once."),
            Case(([], 0.5), [], "No questions."),
        ),
    ),
)
