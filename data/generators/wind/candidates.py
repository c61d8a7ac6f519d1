"""Every item that could be asked about a region, before any is chosen."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import combinations

from .items import COUNTED, SUMMARY_SUBJECTS, Item, View, chain_links
from .page import load_text
from .plan import Region
from .schema import RELATIONS

# Chains of relations; the last step of each is every relation that is listed for it.
_PARK = (
    "park_district", "park_commissioned", "park_substation", "park_grid_operator",
    "park_access_rule", "park_landowner", "park_key_box",
)  # fmt: skip
_CREW = ("crew_lead", "crew_base", "crew_extension", "crew_vehicle", "crew_size")
_SUPPLIER = (
    "supplier_town", "supplier_contact", "supplier_hotline_hours", "supplier_account",
)  # fmt: skip
_PROCEDURE = (
    "procedure_duration", "procedure_crew_size", "procedure_tool", "procedure_lockout",
    "procedure_title",
)  # fmt: skip
_PART = (
    "part_name", "part_supplier", "part_price", "part_lead_time", "part_shelf",
    "part_minimum_stock",
)  # fmt: skip
_MODEL = tuple(n for n, r in RELATIONS.items() if r.subject_type == "model")
_CHAINS = {
    ("park_crew",): _CREW,
    ("park_model",): _MODEL,
    ("unit_park", "park_crew"): _CREW,
    ("unit_park", "park_model"): _MODEL,
    ("fault_procedure",): _PROCEDURE,
    ("fault_part",): _PART,
    ("fault_part", "part_supplier"): _SUPPLIER,
    ("part_supplier",): _SUPPLIER,
    ("contract_supplier",): _SUPPLIER,
    ("incident_unit", "unit_park"): (*_PARK, "park_crew", "park_model"),
    ("incident_fault",): ("fault_part", "fault_procedure", "fault_response_time"),
    ("incident_fault", "fault_procedure"): _PROCEDURE,
    ("bulletin_model",): _MODEL,
}


def list_candidates(region: Region, view: View, rng: random.Random) -> list[Item]:
    """Items of every kind but the unanswerable; not all have an answer."""
    ends = _Ends(region)
    old = {b.code for b in region.bulletins if b.replaced_by}
    return [
        *(Item("lookup", "ask", (r,), (s,)) for s, r in view.facts if s not in old),
        *_chains(view, old),
        *_comparisons(ends, view, rng),
        *_counts(ends),
        *_summaries(ends),
        *_orders(region, view),
    ]


class _Ends:
    """The entities of a region by type; sibling models stay together."""

    def __init__(self, region: Region) -> None:
        self.groups: dict[str, list[list[str]]] = {
            "model": [f.models for f in region.families],
            "fault": [[c for f in region.families for c in f.faults]],
            "procedure": [[c for f in region.families for c in f.procedures]],
            "part": [[c for f in region.families for c in f.parts]],
            "supplier": [list(region.suppliers)],
            "contract": [region.contracts],
            "park": [[p.name for p in region.parks]],
            "crew": [region.crews],
            "incident": [[i.code for i in region.incidents]],
            "bulletin": [[b.code for b in region.bulletins if not b.replaced_by]],
        }

    def all(self, kind: str) -> list[str]:
        return [entity for group in self.groups[kind] for entity in group]


def _chains(view: View, old: set[str]) -> Iterator[Item]:
    for start, ends in _CHAINS.items():
        first = [s for s, r in view.facts if r == start[0] and s not in old]
        for last in ends:
            path = (*start, last)
            assert chain_links(path), path
            yield from (Item("multi_hop", "chain", path, (s,)) for s in first)


def _comparisons(ends: _Ends, view: View, rng: random.Random) -> Iterator[Item]:
    texts = load_text("phrasings")
    for shape in ("most", "least", "same", "sum", "difference"):
        size = 3 if shape in ("most", "least") else 2
        for relation in texts[shape]:
            for group in ends.groups[RELATIONS[relation].subject_type]:
                told = [s for s in group if (s, relation) in view.facts]
                for chosen in _some(told, size, rng):
                    yield Item("comparison", shape, (relation,), chosen)


def _some(group: list[str], size: int, rng: random.Random) -> list[tuple[str, ...]]:
    """All choices from a small group, 300 from a large one; in random order each."""
    if len(group) < size:
        return []
    if len(group) <= 6:
        chosen = [list(c) for c in combinations(group, size)]
    else:
        chosen = [rng.sample(group, size) for _ in range(300)]
    for one in chosen:
        rng.shuffle(one)
    return list(dict.fromkeys(map(tuple, chosen)))


def _counts(ends: _Ends) -> Iterator[Item]:
    for relation, kind in COUNTED.items():
        for shape in ("count", "list"):
            for subject in ends.all(kind):
                yield Item("comparison", shape, (relation,), (subject,))


def _summaries(ends: _Ends) -> Iterator[Item]:
    for key, kind in SUMMARY_SUBJECTS.items():
        yield from (Item("summary", "summary", (key,), (s,)) for s in ends.all(kind))


def _orders(region: Region, view: View) -> Iterator[Item]:
    families = {m: f for f in region.families for m in f.models}
    for park in region.parks:
        family = families[view.value(park.name, "park_model")]
        for unit in park.units:
            for fault in family.faults:
                yield Item("work_order", "order", ("unit_park",), (unit, fault))
