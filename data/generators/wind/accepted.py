"""Every right wording of a value: units, number words, dates, articles."""

from __future__ import annotations

import re
from datetime import date
from itertools import permutations

from .page import MONTHS
from .phrasings import enumerate_names
from .schema import ENTITY_TYPES, RELATIONS

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen "
    "fourteen fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
# Unit as documents write it: other ways to write it, the first spelt out.
_UNITS = {
    "MW": ("megawatts",),
    "m": ("metres", "meters"),
    "m/s": ("metres per second", "meters per second", "metres a second"),
    "Nm": ("newton metres", "newton meters", "N m"),
    "°C": ("degrees Celsius", "degrees", "degrees centigrade", "C"),
    "g": ("grams", "grammes"),
    "mm": ("millimetres", "millimeters"),
    "kg": ("kilograms", "kilogrammes", "kilos"),
    "V": ("volts",),
    "%": ("per cent", "percent"),
    "litres": ("l", "liters"),
    "minutes": ("min",),
    "hours": ("h",),
    "hour": ("h",),
    "euros": ("EUR",),
    "bar": (),
    "months": (),
    "weeks": (),
    "week": (),
    "days": (),
    "years": (),
    "technicians": ("people", "persons"),
    "technician": ("person",),
    "turbines": ("units", "machines"),
    "pieces": ("units",),
    "piece": ("unit",),
}
# A bare number is right when the question itself names the unit.
_NAMED = {
    "m": ("metre",),
    "m/s": ("metres per second",),
    "Nm": ("newton", "nm"),
    "MW": ("megawatt", "in mw"),
    "g": ("gram", "weight of grease"),
    "mm": ("millimetre",),
    "kg": ("kilogram",),
    "V": ("volt",),
    "°C": ("degree",),
    "%": ("per cent", "percentage"),
    "technicians": ("how many", "head count", "number of"),
    "turbines": ("how many", "number of"),
    "pieces": ("how many", "how few"),
}
_QUANTITY = re.compile(r"(-?[\d.,]+|[a-z]+) (\D+)")
_LARGER = {"minutes": (60, "hour"), "hours": (24, "day"), "months": (12, "year")}
_ENTITY_FORMS = {
    "model": ("the {}", "{}s"),
    "crew": ("the {} crew", "{} crew"),
    "procedure": ("procedure {}",),
    "part": ("part {}", "part number {}"),
    "fault": ("fault {}", "fault code {}"),
    "park": ("{} park", "at {}"),
    "unit": ("unit {}", "turbine {}"),
    "contract": ("contract {}",),
    "incident": ("incident {}", "report {}"),
    "bulletin": ("bulletin {}",),
    "supplier": (),
}
_CODE_WORDS = {
    "part_shelf": "shelf",
    "crew_extension": "extension",
    "supplier_account": "customer",
    "park_key_box": "code",
}


def number_word(number: int) -> str:
    """ "seventeen", "twenty-one"; figures from 100 on."""
    if not 0 <= number < 100:
        return f"{number:,}"
    if number < 20:
        return _SMALL[number]
    ten, one = divmod(number, 10)
    return _TENS[ten] + (f"-{_SMALL[one]}" if one else "")


def number_of(value: str) -> float:
    """The number in "2.4 MW", "two technicians", "1,240 euros", "2019"; days in dates.

    Raises:
        ValueError: there is none.
    """
    if re.fullmatch(r"\d+ [A-Z][a-z]+ \d{4}", value):
        return parse_date(value).toordinal()
    first = value.split()[0].replace(",", "")
    return _SMALL.index(first) if first in _SMALL else float(first)


def parse_date(text: str) -> date:
    """The date in "3 June 2030"."""
    day, month, year = text.split()
    return date(int(year), MONTHS.index(month) + 1, int(day))


def wordings_of(relation: str, value: str, question: str) -> list[str]:
    """Every right wording of a relation's object, its own first."""
    kind = RELATIONS[relation].object_type
    if kind in ENTITY_TYPES:
        return entity_wordings(kind, value)
    if kind in ("quantity", "count", "money"):
        return quantity_wordings(value, question)
    if kind == "date":
        return _unique(_dates(value))
    if kind == "time":
        return _unique(_hours(value))
    return _unique([value, *_phrases(relation, kind, value)])


def entity_wordings(kind: str, entity: str) -> list[str]:
    """An entity's name and how else an answer may give it."""
    return _unique([entity, *(form.format(entity) for form in _ENTITY_FORMS[kind])])


def quantity_wordings(value: str, question: str) -> list[str]:
    """ "2.4 MW", "2.4 megawatts", "2.4MW"; "two technicians", "2 technicians"."""
    number, unit = _QUANTITY.fullmatch(value).groups()
    figures = _figures(number)
    units = (unit, *_UNITS[unit])
    found = [value, *(f"{f} {u}" for u in units for f in figures)]
    found += [f"{figures[0]}{unit}"] if len(unit) <= 3 else []
    if unit == "euros":
        digits = [f for f in figures if f[0].isdigit()]
        found += [form for f in digits for form in (f"€{f}", f"EUR {f}")]
    if _is_named(unit, question):
        found += figures
    return _unique([*found, *_converted(number, unit)])


