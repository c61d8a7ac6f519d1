"""Prices with unit, date and source, checked, and what they mean for a deployment.

`data/prices.toml` holds one entry for each name in `UNITS`. Units are not converted:
an entry in another one is refused, for a price per thousand tokens that is taken for
one per million is a thousandfold error that no result shows. First shown in
notebooks/3_benchmarking/04_cost_and_roi.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from labs import profiles
from labs.errors import LabsError
from labs.roi_terms import Plan, Prices

FILE = profiles.ROOT / "data" / "prices.toml"
UNITS = {
    "api_in": "per million tokens",
    "api_out": "per million tokens",
    "api_training": "per million tokens",
    "cpu": "per hour",
    "gpu": "per hour",
    "gpu_on": "hours per month",
    "gpu_speed": "times",
    "storage": "per GB-month",
    "person": "per hour",
    "setup_index": "hours",
    "update_index": "hours",
    "setup_training": "hours",
    "update_training": "hours",
    "setup_feedback": "hours",
    "minutes_saved": "minutes",
    "minutes_lost": "minutes",
}
DEPLOYMENTS = ("api", "hosted-gpu", "own-cpu")
_NEEDED = ("value", "low", "high", "unit", "date", "source")
_ENDS = ("value", "low", "high")
_MOST = 1e12  # what is above it is a slip of the keyboard


@dataclass(frozen=True, slots=True)
class Entry:
    """A price or another assumption, and where it is from."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    date: date
    source: str
    currency: str | None = None  # None for what is no money


@dataclass(frozen=True, slots=True)
class PriceTable:
    """All entries by name; all money is in one currency."""

    entries: Mapping[str, Entry]
    currency: str

    def __getitem__(self, name: str) -> Entry:
        if name not in self.entries:
            raise LabsError(
                f"There is no price {name!r}, expected one of {', '.join(UNITS)}."
            )
        return self.entries[name]


# Reading ------------------------------------------------------------------------------


