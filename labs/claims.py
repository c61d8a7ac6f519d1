"""What a lab claims of its documents: asserted on a built domain, told on a folder."""

from functools import lru_cache
from pathlib import Path

from labs import corpus, profiles


def claim(holds: object, what: str) -> None:
    """Assert `what`; on documents of your own, say where it does not hold.

    The claims of the labs were checked on domains with questions of every kind. On a
    folder whose questions an LLM wrote (`python -m labs questions`) there may be too
    few of them, or a technique may not help there: that is a finding and no error.

    Raises AssertionError on a built domain.
    """
    if holds:
        return
    if not _is_own_folder(profiles.data_dir()):
        raise AssertionError(what)
    print(f"Not so on these documents, or not to be told from so few questions: {what}")


@lru_cache(maxsize=4)
def _is_own_folder(directory: Path) -> bool:
    """Whether anybody wrote questions there: those of a built domain have no writer."""
    return any(question.written_by for question in corpus.load_questions())
