"""The command line: `python -m labs`. What a command needs is imported when it runs."""

import errno
import os
import subprocess
import sys
from functools import partial
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
    """Run a command; a LabsError is one message on stderr and exit code 2.

    So is a disk that is full or may not be written, wherever that shows.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a terminal without ✓ shows ?
    try:
        app()
    except LabsError as error:
        print(f"Error: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        print(
            f"Error: {error.filename or 'A file'} cannot be written "
            f"({error.strerror}). Free some space, or name a place that you may write "
            "to (--out, LABS_CACHE, LABS_RUNS), and run the command again.",
            file=sys.stderr,
        )
        raise SystemExit(2) from None


_NO_ROOM = {errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EPERM}


@app.command()
def tour(
    json: Annotated[
        Path | None, typer.Option(help="Write the same results to this file.")
    ] = None,
    questions: Annotated[
        int, typer.Option(min=1, help="Test questions to measure on.")
    ] = 36,
) -> None:
    """Every arm on the same questions: RAG, fine-tuned, both, neither; measured."""
    if json is not None:
        _check_writable(json, "--json")
    from rich.console import Console

    from labs import assembled, tour_run, tour_scores, tour_view

    console = Console()
    assembled.prefer_laptop()
    found = tour_run.run(questions, say=console.print)
    tour_view.show(found, console)
    if json is not None:
        _write_json(json, tour_scores.as_json(found))


@app.command()
def ask(question: str) -> None:
    """Answer a question from the documents, with the passages it rests on."""
    from labs import assembled, prompts, tour
    from labs.embedding import Embedder
    from labs.errors import LabsError
    from labs.models import Generator

    if not question.strip():
        raise LabsError("Found an empty question, expected some words in quotes.")
    assembled.prefer_laptop()
    generator = Generator()
    generator.check()
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


@app.command("import")
def import_(
    folder: Annotated[
        Path, typer.Argument(help="Your Markdown, text, HTML, DOCX and PDF files.")
    ],
    out: Annotated[Path, typer.Option(help="The directory for LABS_DATA to name.")],
    max_mb: Annotated[
        float, typer.Option(min=0, help="Larger files are left out.")
    ] = 20,
) -> None:
    """Make a directory of data of a folder of your own files."""
    from labs import folder as own

    own.check_out(out)
    found = own.read_folder(folder, max_mb, without=out)
    own.write(found, out)
    for line in found.warnings():
        print(line, file=sys.stderr)
    if stale := own.n_stale_questions(found, out):
        print(
            f"note: {stale} questions in {out / 'questions.jsonl'} rest on sentences "
            "that no document holds any more; those of the LLM go with the next "
            "`python -m labs questions`.",
            file=sys.stderr,
        )
    print(
        f"Wrote {out}: {len(found.documents):,} documents, "
        f"{own.n_words(found.documents):,} words; {len(found.left_out):,} files left "
        f"out, {len(found.other_types):,} of other types. Now `python -m labs "
        f"questions {out}`, then LABS_DATA={out}."
    )


@app.command()
def questions(
    directory: Annotated[Path, typer.Argument(help="What `labs import` made.")],
    passages: Annotated[int, typer.Option(min=1, help="Passages to ask about.")] = 300,
) -> None:
    """Let the LLM write questions on the documents; broken off, it goes on there."""
    from labs import synthetic

    print(synthetic.run(directory, passages))


@app.command()
def bench(
    out: Annotated[Path, typer.Option(help="A directory for results.jsonl.")],
    arms: Annotated[
        str | None, typer.Option(help="Some of the arms, parted by commas.")
    ] = None,
    tasks: Annotated[
        str | None, typer.Option(help="Some of the tasks, parted by commas.")
    ] = None,
    seeds: Annotated[str, typer.Option(help="Training seeds, parted by commas.")] = "0",
    questions: Annotated[
        int, typer.Option(min=2, help="Questions of each task, at most.")
    ] = 40,
    jobs: Annotated[
        int, typer.Option(min=1, help="Worker processes, about 1 GB each.")
    ] = 1,
    backend: Annotated[
        str, typer.Option(help="loky (here), or a ray or dask cluster.")
    ] = "loky",
    note: Annotated[str, typer.Option(help="Kept with the run in the log.")] = "",
) -> None:
    """Measure arms on tasks: results with provenance, a table, a line in the log."""
    from rich.console import Console

    from labs import benchmark_run

    grid = benchmark_run.grid(arms, tasks, seeds, questions)
    benchmark_run.run(grid, out, jobs, backend, note, Console())


@app.command()
def runs(
    last: Annotated[int, typer.Option(min=1, help="Runs to show.")] = 20,
    export: Annotated[
        Path | None, typer.Option(help="Write all of them as JSON lines.")
    ] = None,
) -> None:
    """The log of benchmark runs (LABS_RUNS)."""
    from rich.console import Console

    from labs import runs

    if export is not None:
        _check_writable(export, "--export")
        print(f"Wrote {runs.export(export)} runs to {export}")
        return
    found = runs.load()
    if not found:
        print(f"No run is in {runs.path()} yet: `python -m labs bench --out DIR`.")
        return
    Console().print(runs.table(found[-last:]))


@app.command()
def decide(
    folder: Annotated[
        Path, typer.Argument(help="Your documents, or a directory of data.")
    ],
    out: Annotated[Path, typer.Option(help="A directory for data and report.")],
    arms: Annotated[
        str, typer.Option(help="Parted by commas; trained ones take minutes.")
    ] = "base,naive-rag,advanced-rag",
    passages: Annotated[
        int, typer.Option(min=1, help="Passages that the model asks about.")
    ] = 300,
    questions: Annotated[
        int, typer.Option(min=2, help="Questions of each task, at most.")
    ] = 200,
    volume: Annotated[float, typer.Option(help="Questions a month.")] = 10_000,
    months: Annotated[float, typer.Option(help="Of the plan.")] = 12,
    updates: Annotated[float, typer.Option(help="Of the documents, a month.")] = 1,
    deployment: Annotated[
        str, typer.Option(help="api, hosted-gpu or own-cpu.")
    ] = "own-cpu",
    prices: Annotated[
        Path | None, typer.Option(help="By default data/prices.toml.")
    ] = None,
) -> None:
    """Measure your own documents, and write a costed recommendation."""
    from labs import decision_run

    plan = {"questions_per_month": volume, "months": months}
    case = decision_run.case(plan | {"updates_per_month": updates}, deployment, prices)
    print(decision_run.run(folder, out, arms, passages, questions, case))


@app.command()
def gate(
    baseline: Annotated[Path, typer.Argument(help="Results to be held against.")],
    candidate: Annotated[Path, typer.Argument(help="Results of the change.")],
    margin: Annotated[
        float, typer.Option(help="By how much an arm may be worse, 0 to 1.")
    ] = 0.05,
    summary: Annotated[
        Path | None, typer.Option(help="Markdown is appended to this file.")
    ] = None,
) -> None:
    """Exit with 1 where the candidate is worse than the baseline."""
    if summary is not None:
        _check_writable(summary, "--summary")
    from rich.console import Console

    from labs import regression, results

    checks = regression.check(results.load(baseline), results.load(candidate), margin)
    Console().print(regression.table(checks, margin))
    if summary is not None:
        with summary.open("a", encoding="utf-8") as file:
            file.write(regression.markdown(checks, margin))
    if regression.failed(checks):
        raise typer.Exit(1)


@app.command("train-arms")
def train_arms(
    seeds: Annotated[str, typer.Option(help="Training seeds, parted by commas.")] = "0",
    out: Annotated[
        Path | None, typer.Option(help="By default the model's in data/adapters.")
    ] = None,
) -> None:
    """Train the adapters of the benchmark's arms, and keep them with the project."""
    from labs import arm_training, benchmark_run

    for seed in benchmark_run.numbers(seeds):
        for training in arm_training.TRAININGS:
            made = arm_training.record(training, seed, out or arm_training.folder())
            print(
                f"{training}-{seed}: {made['n_rows']} rows, {made['tokens']:,} tokens "
                f"in {made['seconds']:.0f} s"
            )


