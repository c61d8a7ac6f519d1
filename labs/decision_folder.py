"""A folder of one's own documents, measured: `python -m labs decide FOLDER --out DIR`.

Documents are imported, questions written on them and filtered by the model, the arms
asked, and a report written. Everything lands in `out`: the data, the results, the
report. Broken off, the same command goes on where it was.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labs import (
    arms,
    benchmark,
    corpus,
    folder,
    profiles,
    provenance,
    results,
    runs,
    synthetic,
    tasks,
    usage,
)
from labs.results import Result
from labs.usage import Indexing

ARMS = ("base", "naive-rag", "advanced-rag")
DATA = "data"  # in `out`: what LABS_DATA may name afterwards
_TIMED = 5  # questions whose search is timed


@dataclass(frozen=True, slots=True)
class Measured:
    """All that was found about a folder."""

    name: str
    n_documents: int
    n_words: int
    told: str  # what became of the questions
    written: Counter[str]  # questions by who wrote them: "people" or a model
    found: list[Result]
    questions: dict[str, corpus.Question]  # those that were asked, by id
    indexing: dict[str, Indexing]  # by what an arm reads
    profile: str


def measure(
    own: Path,
    out: Path,
    arm_names: Sequence[str] = ARMS,
    passages: int = 300,
    n: int = 200,
) -> Measured:
    """Import, write questions, ask the arms.

    Args:
        own: a folder of documents, or a directory of data that has questions.
        passages: how many the model is to write a question on.
        n: questions of each task at most.

    Raises:
        LabsError: nothing can be read, the model is missing, or an arm failed.
    """
    directory, told = prepare(own, out, passages)
    with synthetic.read_from(directory):
        documents = corpus.load_documents()
        asked = tasks.load(n)
        grid = benchmark.cells(arm_names, _tasks(asked), [0], n)
        found = results.in_order(benchmark.run(grid))
        questions = [i.question for name in _tasks(asked) for i in asked[name]]
        indexing = {}
        if found:
            results.check(found)
            _keep(found, out, own.name)
            texts = [question.question for question in questions]
            indexing = indexes(arm_names, documents, texts)
    return Measured(
        own.name,
        len(documents),
        folder.n_words(documents),
        told,
        Counter(q.written_by or "people" for q in questions),
        found,
        {question.id: question for question in questions},
        indexing,
        str(profiles.current()),
    )


def prepare(own: Path, out: Path, passages: int) -> tuple[Path, str]:
    """A directory of data with questions, and what became of them.

    A directory that has documents and questions is taken as it is.
    """
    if (own / "questions.jsonl").is_file() and (own / "documents").is_dir():
        return own, "The directory brought its own questions."
    data = out / DATA
    folder.check_out(data)
    found = folder.read_folder(own, without=out)
    folder.write(found, data)
    told = [*found.warnings(), _write_questions(data, passages)]
    return data, "\n".join(told).replace(str(data), DATA)


def _write_questions(data: Path, passages: int) -> str:
    from labs.models import Generator

    Generator().check()  # a model that is missing is an error, not a finding
    try:
        return synthetic.run(data, passages)
    except synthetic.NothingHoldsError as error:
        (data / "questions.jsonl").touch()
        return str(error)


def _tasks(asked: dict[str, list[tasks.Item]]) -> list[str]:
    """Those with questions on these documents, each question once."""
    others = (tasks.GENERAL, tasks.LATENCY)
    return [name for name, items in asked.items() if items and name not in others]


def indexes(
    arm_names: Sequence[str],
    documents: Sequence[corpus.Document],
    questions: Sequence[str],
    n: int = 4,
) -> dict[str, Indexing]:
    """What the index of each arm that reads takes, measured on `n` documents."""
    reads = {arm.reads for arm in arms.by_names(arm_names)} - {None}
    return {
        own: usage.measure_index(own, documents, questions[:_TIMED], n)
        for own in sorted(reads)
    }


def _keep(found: Sequence[Result], out: Path, note: str) -> None:
    """Write the results anew, and the run into the log."""
    file = out / results.FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    for result in found:
        results.append(file, result)
    runs.add(runs.of(found, f"decide {note}"))


def made_of() -> dict[str, str]:
    """What the figures came from, for the report's last lines."""
    machine = provenance.machine()
    device = f"{machine['system']}, {machine['device']}, {machine['processors']} cores"
    libraries = ", ".join(f"{k} {v}" for k, v in provenance.versions().items())
    commit = provenance.commit() or "not known"
    return {"machine": device, "libraries": libraries, "commit": commit}
