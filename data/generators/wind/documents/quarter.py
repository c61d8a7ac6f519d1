"""The papers of the second edition other than bulletins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..page import OPERATOR, Page, load_text, spoken_date
from ..region import Family, Region
from ..schema import RELATIONS

Changed = Sequence[tuple[str, str]]  # subject, relation


def amendment(region: Region, code: str, date: str, changed: Changed) -> Page:
    """An amendment of a contract, with its new terms."""
    supplier = region.values[code, "contract_supplier"]
    page = _open(region, f"amendment-{code.lower()}", "contract_amendment", date,
                 f"Amendment 1 to contract {code} with {supplier}")  # fmt: skip
    texts = load_text("edition2")["amendment"]
    front = page.rng.choice(texts["front"])
    page.add(front.format(code=code, operator=OPERATOR, supplier=supplier))
    for number, (subject, relation) in enumerate(changed, 1):
        page.heading(f"{number}. {RELATIONS[relation].noun.capitalize()}")
        page.add(page.tell(subject, relation))
    page.add(page.rng.choice(texts["back"]))
    return page


def price_list(region: Region, family: Family, date: str, changed: Changed) -> Page:
    """New prices and lead times of a family's parts."""
    page = _open(region, f"price-list-{family.name.lower()}", "price_list", date,
                 f"New terms for spare parts of the {family.name} family")  # fmt: skip
    texts = load_text("edition2")["price_list"]
    page.add(page.rng.choice(texts["front"]).format(family=family.name))
    priced = [s for s, relation in changed if relation == "part_price"]
    _prices(page, priced)
    others = [pair for pair in changed if pair[1] != "part_price"]
    if others:
        page.heading("Lead times")
        page.add(" ".join(page.tell(*pair) for pair in others))
    page.add(page.rng.choice(texts["back"][:2]))
    return page


def _prices(page: Page, parts: Iterable[str]) -> None:
    page.heading("Prices")
    rows = [
        (part, page.values[part, "part_name"], page.values[part, "part_price"])
        for part in parts
    ]
    lines = page.table(("Number", "Name", "New price"), rows)
    for part, line in zip(parts, lines, strict=True):
        page.note(part, "part_price", line)


def notice(region: Region, crew: str, date: str, changed: Changed) -> Page:
    """What has changed in a crew."""
    texts = load_text("edition2")["notice"]
    rng = region.rng(f"notice/{crew}")
    title = rng.choice(texts["titles"]).format(crew=crew)
    name = f"notice-crew-{crew.lower().replace(' ', '-')}"
    page = _open(region, name, "notice", date, title)
    page.add(page.rng.choice(texts["front"]).format(date=spoken_date(date)))
    page.add(" ".join(page.tell(*pair) for pair in changed))
    page.add(page.rng.choice(texts["back"]))
    return page


def new_round(region: Region, date: str, changed: Changed) -> Page:
    """Parks that another crew looks after from now on."""
    texts = load_text("edition2")["round"]
    rng = region.rng("round")
    title = f"{rng.choice(texts['titles'])}, {region.name} region"
    page = _open(region, f"notice-parks-{region.name.lower()}", "notice", date, title)
    page.add(page.rng.choice(texts["front"]).format(date=spoken_date(date)))
    page.bullets([page.tell(*pair) for pair in changed])
    return page


def _open(region: Region, name: str, kind: str, date: str, title: str) -> Page:
    return Page(name, title, kind, date, region.values, region.rng(f"quarter/{name}"))
