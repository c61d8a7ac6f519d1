"""Questions in the right vocabulary that no document answers.

Three sorts: a topic that no document touches ("What colour is the tower of ...?"), a
relation that is told of others but not of this entity, and a code that does not exist
but differs from one that does by a digit. Train and the test on seen facts share
topics and entities in different words; the test on unseen facts has topics of its own,
and gaps and codes that no other row asks about.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from . import phrasings
from .items import View
from .page import capital, load_text
from .plan import Region
from .schema import RELATIONS, World

ANSWER = "The documents do not tell."
ACCEPTED = [
    ANSWER, "The documents do not say.", "The documents do not tell", "Not stated.",
    "The documents do not mention it.", "It is not in the documents.",
]  # fmt: skip
_PREFIXES = {"fault": "F-", "procedure": "P-", "part": "KR-", "contract": "C-",
             "incident": "I-"}  # fmt: skip
_GAPS = ("unit_remark", "availability_guarantee")


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that is not told, asked by `word(role)`."""

    pool: str  # train, dev or unseen
    topic: str
    word: Callable[[str], list[str]]


def list_unknowns(world: World, region: Region, view: View, rng: random.Random):
    """Unanswerable questions of each pool, in random order."""
    found = [
        *_off_topic(region, rng),
        *_gaps(region, view, rng),
        *_near_codes(world, region, rng),
    ]
    rng.shuffle(found)
    return found


def _entities(region: Region) -> dict[str, list[str]]:
    return {
        "model": [m for f in region.families for m in f.models],
        "fault": [c for f in region.families for c in f.faults],
        "procedure": [c for f in region.families for c in f.procedures],
        "part": [c for f in region.families for c in f.parts],
        "supplier": list(region.suppliers),
        "contract": region.contracts,
        "park": [p.name for p in region.parks],
        "unit": [u for p in region.parks for u in p.units],
        "crew": region.crews,
        "incident": [i.code for i in region.incidents],
        "bulletin": [b.code for b in region.bulletins],
    }


def _off_topic(region: Region, rng: random.Random) -> Iterator[Unknown]:
    entities = _entities(region)
    for number, topic in enumerate(load_text("phrasings")["unknown"]):
        kind, use, wordings = topic["of"], topic["use"], topic["ask"]
        pool = "unseen" if use == "test" else use
        for subject in rng.sample(entities[kind], 5):
            named = phrasings.name(kind, subject)
            texts = [capital(w.replace("{s}", named)) for w in wordings]
            whole = pool != "train"  # such a topic has no other role
            yield Unknown(
                pool,
                f"topic {number}",
                lambda role, texts=texts, whole=whole: (
                    texts if whole else phrasings.divide(texts, role)
                ),
            )


def _dealt(subjects: list[str], rng: random.Random) -> Iterator[tuple[str, str]]:
    """Subjects with a pool for each: of six, three for train, one dev, two unseen."""
    rng.shuffle(subjects)
    pools = ("train", "unseen", "train", "dev", "train", "unseen")
    for number, subject in enumerate(subjects):
        yield pools[number % len(pools)], subject


def _gaps(region: Region, view: View, rng: random.Random) -> Iterator[Unknown]:
    entities = _entities(region)
    for relation in _GAPS:
        kind = RELATIONS[relation].subject_type
        lacking = [s for s in entities[kind] if (s, relation) not in view.facts]
        for pool, subject in _dealt(lacking[:60], rng):
            yield _asking(pool, relation, subject, f"gap {relation}")


def _asking(pool: str, relation: str, subject: str, topic: str) -> Unknown:
    return Unknown(pool, topic, lambda role: phrasings.ask(relation, subject, role))


def _near_codes(world: World, region: Region, rng: random.Random) -> Iterator[Unknown]:
    """A relation of a code that does not exist, one digit from one that does."""
    entities = _entities(region)
    for kind in _PREFIXES:
        taken = set(world.entities[kind])
        relations = [n for n, r in RELATIONS.items() if r.subject_type == kind]
        invented = []
        for code in rng.sample(entities[kind], min(12, len(entities[kind]))):
            other = _one_digit_off(code, taken)
            if other:
                taken.add(other)
                invented.append(other)
        for pool, code in _dealt(invented, rng):
            yield _asking(pool, rng.choice(relations), code, f"code {kind}")


def _one_digit_off(code: str, taken: set[str]) -> str | None:
    """A code that differs in one digit; the same at every scale if it is free there."""
    choices = [
        code[:at] + digit + code[at + 1 :]
        for at in range(code.index("-") + 2, len(code))
        for digit in "0123456789"
    ]
    random.Random(code).shuffle(choices)
    return next((choice for choice in choices if choice not in taken), None)
