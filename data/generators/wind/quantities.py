"""Values with their units, as the documents write them."""

from __future__ import annotations

import random

NUMBER_WORDS = "no one two three four five six seven eight nine ten".split()


def in_words(count: int, noun: str, plural: str | None = None) -> str:
    """ "two technicians", "one piece", "12 turbines"."""
    word = NUMBER_WORDS[count] if count <= 10 else str(count)
    return f"{word} {noun if count == 1 else plural or noun + 's'}"


def euros(amount: int) -> str:
    """ "1,240 euros"."""
    return f"{amount:,} euros"


def decimal(value: float) -> str:
    """ "2.4", "12"."""
    return f"{value:.1f}".removesuffix(".0")


# relation: lowest, highest, step, unit, steps between siblings at most, sorted
QUANTITIES = {
    "rated_power": (2.0, 4.2, 0.1, "MW", 5, True),
    "hub_height": (82, 138, 0.5, "m", 24, True),
    "cut_in_wind_speed": (2.6, 4.2, 0.1, "m/s", 5, False),
    "cut_out_wind_speed": (21, 28, 0.5, "m/s", 5, False),
    "oil_volume": (180, 620, 5, "litres", 12, True),
    "oil_change_interval": (20, 54, 2, "months", 5, False),
    "blade_bolt_torque": (620, 1880, 5, "Nm", 16, False),
    "tower_bolt_torque": (1420, 3380, 10, "Nm", 16, False),
    "yaw_brake_pressure": (118, 186, 1, "bar", 9, False),
    "service_interval": (5, 12, 1, "months", 4, False),
    "accumulator_pressure": (62, 138, 1, "bar", 9, False),
    "minimum_service_temperature": (-26, -9, 1, "°C", 6, False),
    "service_wind_limit": (9, 14, 0.5, "m/s", 5, False),
    "grease_quantity": (320, 1380, 10, "g", 14, False),
    "brake_pad_limit": (3, 10, 0.5, "mm", 5, False),
    "crane_capacity": (260, 940, 10, "kg", 12, False),
    "generator_voltage": (480, 960, 10, "V", 6, False),
    "design_life": (20, 28, 1, "years", 4, False),
}  # fmt: skip
CONVERTER_PLACES = (
    "in the tower base", "on the first platform",
    "in the nacelle, behind the generator",
    "on the second platform", "in a container beside the tower",
    "in the nacelle, left of the gearbox", "below the entrance platform",
)  # fmt: skip


def near_quantity(relation: str, rng: random.Random, avoid: str) -> str:
    """A value of the relation that lies a few steps from `avoid`."""
    low, _, step, unit, spread, _ = QUANTITIES[relation]
    start = float(avoid.split()[0])
    steps = rng.choice([n for n in range(-spread, spread + 1) if n])
    value = start + step * steps
    return f"{decimal(value if value > low / 2 or low < 0 else start + step)} {unit}"


def sibling_quantities(relation: str, rng: random.Random) -> list[str]:
    """Three values that lie close together, mostly different."""
    low, high, step, unit, spread, ascending = QUANTITIES[relation]
    start = low + step * rng.randrange(max(1, round((high - low) / step) - spread))
    offsets = rng.sample(range(spread + 1), 3)
    if ascending:
        offsets.sort()
    elif rng.random() < 0.25:
        offsets[rng.randrange(3)] = offsets[0]
    return [f"{decimal(start + step * n)} {unit}" for n in offsets]


def in_weeks(count: int) -> str:
    """ "6 weeks"."""
    return "1 week" if count == 1 else f"{count} weeks"
