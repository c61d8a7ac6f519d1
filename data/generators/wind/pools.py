"""Which facts train may touch, which are dev's own, and which no row may train on.

Facts are divided in groups that questions need together, so that a chain, a work order
or a comparison can lie in one pool as a whole: a crew with its parks, their units and
incidents; a component with its faults, procedures and parts; a contract; a supplier;
the bulletins of a model; and of what handbooks state, each relation of a family.
"""

from __future__ import annotations

import random
from collections.abc import Iterable

from .items import View
from .plan import Region
from .schema import RELATIONS, Fact

DEV_SHARE, UNSEEN_SHARE = 0.12, 0.3
Group = tuple[str, ...]


class Pools:
    """The pool ("train", "dev" or "unseen") of every fact of a region."""

    def __init__(self, region: Region, view: View, rng: random.Random) -> None:
        self._view = view
        self._component = {
            code: ("component", family.name, name)
            for family in region.families
            for table in (family.faults, family.parts)
            for code, name in table.items()
        }
        self._component |= {
            code: ("component", family.name, name)
            for family in region.families
            for code, (name, _) in family.procedures.items()
        }
        self._family = {m: f.name for f in region.families for m in f.models}
        groups = dict.fromkeys(map(self.group, view.facts.values()))
        self._pool = _deal(groups, rng)

    def group(self, fact: Fact) -> Group:
        """What shares a pool with the fact."""
        kind, subject = RELATIONS[fact.relation].subject_type, fact.subject
        if kind == "bulletin":
            return ("bulletins", self._view.value(subject, "bulletin_model"))
        if kind == "model":
            if fact.document.startswith("bulletin-"):
                return ("bulletins", subject)
            return ("model", self._family[subject], fact.relation)
        if subject in self._component:
            return self._component[subject]
        if kind in ("park", "unit", "incident", "crew"):
            return ("crew", self._crew(kind, subject))
        return (kind, subject)

    def _crew(self, kind: str, subject: str) -> str:
        steps = ("incident_unit", "unit_park", "park_crew")
        start = {"incident": 0, "unit": 1, "park": 2, "crew": 3}[kind]
        for relation in steps[start:]:
            subject = self._view.value(subject, relation)
        return subject

    def of(self, facts: Iterable[Fact]) -> str | None:
        """The pool that all the facts lie in, or None where they lie in several."""
        pools = {self._pool[self.group(fact)] for fact in facts}
        return pools.pop() if len(pools) == 1 else None


def _deal(groups: Iterable[Group], rng: random.Random) -> dict[Group, str]:
    """Each sort of group is divided on its own, so every pool has some of each."""
    sorts: dict[str, list[Group]] = {}
    for group in groups:
        sorts.setdefault(group[0], []).append(group)
    pools: dict[Group, str] = {}
    for members in sorts.values():
        rng.shuffle(members)
        dev = max(1, round(DEV_SHARE * len(members)))
        unseen = dev + max(1, round(UNSEEN_SHARE * len(members)))
        for number, group in enumerate(members):
            pool = "dev" if number < dev else "unseen" if number < unseen else "train"
            pools[group] = pool
    return pools
