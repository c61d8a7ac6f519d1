"""Exercises of notebooks/2_finetuning/02_lora."""

from labs.exercise_cases import Case, Exercise


def lora_parameters(shapes: list[tuple[int, int]], rank: int) -> int:
    """The numbers that LoRA trains at layers of these (outputs, inputs)."""
    return sum(rank * (n_out + n_in) for n_out, n_in in shapes)


def keeps_to_form(text: str, title: str, fields: list[str]) -> bool:
    """Whether the title comes first, then each field once, in order, with a value."""
    first, *lines = text.splitlines() or [""]
    parts = [line.partition(":") for line in lines]
    names = [name.strip() for name, _, _ in parts]
    filled = all(value.strip() for _, _, value in parts)
    return first.strip() == title and names == fields and filled


_FIELDS = ["Unit", "Crew"]

EXERCISES = (
    Exercise(
        lora_parameters,
        "One layer has rank * inputs numbers in `down` and outputs * rank in `up`. "
        "Add them over all layers.",
        (
            Case(([(4, 6)], 2), 20, "2 x 6 numbers down and 4 x 2 up."),
            Case(([(5, 5)], 1), 10, "A square layer, rank 1."),
            Case(([(4, 6), (3, 2)], 2), 30, "Two layers add up."),
            Case(([(4, 6), (4, 6)], 1), 20, "Two layers of one shape count twice."),
            Case(([], 8), 0, "No layer has an adapter."),
            Case(([(2, 2)], 4), 16, "A rank above the layer's own is paid in full."),
        ),
    ),
    Exercise(
        keeps_to_form,
        "text.splitlines() gives the lines; line.partition(':') parts a line at its "
        "first colon. Hold the list of names against the fields.",
        (
            Case(
                ("ORDER\nUnit: A-1\nCrew: Eider", "ORDER", _FIELDS),
                True,
                "Title and fields, in order.",
            ),
            Case(
                ("ORDER\nCrew: Eider\nUnit: A-1", "ORDER", _FIELDS),
                False,
                "The order of the fields is part of the form.",
            ),
            Case(
                ("ORDER\nUnit: A-1", "ORDER", _FIELDS),
                False,
                "A field is missing.",
            ),
            Case(
                ("ORDER\nUnit: A-1\nUnit: A-1\nCrew: Eider", "ORDER", _FIELDS),
                False,
                "A field comes twice.",
            ),
            Case(
                ("ORDER\nUnit:\nCrew: Eider", "ORDER", _FIELDS),
                False,
                "A value is blank.",
            ),
            Case(
                ("Unit: A-1\nCrew: Eider", "ORDER", _FIELDS),
                False,
                "The title is missing.",
            ),
            Case(
                ("ORDER\nUnit: A-1\nCrew: at 7:30 Eider", "ORDER", _FIELDS),
                True,
                "A value may hold a colon.",
            ),
            Case(
                ("ORDER\nUnit: A-1\nCrew: Eider\nHope it helps!", "ORDER", _FIELDS),
                False,
                "Something stands behind the form.",
            ),
            Case(("", "ORDER", _FIELDS), False, "An empty reply."),
        ),
    ),
)
