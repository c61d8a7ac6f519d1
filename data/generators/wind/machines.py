"""The turbine families of a region: models, parts, procedures, faults."""

from __future__ import annotations

import random

from .names import Namer
from .page import load_text
from .quantities import (
    CONVERTER_PLACES,
    QUANTITIES,
    decimal,
    euros,
    in_weeks,
    in_words,
    sibling_quantities,
)
from .region import Family, Region


def plan_families(region: Region, namer: Namer, rng: random.Random) -> None:
    """Four families of three models, with their parts, procedures and faults."""
    products = {
        "gearbox_oil": [namer.product(("G 320", "G 460", "XG 320")) for _ in range(5)],
        "coolant": [namer.product(("40", "C 50", "Blue")) for _ in range(4)],
        "main_bearing_grease": [namer.product(("L 2", "LX 1", "HT")) for _ in range(4)],
    }
    components = load_text("components")["component"]
    for _ in range(4):
        first, gap = rng.randrange(62, 118, 2), rng.choice((4, 6, 8))
        name = namer.family()
        models = [f"{name} {first + gap * n}" for n in range(3)]
        chosen = sorted(rng.sample(range(len(components)), 13))
        family = Family(name, models, [components[n] for n in chosen])
        region.families.append(family)
        _plan_models(region, family, products, first, rng)
        _plan_parts(region, family, namer, rng)
        _plan_procedures(region, family, namer, rng)
        _plan_faults(region, family, namer, rng)


def _plan_models(region, family, products, number, rng) -> None:
    columns = {name: sibling_quantities(name, rng) for name in QUANTITIES}
    rotors = sorted(rng.sample(range(number + 9, number + 34), 3))
    columns["rotor_diameter"] = [f"{rotor} m" for rotor in rotors]
    ratios = rng.sample(range(820, 1290), 3)
    columns["gearbox_ratio"] = [f"1:{decimal(ratio / 10)}" for ratio in ratios]
    for name, pool in products.items():
        columns[name] = rng.choices(rng.sample(pool, 2), k=3)
    places = rng.sample(CONVERTER_PLACES, 2)
    columns["converter_location"] = rng.choices(places, k=3)
    for relation, values in columns.items():
        for model, value in zip(family.models, values, strict=True):
            region.values[model, relation] = value


def _plan_parts(region, family, namer, rng) -> None:
    wanted = [
        (component["name"], name)
        for component in family.components
        for name in rng.sample(component["parts"], rng.choice((1, 2, 2)))
    ]
    codes = namer.near_codes("KR-", 5, len(wanted))
    rng.shuffle(codes)
    values = region.values
    for code, (component, name) in zip(codes, wanted, strict=True):
        family.parts[code] = component
        trade = load_text("companies")["trade_of"][component]
        makers = [s for s, t in region.suppliers.items() if t == trade]
        values[code, "part_name"] = name
        values[code, "part_supplier"] = rng.choice(makers)
        values[code, "part_price"] = euros(_price(name, rng))
        values[code, "part_lead_time"] = in_weeks(rng.randrange(1, 27))
        values[code, "part_shelf"] = (
            f"{rng.choice('ABCDEFGH')}{rng.randrange(1, 30)}-{rng.randrange(1, 7)}"
        )
        values[code, "part_minimum_stock"] = in_words(rng.randrange(2, 9), "piece")


def _price(name: str, rng: random.Random) -> int:
    lists = load_text("companies")
    low, high, step = 190, 990, 5
    if name in lists["dear"]:
        low, high, step = 1120, 9800, 20
    elif name in lists["cheap"]:
        low, high, step = 24, 185, 1
    return rng.randrange(low, high, step)


def _plan_procedures(region, family, namer, rng) -> None:
    jobs = [(c, n) for c in family.components for n in range(len(c["procedure"]))]
    codes = namer.near_codes("P-", 3, len(jobs))
    values = region.values
    for code, (component, number) in zip(codes, jobs, strict=True):
        family.procedures[code] = (component["name"], number)
        values[code, "procedure_title"] = component["procedure"][number]["title"]
        values[code, "procedure_duration"] = f"{rng.randrange(30, 385, 5)} minutes"
        people = in_words(rng.choice((2, 2, 2, 3, 3, 4)), "technician")
        values[code, "procedure_crew_size"] = people
        values[code, "procedure_tool"] = rng.choice(component["tools"])
        values[code, "procedure_lockout"] = rng.choice(component["lockouts"])


def _plan_faults(region, family, namer, rng) -> None:
    wanted = [
        (component["name"], meaning)
        for component in family.components
        for meaning in rng.sample(component["faults"], min(3, len(component["faults"])))
    ]
    rng.shuffle(wanted)
    codes = sorted(namer.near_codes("F-", 4, min(26, len(wanted))))
    for code, (component, meaning) in zip(codes, wanted, strict=False):
        family.faults[code] = component
        _plan_fault(region.values, family, code, meaning, rng)


def _plan_fault(values, family, code, meaning, rng) -> None:
    component = family.faults[code]
    jobs = [p for p, (name, _) in family.procedures.items() if name == component]
    parts = [p for p, name in family.parts.items() if name == component]
    resets = ("on site", "on site, with the key switch", "remotely", "automatically")
    site_only = component in load_text("companies")["site_only"]
    values[code, "fault_meaning"] = meaning
    values[code, "fault_component"] = component
    values[code, "fault_procedure"] = rng.choice(jobs)
    values[code, "fault_part"] = rng.choice(parts)
    hours = rng.choice((2, 3, 4, 6, 8, 10, 12, 16, 18, 24, 30, 36, 48, 60, 72, 96))
    values[code, "fault_response_time"] = f"{hours} hours"
    values[code, "fault_reset"] = rng.choice(resets[:2] if site_only else resets)
