"""Supplier contracts with numbered clauses."""

from __future__ import annotations

import random
from collections.abc import Iterator

from ..page import OPERATOR, Page, load_text
from ..region import Region


def write_contracts(region: Region) -> Iterator[Page]:
    """The contracts of the region."""
    for code in region.contracts:
        yield _contract(region, code)


def _contract(region: Region, code: str) -> Page:
    rng, values = region.rng(f"contract/{code}"), region.values
    supplier = values[code, "contract_supplier"]
    clauses = _clauses(values, code, rng)
    delay = 1 + [clause["key"] for clause in clauses].index("delay")
    values[code, "delay_clause"] = f"clause {delay}"
    year = int(values[code, "contract_start"].split()[-1]) - 1
    date = f"{year}-{rng.randrange(7, 13):02d}-{rng.randrange(1, 29):02d}"
    title = f"Contract {code} with {supplier}"
    page = Page(f"contract-{code.lower()}", title, "contract", date, values, rng)
    _preamble(page, code, region.name)
    for number, clause in enumerate(clauses, 1):
        _clause(page, code, number, clause)
    page.heading("Signatures")
    closing = rng.choice(load_text("contract")["closing"])
    page.add(f"{closing} {page.tell(code, 'contract_signatory')}")
    return page


def _preamble(page: Page, code: str, region: str) -> None:
    texts = load_text("contract")
    supplier = page.values[code, "contract_supplier"]
    slots = {"operator": OPERATOR, "supplier": supplier, "region": region}
    page.add(page.rng.choice(texts["preamble"]).format(**slots))
    page.add(page.tell(code, "contract_supplier"))
    recitals = page.rng.sample(texts["recital"], 2)
    page.add(" ".join(text.format(**slots) for text in recitals))


def _clauses(values, code: str, rng: random.Random) -> list[dict]:
    """The clauses that this contract has, in its own order."""
    every = load_text("contract")["clause"]
    clauses = [
        c
        for c in every
        if not (c.get("optional") and rng.random() < 0.6)
        and all((code, name) in values for name in c["facts"])
    ]
    middle = clauses[1:-2]
    rng.shuffle(middle)
    return [clauses[0], *middle, *clauses[-2:]]


def _clause(page: Page, code: str, number: int, clause: dict) -> None:
    rng = page.rng
    page.heading(f"{number}. {rng.choice(clause['titles'])}")
    facts = list(clause["facts"])
    if clause["key"] == "general":
        facts.append("delay_clause")
    stated = [page.tell(code, name) for name in facts]
    boilerplate = [rng.choice(group) for group in clause["texts"]]
    if rng.random() < 0.5 and len(clause["texts"][0]) > 2:
        more = [t for t in clause["texts"][0] if t not in boilerplate]
        boilerplate.append(rng.choice(more))
    lines = stated + boilerplate
    page.add(*(f"{number}.{n} {text}" for n, text in enumerate(lines, 1)))
