"""Exercises of notebooks/1_rag/04_retrieval."""

from labs.contexts import merge
from labs.exercise_cases import Case, Exercise


def bm25_weight(
    tf: int, df: int, n: int, length: int, mean_length: float, k1: float, b: float
) -> float:
    """What one word adds to a passage's score: its idf times its saturated count.

    Args:
        tf: how often the word stands in the passage.
        df: how many of the `n` passages hold it.
        length: words of the passage; `mean_length` is the mean of all passages.
        k1: the count at which a passage of mean length earns half.
        b: how much length counts, 0 to 1.
    """
    from math import log

    idf = log(1 + (n - df + 0.5) / (df + 0.5))
    return idf * tf / (tf + k1 * (1 - b + b * length / mean_length))


def contrastive_loss(cosines: list[list[float]], scale: float) -> float:
    """InfoNCE: row i holds the cosines of question i, its own passage in column i."""
    from math import exp, log

    losses = [
        log(sum(exp(scale * (cosine - row[i])) for cosine in row))
        for i, row in enumerate(cosines)
    ]
    return sum(losses) / len(losses)


_FAMILY = {"a1": "A", "a2": "A", "a3": "A", "b1": "B", "b2": "B"}
_SIZES = {"A": 3, "B": 2}

EXERCISES = (
    Exercise(
        bm25_weight,
        "First the idf, log(1 + (n - df + 0.5) / (df + 0.5)); then tf / (tf + k1 * "
        "norm), where norm is 1 - b + b * length / mean_length. Multiply both.",
        (
            Case((1, 1, 1, 8, 8.0, 1.0, 0.75), 0.14384103622589045, "ln(4/3) / 2."),
            Case(
                (3, 1, 1, 8, 8.0, 1.0, 0.75),
                0.21576155433883567,
                "Three times is 3 / 4, not three times 1 / 2: counts saturate.",
            ),
            Case(
                (1, 1, 3, 16, 8.0, 1.0, 1.0),
                0.32694308433724206,
                "With b = 1, twice the length doubles k1: ln(8/3) / 3.",
            ),
            Case(
                (1, 1, 3, 16, 8.0, 1.0, 0.0),
                0.4904146265058631,
                "With b = 0 the length does not count: ln(8/3) / 2.",
            ),
            Case(
                (2, 1, 3, 8, 8.0, 0.0, 0.75),
                0.9808292530117262,
                "With k1 = 0 the count does not matter: ln(8/3).",
            ),
            Case((0, 1, 3, 8, 8.0, 1.5, 0.75), 0.0, "The word is not there."),
        ),
    ),
    Exercise(
        merge,
        "Look up the parent of every found passage and count how often each comes. "
        "Where the count is more than half of n_children, the parent takes the "
        "passage's place. Leave out what you already have.",
        (
            Case(
                (["a1", "b1"], _FAMILY, _SIZES),
                ["a1", "b1"],
                "One of three, and one of two, is not more than half.",
            ),
            Case(
                (["a1", "b1", "a3"], _FAMILY, _SIZES),
                ["A", "b1"],
                "Two of three: the parent stands where its first child stood.",
            ),
            Case(
                (["b2", "a2", "b1"], _FAMILY, _SIZES),
                ["B", "a2"],
                "Two of two; the parent comes once.",
            ),
            Case(
                (["a3", "a1", "a2", "b2", "b1"], _FAMILY, _SIZES),
                ["A", "B"],
                "Both families are whole.",
            ),
            Case((["b1"], {"b1": "B"}, {"B": 1}), ["B"], "An only child is all of it."),
            Case(([], _FAMILY, _SIZES), [], "Nothing was found."),
        ),
    ),
    Exercise(
        contrastive_loss,
        "For row i: minus the logarithm of exp(scale * row[i]) over the sum of "
        "exp(scale * cosine) along the row. Then the mean over the rows.",
        (
            Case(
                ([[0.5, 0.5], [0.5, 0.5]], 20.0),
                0.6931471805599453,
                "Who cannot tell two passages apart pays ln 2.",
            ),
            Case(
                ([[0.0] * 4] * 4, 1.0),
                1.3862943611198906,
                "Among four it is ln 4: more negatives make it harder.",
            ),
            Case(
                ([[1.0, 0.0], [1.0, 0.0]], 1.0),
                0.8132616875182228,
                "The second question prefers the first one's passage and pays more.",
            ),
            Case(
                ([[1.0, 0.0], [0.0, 1.0]], 2.0),
                0.1269280110429726,
                "The scale sharpens: ln(1 + exp(-2)).",
            ),
            Case(
                ([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]], 1.0),
                1.0986122886681098,
                "A third column: a hard negative that is no question's own.",
            ),
            Case(([[0.3]], 20.0), 0.0, "Without a negative there is nothing to learn."),
        ),
    ),
)
