"""Exercises of notebooks/1_rag/01_baseline."""

from labs.exercise_cases import Case, Exercise
from labs.metrics import exact_match, recall_at_k, reciprocal_rank


def chunk_words(text: str, size: int, overlap: int) -> list[str]:
    """Windows of `size` words, each sharing `overlap` words with the one before."""
    words = text.split()
    chunks = []
    for start in range(0, len(words), size - overlap):
        chunks.append(" ".join(words[start : start + size]))
        if start + size >= len(words):
            break
    return chunks


def exact_match_rate(predictions: list[str], accepted: list[list[str]]) -> float:
    """Share of the predictions that match one of their accepted wordings."""
    pairs = zip(predictions, accepted, strict=True)
    matches = [exact_match(text, wordings) for text, wordings in pairs]
    return sum(matches) / len(matches)


EXERCISES = (
    Exercise(
        recall_at_k,
        "Cut the ranking after k, count the relevant ids in it, and divide by how many "
        "relevant ids there are.",
        (
            Case((["d3", "d1", "d7"], {"d1"}, 2), 1.0, "The relevant id is second."),
            Case((["d3", "d1", "d7"], {"d1"}, 1), 0.0, "Only the first k ids count."),
            Case((["d1", "d2", "d3", "d4"], {"d1", "d4"}, 3), 0.5, "One of two."),
            Case(
                (["d1", "d2"], {"d1", "d5", "d6", "d7"}, 2),
                0.25,
                "Recall divides by the number of relevant ids; precision by k.",
            ),
            Case((["d1"], {"d1"}, 5), 1.0, "Fewer than k ids were found."),
            Case(([], {"d1"}, 3), 0.0, "Nothing was found."),
            Case(
                (["d1", "d1", "d2"], {"d1", "d2"}, 2),
                0.5,
                "An id that comes twice (two chunks of a document) counts once.",
            ),
        ),
    ),
    Exercise(
        reciprocal_rank,
        "Go through the ranking with enumerate(ranked, start=1) and return at the "
        "first relevant id.",
        (
            Case((["d1", "d2"], {"d1"}), 1.0, "The first rank is 1, not 0."),
            Case((["d3", "d1", "d7"], {"d1"}), 0.5, "The relevant id is second."),
            Case((["d5", "d6", "d7", "d1"], {"d1"}), 0.25, "It is fourth."),
            Case((["d4", "d2", "d1"], {"d1", "d2"}), 0.5, "Only the first one counts."),
            Case((["d4", "d5"], {"d1"}), 0.0, "No relevant id was found."),
            Case(([], {"d1"}), 0.0, "Nothing was found."),
        ),
    ),
    Exercise(
        chunk_words,
        "Split the text into words. A window begins every size - overlap words; stop "
        "at the first one that reaches the last word.",
        (
            Case(
                ("close the valve before you start", 3, 0),
                ["close the valve", "before you start"],
                "Two full windows.",
            ),
            Case(
                ("check the oil level first", 2, 0),
                ["check the", "oil level", "first"],
                "The last window may be shorter.",
            ),
            Case(
                ("lock the rotor and hang the tag", 3, 1),
                ["lock the rotor", "rotor and hang", "hang the tag"],
                "Each window begins with the last word of the one before.",
            ),
            Case(
                ("check the oil level first", 3, 2),
                ["check the oil", "the oil level", "oil level first"],
                "Two words overlap; nothing comes after the window with the last word.",
            ),
            Case(("stop now", 5, 2), ["stop now"], "The text is shorter than that."),
            Case(
                ("press\nthe  red\tbutton", 2, 0),
                ["press the", "red button"],
                "Any white space parts words.",
            ),
            Case(("", 3, 1), [], "An empty text has no windows."),
        ),
    ),
    Exercise(
        exact_match_rate,
        "Compare normalise(prediction) with normalise(wording) for each of its "
        "accepted wordings (from labs.metrics import normalise), then take the share.",
        (
            Case((["2.4 MW"], [["2.4 MW"]]), 1.0, "The same text."),
            Case(
                (["The Gearbox."], [["gearbox"]]),
                1.0,
                "Case, article and full stop do not count.",
            ),
            Case(
                (["1,200 Nm [2]"], [["1200 Nm"]]),
                1.0,
                "Nor do citations and thousands separators.",
            ),
            Case(
                (["two years"], [["24 months", "two years"]]),
                1.0,
                "Any accepted wording will do.",
            ),
            Case((["F-2317"], [["F-2318"]]), 0.0, "One digit makes another code."),
            Case((["2.4 MW or more"], [["2.4 MW"]]), 0.0, "To say more is not exact."),
            Case(
                (["2.4 MW", "P-417", "no"], [["2.4 MW"], ["P-418"], ["no"]]),
                2 / 3,
                "Two of three.",
            ),
        ),
    ),
)
