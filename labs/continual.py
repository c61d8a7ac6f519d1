"""Fine-tuning in rounds: replay, what is forgotten, and a gate for new adapters.

Training on new rows alone overwrites what earlier rounds taught (catastrophic
forgetting; McCloskey & Cohen 1989). Rows of earlier rounds mixed in hold it; a gate
lets an adapter pass only where measurement shows that it gained and kept.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from labs import cache, finetune, profiles
from labs.adapters import Adapter
from labs.errors import LabsError
from labs.finetune import IGNORED, Row
from labs.local import batches, left_pad
from labs.stats import Interval

Matrix = Sequence[Sequence[float]]  # [after round i][facts of round j], j <= i


# Rows ---------------------------------------------------------------------------------


def mix(
    new: Sequence[Row], earlier: Sequence[Row], n_rows: int, seed: int = 0
) -> list[Row]:
    """`n_rows` rows: the new ones, filled up with rows of `earlier` rounds.

    Without earlier rows the new ones come again, so that arms with and without replay
    take equally many steps. First shown in notebooks/2_finetuning/06_continuous.

    Raises:
        LabsError: no new rows, or more than `n_rows`.
    """
    if not 0 < len(new) <= n_rows:
        raise LabsError(
            f"Found {len(new)} new rows for a mix of {n_rows}. Expected at "
            "least one and at most that many: raise n_rows, or train on fewer."
        )
    pool, rng = earlier or new, random.Random(seed)
    mixed = list(new)
    while (left := n_rows - len(mixed)) > 0:  # every row once, before one comes again
        mixed += rng.sample(pool, min(left, len(pool)))
    return mixed


# What is kept -------------------------------------------------------------------------


def forgetting(matrix: Matrix) -> float:
    """How much worse the earlier rounds' facts are at the end than at their best.

    The mean over all rounds but the last of the best score before the end minus the
    score at the end (Chaudhry et al. 2018, arXiv 1801.10112); below zero where they
    got better. First shown in notebooks/2_finetuning/06_continuous.

    Args:
        matrix: row i holds the scores after round i on the facts of rounds 0 to i.

    Raises:
        LabsError: fewer than two rounds, or rows that do not grow by one.
    """
    if len(matrix) < 2 or [len(row) for row in matrix] != [
        i + 1 for i in range(len(matrix))
    ]:
        raise LabsError(
            f"Found rows of {[len(row) for row in matrix]} scores, expected 1, 2, ... "
            "of at least two rounds: after each round, one score for each so far."
        )
    *before, end = matrix
    drops = [
        max(row[j] for row in before if j < len(row)) - end[j]
        for j in range(len(end) - 1)
    ]
    return sum(drops) / len(drops)


# The gate -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an adapter is accepted, with a reason for each check."""

    accepted: bool
    reasons: tuple[str, ...]


def decide(
    gain: Interval, changes: Mapping[str, Interval], margins: Mapping[str, float]
) -> Decision:
    """Accept an adapter that is shown to gain, and shown not to lose too much.

    An interval that leaves a check open rejects: what was not shown is not so. First
    shown in notebooks/2_finetuning/06_continuous.

    Args:
        gain: candidate minus parent on the new facts, paired.
        changes: candidate minus parent on what must be kept, by name.
        margins: the loss that is still borne, by the same names.

    Raises:
        LabsError: a margin is missing or below zero.
    """
    if any(margins.get(name, -1) < 0 for name in changes):
        raise LabsError(
            f"Found the margins {dict(margins)}, expected one of at least 0 "
            f"for each of: {', '.join(changes)}."
        )
    checks = {f"new facts: {gain}, must be above 0": gain.low > 0}
    for name, change in changes.items():
        margin = margins[name]
        checks[f"{name}: {change}, must be above -{margin:g}"] = change.low > -margin
    reasons = [f"{'held' if ok else 'FAILED'}: {what}" for what, ok in checks.items()]
    return Decision(all(checks.values()), tuple(reasons))


# Reciting -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recital:
    """How a model fares with a reply that is laid in its mouth, token by token."""

    exact: bool  # each token is the likeliest: greedy decoding gives this very reply
    share: float  # of the tokens that are the likeliest
    loss: float  # nats a token


def recite(adapter: Adapter | None, rows: Sequence[Row]) -> list[Recital]:
    """One forward pass over each row in place of generating its reply.

    Kept by content, as answers are. First shown in
    notebooks/2_finetuning/06_continuous.

    Raises:
        LabsError: as `finetune.load`; an adapter of another base model.
    """
    base = finetune.base_fingerprint()
    if adapter:
        adapter.check_base(base)
    own = [base, adapter.key if adapter else None, profiles.current().dtype]
    keys = [cache.key([*own, row]) for row in rows]
    kept = cache.Cache("recitals").complete(
        keys, lambda missing: _recite(adapter, rows, missing)
    )
    return [Recital(**json.loads(value)) for value in kept]


def _recite(
    adapter: Adapter | None, rows: Sequence[Row], places: Sequence[int]
) -> Iterator[Mapping[int, bytes]]:
    tokenizer, model = _ready(adapter)
    encoded = [_up_to_end(tokenizer, rows[i]) for i in places]
    limit = profiles.current().batch_tokens
    for batch in batches([len(ids) for ids, _ in encoded], 0, limit):
        done = _forced(model, [encoded[i] for i in batch])
        yield {
            places[i]: json.dumps(asdict(one)).encode()
            for i, one in zip(batch, done, strict=True)
        }


def _up_to_end(tokenizer: Any, example: Row) -> tuple[list[int], list[int]]:
    """Ids and reply of a row, without what a template puts behind the end token."""
    ids, labels = finetune.encode(tokenizer, example)
    reply = [label for label in labels if label != IGNORED]
    if tokenizer.eos_token_id in reply:
        cut = len(reply) - 1 - reply.index(tokenizer.eos_token_id)
        ids, reply = ids[: len(ids) - cut], reply[: len(reply) - cut]
    return ids, reply


def _ready(adapter: Adapter | None) -> tuple[Any, Any]:
    tokenizer, model = finetune.load()
    if adapter:
        model = adapter.merged_into(model)
    return tokenizer, model.to(profiles.current().device).eval()


def _forced(
    model: Any, encoded: Sequence[tuple[list[int], list[int]]]
) -> list[Recital]:
    """Recitals of one batch of (ids, reply): all replies end at the right edge."""
    import torch

    replies = [reply for _, reply in encoded]
    rows, masks = left_pad([ids for ids, _ in encoded], 0)
    ids, mask = (torch.tensor(own, device=model.device) for own in (rows, masks))
    with torch.inference_mode():
        logits = model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=(mask.cumsum(dim=1) - 1).clamp(min=0),
            logits_to_keep=max(map(len, replies)) + 1,
        ).logits.float()
    # A token is foretold at the place before it.
    pairs = zip(logits, replies, strict=True)
    return [_judged(out[-len(reply) - 1 : -1], reply) for out, reply in pairs]


def _judged(logits: Any, reply: list[int]) -> Recital:
    """Of logits (n, vocabulary), and the n tokens that are wanted."""
    import torch

    wanted = torch.tensor(reply, device=logits.device)
    hits = (logits.argmax(dim=-1) == wanted).float()
    loss = torch.nn.functional.cross_entropy(logits, wanted)
    return Recital(bool(hits.all()), float(hits.mean()), float(loss))
