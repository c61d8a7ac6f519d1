"""Training conversations: every skill that the labs ask of a model.

A skill takes a random world and returns an `Example`: the chat messages of
`labs.prompts`, the reply, and what is needed to check another reply.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from labs import prompts

from . import names
from .asking import ask, chains, draw_question, read_world
from .worlds import Domain, Fact, World, fill, sample_world, sentence, state


@dataclass(slots=True)
class Example:
    """A conversation of one turn; `more` holds further turns on the same passages."""

    skill: str
    messages: prompts.Messages
    reply: str
    check: dict = field(default_factory=dict)
    more: list[tuple[str, str]] = field(default_factory=list)


def answer(
    rng: random.Random,
    domain: Domain,
    n_facts: int,
    turns: int = 1,
    n_passages: int | None = None,
) -> Example:
    """Questions on numbered passages, each answered briefly and with its citation."""
    reading = read_world(rng, domain, n_facts, n_passages or rng.randint(1, 6))
    asked = [draw_question(rng, reading) for _ in range(turns)]
    kind, question, reply = asked[0]
    messages = prompts.answer(question, reading.passages)
    more = [(f"Question: {q}", r) for _, q, r in asked[1:]]
    return Example(kind, messages, reply, {"question": question}, more)


# --- the other skills ---


def closed_book(rng: random.Random, domain: Domain, n_facts: int) -> Example:
    fact = rng.choice(sample_world(rng, domain, 3).facts)
    return Example(
        "closed_book", prompts.answer_closed_book(ask(rng, fact)), prompts.DO_NOT_KNOW
    )


def write_question(rng: random.Random, domain: Domain, n_facts: int) -> Example:
    reading = read_world(rng, domain, rng.randint(1, min(n_facts, 5)), 1)
    fact = rng.choice(reading.world.facts)
    reply = f"Question: {ask(rng, fact)}\nAnswer: {fact.object}"
    facts = [(f.subject, f.object, f.relation.noun) for f in reading.world.facts]
    return Example(
        "write_question",
        prompts.write_question(reading.passages[0]),
        reply,
        {"facts": facts},
    )


def rewrite(rng: random.Random, domain: Domain, n_facts: int) -> Example:
    fact = rng.choice(sample_world(rng, domain, 2).facts)
    before, after = rng.sample(fact.relation.questions, 2)
    messages = prompts.rewrite_question(fill(before, s=fact.subject))
    return Example(
        "rewrite", messages, fill(after, s=fact.subject), {"subject": fact.subject}
    )


def broaden(rng: random.Random, domain: Domain, n_facts: int) -> Example:
    fact = rng.choice(sample_world(rng, domain, 2).facts)
    reply = f"What is known about {fact.subject}?"
    return Example("broaden", prompts.broaden_question(ask(rng, fact)), reply)


def decompose(rng: random.Random, domain: Domain, n_facts: int) -> Example:
    """A chain in its two steps, a comparison in its two sides, a lookup as it is."""
    draw = rng.random()
    question, parts, named = (
        _split_comparison(rng, domain)
        if draw < 0.3
        else _split_chain(rng, sample_world(rng, domain, 6), keep=draw > 0.85)
    )
    reply = "\n".join(f"{i}. {part}" for i, part in enumerate(parts, start=1))
    messages = prompts.decompose_question(question)
    return Example("decompose", messages, reply, {"named": named})


def _split_comparison(
    rng: random.Random, domain: Domain
) -> tuple[str, list[str], list[str]]:
    """A question, its parts, and what each part must name."""
    relation = rng.choice([r for r in domain.relations if r.more])
    patterns = domain.entities[relation.subject]["names"]
    pattern = rng.choice(patterns)
    sides = [names.entity_name(rng, pattern, domain.words) for _ in range(2)]
    template = rng.choice(relation.questions)
    question = fill(rng.choice(relation.more + relation.less), a=sides[0], b=sides[1])
    return question, [fill(template, s=side) for side in sides], sides


def _split_chain(
    rng: random.Random, world: World, keep: bool
) -> tuple[str, list[str], list[str]]:
    pairs = chains(world)
    if keep or not pairs:
        fact = rng.choice(world.facts)
        question = ask(rng, fact)
        return question, [question], [fact.subject]
    first, second = rng.choice(pairs)
    template = rng.choice(second.relation.questions)
    np = fill(first.relation.np, s=first.subject)
    question = fill(template, s=np[:1].lower() + np[1:])
    return question, [ask(rng, first), fill(template, s="#1")], [first.subject, "#1"]


def hypothetical(rng: random.Random, domain: Domain, n_facts: int) -> Example:
    fact = rng.choice(sample_world(rng, domain, 2).facts)
    messages = prompts.hypothetical_passage(ask(rng, fact))
    return Example(
        "hypothetical", messages, state(rng, fact), {"subject": fact.subject}
    )


def _wording(fact: Fact, passage: str) -> str | None:
    """The statement that the passage makes of the fact; none in a list or a table."""
    for template in fact.relation.statements:
        for said in (template, re.sub(r"^\{s\} ", "It ", template)):
            if fill(said, s=fact.subject, o=fact.object) in passage:
                return template
    return None


_PREPOSITION = re.compile(r"\b(of|for|to|on|at|in|by|with|from|under|about) *$", re.I)


def as_triple(fact: Fact, passage: str) -> str:
    """The fact in the passage's order, with the passage's words between its ends.

    What a relation is called cannot be known in a domain never seen; what the passage
    says can be copied. In a list or a table that is the relation's noun.
    """
    ends = {"s": fact.subject, "o": fact.object}
    first, words, second = "s", fact.relation.noun, "o"
    if template := _wording(fact, passage):
        head, first, middle, second, tail = re.split(r"\{([so])\}", template)
        words = f"{_PREPOSITION.sub('', head)}{middle}".strip(" ,.") or tail.strip(" .")
        words = " ".join(words.split())
        words = words[:1].lower() + words[1:]
    return f"{ends[first]} | {words} | {ends[second]}"


def triples(rng: random.Random, domain: Domain, n_facts: int) -> Example:
    reading = read_world(rng, domain, rng.randint(1, min(n_facts, 5)), 1)
    text = reading.passages[0]
    order = sorted(reading.world.facts, key=lambda f: text.find(f.object))
    reply = "\n".join(as_triple(fact, text) for fact in order)
    ends = [(fact.subject, fact.object) for fact in order]
    return Example("triples", prompts.extract_triples(text), reply, {"ends": ends})


def _topic(rng: random.Random, world: World) -> tuple[str, list[Fact]]:
    subject = rng.choice(world.facts).subject
    return subject, world.about(subject)


def summarise(rng: random.Random, domain: Domain, n_facts: int) -> Example:
    reading = read_world(rng, domain, n_facts, rng.randint(1, 4))
    subject, facts = _topic(rng, reading.world)
    facts.sort(key=lambda f: reading.place[f])
    template = (
        "Summarise what is known about {s}."
        if rng.random() < 0.5
        else "What do the documents say about {s}?"
    )
    reply = " ".join(
        fill(f.relation.statements[0], s=f.subject, o=f.object) for f in facts[:5]
    )
    messages = prompts.summarise(fill(template, s=subject), reading.passages)
    return Example(
        "summary", messages, reply, {"objects": [f.object for f in facts[:5]]}
    )


_FORMS = (
    "record",
    "repair slip",
    "order form",
    "transfer note",
    "inspection sheet",
    "job card",
)


def form(rng: random.Random, domain: Domain, n_facts: int) -> Example:
    reading = read_world(rng, domain, n_facts, rng.randint(1, 4))
    subject, facts = _topic(rng, reading.world)
    kind = domain.entities[facts[0].relation.subject]["singular"]
    rows = [(kind, subject)] + [(f.relation.noun, f.object) for f in facts]
    rows += [
        (b.relation.noun, b.object)
        for a in facts
        for b in reading.world.about(a.object)
    ]
    rows = list({k: (k, v) for k, v in rows}.values())[:7]
    title = rng.choice(_FORMS)
    request = fill(
        rng.choice(
            (
                f"Write the {title} for {{s}}.",
                f"{{s}} needs attention. Write the {title}.",
                f"Fill in the {title} of {{s}}.",
            )
        ),
        s=subject,
    )
    fields = [sentence(k) for k, _ in rows]
    reply = "\n".join([title.upper(), *(f"{sentence(k)}: {v}" for k, v in rows)])
    return Example("form", prompts.fill_form(request, fields, reading.passages), reply)


def _wrong_object(rng: random.Random, world: World, fact: Fact) -> str:
    rivals = [
        f.object
        for f in world.facts
        if f.relation is fact.relation and f.object != fact.object
    ]
    if rivals and rng.random() < 0.6:
        return rng.choice(rivals)
    for _ in range(20):
        spec = fact.relation.object
        if "kind" in spec:
            other = names.value(rng, spec)[0]
        else:
            pattern = rng.choice(world.domain.entities[spec["entity"]]["names"])
            other = names.entity_name(rng, pattern, world.domain.words)
        if other != fact.object:
            return other
    return prompts.REFUSAL


def _dress(rng: random.Random, value: str) -> str:
    """An answer as a model might word it."""
    return rng.choice(
        (value, value, f"{value} [{rng.randint(1, 4)}]", f"It is {value}.", f"{value}.")
    )


def grade_reference(rng: random.Random, domain: Domain, n_facts: int) -> Example:
    world = sample_world(rng, domain, 4)
    fact = rng.choice(world.facts)
    draw = rng.random()
    given = fact.object if draw < 0.5 else _wrong_object(rng, world, fact)
    if draw > 0.92:
        given = prompts.REFUSAL
    right = given == fact.object
    reason = (
        f"right: both say {given}."
        if right
        else f"wrong: the reference says {fact.object}."
    )
    messages = prompts.grade_against_reference(
        ask(rng, fact), fact.object, _dress(rng, given)
    )
    return Example("grade_reference", messages, reason)


def grade_passage(rng: random.Random, domain: Domain, n_facts: int) -> Example:
    reading = read_world(rng, domain, rng.randint(1, min(n_facts, 5)), 1)
    fact = rng.choice(reading.world.facts)
    right = rng.random() < 0.5
    given = fact.object if right else _wrong_object(rng, reading.world, fact)
    reason = (
        f"right: the passage says {given}."
        if right
        else f"wrong: the passage says {fact.object}."
    )
    messages = prompts.grade_against_passage(
        ask(rng, fact), reading.passages[0], _dress(rng, given)
    )
    return Example("grade_passage", messages, reason)


def choose(rng: random.Random, domain: Domain, n_facts: int) -> Example:
    reading = read_world(rng, domain, rng.randint(1, min(n_facts, 5)), 1)
    fact = rng.choice(reading.world.facts)
    good, bad = _dress(rng, fact.object), _wrong_object(rng, reading.world, fact)
    bad = prompts.REFUSAL if rng.random() < 0.2 else _dress(rng, bad)
    first_wins = rng.random() < 0.5
    pair = (good, bad) if first_wins else (bad, good)
    reply = f"{'A' if first_wins else 'B'}: the passage says {fact.object}."
    return Example(
        "choose",
        prompts.choose_better(ask(rng, fact), reading.passages[0], *pair),
        reply,
    )


SKILLS: dict[str, tuple[float, Callable[..., Example]]] = {
    "answer": (130, answer),
    "closed_book": (4, closed_book),
    "write_question": (10, write_question),
    "rewrite": (3, rewrite),
    "broaden": (1, broaden),
    "decompose": (6, decompose),
    "hypothetical": (2, hypothetical),
    "triples": (14, triples),
    "summary": (6, summarise),
    "form": (8, form),
    "grade_reference": (6, grade_reference),
    "grade_passage": (8, grade_passage),
    "choose": (6, choose),
}


def draw_example(
    rng: random.Random, domain: Domain, n_facts: int, turns: int = 1
) -> Example:
    """An example of a skill drawn by weight."""
    weights = [weight for weight, _ in SKILLS.values()]
    name = rng.choices(list(SKILLS), weights)[0]
    if name == "answer":
        return answer(rng, domain, n_facts, turns)
    return SKILLS[name][1](rng, domain, n_facts)
