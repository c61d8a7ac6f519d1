"""Names in texts: found by general patterns, one entity for all their spellings.

Nothing here knows the domain: a code has capitals, dashes and digits, a name begins
with capitals and is seen within a sentence. What a dictionary of the domain would add,
it would add on top.
"""

import calendar
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

Key = tuple[str, ...]  # words and figures of a name: ("ildnor", "112")
Block = tuple[Key, str]  # figures, and letters less one: candidates to be the same

CODE = re.compile(r"\b[A-Z]{1,4}(?:-\d+)+\b")  # F-1234, SB-2030-12
_RUN = re.compile(r"\b[A-Z]\w*(?: [A-Z]\w*)*(?: \d{2,4}\b)?")
_WITHIN = re.compile(r"[a-z,(\"] ?$")  # what stands before a name within a sentence
_PARTS = re.compile(r"[^\W\d_]+|\d+")
_ARTICLE = re.compile(r"(?i)^\s*(?:the|an?)\s+(?=\w)")
_POSSESSIVE = re.compile(r"(?i)(?<=\w)['\u2019]s?\s*$")
_CALENDAR = {*calendar.month_name[1:], *calendar.day_name}
_MIN_LETTERS = 7  # of a name in which one wrong letter is forgiven


def key(name: str) -> Key:
    """What makes a name itself: its words in lower case and its figures, in order.

    Case, dashes, an article before and a possessive after do not count; every figure
    does, so that siblings stay apart: "the ILDNOR-112's" is ("ildnor", "112"). Empty
    for a text without word or figure. First shown in
    notebooks/1_rag/06_knowledge_graph.
    """
    bare = _POSSESSIVE.sub("", _ARTICLE.sub("", name))
    return tuple(part.lower() for part in _PARTS.findall(bare))


def harvest(texts: Sequence[str]) -> Counter[str]:
    """Names and codes in the texts, with how often each comes.

    A name is a run of capitalised words, perhaps with a figure behind it, without the
    words before it that the texts also write small ("The Ildnor 112"). It counts when
    it has two words, or stands within a sentence at least once. Months and days are no
    names.
    """
    small = {word for text in texts for word in re.findall(r"\b[a-z]+\b", text)}
    found: Counter[str] = Counter()
    within: set[str] = set()
    for text in texts:
        found.update(CODE.findall(text))
        for run in _RUN.finditer(text):
            name, start = _trimmed(run[0], run.start(), small)
            if name and text[run.end() : run.end() + 1] != "-":
                found[name] += 1
                if start > run.start() or _WITHIN.search(
                    text, max(0, start - 2), start
                ):
                    within.add(name)
    kept = {name for name in found if name in within or _stands_alone(name)}
    return Counter({name: found[name] for name in found if name in kept})


def _trimmed(run: str, start: int, small: set[str]) -> tuple[str, int]:
    """The run without the common words at its head; "" if nothing is left."""
    words = run.split(" ")
    while words and (words[0].lower() in small or words[0] in _CALENDAR):
        start += len(words.pop(0)) + 1
    if not words or len(words[0]) < 3 or words[0].isdigit():
        return "", start
    return " ".join(words), start


def _stands_alone(name: str) -> bool:
    words = name.split(" ")
    return CODE.fullmatch(name) is not None or (
        len(words) > 1 and not words[1].isdigit()
    )


# One entity for all spellings ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """The known names; tells which of them a spelling or a text means.

    A known name is never joined with another, however near: siblings stay apart. A
    spelling that is *not* known may have one letter wrong, not one figure, where a
    single known name is that near. First shown in notebooks/1_rag/06_knowledge_graph.
    """

    names: Mapping[Key, str]  # how each entity was written first
    blocks: Mapping[Block, frozenset[Key]]  # names by figures and letters less one
    longest: int  # parts of the longest name

    @classmethod
    def of(cls, names: Iterable[str]) -> "Gazetteer":
        """From names as they were found; spellings with one key are one entity."""
        known: dict[Key, str] = {}
        for name in names:
            if own := key(name):
                known.setdefault(own, name)
        blocks: dict[Block, set[Key]] = defaultdict(set)
        for own in known:
            for block in _blocks(own):
                blocks[block].add(own)
        longest = max(map(len, known), default=0)
        return cls(known, {b: frozenset(own) for b, own in blocks.items()}, longest)

    def entity(self, name: str) -> Key | None:
        """The entity that a spelling means; None where no or several names are near."""
        own = key(name)
        return own if own in self.names else self._near(own)

    def find(self, text: str, forgive: bool = False) -> list[Key]:
        """The entities named in the text, each once, in their order, longest first.

        Args:
            forgive: where none is found, one letter of a name may be wrong.
        """
        parts = tuple(part.lower() for part in _PARTS.findall(text))
        found = self._spans(parts, lambda own: own if own in self.names else None)
        return found or (self._spans(parts, self._near) if forgive else [])

    def _spans(self, parts: Key, entity_of: Callable[[Key], Key | None]) -> list[Key]:
        found, start = [], 0
        while start < len(parts):
            for size in range(min(self.longest, len(parts) - start), 0, -1):
                if entity := entity_of(parts[start : start + size]):
                    found.append(entity)
                    start += size - 1
                    break
            start += 1
        return list(dict.fromkeys(found))

    def _near(self, own: Key) -> Key | None:
        near = {k for block in _blocks(own) for k in self.blocks.get(block, ())}
        return near.pop() if len(near) == 1 else None


def _blocks(own: Key) -> set[Block]:
    """The figures of a key with its letters, whole and each time less one letter."""
    letters = " ".join(part for part in own if not part.isdigit())
    figures = tuple(part for part in own if part.isdigit())
    if len(letters) < _MIN_LETTERS:
        return set()
    less = {letters[:i] + letters[i + 1 :] for i in range(len(letters))}
    return {(figures, text) for text in {letters, *less}}
