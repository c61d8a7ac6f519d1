"""Invented names and codes, unique across a world of any size.

A `Namer` is used by one world; regions draw from it in order, so the first region
has the same names at every scale.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Sequence


class Deck:
    """Deals items in random order; a new shuffle begins when all are dealt."""

    def __init__(self, items: Sequence, rng: random.Random) -> None:
        self._items = list(items)
        self._rng = rng
        self._left: list = []

    def draw(self, fits: Callable[..., bool] = lambda item: True):
        """The next item that fits; the others keep their places."""
        for _ in range(2):
            for at in reversed(range(len(self._left))):
                if fits(self._left[at]):
                    return self._left.pop(at)
            fresh = self._items[:]
            self._rng.shuffle(fresh)
            self._left = fresh
        raise ValueError(f"none of {len(self._items)} items fits")


def _join(*parts: str) -> str:
    """Joined syllables, without three equal letters in a row at a seam."""
    word = parts[0]
    for part in parts[1:]:
        same = word[-1] == part[0] and (word[-2:-1] == part[0] or word[-1] in "aeiou")
        word += part[1:] if same else part
    return word


FAMILY_HEADS = """
Cor Vel Ther Mar Sol Dun Bra Kes Lor Nav Pel Quil Ros Sar Tav Var Wyn Yar Zel Hal
Jor Fen Gar Cal Bel Ast Rhun Ild Osk Tren
""".split()
FAMILY_TAILS = """
vane rion dair quist moss lith tane bray mire stral wen dris nor thane lune kar selt
phane drel mont
""".split()
STEMS = """
Ulv Brask Drenn Kelv Mosk Narv Pell Quarn Resk Skarn Tolv Vark Yarl Hask Jarn Lusk
Fask Gress Elg Orm Hess Vesk Uld Tarr Brunn Korb Anst Dask Emm Irv Nesk Oll Prill
Rusk Stell Tusk Umm Wask Yell Birr Crosk Dovr Ertz Flann Gorv Hult Imb Joll Krann
Lott
""".split()
PARK_MIDDLES = """
el er en ow ing ick ane ard oss ett um ar esk ley in om
""".split()
FEATURES = """
Moor Ridge Bank Fell Heath Point Sands Down Rise Edge Common Flats Head Hollow Marsh
Brae Scar Wold Bight Knoll
""".split()
TOWN_TAILS = """
wick holm stead mouth bridge haven minster thorpe gate combe marsh stoke weir hythe
cross worth quay lock
""".split()
DISTRICT_TAILS = """
land mark dale wold shire strand
""".split()
FIRST_NAMES = """
Nora Tomas Ines Bram Hedda Karel Mirte Joris Alva Pavel Sunniva Egon Liv Marten Orla
Ruben Saskia Teun Ulla Viggo Wanda Yorick Zita Anselm Berit Casper Dagny Eskil Fenna
Goran Hilde Ivo Jytte Konrad Lotte Milos Nele Oskar Petra Quirin Ragna Stijn Tilde
Urs Vera Wim Ylva Zoran Agnes Birger Carla Detlef Ebba Floris Greta Henrik Ida Jelle
Katrin Lasse Maud Niels Olga Piet Rika Sander Thea Volker
""".split()
SURNAME_HEADS = """
Vester Bol Hage Kroon Lind Mar Nyk Oster Pal Rav Sol Tam Ulver Vind Wester Zon Aker
Brun Dal Eber Fal Gar Holl Isak Jans Kamp Lom Mek Nor Ost Prag Ros
""".split()
SURNAME_TAILS = """
gard strand mans berg hof lund vik stra felt mark holt beek rud aker quist ney sma
nes wald kerk
""".split()
BIRDS = """
Heron Curlew Plover Gannet Kestrel Dunlin Osprey Petrel Merlin Avocet Sandpiper
Lapwing Kittiwake Redshank Fulmar Godwit Harrier Teal Wigeon Siskin Dipper Linnet
Pipit Wagtail Goshawk Shearwater Whimbrel Eider Turnstone Wheatear Stonechat Skua
Pochard Goldeneye Sanderling Ruff Knot Crane Bittern Nightjar
""".split()
COLOURS = """
Grey Little Northern White Great Black Western Common Spotted Red Eastern Brown
Silver Lesser Crested Golden Southern Pied Green Blue Winter Summer
""".split()
PRODUCT_HEADS = """
Tars Nord Lubr Kinet Ferr Visc Aquam Glid Borv Selm Metr Dorv Durv Frict Gelm Hydr
Ixt Lamm Nylt Ostr
""".split()
PRODUCT_TAILS = """
ol ax ene or ium ova une ado eon yl ex an
""".split()
SIDES = """
Upper Nether East West Old Far Great Little
""".split()
PARTS = {
    "stem": STEMS, "middle": PARK_MIDDLES, "feature": FEATURES, "side": SIDES,
    "town": TOWN_TAILS, "district": DISTRICT_TAILS, "first_name": FIRST_NAMES,
    "surname_head": SURNAME_HEADS, "surname_tail": SURNAME_TAILS, "bird": BIRDS,
    "colour": COLOURS, "adjective": ["er"], "family_head": FAMILY_HEADS,
    "family_middle": ["a", "o", "i"], "family_tail": FAMILY_TAILS,
    "product_head": PRODUCT_HEADS, "product_tail": PRODUCT_TAILS,
}  # fmt: skip


class Namer:
    """Draws names and codes, each at most once."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(f"wind/names/{seed}")
        self._used: set[str] = set()
        self._digits: dict[str, int] = {}
        self._codes: dict[str, int] = {}
        self._serials: dict[str, int] = {}

    def unique(self, *makers: Callable[[], str]) -> str:
        """The first unused draw; later makers (longer names) come after 40 misses.

        Raises:
            ValueError: every maker draws only names that are taken.
        """
        for maker in makers:
            for _ in range(40):
                name = maker()
                if name not in self._used:
                    self._used.add(name)
                    return name
        raise ValueError("names have run out: give Namer.unique a longer maker")

    def _words(self, pattern: str) -> Callable[[], str]:
        """Draws of a pattern: "{stem+town} {trade}" joins within braces."""

        def draw() -> str:
            return re.sub(r"\{([a-z_+]+)\}", self._group, pattern)

        return draw

    def _group(self, match: re.Match) -> str:
        return _join(*(self.rng.choice(PARTS[key]) for key in match[1].split("+")))

    def family(self) -> str:
        """A turbine family: "Corvane"."""
        long = "{stem+family_middle+family_tail}"
        return self.unique(self._words("{family_head+family_tail}"), self._words(long))

    def park(self) -> str:
        """A wind park: "Hessel Moor"."""
        return self.unique(self._words("{stem+middle} {feature}"))

    def prefix(self, park: str) -> str:
        """Two letters for a park's units, three where the pairs are used up."""
        first, second = park.split()
        tails = [second[0], *first[1:], *second[1:]]
        pairs = [first[0] + tail.upper() for tail in tails]
        letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
        triples = (first[0] + a + b for a in letters for b in letters)
        any_three = (a + b + c for a in letters for b in letters for c in letters)
        for candidate in itertools.chain(pairs, triples, any_three):
            if "prefix " + candidate not in self._used:
                self._used.add("prefix " + candidate)
                return candidate
        raise ValueError("unit prefixes have run out")

    def town(self) -> str:
        """A town: "Moskbridge"."""
        patterns = ("{stem+town}", "{side} {stem+town}", "{stem+middle+town}",
                    "{side} {stem+middle+town}")  # fmt: skip
        return self.unique(*map(self._words, patterns))

    def district(self) -> str:
        """A district: "Varkland"."""
        patterns = ("{stem+district}", "{stem+middle+district}")
        return self.unique(*map(self._words, patterns))

    def person(self) -> str:
        """A person: "Nora Vestergard"."""
        short = "{first_name} {surname_head+surname_tail}"
        return self.unique(
            self._words(short), self._words(short + "-{surname_head+surname_tail}")
        )

    def company(self, trade: str) -> str:
        """A supplier: "Narvholm Bearings"."""
        patterns = ("{stem+town} " + trade, "{stem+middle} " + trade)
        pair = "{stem+middle} & {stem+middle} " + trade
        first = self.rng.choice(patterns)
        return self.unique(self._words(first), self._words(pair))

    def product(self, grades: Sequence[str]) -> str:
        """A lubricant or fluid: "Tarsol G 320"."""
        grade = self.rng.choice(grades)
        patterns = ("{product_head+product_tail} " + grade,
                    "{product_head+product_tail+product_tail} " + grade)  # fmt: skip
        return self.unique(*map(self._words, patterns))

    def crew(self) -> str:
        """A crew, named after a bird."""
        patterns = ("{bird}", "{colour} {bird}", "{stem+adjective} {bird}")
        return self.unique(*map(self._words, patterns))

    def code(self, prefix: str, digits: int) -> str:
        """An unused code such as "F-2317"; one digit more when half are taken."""
        width = self._digits.setdefault(prefix, digits)
        if self._codes.get(prefix, 0) * 2 > 9 * 10 ** (width - 1):
            width = self._digits[prefix] = width + 1
            self._codes[prefix] = 0
        low, high = 10 ** (width - 1), 10**width
        code = self.unique(lambda: prefix + str(self.rng.randrange(low, high)))
        self._codes[prefix] = self._codes.get(prefix, 0) + 1
        return code

    def serial(self, prefix: str) -> str:
        """The next number of a series: "SB-2031-07"."""
        number = self._serials[prefix] = self._serials.get(prefix, 0) + 1
        return f"{prefix}{number:02d}"

    def near_codes(self, prefix: str, digits: int, count: int) -> list[str]:
        """`count` codes in clusters that differ by one digit, or have two swapped."""
        codes: list[str] = []
        while len(codes) < count:
            code = self.code(prefix, digits)
            codes.append(code)
            for other in self._neighbours(code, prefix):
                if len(codes) < count and other not in self._used:
                    self._used.add(other)
                    self._codes[prefix] += 1
                    codes.append(other)
        return codes

    def _neighbours(self, code: str, prefix: str) -> list[str]:
        number = list(code[len(prefix) :])
        at = self.rng.randrange(1, len(number))
        changed = number[:]
        changed[at] = self.rng.choice([d for d in "0123456789" if d != number[at]])
        swapped = number[:]
        swapped[-1], swapped[-2] = swapped[-2], swapped[-1]
        return [prefix + "".join(n) for n in (changed, swapped)]
