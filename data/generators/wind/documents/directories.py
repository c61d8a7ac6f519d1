"""The crew directory and the supplier directory of a region."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..names import Deck
from ..page import Page, load_text
from ..region import Region
from .books import fact_table

CREW_FACTS = ("crew_lead", "crew_base", "crew_extension", "crew_vehicle", "crew_size")
SUPPLIER_FACTS = (
    "supplier_town", "supplier_contact", "supplier_hotline_hours", "supplier_account",
)  # fmt: skip


def write_directories(region: Region) -> Iterator[Page]:
    """Both directories."""
    crews = _directory(region, "crew_directory", "Crew directory")
    crews.heading("Telephone")
    fact_table(crews, region.crews, ("crew_extension",), "Crew")
    told = tuple(name for name in CREW_FACTS if name != "crew_extension")
    _entries(crews, region.crews, told, "crew_directory", "{} crew")
    yield crews
    suppliers = _directory(region, "supplier_directory", "Supplier directory")
    names = sorted(region.suppliers)
    _entries(suppliers, names, SUPPLIER_FACTS[:3], "supplier_directory", "{}")
    suppliers.heading("Customer numbers")
    fact_table(suppliers, names, ("supplier_account",), "Supplier")
    yield suppliers


def _directory(region: Region, kind: str, title: str) -> Page:
    page = Page(
        f"{kind.replace('_', '-')}-{region.name.lower()}",
        f"{title}, {region.name} region", kind, "2031-01-08",
        region.values, region.rng(kind),
    )  # fmt: skip
    page.add(page.rng.choice(load_text("books")[kind]["front"]))
    return page


def _entries(page: Page, names: Sequence[str], facts, kind: str, title: str) -> None:
    lines = Deck(load_text("books")[kind]["lines"], page.rng)
    for name in names:
        page.heading(title.format(name))
        text = page.passage(name, page.rng.sample(facts, len(facts)))
        page.add(f"{text} {lines.draw()}" if page.rng.random() < 0.5 else text)
