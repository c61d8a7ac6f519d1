"""What can be asked: items that read their answers off the facts in force.

An item knows its entities and relations but no values, so the same item solved on the
first and on the second edition shows whether its answer has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from . import phrasings
from .accepted import (
    entity_wordings,
    list_wordings,
    number_of,
    number_word,
    quantity_wordings,
    wordings_of,
)
from .schema import RELATIONS, Fact, entity_of
from .summaries import write_summaries


class View:
    """The facts in force, by subject and relation; what is superseded is left out."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self.facts: dict[tuple[str, str], Fact] = {}
        self._subjects: dict[tuple[str, str], list[str]] = {}
        self.set_by: dict[str, Fact] = {}  # bulletin -> the value that it sets
        for fact in facts:
            if fact.superseded_by is None:
                self.facts[fact.subject, fact.relation] = fact
            of_model = RELATIONS[fact.relation].subject_type == "model"
            if of_model and fact.document.startswith("bulletin-"):
                self.set_by[fact.document.removeprefix("bulletin-").upper()] = fact
        for (subject, relation), fact in self.facts.items():
            self._subjects.setdefault((relation, fact.object), []).append(subject)

    def value(self, subject: str, relation: str) -> str:
        """The object of a fact. Raises KeyError where nothing is told."""
        return self.facts[subject, relation].object

    def subjects(self, relation: str, value: str) -> list[str]:
        """Everything that stands in the relation to a value."""
        return self._subjects.get((relation, value), [])

    def bulletins_of(self, model: str) -> list[str]:
        """The bulletins in force for a model."""
        return [
            code
            for code, fact in self.set_by.items()
            if self.facts.get((model, fact.relation)) is fact
        ]


class Solution(NamedTuple):
    """An answer, all its right wordings for a given question, and its facts."""

    answer: str
    accepted: Callable[[str], list[str]]
    facts: list[Fact]


@dataclass(frozen=True, slots=True)
class Item:
    """Something to ask: `shape` says how, `path` names relations or a summary's key."""

    kind: str
    shape: str
    path: tuple[str, ...]
    subjects: tuple[str, ...]

    @property
    def topic(self) -> tuple[str, str]:
        """What items are balanced by: first the sort, then the relation in it."""
        if self.shape == "chain":
            return "/".join(self.path[:-1]), self.path[-1]
        if self.shape == "order":
            return self.subjects[1], ""  # the fault
        sort = self.path[0] if self.shape in ("ask", "summary") else self.shape
        return sort, self.path[0]


def solve(item: Item, view: View) -> Solution | None:
    """The answer, or None where the question has no single right answer."""
    try:
        return _SOLVERS[item.shape](item, view)
    except KeyError:
        return None


def word(item: Item, role: str) -> list[str]:
    """The questions that rows of a role may use for the item."""
    first, relation = item.subjects[0], item.path[0]
    if item.shape == "ask":
        return phrasings.ask(relation, first, role)
    if item.shape == "chain":
        return phrasings.ask_chain(item.path, first, role)
    if item.shape == "order":
        return phrasings.ask_order(*item.subjects, role)
    if item.shape in ("count", "list", "summary"):
        return phrasings.ask_about(item.shape, relation, _names(item)[0], role)
    pair = item.shape not in ("most", "least")
    ask = phrasings.ask_pair if pair else phrasings.ask_extreme
    return ask(item.shape, relation, _names(item), role)


def _names(item: Item) -> list[str]:
    if item.shape == "summary":
        kind = SUMMARY_SUBJECTS[item.path[0]]
    elif item.shape in ("count", "list"):
        kind = COUNTED[item.path[0]]
    else:
        kind = RELATIONS[item.path[0]].subject_type
    return [phrasings.name(kind, subject) for subject in item.subjects]


# What is counted by a relation, and whose; a park has incidents through its units.
COUNTED = {"park_crew": "crew", "incident_unit": "park"}
_COUNTED_NOUNS = {"park_crew": "parks", "incident_unit": "reports"}
SUMMARY_SUBJECTS = {
    "incident": "incident", "contract": "contract", "terms": "contract",
    "fault": "fault", "procedure": "procedure", "park": "park",
    "supplier": "supplier", "crew": "crew", "bulletin": "bulletin", "model": "model",
}  # fmt: skip


# --- answers --------------------------------------------------------------------


def _solve_chain(item: Item, view: View) -> Solution:
    facts, subject = [], item.subjects[0]
    for relation in item.path:
        facts.append(view.facts[subject, relation])
        subject = facts[-1].object
    relation = item.path[-1]
    return Solution(subject, lambda q: wordings_of(relation, subject, q), facts)


