"""`python -m labs doctor`: would the labs run here? One line for each check."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from labs import doctor_labs, doctor_machine
from labs.doctor_finding import Finding, fail
from labs.errors import LabsError

CHECKS: dict[str, Callable[[], Finding]] = {
    "Python": doctor_machine.python,
    "packages": doctor_machine.packages,
    "profile": doctor_machine.device,
    "memory": doctor_machine.memory,
    "disk": doctor_machine.disk,
    "cache": doctor_machine.cache,
    "notebooks": doctor_machine.notebooks,
    "kernel": doctor_labs.kernel,
    "port": doctor_machine.port,
    "Chroma": doctor_labs.chroma,
    "model": doctor_labs.model,
    "laptop": doctor_labs.laptop,
    "embedder": doctor_labs.embedder,
    "reranker": doctor_labs.reranker,
    "data": doctor_labs.data,
    "adapters": doctor_labs.adapters,
    "server": doctor_labs.server,
    "network": doctor_labs.network,
}
_COLOURS = {"ok": "green", "warn": "yellow", "fail": "bold red"}

Named = tuple[str, Finding]


def run() -> Iterator[Named]:
    """Each check as it is done; one that breaks is a failure and hides no other."""
    for name, check in CHECKS.items():
        yield name, _look(check)


def _look(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except LabsError as error:
        return Finding("fail", str(error))  # which tells what to do
    except ImportError as error:
        return fail(f"{error.name} does not load ({error})", doctor_machine.INSTALL)
    except Exception as error:  # whatever a broken installation raises
        return fail(f"{type(error).__name__}: {error}", doctor_machine.INSTALL)


def line(name: str, finding: Finding) -> Any:
    """A line for a terminal, in columns that are the same for all."""
    from rich.table import Table
    from rich.text import Text

    told = Text(finding.found)
    if finding.todo:
        told.append(f" → {finding.todo}", style="bold")
    row = Table.grid(padding=(0, 2), expand=True)
    row.add_column(width=4)
    row.add_column(width=max(map(len, CHECKS)))
    row.add_column(ratio=1, overflow="fold")
    row.add_row(Text(finding.level, style=_COLOURS[finding.level]), name, told)
    return row


def verdict(found: Sequence[Named]) -> str:
    """What the checks come to."""
    levels = [finding.level for _, finding in found]
    if "fail" in levels:
        return (
            f"{levels.count('fail')} of {len(levels)} checks failed: a lab would too."
        )
    return f"The labs run here; {levels.count('warn')} warnings."


def failed(found: Sequence[Named]) -> bool:
    """Whether a lab would fail."""
    return any(finding.level == "fail" for _, finding in found)


def as_json(found: Sequence[Named]) -> dict[str, Any]:
    """The same for a program."""
    rows = [
        {"check": name, "level": own.level, "found": own.found, "todo": own.todo}
        for name, own in found
    ]
    return {"ok": not failed(found), "checks": rows}
