"""Handbooks: one for each model; those of a family share structure and wording."""

from __future__ import annotations

import random
from collections.abc import Iterator

from ..page import Page, load_text
from ..region import Family, Region
from ..schema import RELATIONS


def write_handbooks(region: Region) -> Iterator[Page]:
    """The handbooks of the region."""
    for family in region.families:
        for model in family.models:
            yield _handbook(region, family, model)


def _handbook(region: Region, family: Family, model: str) -> Page:
    shared = region.rng(f"handbook/{family.name}")
    own = region.rng(f"handbook/{model}")
    date = f"{shared.choice((2026, 2027, 2028))}-{shared.randrange(1, 13):02d}-01"
    page = Page(
        f"handbook-{model.lower().replace(' ', '-')}",
        f"Service handbook {model}", "handbook", date, region.values, shared,
    )  # fmt: skip
    texts = load_text("handbook")
    slots = {"model": model, "family": family.name}
    page.add(shared.choice(texts["front"]).format(**slots))
    page.add(shared.choice(texts["front_more"]))
    bulletins = {b.relation for b in region.bulletins if b.model == model}
    sections = _order(texts["section"], shared)
    for number, section in enumerate(sections, 1):
        same = f"handbook/{family.name}/{section['key']}"
        page.rng = region.rng(same if own.random() < 0.75 else f"{same}/{model}")
        _section(page, number, section, model, slots, bulletins)
    return page


def _order(sections: list[dict], rng: random.Random) -> list[dict]:
    """The data first, three of the optional sections last, the rest nearly in order."""
    needed = [s for s in sections if not s.get("optional")]
    optional = rng.sample([s for s in sections if s.get("optional")], 3)
    start = rng.randrange(3, len(needed) - 2)
    needed[start], needed[start + 1] = needed[start + 1], needed[start]
    return needed + optional


def _section(page, number, section, model, slots, bulletins) -> None:
    rng = page.rng
    page.heading(f"{number} {rng.choice(section['titles'])}")
    page.add(rng.choice(section["text"]).format(**slots))
    told = [name for name in section["facts"] if name not in bulletins]
    left = [name for name in section["facts"] if name in bulletins]
    if section.get("table") or (len(told) > 1 and rng.random() < 0.35):
        head = rng.choice((("Item", "Value"), ("Quantity", model), ("", model)))
        page.value_table(head, model, told)
    elif told:
        page.add(page.passage(model, rng.sample(told, len(told))))
    notes = load_text("handbook")["bulletin_note"]
    page.add(" ".join(
        note.format(noun=RELATIONS[name].noun)
        for name, note in zip(left, rng.sample(notes, len(left)), strict=True)
    ))  # fmt: skip
    if "procedure" in section:
        page.heading(f"{number}.1 {section['procedure']}", 3)
        page.steps(rng.choice(section["steps"]))
