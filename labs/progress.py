"""What long work shows: a progress bar, and not what libraries say of each other."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def bar(total: int, description: str, unit: str) -> Any:
    """A tqdm bar: it shows after a second, and goes when the work is done.

    None is shown where `TQDM_DISABLE` is set: notebooks executed to be kept or tested.
    (tqdm's own bars heed that variable in a terminal, its notebook bars do not.)
    """
    from tqdm.auto import tqdm

    return tqdm(
        total=total,
        desc=description,
        unit=unit,
        leave=False,
        delay=1,
        disable=bool(os.environ.get("TQDM_DISABLE")),
    )


def quiet_loading() -> None:
    """Keep the bars that transformers draws while it loads out of the notebooks."""
    from transformers.utils import logging

    logging.disable_progress_bar()


@contextmanager
def without_old_names() -> Iterator[None]:
    """Hide that trl and peft call transformers by names that it gives up."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield
