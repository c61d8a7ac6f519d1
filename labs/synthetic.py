"""Questions that the LLM writes about passages, where nobody has written any.

They are marked (`written_by`, ids that begin with `llm-`) and worth less than those of
people: a question that a passage prompted echoes its words, which flatters retrieval by
words. What cannot be checked by machine is dropped and counted: an answer that does not
stand in one sentence of its passage, or that the model itself does not give again when
it is asked with the passage (round-trip consistency, Alberti et al. 2019,
arXiv:1906.05416). The splits hold `labs.leakage`'s gate.
"""

import hashlib
import json
import os
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from labs import leakage, records
from labs.corpus import Document, Evidence, Fact, Question
from labs.errors import LabsError
from labs.leakage import Embed
from labs.models import Generates
from labs.retrieval import Chunk, chunk
from labs.synthetic_pairs import Pair, distinct, draft, reproduced

SEED = 1
MIN_WORDS = 8  # a passage of fewer is a heading or a crumb
SHARES = {"train": 0.5, "dev": 0.15, "test_unseen_facts": 0.35}
FEW = 50  # test questions: the 95% interval of a share of a half is then 0.28 wide
MARK = "llm-"
LEAKING = "too near to a test question"


class NothingHoldsError(LabsError):
    """The model wrote no question that can be kept; the message counts the reasons."""


@dataclass(slots=True)
class Written:
    """What the LLM wrote that held, and how much did not."""

    n_passages: int = 0
    questions: list[Question] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)  # reason -> pairs


def write_questions(
    documents: Sequence[Document],
    generator: Generates,
    embed: Embed,
    n_passages: int,
    written_by: str,
    others: Sequence[Question] = (),
) -> Written:
    """Lookup questions on at most `n_passages` passages, drawn evenly over documents.

    Args:
        others: questions that are there already; the gate holds against them too.

    Raises:
        NothingHoldsError: nothing that the model wrote can be kept.
    """
    passages = sample(documents, n_passages)
    written = Written(len(passages))
    pairs = draft(passages, generator, written.dropped)
    pairs = distinct(pairs, written.dropped)
    pairs = reproduced(pairs, generator, written.dropped)
    titles = {document.id: document.title for document in documents}
    rows = [_row(pair, titles[pair.passage.document], written_by) for pair in pairs]
    questions = assign_splits([question for question, _ in rows])
    written.questions = _without_leaks(questions, others, embed, written.dropped)
    written.dropped = +written.dropped  # without the zeros
    kept = {fact for question in written.questions for fact in question.facts}
    facts = {fact.id: fact for _, fact in rows if fact.id in kept}
    written.facts = list(facts.values())
    if not written.questions:
        raise NothingHoldsError(
            f"Of what the model wrote about {len(passages)} passages nothing holds: "
            f"{tell(written.dropped)}. Expected `Question:` and `Answer:` with an "
            "answer of the passage's own words; a larger model does better "
            "(LABS_MODEL)."
        )
    return written


def sample(documents: Sequence[Document], n: int) -> list[Chunk]:
    """At most `n` passages, as evenly over the documents as there are passages."""
    rng = random.Random(SEED)
    of_document: dict[str, list[Chunk]] = {}
    for passage in chunk(documents):
        if len(passage.text.split()) >= MIN_WORDS:
            of_document.setdefault(passage.document, []).append(passage)
    groups = list(of_document.values())
    for group in [groups, *groups]:
        rng.shuffle(group)
    turns = chain.from_iterable(zip_longest(*groups))
    return [passage for passage in turns if passage is not None][:n]


def tell(dropped: Counter[str]) -> str:
    """The reasons with their numbers, the most frequent first."""
    return "; ".join(f"{n} {reason}" for reason, n in dropped.most_common()) or "none"


# Questions, facts, splits -------------------------------------------------------------


def _row(pair: Pair, title: str, written_by: str) -> tuple[Question, Fact]:
    document = pair.passage.document
    fact = Fact(
        id=f"{MARK}f-{_digest(document, pair.quote, pair.answer)}",
        subject=title,
        relation="states",
        object=pair.answer,
        document=document,
        edition=1,
        quote=pair.quote,
    )
    question = Question(
        id=f"{MARK}{_digest(document, pair.question)}",
        question=pair.question,
        answer=pair.answer,
        accepted=(pair.answer,),
        kind="lookup",
        split="train",
        facts=(fact.id,),
        evidence=(Evidence(document, pair.quote),),
        edition=1,
        written_by=written_by,
    )
    return question, fact


