"""What is asked of the index: a question made into one or several queries."""

import re
from collections.abc import Callable, Sequence

from labs import parsing, prompts
from labs.fusion import Item, fuse_rrf
from labs.models import Generator
from labs.retrieval import Chunk, Searcher

Merge = Callable[[Sequence[Sequence[Chunk]]], list[Chunk]]

NUMBERED = re.compile(r"^\s*\d+[.)]\s*(.+?)\s*$", re.MULTILINE)
NAME = re.compile(
    r"\b[A-Z]{1,3}(?:-\d+)+\b"  # a code: F-2317, SB-2030-12
    r"|\b(?!I\b)[A-Z][\w'-]*(?: [A-Z][\w'-]*)*(?: \d+)?\b"  # Reskow Moor, Wynnor 88
)


def rewrites(
    generator: Generator, questions: Sequence[str], n: int = 2
) -> list[list[str]]:
    """Each question followed by `n` others: each the one before in other words.

    First shown in notebooks/1_rag/03_query.
    """
    rows = [[question] for question in questions]
    for _ in range(n):
        asked = [prompts.rewrite_question(row[-1]) for row in rows]
        for row, text in zip(rows, generator.generate(asked), strict=True):
            row.append(text)
    return rows


def broader(generator: Generator, questions: Sequence[str]) -> list[list[str]]:
    """Each question and a more general one (step-back, arXiv 2310.06117)."""
    asked = [prompts.broaden_question(question) for question in questions]
    wide = generator.generate(asked)
    return [list(pair) for pair in zip(questions, wide, strict=True)]


def parse_parts(reply: str) -> list[str]:
    """The numbered sub-questions of a reply.

    Raises ValueError where no line is numbered. First shown in
    notebooks/1_rag/03_query.
    """
    parts = NUMBERED.findall(reply)
    if not parts:
        raise ValueError("no line begins with a number")
    return parts


def sub_questions(
    generator: Generator, questions: Sequence[str]
) -> parsing.Parsed[list[str]]:
    """The parts that the model splits each question into; itself if it cannot."""
    asked = [prompts.decompose_question(question) for question in questions]
    return parsing.generate_parsed(
        generator, asked, parse_parts, lambda i: [questions[i]], max_new_tokens=80
    )


def names_in(question: str) -> list[str]:
    """Codes and capitalised names; the first word only if it is a code.

    First shown in notebooks/1_rag/03_query.
    """
    first, _, rest = question.partition(" ")
    inner = question if re.search(r"\d", first) else f"{first.lower()} {rest}"
    return list(dict.fromkeys(NAME.findall(inner)))


def sides(question: str) -> list[str]:
    """The question once for each of its names, without the other names.

    What a rule can do in place of an LLM for comparisons. First shown in
    notebooks/1_rag/03_query.
    """
    names = names_in(question)
    others = [[name for name in names if name != own] for own in names]
    parts = [without(question, rest) for rest in others]
    return parts or [question]


def without(question: str, names: Sequence[str]) -> str:
    """The question with the names struck out."""
    for name in names:
        question = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "", question)
    return " ".join(question.split())


def fill_in(part: str, answers: Sequence[str]) -> str:
    """A sub-question with `#1`, `#2`, ... replaced by the answers of those before it.

    A number without an answer stays. First shown in notebooks/1_rag/03_query.
    """

    def answer(mark: re.Match[str]) -> str:
        place = int(mark[1]) - 1
        return answers[place] if 0 <= place < len(answers) else mark[0]

    return re.sub(r"#(\d+)", answer, part)


def take_turns(rankings: Sequence[Sequence[Item]]) -> list[Item]:
    """The first of each ranking, then the second of each, and so on; each item once.

    Where every part of a question needs its own passage, reciprocal-rank fusion would
    put what suits all parts a little before what suits one. First shown in
    notebooks/1_rag/03_query.
    """
    depth = max(map(len, rankings), default=0)
    turns = (row[i] for i in range(depth) for row in rankings if i < len(row))
    return list(dict.fromkeys(turns))


def search_each(
    index: Searcher,
    queries: Sequence[Sequence[str]],
    k: int = 20,
    merge: Merge = fuse_rrf,
) -> list[list[Chunk]]:
    """For each question, its queries searched in one batch and merged to `k` passages.

    First shown in notebooks/1_rag/03_query.
    """
    flat = [query for own in queries for query in own]
    found = iter(index.search(flat, k))
    return [merge([next(found) for _ in own])[:k] for own in queries]
