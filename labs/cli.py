"""The command line: `python -m labs`. What a command needs is imported when it runs."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from labs.errors import LabsError

app = typer.Typer(
    help="Labs on RAG and fine-tuning for your own domain.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run a command; a LabsError is one message on stderr and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a terminal without ✓ shows ?
    try:
        app()
    except LabsError as error:
        print(f"Error: {error}", file=sys.stderr)
        raise SystemExit(2) from None


@app.command()
def tour(
    json: Annotated[
        Path | None, typer.Option(help="Write the same results to this file.")
    ] = None,
    questions: Annotated[
        int, typer.Option(min=1, help="Test questions to measure on.")
    ] = 120,
) -> None:
    """Answer questions with and without documents, side by side, and measure it."""
    if json is not None:
        _check_writable(json)
    from rich.console import Console

    from labs import tour, tour_scores, tour_view

    console = Console()
    found = tour.run(questions, say=console.print)
    tour_view.show(found, console)
    if json is not None:
        _write_json(json, tour_scores.as_json(found))


@app.command()
def ask(question: str) -> None:
    """Answer a question from the documents, with the passages it rests on."""
    from labs import prompts, tour
    from labs.embedding import Embedder
    from labs.models import Generator

    generator = Generator()
    passages = tour.build_index(Embedder()).search([question], tour.TOP_K)[0]
    prompt = prompts.answer(question, [passage.text for passage in passages])
    print(generator.generate([prompt])[0])
    for number, passage in enumerate(passages, start=1):
        print(f"\n[{number}] {passage.id}\n{passage.text}")


@app.command()
def contents() -> None:
    """Write the table of contents and the Colab badges from notebooks/index.toml."""
    from labs import contents

    print(f"Wrote {contents.write()}")


_PASSED_ON = {"ignore_unknown_options": True, "help_option_names": []}


@app.command(context_settings=_PASSED_ON)
def data(arguments: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Build a directory of data: --seed, --scale, --out (data/generators/wind)."""
    _generate("generators.wind", arguments or [])


@app.command(context_settings=_PASSED_ON)
def model(arguments: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Train the bundled model: --minutes (data/generators/pocket)."""
    _generate("generators.pocket.train", arguments or [])


def _generate(module: str, arguments: list[str]) -> None:
    """Run a generator of this checkout, with its own options and exit code."""
    from labs.profiles import ROOT

    paths = [str(ROOT / "data"), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    command = [sys.executable, "-m", module, *arguments]
    raise SystemExit(subprocess.run(command, env=environment).returncode)


def _check_writable(path: Path) -> None:
    """Before minutes of work, not after."""
    try:
        path.open("a").close()
    except OSError as error:
        raise LabsError(
            f"--json names {path}, which cannot be written ({error.strerror}). Name a "
            "file in a directory that is there, as in --json tour.json."
        ) from error


def _write_json(path: Path, results: object) -> None:
    import json

    text = json.dumps(results, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
    print(f"Wrote {path}")