def assign_splits(questions: Sequence[Question]) -> list[Question]:
    """Split by fact: questions on one sentence, in whatever document, stay together.

    In an order that depends on the sentences alone; with three of them or more, no
    split is empty.
    """
    groups: dict[str, list[Question]] = {}
    for question in questions:
        quote = "".join(question.evidence[0].quote.split())
        groups.setdefault(_digest(quote), []).append(question)
    ordered = [groups[digest] for digest in sorted(groups)]
    dev, test = (max(1, round(SHARES[s] * len(ordered))) for s in list(SHARES)[1:])
    names = ["test_unseen_facts"] * test + ["dev"] * dev + ["train"] * len(ordered)
    return [
        replace(question, split=name)
        for name, group in zip(names, ordered, strict=False)
        for question in group
    ]


def _without_leaks(
    questions: Sequence[Question],
    others: Sequence[Question],
    embed: Embed,
    dropped: Counter[str],
) -> list[Question]:
    """Drop ours, on whichever side, until the gate passes."""
    kept = list(questions)
    while leaks := leakage.find_leaks([*others, *kept], embed):
        ours = {question.id for question in kept}
        out = {x.train_id if x.train_id in ours else x.test_id for x in leaks} & ours
        if not out:  # those that were there leak among themselves
            break
        dropped[LEAKING] += len(out)
        kept = [question for question in kept if question.id not in out]
    return kept


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


# Files --------------------------------------------------------------------------------


def run(directory: Path, n_passages: int) -> str:
    """Write questions on a directory of data with the profile's model; what came of it.

    Raises:
        NothingHoldsError: nothing that the model wrote can be kept.
        LabsError: there are no documents, or the model is missing or broken.
    """
    from labs import corpus
    from labs.embedding import Embedder
    from labs.models import Generator

    name = directory / "questions.jsonl"
    with read_from(directory):
        documents = corpus.load_documents()
        there = corpus.load_questions() if name.is_file() else []
    others = [q for q in there if not q.id.startswith(MARK)]
    generator = Generator()
    written = write_questions(
        documents,
        generator,
        Embedder().embed,
        n_passages,
        Path(generator.profile.model).name,
        others,
    )
    save(written, directory)
    return _told(written, len(others), directory)


@contextmanager
def read_from(directory: Path) -> Iterator[None]:
    """Within, the loaders of `labs.corpus` read from `directory`."""
    before = os.environ.get("LABS_DATA")
    os.environ["LABS_DATA"] = str(directory)
    try:
        yield
    finally:
        if before is None:
            del os.environ["LABS_DATA"]
        else:
            os.environ["LABS_DATA"] = before


def _told(written: Written, n_others: int, directory: Path) -> str:
    of_split = Counter(question.split for question in written.questions)
    lines = [
        f"Wrote {directory / 'questions.jsonl'}: {len(written.questions)} questions by "
        f"{written.questions[0].written_by} on {written.n_passages} passages "
        f"({', '.join(f'{n} {split}' for split, n in sorted(of_split.items()))})"
        + (f", beside {n_others} that were there." if n_others else "."),
        f"Dropped: {tell(written.dropped)}.",
    ]
    if of_split["test_unseen_facts"] < FEW:
        lines.append(
            f"With fewer than {FEW} test questions intervals are wide: ask about more "
            "passages (--passages), or let a larger model write (LABS_MODEL)."
        )
    return "\n".join(lines)


def save(written: Written, directory: Path) -> None:
    """Put the questions and facts beside those that people wrote.

    What an earlier run of the LLM wrote is replaced.
    """
    for name, rows in (("facts", written.facts), ("questions", written.questions)):
        path = directory / f"{name}.jsonl"
        kept = by_people(path)
        text = "".join(
            json.dumps(row, ensure_ascii=False) + "\n"
            for row in [*kept, *map(asdict, rows)]
        )
        fresh = path.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)


def by_people(path: Path) -> list[dict[str, Any]]:
    """The rows of a file that no LLM wrote."""
    rows: Iterable[records.Row] = (
        records.read_json_lines(path) if path.is_file() else ()
    )
    return [row for _, row in rows if not str(row.get("id", "")).startswith(MARK)]