def _solve_extreme(item: Item, view: View) -> Solution | None:
    relation = item.path[0]
    facts = [view.facts[subject, relation] for subject in item.subjects]
    numbers = [number_of(fact.object) for fact in facts]
    best = (max if item.shape == "most" else min)(numbers)
    if numbers.count(best) > 1:
        return None
    answer = item.subjects[numbers.index(best)]
    kind = RELATIONS[relation].subject_type
    return Solution(answer, lambda _: entity_wordings(kind, answer), facts)


def _solve_same(item: Item, view: View) -> Solution:
    facts = [view.facts[subject, item.path[0]] for subject in item.subjects]
    first, second = (fact.object for fact in facts)
    answer = "Yes" if first == second else "No"
    told = first if first == second else f"{first} and {second}"
    forms = [answer, f"{answer}, {told}", f"{answer}: {told}"]
    return Solution(answer, lambda _: forms, facts)


def _solve_sum(item: Item, view: View) -> Solution | None:
    facts = [view.facts[subject, item.path[0]] for subject in item.subjects]
    first, second = (number_of(fact.object) for fact in facts)
    total = first + second if item.shape == "sum" else abs(first - second)
    if not total:
        return None
    unit = RELATIONS[item.path[0]].unit
    number = f"{round(total, 1):,g}" if total < 1e5 else f"{round(total):,}"
    answer = f"{number} {unit}"
    return Solution(answer, lambda q: quantity_wordings(answer, q), facts)


def _counted(item: Item, view: View) -> tuple[list[str], list[Fact]]:
    relation, subject = item.path[0], item.subjects[0]
    if relation != "incident_unit":
        found = view.subjects(relation, subject)
        return found, [view.facts[one, relation] for one in found]
    found, facts = [], []
    for unit in view.subjects("unit_park", subject):
        incidents = view.subjects(relation, unit)
        found += incidents
        facts += [view.facts[unit, "unit_park"]] if incidents else []
        facts += [view.facts[one, relation] for one in incidents]
    return sorted(found), facts


def _solve_count(item: Item, view: View) -> Solution | None:
    found, facts = _counted(item, view)
    if not found:
        return None
    answer, noun = number_word(len(found)), _COUNTED_NOUNS[item.path[0]]
    noun = noun if len(found) > 1 else noun.removesuffix("s")
    forms = [answer, str(len(found)), f"{answer} {noun}", f"{len(found)} {noun}"]
    return Solution(answer, lambda _: forms, facts)


def _solve_list(item: Item, view: View) -> Solution | None:
    found, facts = _counted(item, view)
    if not 2 <= len(found) <= 3:
        return None
    answer = phrasings.enumerate_names(found)
    kind = RELATIONS[item.path[0]].subject_type
    return Solution(answer, lambda _: list_wordings(found, kind), facts)


def _solve_summary(item: Item, view: View) -> Solution | None:
    written = write_summaries(item.path[0], item.subjects[0], view)
    if written is None:
        return None
    texts, facts = written
    return Solution(texts[0], lambda _: texts, facts)


def _solve_order(item: Item, view: View) -> Solution:
    unit, fault = item.subjects
    park = view.value(unit, "unit_park")
    procedure = view.value(fault, "fault_procedure")
    keys = [
        (unit, "unit_park"), (park, "park_model"), (fault, "fault_procedure"),
        (fault, "fault_part"), (park, "park_crew"), (procedure, "procedure_duration"),
    ]  # fmt: skip
    facts = [view.facts[key] for key in keys]
    _, model, _, part, crew, duration = (fact.object for fact in facts)
    lines = (
        "WORK ORDER", f"Unit: {unit}", f"Model: {model}", f"Fault: {fault}",
        f"Procedure: {procedure}", f"Part: {part}", f"Crew: {crew}",
        f"Duration: {duration}",
    )  # fmt: skip
    text = "\n".join(lines)
    return Solution(text, lambda _: [text], facts)


_SOLVERS = {
    "ask": _solve_chain, "chain": _solve_chain, "most": _solve_extreme,
    "least": _solve_extreme, "same": _solve_same, "sum": _solve_sum,
    "difference": _solve_sum, "count": _solve_count, "list": _solve_list,
    "summary": _solve_summary, "order": _solve_order,
}  # fmt: skip


def chain_links(path: tuple[str, ...]) -> bool:
    """Whether each relation of the path begins where the one before it ends."""
    pairs = zip(path, path[1:], strict=False)
    return all(entity_of(a) == RELATIONS[b].subject_type for a, b in pairs)
