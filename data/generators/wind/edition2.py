"""The second edition: what has changed one quarter later.

New bulletins replace bulletins in force, contracts are amended, crews change, parts
change their price. Nothing changes that a handbook states.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from .documents.bulletin import bulletin_pages
from .documents.quarter import amendment, new_round, notice, price_list
from .names import Deck, Namer
from .page import Page, load_text, spoken_date
from .plan import namer_bulletin, plan_bulletin_facts
from .quantities import euros, in_weeks, in_words, near_quantity
from .region import Bulletin, Region
from .schema import World
from .world import finish_pages, list_entities

QUARTER_START = date(2031, 4, 1)
CREW_CHANGES = ("crew_lead", "crew_extension", "crew_base", "crew_vehicle", "crew_size")
CONTRACT_CHANGES = (
    "notice_period", "delay_penalty", "liability_cap",
    "payment_term", "warranty_period", "contract_end",
)  # fmt: skip


def build_edition2(world: World) -> World:
    """New documents and facts only; `replaced` maps old fact ids to new ones."""
    later = World(world.seed, world.scale, edition=2)
    namer = copy.deepcopy(world.source.namer)
    regions = []
    for region in world.source.regions:
        values = dict(region.values)
        changed = replace(region, values=values, bulletins=[])
        regions.append(changed)
        finish_pages(later, _quarter(changed, region, namer), len(world.facts))
    later.entities = list_entities(regions)
    old = {
        (f.subject, f.relation): f.id for f in world.facts if f.superseded_by is None
    }
    later.replaced = {
        old[f.subject, f.relation]: f.id
        for f in later.facts
        if (f.subject, f.relation) in old
    }
    return later


def _day(rng: random.Random, last: int = 88) -> str:
    return (QUARTER_START + timedelta(rng.randrange(last))).isoformat()


def _quarter(region: Region, before: Region, namer: Namer) -> Iterator[Page]:
    rng = before.rng("edition2")
    _new_bulletins(region, before, namer, rng)
    yield from bulletin_pages(region, region.bulletins, "edition2/bulletins")
    yield from _amendments(region, rng)
    yield from _price_lists(region, rng)
    yield from _crew_notices(region, namer, rng)
    yield _division(region, rng)


def _new_bulletins(region, before, namer, rng) -> None:
    in_force = [b for b in before.bulletins if not b.replaced_by]
    reasons = {r: Deck(v, rng) for r, v in load_text("bulletin")["reasons"].items()}
    chosen = rng.sample(in_force, 26)
    for old, day in zip(chosen, sorted(_day(rng) for _ in chosen), strict=True):
        value = near_quantity(old.relation, rng, old.value)
        code = namer_bulletin(namer, day)
        new = Bulletin(code, old.model, old.relation, value, day, old.code)
        region.values[old.model, old.relation] = value
        region.values[code, "bulletin_replaces"] = old.code
        plan_bulletin_facts(region.values, new, reasons, rng)
        region.bulletins.append(new)


def _other(value: str, draw) -> str:
    """The first draw that is not `value`."""
    while (new := draw()) == value:
        pass
    return new


def _new_term(relation: str, value: str, rng: random.Random) -> str:
    draws = {
        "notice_period": lambda: f"{rng.randrange(2, 13)} months",
        "delay_penalty": lambda: euros(rng.randrange(150, 2450, 50)),
        "liability_cap": lambda: euros(rng.randrange(100_000, 2_400_000, 25_000)),
        "payment_term": lambda: f"{rng.choice((14, 20, 21, 28, 30, 35, 45, 60))} days",
        "warranty_period": lambda: f"{rng.randrange(12, 63, 3)} months",
        "contract_end": lambda: spoken_date(
            f"{rng.randrange(2033, 2040)}-{rng.choice(('06-30', '12-31', '03-31'))}"
        ),
    }
    return _other(value, draws[relation])


def _amendments(region: Region, rng: random.Random) -> Iterator[Page]:
    for code in sorted(rng.sample(region.contracts, 8)):
        relations = [r for r in CONTRACT_CHANGES if rng.random() < 0.5]
        changed = [(code, r) for r in relations or CONTRACT_CHANGES[:2]]
        for key in changed:
            region.values[key] = _new_term(key[1], region.values[key], rng)
        yield amendment(region, code, _day(rng), changed)


def _price_lists(region: Region, rng: random.Random) -> Iterator[Page]:
    for family in region.families:
        changed = []
        for part in sorted(rng.sample(sorted(family.parts), 13)):
            changed.append((part, "part_price"))
            old = int(region.values[part, "part_price"].split()[0].replace(",", ""))
            new = round(old * rng.choice((0.92, 1.04, 1.07, 1.11, 1.16))) + 1
            region.values[part, "part_price"] = euros(new)
            if rng.random() < 0.3:
                changed.append((part, "part_lead_time"))
                old_time = region.values[part, "part_lead_time"]
                region.values[part, "part_lead_time"] = _other(
                    old_time, lambda: in_weeks(rng.randrange(1, 27))
                )
        yield price_list(region, family, _day(rng, 30), changed)


def _crew_notices(region: Region, namer: Namer, rng: random.Random) -> Iterator[Page]:
    vehicles = load_text("park")["vehicles"]
    draws = {
        "crew_lead": namer.person,
        "crew_extension": lambda: namer.code(str(rng.randrange(2, 8)), 3),
        "crew_base": namer.town,
        "crew_vehicle": lambda: rng.choice(vehicles),
        "crew_size": lambda: in_words(rng.randrange(3, 8), "technician"),
    }
    for crew in rng.sample(region.crews, 6):
        changed = [(crew, r) for r in rng.sample(CREW_CHANGES, rng.choice((2, 3)))]
        for key in changed:
            region.values[key] = _other(region.values[key], draws[key[1]])
        yield notice(region, crew, _day(rng), changed)


def _division(region: Region, rng: random.Random) -> Page:
    parks = sorted(park.name for park in rng.sample(region.parks, 6))
    for park in parks:
        old = region.values[park, "park_crew"]
        new = _other(old, lambda: rng.choice(region.crews))
        region.values[park, "park_crew"] = new
    return new_round(region, _day(rng), [(park, "park_crew") for park in parks])
