"""Questions on the passages of a random world, each with its reply and citations."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

from labs import prompts

from . import names
from .worlds import (
    Domain,
    Fact,
    World,
    fill,
    group_facts,
    sample_world,
    write_passage,
)


@dataclass(slots=True)
class Reading:
    """Passages about a world, and in which of them (from 1) each fact stands."""

    world: World
    passages: list[str]
    place: dict[Fact, int]

    def cite(self, *facts: Fact) -> str:
        return "".join(f"[{n}]" for n in dict.fromkeys(self.place[f] for f in facts))


def read_world(
    rng: random.Random, domain: Domain, n_facts: int, n_passages: int
) -> Reading:
    """A world in `n_passages` passages, at times with some that tell nothing of it."""
    world = sample_world(rng, domain, n_facts)
    groups = group_facts(rng, world, n_passages)
    if rng.random() < 0.25:
        for _ in range(rng.randint(1, 2)):
            groups.insert(rng.randint(0, len(groups)), [])
    place = {fact: i for i, group in enumerate(groups, start=1) for fact in group}
    return Reading(world, [write_passage(rng, g, world) for g in groups], place)


def ask(rng: random.Random, fact: Fact) -> str:
    """A question whose answer is the fact's object."""
    return fill(rng.choice(fact.relation.questions), s=fact.subject)


Asked = tuple[str, str, str]  # kind, question, reply


def _rivals(world: World, fact: Fact) -> list[Fact]:
    """The same told of others."""
    return [f for f in world.facts if f.relation is fact.relation and f is not fact]


def _ask_lookup(rng: random.Random, reading: Reading) -> Asked:
    facts = reading.world.facts
    if rng.random() < 0.5:  # the hard ones: siblings have their own value
        facts = [f for f in facts if _rivals(reading.world, f)] or facts
    fact = rng.choice(facts)
    return "lookup", ask(rng, fact), f"{fact.object} {reading.cite(fact)}"


def chains(world: World) -> list[tuple[Fact, Fact]]:
    """Pairs of facts in which the second is about the first one's object."""
    return [(a, b) for a in world.facts if a.relation.np for b in world.about(a.object)]


def ask_chain(rng: random.Random, first: Fact, second: Fact) -> str:
    np = fill(first.relation.np, s=first.subject)
    return fill(rng.choice(second.relation.questions), s=np[:1].lower() + np[1:])


def _ask_two_hop(rng: random.Random, reading: Reading) -> Asked | None:
    pairs = chains(reading.world)
    if not pairs:
        return None
    first, second = rng.choice(pairs)
    question = ask_chain(rng, first, second)
    return "two_hop", question, f"{second.object} {reading.cite(first, second)}"


# Questions over several facts ---------------------------------------------------------

_SAME = (
    "Do {a} and {b} have the same {noun}?",
    "Is the {noun} of {a} also that of {b}?",
    "Is the {noun} the same for {a} and for {b}?",
    "Have {a} and {b} got one and the same {noun}?",
)
_APART = (
    "What is the difference in {noun} between {a} and {b}?",
    "By how much do {a} and {b} differ in their {noun}?",
    "How far apart are {a} and {b} in {noun}?",
    "How much lies between the {noun} of {a} and that of {b}?",
)
_TOGETHER = (
    "What is the {noun} of {a} and {b} together?",
    "What do {a} and {b} come to in {noun}, added up?",
    "Taken together, what {noun} do {a} and {b} have?",
    "What is the {noun} of {a} plus that of {b}?",
)
_OF_THREE = (
    "Which of {a}, {b} and {c} has the {most} {noun}?",
    "{a}, {b} and {c}: which of the three has the {most} {noun}?",
    "Of {a}, {b} and {c}, which has the {most} {noun}?",
    "Looking at {a}, {b} and {c}, which one has the {most} {noun}?",
)
_MOST = (("highest", max), ("largest", max), ("lowest", min), ("smallest", min))
_LIST = (
    "Which {plural} have {o} as their {noun}?",
    "Name the {plural} whose {noun} is {o}.",
    "For which {plural} is {o} the {noun}?",
    "What {plural} are there with {o} as their {noun}?",
)
_COUNT = (
    "How many {plural} have {o} as their {noun}?",
    "For how many {plural} is {o} the {noun}?",
    "What is the number of {plural} whose {noun} is {o}?",
    "In how many {plural} is the {noun} {o}?",
)
_NUMBERS = "no one two three four five six seven eight nine ten".split()


def _groups(facts: list[Fact], n: int) -> list[list[Fact]]:
    """The facts by relation, where at least `n` subjects have it."""
    by_relation: dict[str, list[Fact]] = {}
    for fact in facts:
        by_relation.setdefault(fact.relation.id, []).append(fact)
    return [group for group in by_relation.values() if len(group) >= n]


def _some(rng: random.Random, facts: list[Fact], n: int) -> list[Fact] | None:
    """`n` facts of one relation."""
    groups = _groups(facts, n)
    return rng.sample(rng.choice(groups), n) if groups else None


def _measured(world: World) -> list[Fact]:
    """Facts whose numbers can be added and held against each other."""
    return [f for f in world.facts if f.relation.object.get("unit")]