def _figures(number: str) -> list[str]:
    """ "1,240" and "1240"; "two" and "2"; "-18" and "minus 18"."""
    plain = number.replace(",", "")
    if plain in _SMALL:
        return [str(_SMALL.index(plain)), plain]
    if plain.startswith("-"):
        return [plain, f"minus {plain[1:]}", f"\N{MINUS SIGN}{plain[1:]}"]
    words = [number_word(int(plain))] if plain.isdigit() and int(plain) < 100 else []
    return _unique([plain, number, *words, plain.removesuffix(".0")])


def _is_named(unit: str, question: str) -> bool:
    asked = question.casefold()
    return any(word in asked for word in _NAMED.get(unit, (unit.rstrip("s"),)))


def _converted(number: str, unit: str) -> list[str]:
    """The same amount in another unit, where it comes out even."""
    plain = number.replace(",", "")
    if unit == "euros" and int(plain) >= 100_000:
        million = f"{int(plain) / 1e6:g} million"
        return [f"{million} euros", f"€{million}", f"EUR {million}"]
    if unit == "°C" and plain.startswith("-"):
        return [f"{plain[1:]} degrees below zero", f"{plain[1:]} °C below zero"]
    if unit == "MW":
        kilowatts = round(float(plain) * 1000)
        return [f"{kilowatts} kW", f"{kilowatts} kilowatts"]
    if unit == "g" and int(plain) >= 1000:
        return [f"{int(plain) / 1000:g} kg", f"{int(plain) / 1000:g} kilograms"]
    if unit not in _LARGER:
        return []
    return _in_larger(int(plain), *_LARGER[unit], unit)


def _in_larger(amount: int, size: int, larger: str, unit: str) -> list[str]:
    """ "2 hours", "two hours", "1 hour 30 minutes", "1.5 hours" from 90 minutes."""
    whole, rest = divmod(amount, size)
    if not whole:
        return []
    noun = larger + "s" * (whole > 1)
    counts = [f"{whole} {noun}", f"{number_word(whole)} {noun}"]
    if not rest:
        return counts
    small = unit if rest > 1 else unit.rstrip("s")
    mixed = [f"{counts[0]} {rest} {small}", f"{counts[0]} and {rest} {small}"]
    half = f"{number_word(whole)} and a half {larger}s"
    halves = [f"{whole}.5 {larger}s", half] if rest * 2 == size else []
    clock = [f"{whole} h {rest} min"] if unit == "minutes" else []
    return [*mixed, *halves, *clock]


def _dates(text: str) -> list[str]:
    day, month, year = text.split()
    suffix = "th" if day in ("11", "12", "13") else {
        "1": "st", "2": "nd", "3": "rd"
    }.get(day[-1], "th")  # fmt: skip
    iso = parse_date(text).isoformat()
    return [
        text, iso, f"{month} {day}, {year}", f"{day}{suffix} {month} {year}",
        f"{day}{suffix} of {month} {year}", f"{month} {day}{suffix}, {year}",
        f"{day} {month[:3]} {year}", f"on {text}", f"until {text}", f"by {text}",
    ]  # fmt: skip


def _hours(text: str) -> list[str]:
    """ "7:15 to 18:30" in the ways of writing a span of time."""
    start, end = text.split(" to ")
    full = [time.rjust(5, "0") for time in (start, end)]
    spans = [
        f"{a}{sign}{b}"
        for a, b in ((start, end), full)
        for sign in (" to ", " - ", "-", "\N{EN DASH}", " until ")
    ]
    return [
        text,
        *spans,
        f"from {text}",
        f"between {start} and {end}",
        f"from {start} until {end}",
        text.replace(":", "."),
        f"{_twelve(start)} to {_twelve(end)}",
    ]


def _twelve(time: str) -> str:
    hour, minute = time.split(":")
    half = "am" if int(hour) < 12 else "pm"
    return f"{(int(hour) - 1) % 12 + 1}:{minute} {half}"


def _phrases(relation: str, kind: str, value: str) -> list[str]:
    if relation in _CODE_WORDS:
        return [f"{_CODE_WORDS[relation]} {value}"]
    if relation == "delay_clause":
        return [value.removeprefix("clause "), value.replace("clause", "section")]
    if relation == "gearbox_ratio":
        return [value.replace(":", " to "), value.replace(":", " : ")]
    if relation == "park_substation":
        return [f"{value} substation", f"the {value} substation", f"at {value}"]
    if relation == "park_district":
        return [f"in {value}", f"the district of {value}", f"{value} district"]
    if kind == "place":
        return [f"in {value}"]
    if kind == "year":
        return [f"in {value}"]
    if kind in ("phrase", "choice"):
        return _articles(relation, value)
    return []


def _articles(relation: str, value: str) -> list[str]:
    if relation == "procedure_title":
        return [f'"{value}"']
    if relation == "fault_reset":
        return [f"it is reset {value}"]
    if relation == "incident_action":
        return [f"the crew {value}", f"they {value}", f"it {value}"]
    if relation == "converter_location":
        return [f"it is {value}", value.removeprefix("in ").removeprefix("on ")]
    bare = re.sub(r"^(a|an|the) ", "", value)
    return [bare, f"the {bare}"]


def list_wordings(entities: list[str], kind: str) -> list[str]:
    """Several entities in any order, with and without "and"."""
    found = []
    for order in permutations(entities):
        found += [enumerate_names(order), ", ".join(order)]
    return _unique(found)


def _unique(items: list[str]) -> list[str]:
    return list(dict.fromkeys(items))