@app.command()
def report(
    out: Annotated[
        Path | None, typer.Option(help="A directory; build/report by default.")
    ] = None,
    only: Annotated[
        str | None, typer.Option(help="Notebooks with this in their path, as 1_rag.")
    ] = None,
) -> None:
    """Run every notebook and write what they measured to one HTML page."""
    from labs import report

    print(f"Wrote {report.run(out or report.OUT, only)}")


@app.command()
def doctor(
    json: Annotated[
        Path | None, typer.Option(help="Write the same to this file.")
    ] = None,
) -> None:
    """Check that the labs run here; exit code 1 where one would fail."""
    if json is not None:
        _check_writable(json, "--json")
    from rich.console import Console

    from labs import doctor

    console, found = Console(), []
    for name, finding in doctor.run():
        console.print(doctor.line(name, finding))
        found.append((name, finding))
    console.print(doctor.verdict(found))
    if json is not None:
        _write_json(json, doctor.as_json(found))
    if doctor.failed(found):
        raise typer.Exit(1)


@app.command()
def validate(
    series: Annotated[
        int | None, typer.Option(min=1, max=3, help="Only its notebooks.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="By default the one that the labs use here.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="A directory; build/validate by default.")
    ] = None,
) -> None:
    """Run the labs: minutes, what differs, what stops (exit code 1), and a page."""
    from labs import validate

    directory = out or validate.OUT
    done = validate.run(series, profile, directory, partial(print, flush=True))
    print(f"{validate.summary(done)}\nWrote {directory / validate.FILE}")
    if validate.failed(done):
        raise typer.Exit(1)


