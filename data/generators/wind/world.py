"""A world: the documents of its regions and the facts that they state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .documents import write_region
from .names import Namer
from .page import Page
from .plan import build_region
from .region import Region
from .schema import World


class Plan:
    """What edition 2 needs to know of edition 1: the regions and the names taken."""

    def __init__(self, namer: Namer) -> None:
        self.namer = namer
        self.regions: list[Region] = []


def build_world(seed: int, scale: int = 1) -> World:
    """The first edition; `scale` regions, the first of them the same at every scale.

    Raises:
        ValueError: `scale` is below 1.
    """
    if scale < 1:
        raise ValueError(f"scale is {scale}; expected 1 or more, such as SCALE=1")
    world = World(seed, scale, source=(plan := Plan(Namer(seed))))
    for index in range(scale):
        region = build_region(seed, index, plan.namer)
        plan.regions.append(region)
        _add_region(world, region)
    world.entities = list_entities(plan.regions)
    return world


def _add_region(world: World, region: Region) -> None:
    start = len(world.facts)
    finish_pages(world, write_region(region))
    current = {(f.subject, f.relation, f.document): f.id for f in world.facts[start:]}
    for bulletin in region.bulletins:
        if not bulletin.replaced_by:
            continue
        document = f"bulletin-{bulletin.replaced_by.lower()}"
        successor = current[bulletin.model, bulletin.relation, document]
        old = current[bulletin.model, bulletin.relation,
                      f"bulletin-{bulletin.code.lower()}"]  # fmt: skip
        at = int(old[1:])
        world.facts[at] = replace(world.facts[at], superseded_by=successor)


def finish_pages(world: World, pages: Iterator[Page], first: int = 0) -> None:
    """Adds the pages to the world; fact ids count on from `first`."""
    for page in pages:
        number = first + len(world.facts)
        document, facts = page.finish(world.edition, number)
        world.documents.append(document)
        world.facts.extend(facts)


def list_entities(regions: list[Region]) -> dict[str, list[str]]:
    """The subjects of each type, also such as no document tells about."""
    families = [family for region in regions for family in region.families]
    parks = [park for region in regions for park in region.parks]
    return {
        "model": [m for f in families for m in f.models],
        "fault": [c for f in families for c in f.faults],
        "procedure": [c for f in families for c in f.procedures],
        "part": [c for f in families for c in f.parts],
        "supplier": [s for r in regions for s in r.suppliers],
        "contract": [c for r in regions for c in r.contracts],
        "park": [p.name for p in parks],
        "unit": [u for p in parks for u in p.units],
        "crew": [c for r in regions for c in r.crews],
        "incident": [i.code for r in regions for i in r.incidents],
        "bulletin": [b.code for r in regions for b in r.bulletins],
    }
