"""Exercises of notebooks/1_rag/03_query."""

from labs.exercise_cases import Case, Exercise
from labs.queries import fill_in, take_turns

EXERCISES = (
    Exercise(
        take_turns,
        "Go over the places 0, 1, 2, ... and within each over the rankings that are "
        "long enough; keep an item only when it is new.",
        (
            Case((["ab", "cd"],), ["a", "c", "b", "d"], "The firsts come first."),
            Case((["abc", "d"],), ["a", "d", "b", "c"], "A short ranking drops out."),
            Case((["ab", "ac"],), ["a", "b", "c"], "Each item comes once."),
            Case((["ab", "bc"],), ["a", "b", "c"], "Where it first had its turn."),
            Case((["abc"],), ["a", "b", "c"], "One ranking stays as it is."),
            Case((["", "ab"],), ["a", "b"], "A ranking may be empty."),
            Case(([],), [], "No ranking, no items."),
        ),
    ),
    Exercise(
        fill_in,
        'Let re.sub(r"#(\\d+)", function, part) find the whole number, and count the '
        "answers from 1.",
        (
            Case(("Where is #1?", ["Reskow"]), "Where is Reskow?", "#1 is the first."),
            Case(
                ("Is #2 above #1?", ["Ulvom", "Reskow"]),
                "Is Reskow above Ulvom?",
                "#2 is the second answer.",
            ),
            Case(("Who runs #1?", []), "Who runs #1?", "Without an answer it stays."),
            Case(
                ("Is it #12?", ["Ulvom", "Reskow"]),
                "Is it #12?",
                "#12 is the twelfth answer, not the first and a 2.",
            ),
            Case(("#1, #1!", ["Ho"]), "Ho, Ho!", "Every mark is replaced."),
            Case(("Is #1 on?", ["A#2", "B"]), "Is A#2 on?", "Answers stay so."),
            Case(("Is #0 on?", ["A"]), "Is #0 on?", "Counting begins at 1."),
        ),
    ),
)