@app.command()
def prefetch(
    profile: Annotated[
        str | None, typer.Option(help="By default the model that the labs use here.")
    ] = None,
) -> None:
    """Fetch a profile's model before there is no network; broken off, it goes on."""
    from labs import prefetch

    prefetch.run(profile, print)


@app.command()
def bundle(
    out: Annotated[Path, typer.Option(help="A directory to carry along.")],
    profile: Annotated[
        str | None, typer.Option(help="Whose model; by default the one used here.")
    ] = None,
) -> None:
    """All that a room without network needs: packages, model, labs, an installer."""
    from labs import bundle

    bundle.run(out, profile, partial(print, flush=True))


speeds = typer.Typer(
    no_args_is_help=True, help="How fast the labs are, beside the libraries' defaults."
)
app.add_typer(speeds, name="speed")


@speeds.command("retrieval")
def measure_retrieval(
    scales: Annotated[
        str, typer.Option(help="Sizes, as times the bundled corpus.")
    ] = "1,10,100",
    out: Annotated[Path | None, typer.Option(help="Results as JSON.")] = None,
    embed_limit: Annotated[
        int, typer.Option(min=100, help="Passages to embed at most, at each scale.")
    ] = 2_000,
    queries: Annotated[
        int, typer.Option(min=5, help="Questions to each strategy.")
    ] = 50,
) -> None:
    """Measure embedding, indexing and search, beside llama-index's defaults."""
    if out is not None:
        _check_writable(out, "--out")
    from labs import speed

    found = speed.run(speed.parse_scales(scales), embed_limit, queries)
    print(speed.table(found))
    if out is not None:
        _write_json(out, found)


@speeds.command("training")
def measure_training(
    rows: Annotated[int, typer.Option(min=16, help="Rows, each read once.")] = 128,
    out: Annotated[Path | None, typer.Option(help="Results as JSON.")] = None,
) -> None:
    """Measure fine-tuning's tokens per second and memory, beside trl's defaults."""
    if out is not None:
        _check_writable(out, "--out")
    from labs import speed_training

    found = speed_training.run(rows)
    print(speed_training.table(found))
    if out is not None:
        _write_json(out, found)


@speeds.command("classroom")
def measure_classroom(
    attendees: Annotated[int, typer.Option(min=2, max=100, help="At once.")] = 30,
    questions: Annotated[int, typer.Option(min=1, help="Of each attendee.")] = 8,
    out: Annotated[Path | None, typer.Option(help="Results as JSON.")] = None,
) -> None:
    """Measure a class on one Chroma server and one model server, both on loopback."""
    if out is not None:
        _check_writable(out, "--out")
    from labs import speed_classroom

    found = speed_classroom.run(attendees, questions)
    print(speed_classroom.table(found))
    if out is not None:
        _write_json(out, found)
    if found["mixed_up"] or found["errors"]:
        raise typer.Exit(1)


