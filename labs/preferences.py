"""From votes to preferences: agreement, majorities, pairs for DPO, its loss.

First shown in notebooks/2_finetuning/04_human_feedback.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from labs.errors import LabsError
from labs.stats import Interval
from labs.votes import PERSON, SCRIPTED, Pair, Store, Vote, vote_on

_SLIP = {"first": "second", "second": "first", "tie": "both_bad", "both_bad": "tie"}


def dpo_loss(
    chosen: Any, rejected: Any, ref_chosen: Any, ref_rejected: Any, beta: float = 0.1
) -> Any:
    """The mean loss of direct preference optimisation (arXiv 2305.18290, equation 7).

    Args:
        chosen, rejected: the policy's log-probabilities (n,) of whole replies, torch.
        ref_chosen, ref_rejected: those of the frozen reference.
        beta: how dear it is to move away from the reference.
    """
    import torch

    margin = beta * ((chosen - ref_chosen) - (rejected - ref_rejected))
    return -torch.nn.functional.logsigmoid(margin).mean()


def log_probabilities(model: Any, tokenizer: Any, rows: Sequence[Any]) -> Any:
    """Log-probability (n,) of the completion of each training row, its tokens summed.

    One row at a time: nothing is padded. Without gradients.
    """
    import torch

    from labs.finetune import IGNORED, encode

    sums = []
    for row in rows:
        ids, labels = (torch.tensor(x).to(model.device) for x in encode(tokenizer, row))
        with torch.no_grad():
            logits = model(ids[None]).logits[0, :-1].float()
        told = logits.log_softmax(-1).gather(1, ids[1:, None])[:, 0]
        sums.append(told[labels[1:] != IGNORED].sum())
    return torch.stack(sums)


# Raters -------------------------------------------------------------------------------


def scripted_rater(
    pairs: Iterable[Pair],
    points: Callable[[Pair], tuple[int, int]],
    error_rate: float,
    name: str,
    seed: int = 0,
) -> list[Vote]:
    """Votes by a rule and with a stated share of slips; every one says SCRIPTED.

    More points are better; of equal points a tie, of none on either side both bad. A
    slip presses the neighbouring button: the other answer, tie for both bad.
    """
    rng = random.Random(f"{seed} {name}")
    votes = []
    for pair in pairs:
        choice = by_points(*points(pair))
        if rng.random() < error_rate:
            choice = _SLIP[choice]
        votes.append(vote_on(pair, choice, name, source=SCRIPTED))
    return votes


def by_points(first: int, second: int) -> str:
    """The vote that a rubric's points stand for."""
    if first == second:
        return "tie" if first else "both_bad"
    return "first" if first > second else "second"


def usable(
    people: Store, scripted: Store, pairs: Iterable[Pair], at_least: int = 20
) -> list[Vote]:
    """People's votes on these pairs where there are enough, else the scripted ones."""
    asked = {pair.id for pair in pairs}
    votes = [vote for vote in people.votes(PERSON) if vote.pair in asked]
    if len(votes) >= at_least:
        return votes
    return [vote for vote in scripted.votes(SCRIPTED) if vote.pair in asked]


def by_rater(votes: Iterable[Vote]) -> dict[str, dict[str, str]]:
    """The choices of each rater, by the id of the pair."""
    found: dict[str, dict[str, str]] = {}
    for vote in votes:
        found.setdefault(vote.rater, {})[vote.pair] = vote.choice
    return found


# Agreement ----------------------------------------------------------------------------


def kappa(first: Sequence[str], second: Sequence[str]) -> float:
    """Agreement of two raters beyond chance, on the same items (Cohen 1960).

    1 for perfect agreement, 0 for as much as their habits alone would give; 0 as well
    where chance alone agrees always. Raises ValueError without items, or where the
    lengths differ.
    """
    n = len(first)
    if not n or n != len(second):
        raise ValueError(f"{n} and {len(second)} labels: expected as many, and some")
    seen = sum(a == b for a, b in zip(first, second, strict=True)) / n
    labels = {*first, *second}
    chance = sum(first.count(x) * second.count(x) for x in labels) / n**2
    return (seen - chance) / (1 - chance) if chance < 1 else 0.0


def agreement(
    first: Mapping[str, str],
    second: Mapping[str, str],
    n_resamples: int = 2_000,
    seed: int = 0,
) -> Interval:
    """Cohen's kappa on the pairs that both rated, with its 95% bootstrap interval.

    Raises:
        LabsError: they have no pair in common.
    """
    shared = [pair for pair in first if pair in second]
    if not shared:
        raise LabsError(
            f"The raters have no pair in common ({len(first)} and {len(second)} "
            "votes). Expected some that both rated: give them the same pairs."
        )
    a, b = [first[p] for p in shared], [second[p] for p in shared]
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(shared), size=(n_resamples, len(shared)))
    kappas = [kappa([a[i] for i in row], [b[i] for i in row]) for row in drawn.tolist()]
    low, high = np.percentile(kappas, [2.5, 97.5])
    return Interval(kappa(a, b), float(low), float(high), len(shared))


# Preferences --------------------------------------------------------------------------


def majority(choices: Sequence[str]) -> str:
    """The choice of most raters; "tie" where none leads."""
    counts = Counter(choices).most_common(2)
    if len(counts) == 2 and counts[0][1] == counts[1][1]:
        return "tie"
    return counts[0][0]


def preferred_texts(votes: Iterable[Vote]) -> list[tuple[str, str, str]]:
    """(question, chosen, rejected) of every pair on which the majority is decided.

    What a rater wrote is better than both answers of the pair.
    """
    on_pair: dict[str, list[Vote]] = {}
    for vote in votes:
        on_pair.setdefault(vote.pair, []).append(vote)
    found = []
    for own in on_pair.values():
        question, texts = own[0].question, [own[0].first, own[0].second]
        choice = majority([vote.choice for vote in own])
        if choice in ("first", "second"):
            won = ("first", "second").index(choice)
            found.append((question, texts[won], texts[1 - won]))
        for edited in {vote.edited for vote in own} - {"", *texts}:
            found += [(question, edited, text) for text in texts]
    return found
