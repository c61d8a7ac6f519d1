"""How people ask: the wordings of phrasings.toml, divided among the splits.

Each list of wordings has a part for training, one for dev and one for the tests, so no
test question is asked in words that a training question used.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from .page import capital, load_text
from .schema import RELATIONS

# How many of a list's wordings are for train and for dev; the rest is for the tests.
_DIVISION = {3: (1, 1), 4: (2, 1), 6: (3, 1), 7: (3, 1)}
ROLES = ("train", "dev", "test")


def divide(wordings: Sequence[str], role: str) -> list[str]:
    """The wordings of a list that rows of the role ("train", "dev", "test") may use."""
    train, dev = _DIVISION[len(wordings)]
    cuts = {"train": (0, train), "dev": (train, train + dev), "test": (train + dev, 99)}
    return list(wordings[slice(*cuts[role])])


def name(kind: str, subject: str) -> str:
    """How a question names an entity: "the Corvane 92", "the Heron crew"."""
    if kind == "crew":
        return f"the {subject} crew"
    return f"the {subject}" if kind == "model" else subject


def enumerate_names(names: Sequence[str]) -> str:
    """ "A, B and C"."""
    return f"{', '.join(names[:-1])} and {names[-1]}"


def ask(relation: str, subject: str, role: str) -> list[str]:
    """Questions for the object of a relation."""
    named = name(RELATIONS[relation].subject_type, subject)
    wordings = divide(load_text("phrasings")["ask"][relation], role)
    return [capital(w.removeprefix("!").replace("{s}", named)) for w in wordings]


def ask_chain(relations: Sequence[str], subject: str, role: str) -> list[str]:
    """Questions that lead from the subject over several relations to a value."""
    texts = load_text("phrasings")
    phrases = [name(RELATIONS[relations[0]].subject_type, subject)]
    for relation in relations[:-1]:
        wordings = divide(texts["refer"][relation], role)
        phrases = [w.replace("{s}", p) for w, p in product(wordings, phrases)]
    last = [w for w in divide(texts["ask"][relations[-1]], role) if w[0] != "!"]
    return [capital(w.replace("{s}", p)) for w, p in product(last, phrases)]


def ask_extreme(
    shape: str, relation: str, names: Sequence[str], role: str
) -> list[str]:
    """Which of several has most ("most") or least ("least")."""
    texts = load_text("phrasings")
    frames = divide(texts["frame"]["most"], role)
    ends = divide(texts[shape][relation], role)
    listed = enumerate_names(names)
    return [
        capital(frame.replace("{list}", listed).replace("{vp}", end))
        for frame, end in product(frames, ends)
    ]


def ask_pair(shape: str, relation: str, names: Sequence[str], role: str) -> list[str]:
    """Two entities compared ("same", "difference") or taken together ("sum")."""
    wordings = divide(load_text("phrasings")[shape][relation], role)
    first, second = names
    return [capital(w.replace("{a}", first).replace("{b}", second)) for w in wordings]


def ask_about(shape: str, key: str, named: str, role: str) -> list[str]:
    """Questions of the other shapes about one entity ("count", "list", "summary")."""
    wordings = divide(load_text("phrasings")[shape][key], role)
    return [capital(w.replace("{s}", named)) for w in wordings]


def ask_order(unit: str, fault: str, role: str) -> list[str]:
    """Requests for a work order."""
    wordings = divide(load_text("phrasings")["work_order"]["order"], role)
    return [w.format(unit=unit, fault=fault) for w in wordings]
