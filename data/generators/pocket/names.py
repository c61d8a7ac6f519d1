"""Names and values of the training worlds: invented, none from `data/wind`."""

from __future__ import annotations

import random

_ONSETS = (
    "b br c ch cl cr d dr f fl fr g gl gr h j k kl kn kr l m n p pl pr r s sc sh sk sl "
    "sm sn sp st str t th tr v w y z"
).split()
_VOWELS = "a a a e e e i i o o u ai ea ee ei ie oa oo ou".split()
_CODAS = (
    "b ck d f g l ll lm ln lt m mp n nd ng nk nt p r rd rk rn rt s sk ss st t th x"
).split()
_ENDINGS = "a en er ey ic in is o on or um us y".split()
_PLACE_ENDINGS = (
    "bridge by combe dale den field ford ham hurst ley mere stead ton wick".split()
)
_COMPANY_ENDINGS = (
    "Ltd|& Sons|Works|Group|Trading|Systems|Partners|Industries|Brothers|Services|Co.|"
    "Supplies"
).split("|")
_COMMON = (
    "Acorn Anchor Arch Ash Beech Bell Birch Blue Brook Canal Castle Cedar Chalk "
    "Cliff Clover Corner Cross Crown Dawn Deep East Elm Falcon Fern Field First "
    "Forge Fox Garden Gate Glass Gold Green Grove Hall Harvest Hawk Hazel Heron "
    "High Hill Hollow Island Ivy King Lake Lantern Lime Lion Long Low Maple "
    "Market Meadow Mill Moon Moss New North Oak Old Olive Orchard Otter Park "
    "Pearl Pine Plain Pond Queen Red Reed Ridge River Rock Rose Round Sand Second "
    "Silver South Spring Star Stone Summer Swan Third Thorn Tower Upper Vale "
    "Victory Wall West White Willow Winter Wood Yellow"
).split()
_MONTHS = (
    "January February March April May June July August September October November "
    "December"
).split()


def invent_word(rng: random.Random) -> str:
    """A capitalised invented word of two or three syllables, such as `Brenlick`."""
    parts = [
        rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(rng.choice((1, 2, 2)))
    ]
    tail = (
        rng.choice(_CODAS)
        if rng.random() < 0.6
        else rng.choice(_CODAS) + rng.choice(_ENDINGS)
    )
    return ("".join(parts) + tail).capitalize()


def name_word(rng: random.Random, words: list[str]) -> str:
    """A word for a name: of the domain, common, or invented."""
    draw = rng.random()
    if draw < 0.25:
        return rng.choice(words)
    if draw < 0.45:
        return rng.choice(_COMMON)
    return invent_word(rng)


def person(rng: random.Random) -> str:
    return f"{invent_word(rng)} {invent_word(rng)}"


def company(rng: random.Random) -> str:
    first = invent_word(rng) if rng.random() < 0.7 else rng.choice(_COMMON)
    second = f" {rng.choice(_COMMON)}" if rng.random() < 0.2 else ""
    return f"{first}{second} {rng.choice(_COMPANY_ENDINGS)}"


def place(rng: random.Random) -> str:
    draw = rng.random()
    if draw < 0.5:
        return invent_word(rng) + rng.choice(_PLACE_ENDINGS)
    if draw < 0.75:
        return f"{rng.choice(_COMMON)} {invent_word(rng)}"
    return invent_word(rng)


def code(rng: random.Random, pattern: str | None = None) -> str:
    """`#` becomes a digit and `@` a capital letter."""
    if pattern is None:
        letters = "@" * rng.choice((1, 1, 2, 2, 3))
        pattern = (
            letters
            + rng.choice(("-", "-", "-", " ", ""))
            + "#" * rng.choice((2, 3, 4, 4, 5))
        )
    swap = {"#": "0123456789", "@": "ABCDEFGHJKLMNPRSTUVWXYZ"}
    return "".join(rng.choice(swap[c]) if c in swap else c for c in pattern)


def entity_name(rng: random.Random, pattern: str, words: list[str]) -> str:
    """Fill in a name pattern of a domain file."""
    makers = {
        "{Word}": lambda: name_word(rng, words),
        "{Person}": lambda: person(rng),
        "{Company}": lambda: company(rng),
        "{Place}": lambda: place(rng),
        "{n}": lambda: str(rng.randint(1, 99)),
        "{code}": lambda: code(rng),
    }
    for slot, make in makers.items():
        while slot in pattern:
            pattern = pattern.replace(slot, make(), 1)
    return pattern


def group_thousands(number: float, decimals: int = 0) -> str:
    """1234.5 as `1,234.5`."""
    return f"{number:,.{decimals}f}"


def in_units(number: float, spec: dict) -> str:
    """A number as an object specification words it: `1,234.5 litres`."""
    text = group_thousands(number, spec.get("decimals", 0))
    return f"{text} {spec['unit']}".strip()


def value(rng: random.Random, spec: dict) -> tuple[str, float | None]:
    """A value of an object specification: its wording and, if ordered, its number."""
    kind = spec["kind"]
    if kind in ("quantity", "money"):
        steps = int((spec["high"] - spec["low"]) / spec["step"])
        number = spec["low"] + spec["step"] * rng.randint(0, steps)
        return in_units(number, spec), number
    if kind == "date":
        year, month, day = (
            rng.randint(2015, 2039),
            rng.randint(1, 12),
            rng.randint(1, 28),
        )
        return f"{day} {_MONTHS[month - 1]} {year}", year * 372 + month * 31 + day
    if kind == "year":
        year = rng.randint(1880, 2039)
        return str(year), year
    if kind == "time":
        return f"{rng.randint(0, 23):02d}:{rng.choice(range(0, 60, 5)):02d}", None
    if kind == "code":
        return code(rng, spec.get("pattern")), None
    if kind in ("choice", "phrase"):
        return rng.choice(spec["values"]), None
    return {"person": person, "company": company, "place": place}[kind](rng), None
