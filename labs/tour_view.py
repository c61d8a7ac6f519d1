"""A tour in the terminal: answers side by side, then every arm in one table."""

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from labs import arms, contents
from labs.stats import Comparison
from labs.tour_run import SHOWN, Answer, Row, Tour
from labs.tour_scores import N_SHOWN, by_kind, evidence, headline

_SIDE_BY_SIDE = ("base", SHOWN, "both")
_KINDS = {
    "multi_hop": "multi-\nhop",
    "comparison": "compare",
    "summary": "summary\n(facts)",
    "work_order": "order\n(fields)",
    "unanswerable": "not told\n(refused)",
}
_MARKS = {"better": "[green]▲[/]", "worse": "[red]▼[/]"}
_LEGEND = """\
In brackets the 95% bootstrap interval over the n questions. ▲ better and ▼ worse than
the first arm: the paired interval of the difference leaves 0 out. Exact match leaves
summaries out, of which no single wording is right. Refused: of what no document tells.
Evidence: the share that the passages hold which the arm reads.
"""
_LONGEST = 120  # characters of an answer that are shown


def show(tour: Tour, console: Console) -> None:
    """Print all of it."""
    console.print(_answers(tour.rows[:N_SHOWN]))
    console.print("✓ right   ◐ in part, with its share   ✗ wrong\n")
    console.print(_arms(tour.rows))
    console.print(_kinds(tour.rows))
    console.print(_LEGEND.replace("\n", " "), "\n")
    console.print(_seconds(tour.seconds))
    console.print(_next())


def mark(answer: Answer) -> str:
    """A symbol beside the colour, so that it reads without colours too."""
    if answer.right == 1:
        return "[green]✓[/]"
    if answer.right == 0:
        return "[red]✗[/]"
    return f"[yellow]◐ {answer.right:.2f}[/]"


def _answers(rows: list[Row]) -> Table:
    shown = [name for name in _SIDE_BY_SIDE if name in rows[0].answers]
    table = Table(box=box.SIMPLE_HEAD, show_lines=True, expand=True)
    table.add_column("question → right answer", ratio=4)
    for name in shown:
        table.add_column(name, ratio=3)
    for row in rows:
        question = row.question
        table.add_row(
            f"[dim]{question.kind.replace('_', ' ')}[/]\n"
            f"[bold]{escape(question.question)}[/]\n→ {_cut(question.answer)}",
            *(_said(row, name) for name in shown),
        )
    return table


def _said(row: Row, name: str) -> str:
    answer = row.answers[name]
    text = f"{mark(answer)} {_cut(answer.text) or '(nothing)'}"
    return f"{text}\n[dim]{_sources(row)}[/]" if name == SHOWN else text


def _cut(text: str) -> str:
    return escape(text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …")


def _sources(row: Row) -> str:
    names = ", ".join(dict.fromkeys(passage.document for passage in row.passages))
    recall = row.answers[SHOWN].recall
    if recall is None:
        return f"from {names}"
    n = len(row.question.evidence)
    return f"from {names}; evidence found: {round(recall * n)} of {n}"


def _arms(rows: list[Row]) -> Table:
    """Every arm with all measures: one table."""
    measures, read = headline(rows), evidence(rows)
    heads = [f"{name}\nn = {own[0].mean.n}" for name, own in measures.items() if own]
    table = _table("All arms", "arm", [*heads, "evidence"])
    for i, name in enumerate(rows[0].answers):
        cells = [_compared(own[i]) for own in measures.values() if own]
        held = f"{read[name].mean:.2f}" if name in read else "–"
        table.add_row(name, *cells, held)
    for name in rows[0].answers:
        table.caption = f"{table.caption or ''}{name}: {arms.ARMS[name].told}. "
    return table


def _kinds(rows: list[Row]) -> Table:
    kinds = by_kind(rows)
    heads = [f"{_KINDS.get(k, k)}\nn = {own[0].mean.n}" for k, own in kinds.items()]
    table = _table("Right by kind (means)", "arm", heads)
    for i, name in enumerate(rows[0].answers):
        cells = [_marked(compared[i]) for compared in kinds.values()]
        table.add_row(name, *cells)
    return table


def _table(title: str, first: str, columns: list[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left")
    table.caption_justify = "left"
    table.add_column(first, no_wrap=True)
    for name in columns:
        table.add_column(name, no_wrap=True)
    return table


def _compared(found: Comparison) -> str:
    """The mean, and its interval on a line of its own."""
    interval = f"[{found.mean.low:.2f}, {found.mean.high:.2f}]"
    return f"{_marked(found)}\n{escape(interval)}"


def _marked(found: Comparison) -> str:
    return f"{found.mean.mean:.2f} {_MARKS.get(found.verdict, '')}"


def _seconds(seconds: dict[str, float]) -> str:
    steps = ", ".join(f"{name} {value:.1f}" for name, value in seconds.items())
    return f"Seconds: {steps}; {sum(seconds.values()):.1f} in all."


def _next() -> str:
    first = contents.load_index()[0]
    return (
        "Next: `make lab` opens the table of contents; the first lab builds RAG in "
        f"the open: notebooks/{first.path} ({first.title})."
    )
