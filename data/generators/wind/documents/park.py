"""Park sheets: what a crew has to know before it drives to a park."""

from __future__ import annotations

from collections.abc import Iterator

from ..names import Deck
from ..page import Page, load_text
from ..region import Park, Region

GROUPS = {
    "site": ("park_district", "park_landowner", "park_commissioned"),
    "machines": ("park_turbine_count", "park_model"),
    "service": ("park_crew", "park_key_box"),
    "grid": ("park_substation", "park_grid_operator"),
    "access": ("park_access_rule",),
}
TITLES = {
    "site": ("Site", "Location and land", "Where it is"),
    "machines": ("Turbines", "Machines", "What stands there"),
    "service": ("Service", "Crew and keys", "Who looks after it"),
    "grid": ("Grid", "Connection", "Grid connection"),
    "access": ("Access", "Getting there", "The way in"),
    "units": ("Units", "List of units", "The units one by one"),
    "neighbours": ("Neighbours", "People around", "Neighbours and visitors"),
    "winter": ("Weather", "Winter and storm", "Bad weather"),
    "emergency": ("In an emergency", "Emergency", "If something happens"),
    "store": ("Material", "Store and waste", "On-site store"),
}


def write_parks(region: Region) -> Iterator[Page]:
    """The sheets of the region's parks."""
    texts = load_text("park")
    pools = ("intro", "approach", "neighbours", "winter", "emergency", "store")
    decks = {name: Deck(texts[name], region.rng(f"park/{name}")) for name in pools}
    for park in region.parks:
        yield _sheet(region, park, decks)


def _sheet(region: Region, park: Park, decks: dict[str, Deck]) -> Page:
    rng = region.rng(f"park/{park.name}")
    month, day = rng.randrange(1, 13), rng.randrange(1, 28)
    date = f"{rng.choice((2029, 2030))}-{month:02d}-{day:02d}"
    page_id = f"park-{park.name.lower().replace(' ', '-')}"
    title = rng.choice((f"Park sheet {park.name}", f"{park.name}: park sheet"))
    page = Page(page_id, title, "park_sheet", date, region.values, rng)
    page.add(decks["intro"].draw())
    front = _key_table(page, park) if rng.random() < 0.4 else ()
    order = ["site", "machines", "service", "grid", "access"]
    rng.shuffle(order)
    for group in order:
        _group(page, park, group, front, decks)
    page.heading(rng.choice(TITLES["units"]))
    _units(page, park)
    for name in rng.sample(("neighbours", "winter", "emergency", "store"), 3):
        page.heading(rng.choice(TITLES[name]))
        twice = name != "store" and rng.random() < 0.4
        page.add(decks[name].draw(), decks[name].draw() if twice else "")
    return page


def _key_table(page: Page, park: Park) -> tuple[str, ...]:
    """A table at the top for some of the facts; returns which."""
    every = [name for group in GROUPS.values() for name in group]
    names = tuple(n for n in every if page.rng.random() < 0.4)
    if names:
        page.value_table((park.name, ""), park.name, names)
    return names


def _group(page: Page, park: Park, group: str, front, decks) -> None:
    names = [name for name in GROUPS[group] if name not in front]
    text = page.passage(park.name, page.rng.sample(names, len(names)))
    if group == "access":
        text = f"{decks['approach'].draw()} {text}".strip()
    if text:
        page.heading(page.rng.choice(TITLES[group]))
        page.add(text)


def _units(page: Page, park: Park) -> None:
    rng, values = page.rng, page.values
    serial = rng.randrange(1100, 9700)
    tabled = rng.random() < 0.5
    head = ("Unit", "Park", "Serial number") + (("Remark",) if tabled else ())
    rows = []
    for number, unit in enumerate(park.units):
        remark = values.get((unit, "unit_remark"), "") if tabled else None
        cells = (unit, park.name, str(serial + 3 * number))
        rows.append(cells if remark is None else (*cells, remark))
    for unit, line in zip(park.units, page.table(head, rows), strict=True):
        page.note(unit, "unit_park", line)
        if tabled and unit in park.remarks:
            page.note(unit, "unit_remark", line)
    if not tabled:
        page.add(" ".join(page.tell(unit, "unit_remark") for unit in park.remarks))
