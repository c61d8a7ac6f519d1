"""The one kind of error that is meant for the reader of a message."""

from pathlib import Path


class LabsError(Exception):
    """Something outside the code is wrong: a file, a setting, a server.

    The message says what was found, what was expected and what to do about it; the
    command line prints it without a traceback and ends with exit code 2.
    """


def unreadable(directory: Path, error: Exception) -> LabsError:
    """The error for a checkpoint that is whole and still does not load."""
    return LabsError(
        f"The model in {directory} does not load: {first_line(error)} Expected a "
        "checkpoint that transformers reads without code of its own; copy or fetch it "
        "again, or name another one."
    )


def first_line(error: Exception) -> str:
    """What a library's error says, as one sentence."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].rstrip(".") + "."