@app.command()
def finetune(
    rows: Annotated[Path, typer.Argument(help="JSON lines: prompt, completion.")],
    out: Annotated[Path, typer.Option(help="A directory for the adapter.")],
    rank: Annotated[int, typer.Option(min=1, help="Of the LoRA.")] = 16,
    learning_rate: Annotated[
        float | None, typer.Option(min=0, help="By default what suits the model.")
    ] = None,
    epochs: Annotated[
        float, typer.Option(min=0.01, help="Times through the rows.")
    ] = 3,
    batch_size: Annotated[int, typer.Option(min=1, help="Rows a step.")] = 16,
    seed: Annotated[int, typer.Option(help="Of the weights and the order.")] = 0,
) -> None:
    """Train an adapter; on several GPUs by `accelerate launch -m labs finetune …`."""
    from labs import finetune, training_rows

    rate = finetune.usual_rate() if learning_rate is None else learning_rate
    recipe = finetune.Recipe(rank, rate, epochs, batch_size, seed=seed)
    adapter = finetune.supervised(training_rows.read(rows), recipe)
    lineage = adapter.copy_to(out)
    print(
        f"Wrote {out}: {lineage['n_rows']} rows, {lineage['tokens']:,} tokens in "
        f"{lineage['seconds']:.0f} s, loss {lineage['losses'][0]:.2f} to "
        f"{lineage['losses'][-1]:.2f}."
    )


@app.command()
def adapt(
    out: Annotated[
        Path | None, typer.Option(help="By default data/runs/04_adapted_embedder.")
    ] = None,
    passages: Annotated[
        int, typer.Option(min=2, help="Passages for which the LLM writes a question.")
    ] = 160,
) -> None:
    """Train the adapters of the embedding model (notebooks/1_rag/04_retrieval)."""
    from labs import adapt_record

    out = out or adapt_record.RUN
    arms = adapt_record.record(out, passages)["arms"]
    found = (f"{arm} {scores['dev']['mean']:.2f}" for arm, scores in arms.items())
    print(f"Wrote {out}; evidence found on dev: {', '.join(found)}.")


@app.command()
def reranker(
    out: Annotated[
        Path | None, typer.Option(help="A directory; data/reranker by default.")
    ] = None,
    questions: Annotated[
        int | None, typer.Option(min=6, help="Questions of train to train on.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the draws and of the weights.")] = 0,
) -> None:
    """Train the reranker anew: minutes on two cores; log and model card beside it."""
    from dataclasses import replace

    from labs import reranker_record
    from labs.reranking import DIRECTORY, Recipe

    recipe = replace(Recipe(), seed=seed)
    if questions is not None:
        recipe = replace(recipe, questions=questions)
    directory = out or DIRECTORY
    reranker_record.record(directory, recipe)
    print(f"Wrote {directory}")


_PASSED_ON = {"ignore_unknown_options": True, "help_option_names": []}


@app.command(context_settings=_PASSED_ON)
def data(arguments: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Build a directory of data: --seed, --scale, --out (data/generators/wind)."""
    _generate("generators.wind", arguments or [])


@app.command(context_settings=_PASSED_ON)
def model(
    arguments: Annotated[list[str] | None, typer.Argument()] = None,
    laptop: Annotated[
        bool, typer.Option("--laptop", help="The adapter of that profile's model.")
    ] = False,
) -> None:
    """Train the bundled model, or with --laptop that profile's adapter: --minutes."""
    which = "laptop" if laptop else "pocket"
    _generate(f"generators.{which}.train", arguments or [])


def _generate(module: str, arguments: list[str]) -> None:
    """Run a generator of this checkout, with its own options and exit code."""
    from labs.profiles import ROOT

    paths = [str(ROOT / "data"), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    command = [sys.executable, "-m", module, *arguments]
    raise SystemExit(subprocess.run(command, env=environment).returncode)


def _check_writable(path: Path, option: str) -> None:
    """Before minutes of work, not after."""
    try:
        path.open("ab").close()
    except OSError as error:
        raise LabsError(
            f"{option} names {path}, which cannot be written ({error.strerror}). Name "
            f"a file in a directory that is there, as in {option} found.json."
        ) from error


def _write_json(path: Path, results: object) -> None:
    import json

    text = json.dumps(results, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
    print(f"Wrote {path}")
