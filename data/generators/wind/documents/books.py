"""Books of a family: fault manual, procedure book, parts catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from ..names import Deck
from ..page import Page, capital, load_text
from ..region import Family, Region
from ..schema import RELATIONS

FAULT_FACTS = (
    "fault_meaning", "fault_component", "fault_procedure",
    "fault_part", "fault_response_time", "fault_reset",
)  # fmt: skip
PROCEDURE_FACTS = (
    "procedure_duration", "procedure_crew_size", "procedure_tool", "procedure_lockout",
)  # fmt: skip
PART_FACTS = (
    "part_name", "part_supplier", "part_price",
    "part_lead_time", "part_shelf", "part_minimum_stock",
)  # fmt: skip


def _open(region: Region, family: Family, kind: str, title: str) -> Page:
    rng = region.rng(f"{kind}/{family.name}")
    date = f"{rng.choice((2028, 2029, 2030))}-{rng.randrange(1, 13):02d}-15"
    name = kind.replace("_", "-")
    page = Page(f"{name}-{family.name.lower()}", title, kind, date, region.values, rng)
    models = f"{', '.join(family.models[:2])} and {family.models[2]}"
    front = rng.choice(load_text("books")[kind]["front"])
    page.add(front.format(family=family.name, models=models))
    return page


# --- fault manuals --------------------------------------------------------------


def write_fault_manuals(region: Region) -> Iterator[Page]:
    """One manual of fault codes for each family."""
    for number, family in enumerate(region.families):
        title = f"Fault codes of the {family.name} family"
        page = _open(region, family, "fault_manual", title)
        texts = load_text("books")["fault_manual"]
        page.add(*page.rng.sample(texts["rules"], 2))
        layout = (_by_code, _by_table, _by_component, _by_bullets)[number % 4]
        layout(page, family, Deck(texts["hints"], page.rng))
        yield page


def _by_code(page: Page, family: Family, hints: Deck) -> None:
    page.heading(page.rng.choice(load_text("books")["fault_manual"]["groups"]))
    for code in family.faults:
        page.heading(code, 3)
        rest = page.rng.sample(FAULT_FACTS[1:], len(FAULT_FACTS) - 1)
        page.add(page.passage(code, ("fault_meaning", *rest[:2])))
        page.add(_hinted(page, page.passage(code, rest[2:]), hints))


def _hinted(page: Page, text: str, hints: Deck) -> str:
    return f"{text} {hints.draw()}" if page.rng.random() < 0.55 else text


def _by_table(page: Page, family: Family, hints: Deck) -> None:
    names = ("fault_meaning", "fault_response_time", "fault_reset")
    page.heading("Overview")
    fact_table(page, family.faults, names, "Code")
    page.heading("What to do")
    for code in family.faults:
        rest = page.rng.sample(("fault_component", "fault_procedure", "fault_part"), 3)
        page.add(_hinted(page, f"**{code}**. {page.passage(code, rest)}", hints))


def fact_table(page: Page, subjects, names, first: str) -> None:
    """Appends a table with a row a subject; each cell states a fact."""
    head = (first, *(capital(RELATIONS[name].noun) for name in names))
    rows = [(s, *(page.values[s, name] for name in names)) for s in subjects]
    for subject, line in zip(subjects, page.table(head, rows), strict=True):
        for name in names:
            page.note(subject, name, line)


def _by_component(page: Page, family: Family, hints: Deck) -> None:
    for component in family.components:
        codes = [c for c, name in family.faults.items() if name == component["name"]]
        if not codes:
            continue
        page.heading(capital(component["name"]))
        for code in codes:
            rest = page.rng.sample(FAULT_FACTS[1:], len(FAULT_FACTS) - 1)
            page.add(_hinted(page, page.passage(code, ("fault_meaning", *rest)), hints))


def _by_bullets(page: Page, family: Family, hints: Deck) -> None:
    page.heading(page.rng.choice(load_text("books")["fault_manual"]["groups"]))
    for code in family.faults:
        page.heading(f"{code}: {page.values[code, 'fault_meaning']}", 3)
        page.note(code, "fault_meaning", page.blocks[-1].removeprefix("### "))
        names = page.rng.sample(FAULT_FACTS[1:], len(FAULT_FACTS) - 1)
        page.bullets([page.tell(code, name) for name in names])
        page.add(hints.draw() if page.rng.random() < 0.4 else "")


# --- procedure books ------------------------------------------------------------


def write_procedure_books(region: Region) -> Iterator[Page]:
    """One book of numbered procedures for each family."""
    for number, family in enumerate(region.families):
        title = f"Procedures of the {family.name} family"
        page = _open(region, family, "procedure_book", title)
        texts = load_text("books")["procedure_book"]
        page.add(*page.rng.sample(texts["rules"], 2))
        tabled = PROCEDURE_FACTS[:2] if number % 2 else ()
        if tabled:
            page.heading("Times and crews")
            fact_table(page, family.procedures, tabled, "Procedure")
        after = Deck(texts["after"], page.rng)
        for code in family.procedures:
            _procedure(page, family, code, tabled, after)
        yield page


def _procedure(page, family, code, tabled, after) -> None:
    name, number = family.procedures[code]
    component = next(c for c in family.components if c["name"] == name)
    page.heading(f"{code} {page.values[code, 'procedure_title']}")
    page.note(code, "procedure_title", page.blocks[-1].removeprefix("## "))
    told = [fact for fact in PROCEDURE_FACTS if fact not in tabled]
    page.add(page.passage(code, page.rng.sample(told, len(told))))
    steps = [page.rng.choice(step.split(" || "))
             for step in component["procedure"][number]["steps"]]  # fmt: skip
    page.steps([*steps, after.draw()] if page.rng.random() < 0.6 else steps)


# --- parts catalogues -----------------------------------------------------------


def write_catalogues(region: Region) -> Iterator[Page]:
    """One catalogue of spare parts for each family."""
    for number, family in enumerate(region.families):
        title = f"Spare parts of the {family.name} family"
        page = _open(region, family, "parts_catalogue", title)
        notes = page.rng.sample(load_text("books")["parts_catalogue"]["notes"], 4)
        page.add(*notes[:2])
        (_parts_table, _parts_prose, _parts_mixed)[number % 3](page, family)
        page.heading("Notes")
        page.bullets(notes[2:])
        yield page


def _parts_table(page: Page, family: Family) -> None:
    page.heading("List of parts")
    fact_table(page, sorted(family.parts), PART_FACTS, "Number")


def _parts_prose(page: Page, family: Family) -> None:
    for component in family.components:
        codes = [c for c, name in family.parts.items() if name == component["name"]]
        page.heading(f"For the {component['name']}")
        for code in codes:
            rest = page.rng.sample(PART_FACTS[1:], len(PART_FACTS) - 1)
            page.add(page.passage(code, ("part_name", *rest)))


def _parts_mixed(page: Page, family: Family) -> None:
    names = ("part_name", "part_shelf", "part_minimum_stock")
    page.heading("In the store")
    fact_table(page, sorted(family.parts), names, "Number")
    page.heading("Buying")
    for code in sorted(family.parts):
        rest = page.rng.sample(("part_supplier", "part_price", "part_lead_time"), 3)
        page.add(page.passage(code, rest))
