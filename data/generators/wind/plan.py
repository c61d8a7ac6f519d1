"""What is true in a region of the world, before any of it is written down.

A region holds four turbine families of three siblings, their faults, procedures and
parts, the suppliers and contracts, twenty parks with crews and units, a year of
incidents, and the bulletins. A world of scale k is k regions; the first is the same at
every scale.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

from .machines import plan_families
from .names import Deck, Namer
from .page import load_text, spoken_date
from .quantities import euros, in_words, near_quantity
from .region import SEASONS, Bulletin, Incident, Park, Region, Values
from .schema import BULLETIN_RELATIONS


def build_region(seed: int, index: int, namer: Namer) -> Region:
    """The facts of one region."""
    region = Region(index, namer.district(), f"wind/{seed}/{index}")
    rng = region.rng("plan")
    _plan_suppliers(region, namer, rng)
    plan_families(region, namer, rng)
    _plan_contracts(region, namer, rng)
    _plan_crews(region, namer, rng)
    _plan_parks(region, namer, rng)
    _plan_incidents(region, namer, rng)
    _plan_bulletins(region, namer, rng)
    return region


# --- suppliers and contracts ----------------------------------------------------


def _plan_suppliers(region: Region, namer: Namer, rng: random.Random) -> None:
    for trade in load_text("companies")["trades"]:
        name = namer.company(trade)
        region.suppliers[name] = trade
        opens = f"{rng.choice((6, 7, 8))}:{rng.choice(('00', '15', '30', '45'))}"
        shuts = f"{rng.randrange(15, 22)}:{rng.choice(('00', '15', '30', '45'))}"
        region.values |= {
            (name, "supplier_town"): namer.town(),
            (name, "supplier_contact"): namer.person(),
            (name, "supplier_hotline_hours"): f"{opens} to {shuts}",
            (name, "supplier_account"): namer.code(rng.choice("HN") + "W", 5),
        }


def _plan_contracts(region: Region, namer: Namer, rng: random.Random) -> None:
    partners = rng.sample(sorted(region.suppliers), 14)
    subjects = {
        trade: Deck(phrases, rng)
        for trade, phrases in load_text("companies")["subjects"].items()
    }
    codes = sorted(namer.near_codes("C-", 3, len(partners)))
    for code, partner in zip(codes, partners, strict=True):
        region.contracts.append(code)
        subject = subjects[region.suppliers[partner]].draw()
        _plan_contract(region.values, code, partner, subject, namer, rng)


def _plan_contract(values, code, partner, subject, namer, rng) -> None:
    start = date(rng.randrange(2027, 2031), rng.randrange(1, 13), rng.choice((1, 15)))
    end = date(rng.randrange(2032, 2037), rng.randrange(1, 13), 1) - timedelta(1)
    values |= {
        (code, "contract_supplier"): partner,
        (code, "contract_subject"): subject,
        (code, "contract_start"): spoken_date(start.isoformat()),
        (code, "contract_end"): spoken_date(end.isoformat()),
        (code, "notice_period"): f"{rng.randrange(2, 13)} months",
        (code, "delay_penalty"): euros(rng.randrange(150, 2450, 50)),
        (code, "liability_cap"): euros(rng.randrange(100_000, 2_400_000, 25_000)),
        (code, "payment_term"): f"{rng.choice((14, 20, 21, 28, 30, 35, 45, 60))} days",
        (code, "warranty_period"): f"{rng.choice(range(12, 63, 3))} months",
        (code, "contract_signatory"): namer.person(),
    }
    if "maintenance" in subject or "repair" in subject or rng.random() < 0.35:
        guarantee = rng.randrange(940, 996, 5) / 10
        values[code, "availability_guarantee"] = f"{guarantee:.1f} %"


# --- crews, parks, units --------------------------------------------------------


def _plan_crews(region: Region, namer: Namer, rng: random.Random) -> None:
    vehicles = Deck(load_text("park")["vehicles"], rng)
    for _ in range(8):
        name = namer.crew()
        region.crews.append(name)
        size = rng.randrange(3, 8)
        region.crew_members[name] = [namer.person() for _ in range(3)]
        region.values |= {
            (name, "crew_lead"): namer.person(),
            (name, "crew_base"): namer.town(),
            (name, "crew_extension"): namer.code(str(rng.randrange(2, 8)), 3),
            (name, "crew_vehicle"): vehicles.draw(),
            (name, "crew_size"): in_words(size, "technician"),
        }


def _plan_parks(region: Region, namer: Namer, rng: random.Random) -> None:
    models = Deck([m for f in region.families for m in f.models], rng)
    crews = Deck(region.crews, rng)
    districts = [region.name, *(namer.district() for _ in range(5))]
    operators = [f"{name} {rng.choice(('Grid', 'Network', 'Power Lines'))}"
                 for name in rng.sample(districts, 4)]  # fmt: skip
    remarks = Deck(load_text("park")["remarks"], rng)
    rules = Deck(load_text("park")["access_rules"], rng)
    for _ in range(20):
        name, model = namer.park(), models.draw()
        count, prefix = rng.randrange(5, 15), namer.prefix(name)
        units = [f"{prefix}-{n:02d}" for n in range(1, count + 1)]
        odd = sorted(rng.sample(units, rng.choice((2, 3, 4))))
        park = Park(name, region.family_of(model), units, odd)
        region.parks.append(park)
        region.values |= {(unit, "unit_park"): name for unit in units}
        region.values |= {(unit, "unit_remark"): remarks.draw() for unit in odd}
        region.values |= {
            (name, "park_district"): rng.choice(districts),
            (name, "park_turbine_count"): in_words(count, "turbine"),
            (name, "park_model"): model,
            (name, "park_commissioned"): str(rng.randrange(2012, 2029)),
            (name, "park_crew"): crews.draw(),
            (name, "park_substation"): namer.town(),
            (name, "park_grid_operator"): rng.choice(operators),
            (name, "park_access_rule"): rules.draw(),
            (name, "park_landowner"): namer.person(),
            (name, "park_key_box"): namer.code("", 4),
        }


# --- incidents and bulletins ----------------------------------------------------


def _plan_incidents(region: Region, namer: Namer, rng: random.Random) -> None:
    days = sorted(rng.sample(range(440), 58))
    codes = sorted(namer.near_codes("I-", 4, len(days)))
    told: dict[str, int] = {}
    for code, day in zip(codes, days, strict=True):
        park = rng.choice(region.parks)
        when = (date(2030, 1, 4) + timedelta(day)).isoformat()
        season = SEASONS.get(int(when[5:7]), "mild")
        fault, cause = _least_told(region.values, park.family, season, told, rng)
        told[cause["cause"]] = told.get(cause["cause"], 0) + 1
        crew = region.values[park.name, "park_crew"]
        component = park.family.faults[fault]
        incident = Incident(code, park, crew, when, component, cause["find"])
        region.incidents.append(incident)
        hours = rng.choice((rng.randrange(3, 30), rng.randrange(30, 190)))
        region.values |= {
            (code, "incident_unit"): rng.choice(park.units),
            (code, "incident_date"): spoken_date(when),
            (code, "incident_fault"): fault,
            (code, "incident_cause"): cause["cause"],
            (code, "incident_downtime"): f"{hours} hours",
            (code, "incident_action"): cause["action"],
        }


def _least_told(values, family, season, told, rng) -> tuple[str, dict]:
    """A fault of the family and a fitting cause that few incidents have had yet."""
    pairs = []
    for fault, name in family.faults.items():
        component = next(c for c in family.components if c["name"] == name)
        number = component["faults"].index(values[fault, "fault_meaning"])
        pairs += [
            (fault, cause)
            for cause in component["cause"]
            if number in cause["fits"] and cause.get("season", season) == season
        ]
    least = min(told.get(cause["cause"], 0) for _, cause in pairs)
    return rng.choice([p for p in pairs if told.get(p[1]["cause"], 0) == least])


def _plan_bulletins(region: Region, namer: Namer, rng: random.Random) -> None:
    drafts: list[Bulletin] = []
    for family in region.families:
        relations = rng.sample(BULLETIN_RELATIONS, 5)
        for model in family.models:
            for relation in rng.sample(relations, 3):
                drafts += _draft_bulletins(region, model, relation, rng)
    for bulletin in sorted(drafts, key=lambda b: (b.date, b.model, b.relation)):
        bulletin.code = namer_bulletin(namer, bulletin.date)
        region.bulletins.append(bulletin)
    _link_bulletins(region, rng)


def namer_bulletin(namer: Namer, day: str) -> str:
    """The next bulletin number of a year: "SB-2030-14"."""
    return namer.serial(f"SB-{day[:4]}-")


def _draft_bulletins(region, model, relation, rng) -> list[Bulletin]:
    value = region.values[model, relation]
    day = date(2029, 4, 2) + timedelta(rng.randrange(720))
    current = Bulletin("", model, relation, value, day.isoformat())
    if rng.random() > 0.4:
        return [current]
    earlier = date(2027, 2, 1) + timedelta(rng.randrange(700))
    old = near_quantity(relation, rng, value)
    return [Bulletin("", model, relation, old, earlier.isoformat()), current]


def _link_bulletins(region: Region, rng: random.Random) -> None:
    seen: dict[tuple[str, str], Bulletin] = {}
    reasons = {r: Deck(v, rng) for r, v in load_text("bulletin")["reasons"].items()}
    for bulletin in region.bulletins:
        key = (bulletin.model, bulletin.relation)
        plan_bulletin_facts(region.values, bulletin, reasons, rng)
        if before := seen.get(key):
            bulletin.replaces, before.replaced_by = before.code, bulletin.code
            region.values[bulletin.code, "bulletin_replaces"] = before.code
        seen[key] = bulletin


def plan_bulletin_facts(values: Values, bulletin: Bulletin, reasons, rng) -> None:
    """Adds what a bulletin tells besides the value that it sets."""
    deadline = date.fromisoformat(bulletin.date) + timedelta(rng.randrange(30, 200))
    values |= {
        (bulletin.code, "bulletin_model"): bulletin.model,
        (bulletin.code, "bulletin_deadline"): spoken_date(deadline.isoformat()),
        (bulletin.code, "bulletin_reason"): reasons[bulletin.relation].draw(),
    }
