"""The labs before an event: do they run here, in how many minutes, to what numbers?

`python -m labs validate` (`make validate`) runs the notebooks one at a time by nbval,
each from an empty cache, as an attendee's first run is. The notebooks in the checkout
stay as they are.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from labs import contents, execution, profiles, report, validate_changes
from labs.contents import NOTEBOOKS, Lab
from labs.errors import LabsError
from labs.pages import Page
from labs.validate_changes import Change

OUT = profiles.ROOT / "build" / "validate"
FILE = "index.html"


@dataclass(frozen=True, slots=True)
class Validated:
    """A notebook's run beside what is recorded of it."""

    lab: Lab
    seconds: float
    recorded_minutes: int | None  # in notebooks/index.toml, for this profile
    error: str | None = None
    changes: list[Change] = field(default_factory=list)

    @property
    def closing(self) -> list[Change]:
        """The changes in the tables with which the notebook ends."""
        return [change for change in self.changes if change.closing]


def run(
    series: int | None, profile: str | None, out: Path, say: Callable[[str], None]
) -> list[Validated]:
    """Run the notebooks, tell of each as it is done, write the page.

    Args:
        series: 1, 2 or 3; all without it.
        profile: without it, the one that the labs use here.

    Raises:
        LabsError: there is no such series or profile, nbval is not installed, or
            `out` cannot be written.
    """
    labs = _choose(series)
    done: list[Validated] = []
    with execution.environment(_settings(profile)):
        say(str(profiles.current()))
        _write(out, done)  # what cannot be written is told before the work
        for i, lab in enumerate(labs, start=1):
            say(f"{i} of {len(labs)} runs …")
            done.append(validate(lab))
            say(line(done[-1]))
            _write(out, done)
    return done


def _choose(series: int | None) -> list[Lab]:
    """By folder: the 3_ of a third notebook in another series is none."""
    labs = contents.load_index()
    chosen = [lab for lab in labs if series is None or lab.path[:2] == f"{series}_"]
    if not chosen:
        raise LabsError(f"There is no series {series}, expected 1, 2 or 3.")
    return chosen


def _settings(profile: str | None) -> dict[str, str]:
    """The profile if one is asked for; what has to be fetched fails, as in a room."""
    if profile:
        profiles.checkpoint(profile)  # which knows the names
    asked = {"LABS_PROFILE": profile} if profile else {}
    return asked | {"HF_HUB_OFFLINE": "1"}


def validate(lab: Lab) -> Validated:
    """Run one notebook from an empty cache, and compare what it put out."""
    import nbformat

    path = NOTEBOOKS / lab.path
    committed = nbformat.read(path, as_version=4).cells
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as empty:
        with execution.environment({"LABS_CACHE": empty}):
            done = execution.run(path)
    own = profiles.nothing_is_asked_for()
    minutes = lab.minutes.get(lab.usual if own else profiles.current().name)
    closing = report.closing(committed)
    changes = (
        [] if done.error else validate_changes.find(committed, done.cells, closing)
    )
    return Validated(lab, done.seconds, minutes, done.error, changes)


def failed(done: Sequence[Validated]) -> bool:
    """Whether a notebook stopped."""
    return any(own.error for own in done)


# Telling ------------------------------------------------------------------------------


def line(own: Validated) -> str:
    """One notebook: its minutes, the recorded ones, how many cells differ."""
    if own.error:
        return f"{own.lab.path}: stopped after {_minutes(own)} min at {own.error}"
    return (
        f"{own.lab.path}: {_minutes(own)} min (recorded: {_recorded(own)}), "
        f"{len(own.changes)} cells differ, {len(own.closing)} of them at the end"
    )


def _minutes(own: Validated) -> str:
    return f"{own.seconds / 60:.1f}"


def _recorded(own: Validated) -> str:
    return "none" if own.recorded_minutes is None else str(own.recorded_minutes)


def summary(done: Sequence[Validated]) -> str:
    """The headline numbers that differ, old and new; then the sums."""
    told = [
        f"{own.lab.path} [{change.cell}]\n{_differing(change)}"
        for own in done
        for change in own.closing
    ]
    stopped = [own.lab.path for own in done if own.error]
    recorded = sum(own.recorded_minutes or 0 for own in done)
    minutes = sum(own.seconds for own in done) / 60
    told.append(f"{len(done)} notebooks, {minutes:.1f} min (recorded: {recorded}).")
    told.append(f"Stopped: {', '.join(stopped)}." if stopped else "None stopped.")
    return "\n".join(told)


def _differing(change: Change) -> str:
    was = [f"  was {text}" for text in change.old]
    return "\n".join([*was, *(f"  is  {text}" for text in change.new)])


# The page -----------------------------------------------------------------------------


def _write(out: Path, done: Sequence[Validated]) -> None:
    """After each notebook: what a kill leaves is a page of those before."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / FILE).write_text(page(done), encoding="utf-8")
    except OSError as error:
        raise LabsError(
            f"{out} cannot be written ({error.strerror}). Name a directory of yours "
            "in --out."
        ) from error


def page(done: Sequence[Validated]) -> str:
    """The run as one HTML file that opens from disk."""
    shown = Page("Do the labs run here?")
    shown.text(_answer(done), first=True)
    shown.table(
        ["notebook", "minutes", "recorded", "cells that differ", "at its end"],
        [_row(own) for own in done],
    )
    stopped = sum(own.error is not None for own in done)
    facts = report.facts([own.seconds for own in done], stopped)
    shown.table(["run", ""], facts.items())
    for own in done:
        if own.changes or own.error:
            _add(shown, own)
    return shown.html()


def _answer(done: Sequence[Validated]) -> str:
    stopped = [f"{own.lab.path}, {own.error}" for own in done if own.error]
    if stopped:
        return "These stopped:\n" + "\n".join(stopped)
    return (
        f"All {len(done)} notebooks ran to their end. Below: what they print and show "
        "otherwise than the outputs that come with them, which are of the models "
        "that come with the project, on a CPU. Seconds, and what is computed of "
        "seconds, differ in every run. Pictures and widgets are not compared."
    )


def _row(own: Validated) -> tuple[object, ...]:
    if own.error:
        return own.lab.path, f"stopped after {_minutes(own)}", _recorded(own), "", ""
    counts = len(own.changes), len(own.closing)
    return own.lab.path, _minutes(own), _recorded(own), *counts


def _add(shown: Page, own: Validated) -> None:
    shown.heading(own.lab.title)
    if own.error:
        shown.text(f"Stopped: {own.error}", first=True)
        return
    shown.table(
        ["cell", "as it comes with the notebook", "here"],
        [
            (
                f"[{change.cell}]" + (", at its end" if change.closing else ""),
                "\n".join(change.old),
                "\n".join(change.new),
            )
            for change in own.changes
        ],
    )
