"""The entities of a region and what is true of them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

SEASONS = {11: "winter", 12: "winter", 1: "winter", 2: "winter", 3: "winter",
           6: "summer", 7: "summer", 8: "summer"}  # fmt: skip
Values = dict[tuple[str, str], str]


@dataclass(slots=True)
class Family:
    """Three sibling models that share faults, procedures and parts."""

    name: str
    models: list[str]
    components: list[dict]
    faults: dict[str, str] = field(default_factory=dict)  # code -> component
    procedures: dict[str, tuple[str, int]] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)  # code -> component


@dataclass(slots=True)
class Park:
    """A park and its units."""

    name: str
    family: Family
    units: list[str]
    remarks: list[str]


@dataclass(slots=True)
class Incident:
    """A stop of a unit, with what the report needs beyond its facts."""

    code: str
    park: Park
    crew: str
    date: str
    component: str
    find: str


@dataclass(slots=True)
class Bulletin:
    """A bulletin that sets one value of one model."""

    code: str
    model: str
    relation: str
    value: str
    date: str
    replaces: str | None = None
    replaced_by: str | None = None


@dataclass(slots=True)
class Region:
    """Everything that is true in one region; `values` is what documents may state."""

    index: int
    name: str
    seed: str
    values: Values = field(default_factory=dict)
    families: list[Family] = field(default_factory=list)
    suppliers: dict[str, str] = field(default_factory=dict)  # name -> trade
    contracts: list[str] = field(default_factory=list)
    crews: list[str] = field(default_factory=list)
    crew_members: dict[str, list[str]] = field(default_factory=dict)
    parks: list[Park] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    bulletins: list[Bulletin] = field(default_factory=list)

    def rng(self, purpose: str) -> random.Random:
        """A generator of its own for each purpose, so that no part disturbs another."""
        return random.Random(f"{self.seed}/{purpose}")

    def family_of(self, model: str) -> Family:
        """The family that a model belongs to."""
        return next(f for f in self.families if model in f.models)
