"""From documents to training rows: what a model wrote is checked, doubles go, a card.

First shown in notebooks/2_finetuning/01_dataset.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from statistics import median
from typing import Any, Protocol, TypeVar

from labs import adapt, cache, leakage, metrics, prompts
from labs.finetune import IGNORED, Row, encode
from labs.models import Generates
from labs.retrieval import Chunk, Searcher

NOT_ANSWERED = "not answered again from its passage"


class Asks(Protocol):
    """A row with a question and an answer: a `Draft`, a `labs.corpus.Question`."""

    @property
    def question(self) -> str: ...
    @property
    def answer(self) -> str: ...


Asking = TypeVar("Asking", bound=Asks)

# Questions that a model writes --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draft:
    """A question that a model wrote on a passage, and what speaks against it."""

    passage: Chunk
    question: str
    answer: str
    dropped: str = ""  # the reason; empty: it may become a row


def drafts(
    passages: Sequence[Chunk], generator: Generates, index: Searcher
) -> list[Draft]:
    """A draft for each passage, after the round trip of `labs.adapt.why_not`.

    A reply without the form becomes a draft without question and answer.
    """
    asked = [prompts.write_question(passage.text) for passage in passages]
    found = []
    for passage, reply in zip(passages, generator.generate(asked, 48), strict=True):
        written = adapt.parse_written(reply)
        reason = adapt.why_not(written, passage, index)
        found.append(Draft(passage, *(written or ("", "")), reason))
    return found


def answered_again(drafts: Sequence[Draft], generator: Generates) -> list[Draft]:
    """The drafts; those that the model answers otherwise from the passage are dropped.

    Round-trip consistency (Alberti et al. 2019, arXiv 1906.05416). First shown in
    notebooks/2_finetuning/01_dataset.
    """
    left = [draft for draft in drafts if not draft.dropped]
    asked = [prompts.answer(draft.question, [draft.passage.text]) for draft in left]
    said = dict(zip(left, generator.generate(asked, 24), strict=True)) if left else {}
    return [
        draft
        if draft.dropped or metrics.exact_match(said[draft], [draft.answer])
        else replace(draft, dropped=NOT_ANSWERED)
        for draft in drafts
    ]


# Doubles ------------------------------------------------------------------------------


def names_in(question: str) -> frozenset[str]:
    """Its codes, figures and capitalised words; the first is a capital by its place.

    First shown in notebooks/2_finetuning/01_dataset.
    """
    first, *others = question.split() or [""]
    kept = [word for word in others if word[0].isupper()]
    kept += [w for w in (first, *others) if any(c.isdigit() for c in w)]
    return frozenset(word.strip(".,;:?!\"'()") for word in kept)


def overlap(a: str, b: str) -> float:
    """Content words in common, of all content words of both (Jaccard), from 0 to 1."""
    left, right = leakage.content_words(a), leakage.content_words(b)
    return len(left & right) / max(1, len(left | right))


def distinct(
    rows: Iterable[Asking], threshold: float = leakage.MAX_TOKEN_OVERLAP
) -> tuple[list[Asking], list[tuple[Asking, Asking]]]:
    """The rows that say something new, and each other one with what it repeats.

    A row repeats an earlier one that has the same answer, names the same things and
    shares at least `threshold` of the content words. First shown in
    notebooks/2_finetuning/01_dataset.
    """
    kept: list[Asking] = []
    doubles: list[tuple[Asking, Asking]] = []
    alike: dict[Any, list[Asking]] = {}
    for row in rows:
        same = (metrics.normalise(row.answer), names_in(row.question))
        others = alike.setdefault(same, [])
        near = [o for o in others if overlap(o.question, row.question) >= threshold]
        if near:
            doubles.append((row, near[0]))
        else:
            kept.append(row)
            others.append(row)
    return kept, doubles


# Labels, to look at -------------------------------------------------------------------

_TOKEN = (
    '<span title="label {}" style="display: inline-block; margin: 1px; padding: 0 3px; '
    'border-bottom: 3px solid {}; background: {}; color: #111">{}</span>'
)


def label_page(tokenizer: Any, example: Row) -> str:
    """HTML of a row's tokens; those with a label are blue and underlined."""
    shown = []
    for token, label in zip(*encode(tokenizer, example), strict=True):
        text = escape(tokenizer.decode([token])).replace("\n", "⏎")
        text = text.replace(" ", "·")  # a space that belongs to the token
        if label == IGNORED:
            shown.append(_TOKEN.format("none", "transparent", "#EEEEEE", text))
        else:
            shown.append(_TOKEN.format(label, "#0072B2", "#CFE8F7", text))
    key = "blue, underlined: has a label; grey: read, and left out of the loss"
    return f'<div style="line-height: 2">{"".join(shown)}<br><small>{key}</small></div>'


def show_labels(tokenizer: Any, example: Row) -> Any:
    """`label_page` as IPython's `HTML`."""
    from IPython.display import HTML

    return HTML(label_page(tokenizer, example))


# The card -----------------------------------------------------------------------------


def card(
    name: str,
    rows: Sequence[Row],
    lengths: Callable[[Row], tuple[int, int]],
    counts: dict[str, Any],
) -> str:
    """A dataset card in Markdown, all of it reckoned from the rows.

    After "Datasheets for Datasets" (Gebru et al. 2018, arXiv 1803.09010), as short as
    it can be. The digest is of the rows in their order.

    Args:
        lengths: of a row, its tokens and those of them that have a label.
        counts: what the rows do not tell themselves: origin, splits, seed, licence.

    Raises ValueError without rows.
    """
    if not rows:
        raise ValueError("a card needs at least one row")
    sizes = [lengths(row) for row in rows]
    tokens, labels = ([size[i] for size in sizes] for i in (0, 1))
    facts = {
        "rows": f"{len(rows):,}",
        "distinct prompts": f"{len({cache.key(row['prompt']) for row in rows}):,}",
        "tokens": f"{sum(tokens):,}, of which {sum(labels):,} have a label",
        "tokens a row": f"{min(tokens)} to {max(tokens)}, median {median(tokens):g}",
        "digest": cache.key(list(rows))[:16],
    }
    lines = [f"- **{key}**: {_told(value)}" for key, value in (facts | counts).items()]
    return "\n".join([f"### Dataset card: {name}", "", *lines])


def _told(value: Any) -> str:
    """A value on one line; of a counter its entries, the most frequent first."""
    if isinstance(value, Counter):
        return "; ".join(f"{key} ({n:,})" for key, n in value.most_common()) or "none"
    return str(value)
