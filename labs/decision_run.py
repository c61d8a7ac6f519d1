"""`python -m labs decide`: a folder measured, a decision taken, a report written."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from labs import decision, decision_folder, decision_report, price_table
from labs.arms import by_names
from labs.decision import Case, Decision
from labs.decision_folder import Measured
from labs.errors import LabsError


def case(
    plan: Mapping[str, float], deployment: str, prices: Path | None = None
) -> Case:
    """A case from the options of the command line.

    Raises:
        LabsError: a plan or a table of prices that cannot be, no such deployment.
    """
    table = price_table.load(prices or price_table.FILE)
    try:
        own = Case(price_table.plan(table, **plan), table, deployment)
    except ValueError as error:
        raise LabsError(f"The plan does not hold: {error}.") from error
    price_table.prices(table, deployment)  # before minutes of work, not after
    return own


def run(
    folder: Path, out: Path, arms: str, passages: int, questions: int, own: Case
) -> str:
    """Measure, decide, write; the answer in a few lines.

    Raises:
        LabsError: as `decision_folder.measure`.
    """
    names = [part.strip() for part in arms.split(",") if part.strip()]
    by_names(names)
    measured = decision_folder.measure(folder, out, names, passages, questions)
    found = decide(measured, own)
    paths = decision_report.write(out, measured, own, found)
    return "\n".join(told(found) + [f"Wrote {path}" for path in paths])


def decide(measured: Measured, own: Case) -> Decision | None:
    """The decision for what was measured; None where no question was asked."""
    if not measured.found:
        return None
    return decision.decide(measured.found, own, measured.indexing)


def told(found: Decision | None) -> Sequence[str]:
    """The answer and its reasons, a line each."""
    reasons = found.reasons if found else ()
    return [decision_report.answer(found), *(f"- {reason}" for reason in reasons)]
