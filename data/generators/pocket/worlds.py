"""Small random worlds of a training domain: entities, facts, passages."""

from __future__ import annotations

import random
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from . import names

DOMAINS = Path(__file__).parent / "domains"
_FILLER = tomllib.loads((Path(__file__).parent / "filler.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Relation:
    """What can be said of a kind of entity, and how it is said and asked."""

    id: str
    subject: str
    object: dict
    noun: str
    statements: tuple[str, ...]
    questions: tuple[str, ...]
    np: str = ""
    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()

    @property
    def object_kind(self) -> str | None:
        """The entity kind of the object; None for a plain value."""
        return self.object.get("entity")


@dataclass(frozen=True, slots=True)
class Domain:
    name: str
    held_out: bool
    words: list[str]
    entities: dict[str, dict]
    relations: list[Relation]


@dataclass(frozen=True, slots=True, eq=False)
class Fact:
    relation: Relation
    subject: str
    object: str
    number: float | None = None


@dataclass(slots=True)
class World:
    domain: Domain
    entities: dict[str, list[str]] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)

    def about(self, subject: str) -> list[Fact]:
        return [f for f in self.facts if f.subject == subject]


def load_domains(folder: Path = DOMAINS) -> list[Domain]:
    """Every domain file, sorted by name."""
    return [_read_domain(path) for path in sorted(folder.glob("*.toml"))]


def _read_domain(path: Path) -> Domain:
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    relations = [
        Relation(
            r["id"],
            r["subject"],
            r["object"],
            r["noun"],
            tuple(r["statements"]),
            tuple(r["questions"]),
            r.get("np", ""),
            tuple(r.get("more", ())),
            tuple(r.get("less", ())),
        )
        for r in raw["relations"]
    ]
    return Domain(
        raw["domain"], raw["held_out"], raw["words"], raw["entities"], relations
    )


def sentence(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def fill(template: str, **slots: str) -> str:
    """Fill in `{s}`, `{o}`, `{a}`, `{b}` and begin with a capital letter."""
    for slot, text in slots.items():
        template = template.replace("{" + slot + "}", text)
    return sentence(re.sub(r"\b([Tt]he) the\b", r"\1", template))


def _new_names(rng: random.Random, domain: Domain, kind: str, n: int) -> list[str]:
    """`n` different names of a kind; often siblings that share a pattern or a word."""
    patterns = domain.entities[kind]["names"]
    pattern = "{code}" if rng.random() < 0.08 else rng.choice(patterns)
    words = [rng.choice(domain.words)] if rng.random() < 0.1 else domain.words
    found: list[str] = []
    while len(found) < n:
        name = names.entity_name(rng, pattern, words)
        if rng.random() < 0.4 and found and re.search(r"\d", found[-1]):
            name = _change_digit(rng, found[-1])
        if name not in found:
            found.append(name)
        if rng.random() < 0.3:
            pattern = rng.choice(patterns)
            words = domain.words
    return found


def _change_digit(rng: random.Random, name: str) -> str:
    """A sibling's name: one digit differs."""
    place = rng.choice([i for i, c in enumerate(name) if c.isdigit()])
    return name[:place] + rng.choice("123456789") + name[place + 1 :]


def sample_world(rng: random.Random, domain: Domain, n_facts: int) -> World:
    """A world of at most `n_facts` facts: a few siblings, their relations, chains."""
    world = World(domain)
    relations = domain.relations
    linked = [r for r in relations if r.object_kind]
    measured = [r for r in relations if r.more]
    first = rng.choice(rng.choices((linked, measured, relations), (5, 3, 2))[0])
    kinds = [first.subject] + ([first.object_kind] if first.object_kind else [])
    extra = rng.choice(relations).subject
    if n_facts > 4 and extra not in kinds:
        kinds.append(extra)
    for kind in kinds:
        most = max(1, min(4, n_facts // len(kinds)))
        world.entities[kind] = _new_names(rng, domain, kind, rng.randint(1, most))
    usable = [r for r in relations if r.subject in kinds and r is not first]
    chosen = [first] + rng.sample(usable, min(len(usable), rng.randint(1, 6)))
    pairs = [(r, s) for r in chosen for s in world.entities[r.subject]]
    head = pairs[: rng.choice((1, 2, len(world.entities[first.subject])))]
    rest = pairs[len(head) :]
    rng.shuffle(rest)
    for relation, subject in (head + rest)[:n_facts]:
        world.facts.append(_new_fact(rng, world, relation, subject))
    rng.shuffle(world.facts)
    return world


def _new_fact(
    rng: random.Random, world: World, relation: Relation, subject: str
) -> Fact:
    kind = relation.object_kind
    if kind is None:
        alike = [f for f in world.facts if f.relation is relation]
        if alike and rng.random() < 0.15:  # siblings share what they are made of
            shared = rng.choice(alike)
            return Fact(relation, subject, shared.object, shared.number)
        return Fact(relation, subject, *names.value(rng, relation.object))
    known = [n for n in world.entities.setdefault(kind, []) if n != subject]
    if known and rng.random() < 0.8:
        return Fact(relation, subject, rng.choice(known))
    name = _new_names(rng, world.domain, kind, 1)[0]
    world.entities[kind].append(name)
    return Fact(relation, subject, name)


def state(rng: random.Random, fact: Fact) -> str:
    """One sentence that states the fact."""
    return fill(rng.choice(fact.relation.statements), s=fact.subject, o=fact.object)


def _prose(rng: random.Random, facts: list[Fact], world: World) -> str:
    """Sentences; `It` for a subject that was just named, fillers between them."""
    sentences: list[str] = []
    last, head = None, ""
    if len({f.subject for f in facts}) == 1 and rng.random() < 0.25:
        last = facts[0].subject
        head = f"{rng.choice(('##', '###'))} {sentence(last)}\n\n"
    for fact in facts:
        if rng.random() < 0.25:
            sentences.append(rng.choice(_FILLER["sentences"]))
            last = None
        text = rng.choice(fact.relation.statements)
        personal = "{Person}" in str(
            world.domain.entities[fact.relation.subject]["names"]
        )
        if fact.subject == last and not personal and rng.random() < 0.6:
            text = re.sub(r"^\{s\} ", "It ", text)
        sentences.append(fill(text, s=fact.subject, o=fact.object))
        last = fact.subject
    if rng.random() < 0.25:
        sentences.append(rng.choice(_FILLER["sentences"]))
    return head + _join(rng, sentences)


def _join(rng: random.Random, sentences: list[str]) -> str:
    """One paragraph, or numbered ones as in a contract or a manual."""
    if rng.random() < 0.9:
        return " ".join(sentences)
    chapter, first = rng.randint(1, 12), rng.randint(1, 5)
    return "\n\n".join(
        f"{chapter}.{i} {text}" for i, text in enumerate(sentences, start=first)
    )


def _bullets(rng: random.Random, facts: list[Fact]) -> str:
    """A heading with the subject and a list of its values; facts share the subject."""
    mark = rng.choice("-*")
    lines = [f"{mark} {sentence(f.relation.noun)}: {f.object}" for f in facts]
    head = sentence(facts[0].subject)
    return "\n".join([rng.choice((head, f"## {head}", f"{head}:")), *lines])


def _rows(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    rule = ["---"] * len(head)
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, rule, *rows])


def _sheet(rng: random.Random, facts: list[Fact]) -> str:
    """A table of one subject, a row for each of its values."""
    subject = sentence(facts[0].subject)
    head = rng.choice((["", subject], [subject, ""], ["Item", subject]))
    return _rows(head, [[sentence(f.relation.noun), f.object] for f in facts])


def _table(rng: random.Random, facts: list[Fact], world: World) -> str:
    """A row for each subject; one column, or two where the world knows more of them."""
    relation = facts[0].relation
    columns = [relation]
    told = {(f.subject, f.relation.id): f.object for f in facts}
    for other in world.domain.relations:
        row = [(f.subject, other.id) for f in facts]
        if other.subject == relation.subject and other is not relation:
            values = {f.subject: f for f in world.facts if f.relation is other}
            if len(columns) < 3 and all(s in values for s, _ in row):
                columns.append(other)
                told |= {(s, other.id): values[s].object for s, _ in row}
    kind = sentence(world.domain.entities[relation.subject]["singular"])
    rng.shuffle(columns)
    subjects = list(dict.fromkeys(f.subject for f in facts))
    return _rows(
        [kind, *(sentence(c.noun) for c in columns)],
        [[s, *(told[s, c.id] for c in columns)] for s in subjects],
    )


def write_passage(rng: random.Random, facts: list[Fact], world: World) -> str:
    """A passage that states the facts: prose, a list or a table where they allow it.

    Without a fact it is a passage that tells nothing of the world.
    """
    draw = rng.random()
    if not facts:
        text = " ".join(rng.sample(_FILLER["sentences"], rng.randint(1, 4)))
    elif len({f.subject for f in facts}) == 1 and draw < 0.3:
        text = _bullets(rng, facts) if draw < 0.15 else _sheet(rng, facts)
    elif len({f.relation.id for f in facts}) == 1 and len(facts) > 1 and draw < 0.6:
        text = _table(rng, facts, world)
    else:
        text = _prose(rng, facts, world)
    if rng.random() < 0.1:
        text = f"## {rng.choice(_FILLER['headings'])}\n\n{text}"
    return text


def group_facts(rng: random.Random, world: World, n_passages: int) -> list[list[Fact]]:
    """The facts in at most `n_passages` groups: by subject, relation or at random."""
    facts = list(world.facts)
    how = rng.random()
    if how < 0.4:
        facts.sort(key=lambda f: f.subject)
    elif how < 0.6:
        facts.sort(key=lambda f: f.relation.id)
    cuts = sorted(rng.sample(range(1, len(facts)), min(n_passages, len(facts)) - 1))
    groups = [facts[a:b] for a, b in zip([0, *cuts], [*cuts, len(facts)], strict=True)]
    rng.shuffle(groups)
    return groups