def _ask_comparison(rng: random.Random, reading: Reading) -> Asked | None:
    facts = [f for f in reading.world.facts if f.number is not None and f.relation.more]
    pair = _some(rng, facts, 2)
    if not pair or pair[0].number == pair[1].number:
        return None
    a, b = pair
    less = a.relation.less and rng.random() < 0.5
    template = rng.choice(a.relation.less if less else a.relation.more)
    winner = (min if less else max)(pair, key=lambda f: f.number)
    question = fill(template, a=a.subject, b=b.subject)
    return "comparison", question, f"{winner.subject} {reading.cite(a, b)}"


def _ask_of_three(rng: random.Random, reading: Reading) -> Asked | None:
    three = _some(rng, _measured(reading.world), 3)
    if not three or len({f.number for f in three}) < 3:
        return None
    most, choose = rng.choice(_MOST)
    a, b, c = (f.subject for f in three)
    noun = three[0].relation.noun
    question = fill(rng.choice(_OF_THREE), a=a, b=b, c=c, most=most, noun=noun)
    winner = choose(three, key=lambda f: f.number)
    return "comparison", question, f"{winner.subject} {reading.cite(*three)}"


def _ask_same(rng: random.Random, reading: Reading) -> Asked | None:
    """Yes or no; as often the one as the other where there is a choice."""
    pairs = [
        pair
        for group in _groups(reading.world.facts, 2)
        for pair in combinations(group, 2)
    ]
    equal = [pair for pair in pairs if pair[0].object == pair[1].object]
    other = [pair for pair in pairs if pair[0].object != pair[1].object]
    chosen = rng.choice((equal, other)) or equal or other
    if not chosen:
        return None
    pair = rng.choice(chosen)
    a, b = rng.sample(pair, 2)
    question = fill(rng.choice(_SAME), a=a.subject, b=b.subject, noun=a.relation.noun)
    said = "Yes" if a.object == b.object else "No"
    return "aggregate", question, f"{said} {reading.cite(a, b)}"


def _ask_sum(rng: random.Random, reading: Reading) -> Asked | None:
    """How far two numbers are apart, or what they come to."""
    pair = _some(rng, _measured(reading.world), 2)
    if not pair:
        return None
    a, b = pair
    apart = rng.random() < 0.5
    template = rng.choice(_APART if apart else _TOGETHER)
    question = fill(template, a=a.subject, b=b.subject, noun=a.relation.noun)
    number = abs(a.number - b.number) if apart else a.number + b.number
    text = names.in_units(number, a.relation.object)
    return "aggregate", question, f"{text} {reading.cite(a, b)}"


def _all_with(
    rng: random.Random, reading: Reading
) -> tuple[dict[str, str], list[Fact]]:
    """What fills a question for all that share a value, and their facts in order."""
    groups: dict[tuple[str, str], list[Fact]] = {}
    for fact in reading.world.facts:
        groups.setdefault((fact.relation.id, fact.object), []).append(fact)
    several = [group for group in groups.values() if len(group) > 1]
    some = several if several and rng.random() < 0.8 else list(groups.values())
    facts = rng.choice(some)
    fact = facts[0]
    plural = reading.world.domain.entities[fact.relation.subject]["plural"]
    slots = {"plural": plural, "o": fact.object, "noun": fact.relation.noun}
    return slots, sorted(facts, key=lambda f: reading.place[f])


def _ask_list(rng: random.Random, reading: Reading) -> Asked:
    slots, facts = _all_with(rng, reading)
    *others, last = (f.subject for f in facts)
    named = f"{', '.join(others)} and {last}" if others else last
    return "list", fill(rng.choice(_LIST), **slots), f"{named} {reading.cite(*facts)}"


def _ask_count(rng: random.Random, reading: Reading) -> Asked:
    slots, facts = _all_with(rng, reading)
    said = _NUMBERS[len(facts)].capitalize()
    question = fill(rng.choice(_COUNT), **slots)
    return "aggregate", question, f"{said} {reading.cite(*facts)}"


# Nothing to tell, and the mix ---------------------------------------------------------


def _ask_unanswerable(rng: random.Random, reading: Reading) -> Asked | None:
    """The right vocabulary, but the fact does not stand in the passages."""
    world = reading.world
    told = {(f.relation.id, f.subject) for f in world.facts}
    for _ in range(20):
        relation = rng.choice(world.domain.relations)
        known = world.entities.get(relation.subject, [])
        if known and rng.random() < 0.7:
            subject = rng.choice(known)
        else:
            pattern = rng.choice(world.domain.entities[relation.subject]["names"])
            subject = names.entity_name(rng, pattern, world.domain.words)
        if (relation.id, subject) not in told:
            question = fill(rng.choice(relation.questions), s=subject)
            return "unanswerable", question, prompts.REFUSAL
    return None


_ASKERS: dict[Callable[[random.Random, Reading], Asked | None], int] = {
    _ask_lookup: 25,
    _ask_two_hop: 30,
    _ask_unanswerable: 8,
    _ask_comparison: 12,
    _ask_of_three: 12,
    _ask_same: 7,
    _ask_sum: 10,
    _ask_list: 3,
    _ask_count: 2,
}


def draw_question(rng: random.Random, reading: Reading) -> Asked:
    """A question of a kind drawn by weight among those that the world allows."""
    left = dict(_ASKERS)
    while True:  # a lookup can always be asked
        asker = rng.choices(list(left), list(left.values()))[0]
        if asked := asker(rng, reading):
            return asked
        del left[asker]
