"""Incident reports: told by different people, in different forms."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from ..names import Deck
from ..page import OPERATOR, Page, load_text, possessive
from ..region import SEASONS, Incident, Region

POOLS = (
    "opening", "travel", "suspicion", "complication", "people",
    "aftermath", "lesson", "control_room", "weather", "history", "desk", "road",
    "call", "extra", "later", "restart",
)  # fmt: skip
RENEWING = ("replaced", "fitted", "exchanged", "changed", "renewed", "installed")
DATED = (
    "On {date}, {unit} at {park} came to a stop.",
    "{unit} at {park} stopped on {date}.",
    "{code} is about {unit} at {park}, which went down on {date}.",
    "This is the account of what happened to {unit} at {park} on {date}.",
    "The machine: {unit} at {park}. The day: {date}.",
    "The stop of {unit} at {park} was entered on {date}.",
)


class Teller:
    """One report in the making: its page, its people, and decks of pieces."""

    def __init__(self, region: Region, incident: Incident, decks: dict[str, Deck]):
        code = incident.code
        self.rng = region.rng(f"incident/{code}")
        self.incident, self.decks, self.code = incident, decks, code
        unit = region.values[code, "incident_unit"]
        title = self.rng.choice((
            f"Incident report {code}: {unit}, {incident.park.name}",
            f"{code}: stop of {unit}",
            f"Incident {code} at {incident.park.name}",
            f"Report on incident {code}",
        ))  # fmt: skip
        self.page = Page(f"incident-{code.lower()}", title, "incident_report",
                         incident.date, region.values, self.rng)  # fmt: skip
        first, second = self.rng.sample(region.crew_members[incident.crew], 2)
        self.lead = region.values[incident.crew, "crew_lead"]
        self.slots = {
            "unit": unit, "park": incident.park.name, "crew": incident.crew,
            "component": incident.component, "code": code, "lead": self.lead,
            "first": first.split()[0], "second": second.split()[0],
            "possessive_second": possessive(second.split()[0]),
            "date": region.values[code, "incident_date"],
        }  # fmt: skip
        self.names = (first, second)
        downtime = region.values[code, "incident_downtime"]
        self.hours = int(downtime.split()[0])
        self.conditions = self._conditions(region.values)

    def piece(self, pool: str) -> str:
        """The next piece of a pool that fits the incident, filled in.

        A piece begins with its conditions, if it has any: "[winter long] Snow ...".
        """
        text = self.decks[pool].draw(self._fits)
        return text.rpartition("] ")[2].format(**self.slots)

    def _fits(self, piece: str) -> bool:
        tags = piece[1:].partition("]")[0].split() if piece.startswith("[") else ()
        return self.conditions.issuperset(tags)

    def _conditions(self, values) -> set[str]:
        month = int(self.incident.date[5:7])
        reset = values[values[self.code, "incident_fault"], "fault_reset"]
        first_word = values[self.code, "incident_action"].split()[0]
        return {
            "timed",
            "crew",
            SEASONS.get(month, "mild"),
            "long" if self.hours > 26 else "short",
            "remote" if reset == "remotely" else reset.partition(",")[0],
            "part" if first_word in RENEWING else "no part",
        }

    def tell(self, *relations: str) -> str:
        """Sentences for facts of the incident."""
        named = (f"incident_{name}" for name in relations)
        return " ".join(self.page.tell(self.code, name) for name in named)

    def downtime(self) -> str:
        """How long the unit stood still, with a reason where it was days."""
        return " ".join(filter(None, (self.waiting(), self.tell("downtime"))))

    def waiting(self) -> str:
        """Why it took days, if it did."""
        return self.piece("later") if self.hours >= 48 else ""

    def dated(self) -> str:
        """One sentence for unit and date."""
        text = self.rng.choice(DATED).format(**self.slots)
        for name in ("incident_unit", "incident_date"):
            self.page.note(self.code, name, text)
        return text

    def head(self, *relations: str) -> None:
        """A table of facts at the top."""
        names = [f"incident_{name}" for name in relations]
        labels = {"incident_fault": "Code", "incident_unit": "Unit",
                  "incident_date": "Date", "incident_downtime": "Downtime"}  # fmt: skip
        rows = [(labels[n], self.page.values[self.code, n]) for n in names]
        rows.append(self.rng.choice((("Crew", self.incident.crew),
                                     ("Reported by", self.lead),
                                     ("Weather", self.piece("weather")))))  # fmt: skip
        lines = self.page.table((self.code, ""), rows)
        for name, line in zip(names, lines[: len(names)], strict=True):
            self.page.note(self.code, name, line)

    def some(self, pool: str, chance: float) -> str:
        """A piece with this chance, otherwise nothing."""
        return self.piece(pool) if self.rng.random() < chance else ""

    def add(self, *parts: str) -> None:
        """A paragraph of these parts."""
        self.page.add(" ".join(part for part in parts if part))

    def signed(self) -> None:
        """The name of the writer."""
        who = self.rng.choice((self.lead, *self.names))
        self.page.add(self.rng.choice((who, f"{who}, {self.incident.crew} crew",
                                       f"Written by {who}")))  # fmt: skip


def write_incidents(region: Region) -> Iterator[Page]:
    """The incident reports of the region."""
    texts = load_text("incident")
    decks = {n: Deck(texts[n], region.rng(f"incident/{n}")) for n in POOLS}
    forms = Deck(FORMS, region.rng("incident/forms"))
    for incident in region.incidents:
        teller = Teller(region, incident, decks)
        forms.draw()(teller)
        yield teller.page


def _report(t: Teller) -> None:
    t.head("unit", "date", "fault", "downtime")
    t.page.heading(t.rng.choice(("What happened", "Sequence of events", "The stop")))
    t.add(t.piece("opening"), t.piece("control_room"))
    t.add(t.piece("travel"))
    t.page.heading(t.rng.choice(("What was found", "Finding", "Cause")))
    t.add(t.piece("suspicion"), t.incident.find, t.tell("cause"))
    t.page.heading(t.rng.choice(("What was done", "Repair", "Measures")))
    t.add(t.tell("action"), t.some("complication", 0.6), t.some("extra", 0.5))
    t.add(t.waiting(), t.some("aftermath", 0.7))
    t.page.heading(t.rng.choice(("Remarks", "For next time", "Suggestions")))
    t.add(t.piece("lesson"), t.some("people", 0.4))
    t.signed()


def _letter(t: Teller) -> None:
    t.add(t.rng.choice(("To the technical office", "For the file", "To all crews")))
    t.add(t.dated(), t.piece("opening"), t.tell("fault"))
    t.add(t.some("control_room", 0.5), t.piece("travel"), t.some("people", 0.4))
    t.add(t.piece("suspicion"), t.incident.find, t.tell("cause"))
    t.add(t.tell("action"), t.some("complication", 0.7), t.piece("extra"))
    t.add(t.downtime(), t.piece("aftermath"), t.some("lesson", 0.6))
    t.signed()


def _clock(step: int) -> str:
    """A time of day, counted in steps of five minutes: 80 is "06:40"."""
    return f"{step * 5 // 60 % 24:02d}:{step * 5 % 60:02d}"


def _start(rng: random.Random, hours: int) -> tuple[int, int]:
    """Stop and restart in steps of five minutes, both in the daytime."""
    while True:
        start = rng.randrange(62, 277)
        end = start + 12 * hours
        same_day = end < 288
        if 108 <= end % 288 <= 276 and same_day == (hours < 13):
            return start, end


def _entries(t: Teller, title: str, moments: list[str], start: int, end: int) -> None:
    moments = [moment for moment in moments if moment]
    steps = sorted(t.rng.sample(range(start, end), len(moments)))
    t.page.heading(title)
    lines = zip(steps, moments, strict=True)
    t.page.bullets([f"{_clock(step)} {text}" for step, text in lines])


def _log(t: Teller) -> None:
    t.conditions.discard("timed")
    t.add(t.dated())
    start, end = _start(t.rng, t.hours)
    before = [
        f"{t.piece('opening')} {t.tell('fault')}", t.piece("control_room"),
        f"{t.piece('road')} {t.piece('travel')}",
        f"At the {t.incident.component}. {t.piece('suspicion')}", t.incident.find,
    ]  # fmt: skip
    after = [t.tell("action"), t.some("complication", 0.6), t.piece("restart")]
    if end < 288:
        _entries(t, t.rng.choice(("Log", "Times")), before + after, start, end)
    else:
        titles = t.rng.choice((("First day", "Last day"), ("The stop", "The repair")))
        _entries(t, titles[0], before, start, min(start + 96, 287))
        _entries(t, titles[1], after, end - 54, end)
    t.page.heading(t.rng.choice(("Result", "In short", "Afterwards")))
    t.add(t.tell("cause"), t.downtime(), t.piece("aftermath"), t.some("lesson", 0.5))


def _operator(t: Teller) -> None:
    t.conditions.discard("crew")
    t.add(t.piece("opening"), t.dated(), t.tell("fault"))
    t.add(t.piece("control_room"), t.piece("desk"))
    t.add(t.piece("road"), t.piece("travel"))
    t.add(t.piece("call"), t.incident.find, t.tell("cause"))
    t.add(t.tell("action"), t.some("complication", 0.6))
    t.add(t.downtime(), t.piece("aftermath"))
    t.add(t.rng.choice(("Control room, late shift", "Control room, night shift",
                        f"For the control room of {OPERATOR}")))  # fmt: skip


def _questions(t: Teller) -> None:
    t.head("unit", "date")
    t.page.heading("What stopped?", 3)
    t.add(t.piece("opening"), t.tell("fault"))
    t.page.heading("Why?", 3)
    t.add(t.tell("cause"), t.incident.find)
    t.page.heading("What did we do?", 3)
    t.add(t.tell("action"), t.some("complication", 0.6), t.piece("extra"))
    t.add(t.some("people", 0.5))
    t.page.heading("What did it cost?", 3)
    t.add(t.downtime(), t.some("travel", 0.4))
    t.page.heading("What do we learn?", 3)
    t.add(t.piece("lesson"), t.some("aftermath", 0.5))


def _lesson_first(t: Teller) -> None:
    t.add(f"First of all: {_small(t.piece('lesson'))}" if t.rng.random() < 0.4
          else t.piece("lesson"), t.piece("history"))  # fmt: skip
    t.add(t.dated(), t.tell("fault"), t.some("control_room", 0.6))
    t.add(t.piece("travel"), t.piece("suspicion"), t.some("people", 0.5))
    t.add(t.incident.find, t.tell("cause", "action"))
    t.add(t.some("complication", 0.7), t.downtime(), t.piece("aftermath"))
    t.signed()


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _two_voices(t: Teller) -> None:
    t.conditions.discard("crew")
    t.head("unit", "date", "fault")
    t.page.heading("Control room")
    t.add(t.piece("opening"), t.piece("control_room"))
    t.page.heading(f"{t.incident.crew} crew")
    t.add(t.piece("travel"), t.piece("suspicion"), t.some("people", 0.4))
    t.add(t.incident.find, t.tell("cause"))
    t.add(t.tell("action"), t.some("complication", 0.5))
    t.page.heading("Technical office")
    t.add(t.piece("extra"), t.downtime(), t.piece("lesson"))


def _note(t: Teller) -> None:
    t.add(t.dated(), t.tell("fault", "cause"))
    t.add(t.incident.find, t.tell("action"), t.some("complication", 0.5), t.downtime())
    t.add(t.piece("aftermath"), t.some("lesson", 0.4))
    t.signed()


def _day(t: Teller) -> None:
    t.conditions.discard("timed")
    t.page.heading(t.rng.choice(("The morning", "Before", "The call")))
    t.add(t.dated(), f"The weather: {t.piece('weather')}.", t.piece("opening"))
    t.add(t.piece("travel"))
    t.page.heading(t.rng.choice(("In the nacelle", "On site", "The work")))
    t.add(t.tell("fault"), t.piece("suspicion"), t.incident.find)
    t.add(t.tell("action"), t.some("complication", 0.8), t.some("extra", 0.6))
    t.add(t.piece("people"))
    t.page.heading(t.rng.choice(("Afterwards", "The end of it", "Balance")))
    t.add(t.tell("cause"), t.downtime(), t.piece("aftermath"))
    t.signed()


FORMS: tuple[Callable[[Teller], None], ...] = (
    _report, _letter, _log, _operator, _questions, _lesson_first, _two_voices,
    _note, _day,
)  # fmt: skip
