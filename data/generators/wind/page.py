"""A document being written: text and the facts that its sentences state."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from .schema import RELATIONS, Document, Fact

OPERATOR = "Halvane Wind"
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December",
)  # fmt: skip


@cache
def load_text(name: str) -> dict:
    """The wordings of a TOML file of this package, without its ending."""
    path = Path(__file__).with_name(f"{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def spoken_date(iso: str) -> str:
    """ "2031-03-01" as the documents write it: "1 March 2031"."""
    year, month, day = iso.split("-")
    return f"{int(day)} {MONTHS[int(month) - 1]} {year}"


def with_article(phrase: str) -> str:
    """ "a van", "an estate car"; a phrase that has an article keeps it."""
    if phrase.split()[0] in ("a", "an", "the"):
        return phrase
    return ("an " if phrase[0] in "aeiouAEIOU8" else "a ") + phrase


def possessive(name: str) -> str:
    """ "Vestergard's", "Bearings'"."""
    return name + ("'" if name.endswith("s") else "'s")


def capital(text: str) -> str:
    """With its first letter in upper case; the rest is left alone."""
    return text[:1].upper() + text[1:]


def naming(subject: str, relation: str) -> str:
    """How running text names a subject: "the Corvane 92"."""
    kind = RELATIONS[relation].subject_type
    return f"the {subject}" if kind == "model" else subject


def object_text(relation: str, value: str) -> str:
    """How running text names an object that is an entity."""
    return f"the {value}" if relation == "bulletin_model" else value


def fill(wording: str, subject: str, relation: str, value: str, it: bool) -> str:
    """One sentence of a wording, with a pronoun for the subject where `it`."""
    name = naming(subject, relation)
    names = ("it", "its") if it else (name, possessive(name))
    text = wording.replace("{ss}", names[1]).replace("{s}", names[0])
    value = object_text(relation, value)
    return capital(text.replace("{ao}", with_article(value)).replace("{o}", value))


def pronominal(wording: str) -> bool:
    """Whether the wording may follow with a pronoun: it begins with its subject."""
    return wording.startswith(("{s} ", "{ss} "))


class Page:
    """Markdown text with its facts.

    `values` holds the object of every (subject, relation); a writer names what it
    states and never spells a value itself. `keep` is the random generator that picks
    wordings; siblings that share it share their wordings.
    """

    def __init__(
        self,
        doc_id: str,
        title: str,
        kind: str,
        date: str,
        values: Mapping[tuple[str, str], str],
        keep: random.Random,
    ) -> None:
        self.id, self.title, self.kind, self.date = doc_id, title, kind, date
        self.values, self.rng = values, keep
        self.blocks: list[str] = [f"# {title}"]
        self.facts: list[tuple[str, str, str, str]] = []
        self.supersedes: str | None = None
        self._last: dict[str, str] = {}

    def note(self, subject: str, relation: str, quote: str) -> str:
        """Registers that `quote` states the fact; returns the quote."""
        value = self.values[subject, relation]
        self.facts.append((subject, relation, value, quote))
        return quote

    def wording(self, relation: str, it: bool = False) -> str:
        """A wording for the relation, not the one used last in this document."""
        choices = load_text("wordings")[relation]
        fitting = [w for w in choices if not it or pronominal(w)]
        fresh = [w for w in fitting if w != self._last.get(relation)] or fitting
        self._last[relation] = picked = self.rng.choice(fresh)
        return picked

    def tell(self, subject: str, relation: str) -> str:
        """A sentence that names its subject and states the fact."""
        value = self.values[subject, relation]
        text = fill(self.wording(relation), subject, relation, value, False)
        return self.note(subject, relation, text)

    def passage(self, subject: str, relations: Sequence[str]) -> str:
        """Sentences on one subject, every second one with a pronoun where it can."""
        sentences: list[str] = []
        for relation in relations:
            if not sentences or not self._follow(subject, relation, sentences):
                sentences.append(self.tell(subject, relation))
        return " ".join(sentences)

    def _follow(self, subject: str, relation: str, sentences: list[str]) -> bool:
        """Appends a pronoun sentence after one that names the subject, if it may."""
        before = sentences[-1]
        named = naming(subject, relation)
        if not capital(before).startswith(capital(named)) or self.rng.random() < 0.35:
            return False
        wordings = load_text("wordings")[relation]
        if not any(map(pronominal, wordings)):
            return False
        value = self.values[subject, relation]
        text = fill(self.wording(relation, it=True), subject, relation, value, True)
        self.note(subject, relation, f"{before} {text}")
        sentences.append(text)
        return True

    def add(self, *blocks: str) -> None:
        """Appends blocks, which a blank line divides."""
        self.blocks.extend(block for block in blocks if block)

    def heading(self, text: str, level: int = 2) -> None:
        """Appends a heading."""
        self.add(f"{'#' * level} {text}")

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
        """Appends a table; returns its rows as they stand in the text."""
        lines = [f"| {' | '.join(cells)} |" for cells in (head, *rows)]
        rule = f"|{'|'.join(' --- ' for _ in head)}|"
        self.add("\n".join([lines[0], rule, *lines[1:]]))
        return lines[1:]

    def value_table(self, head: Sequence[str], subject: str, names: Sequence[str]):
        """Appends a table of relations, each row stating a fact of the subject."""
        rows = [(capital(RELATIONS[n].noun), self.values[subject, n]) for n in names]
        for name, line in zip(names, self.table(head, rows), strict=True):
            self.note(subject, name, line)

    def steps(self, lines: Sequence[str]) -> None:
        """Appends a numbered list."""
        self.add("\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1)))

    def bullets(self, lines: Sequence[str]) -> None:
        """Appends a bulleted list."""
        self.add("\n".join(f"- {line}" for line in lines))

    def finish(self, edition: int, number: int) -> tuple[Document, list[Fact]]:
        """The document and its facts, whose ids count on from `number`.

        Raises:
            ValueError: a fact's quote does not stand in the text.
        """
        body = "\n\n".join(self.blocks) + "\n"
        facts = []
        for offset, (subject, relation, value, quote) in enumerate(self.facts):
            if quote not in body:
                raise ValueError(f"{self.id}: no such sentence in the text: {quote!r}")
            fact_id = f"f{number + offset:06d}"
            facts.append(
                Fact(fact_id, subject, relation, value, self.id, edition, quote)
            )
        document = Document(
            self.id, self.title, self.kind, self.date, edition, body, self.supersedes
        )
        return document, facts