def load(path: Path = FILE) -> PriceTable:
    """The table of a file.

    Raises:
        LabsError: no such file or no TOML; an entry that is unknown, missing, without
            unit, date or source, in another unit, negative or out of its own range;
            two currencies. The file and the entry are named.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:  # TOML's is a ValueError
        found = getattr(error, "strerror", None) or error
        raise LabsError(
            f"{path}: {found}. Expected a table of prices as data/prices.toml."
        ) from error
    entries = {name: _entry(f"{path}: {name}", name, v) for name, v in found.items()}
    if missing := [name for name in UNITS if name not in entries]:
        raise LabsError(f"{path}: the entry [{missing[0]}] is missing.")
    return PriceTable(entries, _one_currency(path, entries))


def _entry(where: str, name: str, values: Any) -> Entry:
    if name not in UNITS or not isinstance(values, dict):
        raise LabsError(
            f"{where} is no known entry, expected one of {', '.join(UNITS)}."
        )
    if lacking := [field for field in _NEEDED if values.get(field) in (None, "")]:
        raise LabsError(
            f"{where} has no {lacking[0]}. Expected {', '.join(_NEEDED)}: a price "
            "without a date and a source is a guess; if it is one, let the source say "
            "so."
        )
    if unknown := sorted(values.keys() - {field.name for field in fields(Entry)}):
        raise LabsError(f"{where} has a field {unknown[0]!r} that nothing reads.")
    _check_texts(where, values)
    _check_unit(where, name, values)
    _check_numbers(where, values)
    if type(values["date"]) is not date:
        raise LabsError(
            f"{where}: the date is {values['date']!r}, expected one such as 2026-11-22 "
            "without quotes."
        )
    return Entry(name, **values)


def _check_texts(where: str, values: Mapping[str, Any]) -> None:
    for name in ("source", "currency"):
        if not isinstance(values.get(name, ""), str):
            raise LabsError(
                f"{where}: the {name} is {values[name]!r}, expected text in quotes."
            )


def _check_unit(where: str, name: str, values: Mapping[str, Any]) -> None:
    if values["unit"] != UNITS[name]:
        raise LabsError(
            f"{where} is {values['unit']!r}, expected {UNITS[name]!r}: convert the "
            "figures and write that unit."
        )
    is_money = UNITS[name].startswith("per ")
    if is_money != bool(values.get("currency")):
        told = "has no currency" if is_money else "has a currency and is no money"
        raise LabsError(f"{where} {told} (unit {UNITS[name]!r}).")


def _check_numbers(where: str, values: Mapping[str, Any]) -> None:
    for end in _ENDS:
        value = values[end]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not 0 <= value <= _MOST:
            raise LabsError(
                f"{where}: {end} is {value!r}, expected a number of at least 0 (and at "
                f"most {_MOST:g})."
            )
    if not values["low"] <= values["value"] <= values["high"]:
        told = ", ".join(f"{end} {values[end]}" for end in ("low", "value", "high"))
        raise LabsError(f"{where}: {told}. Expected them in rising order.")


def _one_currency(path: Path, entries: Mapping[str, Entry]) -> str:
    first: dict[str, str] = {}
    for entry in entries.values():
        if entry.currency:
            first.setdefault(entry.currency, entry.name)
    if len(first) > 1:
        told = " and ".join(f"{currency} ({name})" for currency, name in first.items())
        raise LabsError(
            f"{path}: found {told}. Expected one currency: convert, and say in the "
            "source at which rate."
        )
    return next(iter(first))


# Use ----------------------------------------------------------------------------------


def prices(table: PriceTable, deployment: str, end: str = "value") -> Prices:
    """What is paid where the model runs behind an API, on a hosted GPU, or here.

    The index is searched on a CPU of one's own in every case. A hosted GPU is kept on:
    it is paid by the month, and what it answers and trains costs no more.

    Args:
        end: "value", "low" or "high".

    Raises:
        LabsError: there is no such deployment.
    """

    def of(name: str) -> float:
        return getattr(table[name], end)

    paid = {
        "api": {
            "per_million_in": of("api_in"),
            "per_million_out": of("api_out"),
            "per_million_trained": of("api_training"),
        },
        "hosted-gpu": {"per_service_month": of("gpu") * of("gpu_on")},
        "own-cpu": {"per_device_hour": of("cpu")},
    }
    if deployment not in paid:
        raise LabsError(
            f"Found the deployment {deployment!r}, expected one of "
            f"{', '.join(DEPLOYMENTS)}."
        )
    return Prices(
        per_gb_month=of("storage"),
        per_person_hour=of("person"),
        per_cpu_hour=of("cpu"),
        currency=table.currency,
        **paid[deployment],
    )


def ranges(table: PriceTable, deployment: str) -> dict[str, tuple[float, float]]:
    """Low and high of each field of `Prices` that is not certain, for `labs.roi`."""
    low, high = (prices(table, deployment, end) for end in ("low", "high"))
    names = [field.name for field in fields(Prices) if field.name != "currency"]
    ends = {name: (getattr(low, name), getattr(high, name)) for name in names}
    return {name: pair for name, pair in ends.items() if pair[0] != pair[1]}


def worth(table: PriceTable, minutes: str, end: str = "value") -> float:
    """Minutes of a person in money: "minutes_saved" or "minutes_lost"."""
    return getattr(table[minutes], end) / 60 * table["person"].value


def plan(table: PriceTable, **asked: float) -> Plan:
    """A plan whose answers are worth the minutes of the table."""
    values = {
        "value_right": worth(table, "minutes_saved"),
        "cost_wrong": worth(table, "minutes_lost"),
    }
    return Plan(**(values | asked))


def assumed(
    table: PriceTable, deployment: str, **asked: tuple[float, float]
) -> dict[str, tuple[float, float]]:
    """Low and high of all that is not certain: prices, worth, and fields of `Plan`.

    What a person's hour is worth moves the cost of people, not the worth of an answer:
    that has its own range, in minutes.

    Args:
        asked: ranges of the plan's volume and updates, by its fields.
    """
    minutes = {"value_right": "minutes_saved", "cost_wrong": "minutes_lost"}
    values = {
        name: (worth(table, entry, "low"), worth(table, entry, "high"))
        for name, entry in minutes.items()
    }
    return asked | values | ranges(table, deployment)
