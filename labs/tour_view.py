"""A tour in the terminal: the answers side by side, then the scores."""

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from labs import contents
from labs.tour import SYSTEMS, TOP_K, Answer, Row, Tour
from labs.tour_scores import N_SHOWN, RECALL, Scores, by_kind, headline

_COLUMNS = {"plain": "plain model", "rag": "naive RAG", "difference": "difference"}
_MEASURES = {
    "exact_match": "exact match",
    "token_f1": "token F1",
    "refusal_recall": "refusals",
    RECALL: f"recall@{TOP_K}",
}
_KINDS = {
    "summary": "summary (facts told)",
    "work_order": "work order (right fields)",
    "unanswerable": "unanswerable (refused)",
}
_LEGEND = f"""\
Exact match leaves summaries out, of which no single wording is right. Refusals: of what
no document tells. recall@{TOP_K}: the share of the evidence that the passages hold.
In brackets the 95% bootstrap interval over the n questions. That of the difference is
paired: without 0 in it, this is more than chance at that level.
"""
_LONGEST = 160  # characters of an answer that are shown


def show(tour: Tour, console: Console) -> None:
    """Print all of it."""
    console.print(_answers(tour.rows[:N_SHOWN]))
    console.print("✓ right   ◐ in part, with its share   ✗ wrong\n")
    console.print(_scores(headline(tour.rows)))
    console.print(_kinds(by_kind(tour.rows)))
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
    table = Table(box=box.SIMPLE_HEAD, show_lines=True, expand=True)
    table.add_column("question → right answer", ratio=4)
    table.add_column("plain model, no documents", ratio=2)
    table.add_column("naive RAG, its sources", ratio=4)
    for row in rows:
        question = row.question
        table.add_row(
            f"[dim]{question.kind.replace('_', ' ')}[/]\n"
            f"[bold]{escape(question.question)}[/]\n→ {_cut(question.answer)}",
            _said(row.answers["plain"]),
            f"{_said(row.answers['rag'])}\n[dim]{_sources(row)}[/]",
        )
    return table


def _said(answer: Answer) -> str:
    return f"{mark(answer)} {_cut(answer.text) or '(nothing)'}"


def _cut(text: str) -> str:
    return escape(text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …")


def _sources(row: Row) -> str:
    names = ", ".join(dict.fromkeys(passage.document for passage in row.passages))
    if row.recall is None:
        return f"from {names}"
    found = round(row.recall * len(row.question.evidence))
    return f"from {names}; evidence found: {found} of {len(row.question.evidence)}"


def _scores(scores: dict[str, Scores]) -> Table:
    columns = (*SYSTEMS, "difference")
    table = _table("Scores", "measure", [_COLUMNS[name] for name in columns])
    for measure, row in scores.items():
        if row:
            cells = [_interval(row, name) for name in columns]
            table.add_row(_MEASURES[measure], *cells, str(row["rag"].n))
    return table


def _kinds(kinds: dict[str, dict[str, Scores]]) -> Table:
    columns = [*(_COLUMNS[name] for name in SYSTEMS), _MEASURES[RECALL]]
    table = _table("Right answers by kind", "kind", columns)
    for kind, scores in kinds.items():
        right = [_interval(scores["right"], name) for name in SYSTEMS]
        recall = _interval(scores[RECALL], "rag")
        name = _KINDS.get(kind, kind.replace("_", " "))
        table.add_row(name, *right, recall, str(scores["right"]["rag"].n))
    return table


def _table(title: str, first: str, columns: list[str]) -> Table:
    """Intervals stay on one line, on 80 columns too."""
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left")
    table.add_column(first)
    for name in columns:
        table.add_column(name, no_wrap=True)
    table.add_column("n", justify="right")
    return table


def _interval(scores: Scores, name: str) -> str:
    if name not in scores:
        return "–"
    found = scores[name]
    return escape(f"{found.mean:.2f} [{found.low:.2f}, {found.high:.2f}]")


def _seconds(seconds: dict[str, float]) -> str:
    steps = ", ".join(f"{name} {value:.1f}" for name, value in seconds.items())
    return f"Seconds: {steps}; {sum(seconds.values()):.1f} in all."


def _next() -> str:
    first = contents.load_index()[0]
    return (
        f"Next: `make lab` opens the table of contents; the first lab builds all this "
        f"in the open: notebooks/{first.path} ({first.title})."
    )
