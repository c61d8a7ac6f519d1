"""Does any test question, or the fact it asks for, stand in the training rows?

A score on questions that were trained on says nothing. Three things count as a leak:

1. a test question that stands in train or dev, but for case and punctuation;
2. a close paraphrase: the same answer is asked for, about the same thing, in nearly
   the same words (`MAX_TOKEN_OVERLAP`) or with nearly the same embedding
   (`MAX_COSINE`);
3. a fact of a `test_unseen_facts` row that a train or dev row touches in any role.

Rows of `test_seen_facts` share facts with train on purpose. What they may not share is
the wording, so for them only 1 and 2 apply.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from labs.errors import LabsError

# Content words in common, of all content words of both. One word exchanged in a
# question of six leaves 5/7 = 0.71 and is caught. Another wording for the same fact
# keeps the names, often a third of the words, and stays below (0.57 at most in three
# worlds).
MAX_TOKEN_OVERLAP = 0.70
# By all-MiniLM-L6-v2, the same words in another order, voice or tense have 0.944 or
# more, and other wordings for the same fact 0.93 at most (median 0.69).
MAX_COSINE = 0.94

SEEN = ("train", "dev")
TEST = ("test_seen_facts", "test_unseen_facts")
_CHUNK = 8192  # pairs compared at once
_STOP_WORDS = frozenset(
    "a an and are as at be been by can could do does did for from had has have how i "
    "if in is it its me must of on or our please should tell that the their them there "
    "these this to was we were what when where which who whom whose why will with "
    "would you your".split()
)
_WORD = re.compile(r"\w+(?:[.:'-]\w+)*")

Embed = Callable[[list[str]], np.ndarray]


class _Row(NamedTuple):
    id: str
    split: str
    question: str
    answer: str
    accepted: Sequence[str]
    facts: Sequence[str]


class Leak(NamedTuple):
    """A test row and the row of train or dev that gives it away."""

    test_id: str
    train_id: str
    reason: str
    similarity: float


class LeakageError(LabsError):
    """Test rows stand in train; the message shows the worst three."""


def find_leaks(questions: Iterable[Any], embed: Embed | None = None) -> list[Leak]:
    """Every leak from train and dev into the test splits, the worst first.

    `questions` are rows of questions.jsonl, as `labs.corpus.Question` or as dicts.
    `embed` turns texts into unit vectors (n, d); without it, paraphrases are found by
    their words alone. First shown in notebooks/1_rag/01_baseline.ipynb.
    """
    rows = [_row(question) for question in questions]
    seen = [row for row in rows if row.split in SEEN]
    test = [row for row in rows if row.split in TEST]
    if not seen or not test:
        return []
    unseen = [row for row in test if row.split == "test_unseen_facts"]
    equal = _equal_questions(test, seen)
    known = {(leak.test_id, leak.train_id) for leak in equal}
    close = [
        leak
        for leak in _paraphrases(test, seen, embed)
        if (leak.test_id, leak.train_id) not in known
    ]
    leaks = equal + close + _touched_facts(unseen, seen)
    return sorted(leaks, key=lambda leak: -leak.similarity)


def assert_no_leaks(questions: Iterable[Any], embed: Embed | None = None) -> None:
    """Pass in silence, or show the worst three leaks.

    Raises:
        LeakageError: a test row leaks.
    """
    rows = list(questions)
    leaks = find_leaks(rows, embed)
    if not leaks:
        return
    texts = {row.id: row.question for row in map(_row, rows)}
    shown = "\n".join(
        f"- {leak.reason} ({leak.similarity:.2f})\n"
        f"    {leak.test_id}: {texts[leak.test_id]}\n"
        f"    {leak.train_id}: {texts[leak.train_id]}"
        for leak in leaks[:3]
    )
    raise LeakageError(
        f"{len(leaks)} leak(s) from train or dev into the test splits; the worst:\n"
        f"{shown}\nTake those rows out of train, or out of the test."
    )


def _row(question: Any) -> _Row:
    if isinstance(question, Mapping):
        return _Row(*(question[name] for name in _Row._fields))
    return _Row(*(getattr(question, name) for name in _Row._fields))


# --- the three sorts ------------------------------------------------------------------


def _equal_questions(test: Sequence[_Row], seen: Sequence[_Row]) -> list[Leak]:
    pairs = _join(
        [[" ".join(words(row.question))] for row in test],
        [[" ".join(words(row.question))] for row in seen],
    )
    return [
        Leak(test[i].id, seen[j].id, "same question", 1.0) for i, j in pairs.tolist()
    ]


def _touched_facts(unseen: Sequence[_Row], seen: Sequence[_Row]) -> list[Leak]:
    pairs = _join([row.facts for row in unseen], [row.facts for row in seen])
    leaks = []
    for i, j in pairs.tolist():
        shared = sorted(set(unseen[i].facts) & set(seen[j].facts))
        reason = f"fact seen in {seen[j].split}: {', '.join(shared)}"
        leaks.append(Leak(unseen[i].id, seen[j].id, reason, 1.0))
    return leaks


def _paraphrases(test, seen, embed: Embed | None) -> list[Leak]:
    pairs = _same_request(test, seen)
    overlap = _overlaps(test, seen, pairs)
    leaks = _over(test, seen, pairs, overlap, MAX_TOKEN_OVERLAP, "same words")
    if embed is None or not len(pairs):
        return leaks
    cosine = _cosines(test, seen, pairs, embed)
    told = {(leak.test_id, leak.train_id) for leak in leaks}
    close = _over(test, seen, pairs, cosine, MAX_COSINE, "same meaning")
    return leaks + [leak for leak in close if (leak.test_id, leak.train_id) not in told]


def _over(test, seen, pairs, scores, threshold, reason) -> list[Leak]:
    return [
        Leak(test[i].id, seen[j].id, f"paraphrase: {reason}", float(score))
        for (i, j), score in zip(pairs.tolist(), scores, strict=True)
        if score >= threshold
    ]


# --- which pairs to compare -----------------------------------------------------------


def _same_request(test: Sequence[_Row], seen: Sequence[_Row]) -> np.ndarray:
    """Pairs that share an answer, and a fact or all of their names.

    "What is the hub height of the Corvane 92?" and the same of the Corvane 96 are as
    close as two questions can be, and neither answers the other.
    """
    answer = _join([_answers(row) for row in test], [_answers(row) for row in seen])
    facts = _join([row.facts for row in test], [row.facts for row in seen])
    named = _join([[_names(row)] for row in test], [[_names(row)] for row in seen])
    either = np.unique(np.concatenate([facts, named]), axis=0)
    width = len(seen)
    kept = np.isin(either @ [width, 1], answer @ [width, 1])
    return either[kept]


def _answers(row: _Row) -> list[str]:
    given = [row.answer, *row.accepted]
    return sorted({" ".join(words(text)) for text in given})


def _names(row: _Row) -> str:
    """What the question is about: its codes, numbers and capitalised words."""
    found = _WORD.findall(row.question)
    first = found[:1]
    names = [w for w in found[1:] if w[0].isupper() or any(c.isdigit() for c in w)]
    names += [w for w in first if any(c.isdigit() for c in w)]
    return " ".join(sorted(set(names)))


def _join(left: Sequence[Iterable], right: Sequence[Iterable]) -> np.ndarray:
    """Index pairs (n, 2) of the rows that have a key in common, each pair once."""
    numbers: dict[Any, int] = {}
    a = _entries(left, numbers)
    b = _entries(right, numbers)
    b = b[np.argsort(b[:, 1], kind="stable")]
    start = np.searchsorted(b[:, 1], a[:, 1], side="left")
    count = np.searchsorted(b[:, 1], a[:, 1], side="right") - start
    rows = np.repeat(a[:, 0], count)
    offsets = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    partners = b[np.repeat(start, count) + offsets, 0]
    return np.unique(np.stack([rows, partners], axis=1), axis=0)


def _entries(rows: Sequence[Iterable], numbers: dict[Any, int]) -> np.ndarray:
    """(row, number of the key) for every key of every row."""
    found = [
        (i, numbers.setdefault(key, len(numbers)))
        for i, keys in enumerate(rows)
        for key in keys
    ]
    return np.array(found, dtype=np.int64).reshape(-1, 2)


# --- how alike they are ---------------------------------------------------------------


def words(text: str) -> list[str]:
    """The words of a text in lower case; codes and decimals stay whole."""
    return [word.casefold() for word in _WORD.findall(text)]


def content_words(text: str) -> set[str]:
    """The words that carry the meaning, without plural endings."""
    kept = (word for word in words(text) if word not in _STOP_WORDS)
    return {_singular(word) for word in kept}


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


def _overlaps(test, seen, pairs: np.ndarray) -> np.ndarray:
    """Jaccard similarity (n,) of the content words of each pair."""
    numbers: dict[str, int] = {}
    a, a_size = _token_table(test, numbers, padding=-1)
    b, b_size = _token_table(seen, numbers, padding=-2)
    shared = np.zeros(len(pairs))
    for start in range(0, len(pairs), _CHUNK):
        i, j = pairs[start : start + _CHUNK].T
        equal = a[i][:, :, None] == b[j][:, None, :]
        shared[start : start + _CHUNK] = equal.any(2).sum(1)
    union = a_size[pairs[:, 0]] + b_size[pairs[:, 1]] - shared
    return shared / np.maximum(union, 1)


def _token_table(rows, numbers: dict[str, int], padding: int):
    """Token numbers (n, longest), filled up with `padding`, and their counts (n,)."""
    ids = [
        [numbers.setdefault(w, len(numbers)) for w in content_words(row.question)]
        for row in rows
    ]
    sizes = np.array([len(row) for row in ids])
    table = np.full((len(ids), max(1, sizes.max())), padding, dtype=np.int64)
    for line, row in zip(table, ids, strict=True):
        line[: len(row)] = row
    return table, sizes


def _cosines(test, seen, pairs: np.ndarray, embed: Embed) -> np.ndarray:
    vectors = np.asarray(embed([row.question for row in [*test, *seen]]))
    if vectors.ndim != 2 or len(vectors) != len(test) + len(seen):
        raise ValueError(
            f"embed returned an array of shape {vectors.shape}, expected one vector "
            f"for each of {len(test) + len(seen)} questions"
        )
    a, b = vectors[: len(test)], vectors[len(test) :]
    return np.concatenate(
        [
            np.einsum("nd,nd->n", a[i], b[j])
            for i, j in (pairs[n : n + _CHUNK].T for n in range(0, len(pairs), _CHUNK))
        ]
    )
