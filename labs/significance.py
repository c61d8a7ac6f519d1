"""Sure of several things at once: pairs of arms, many comparisons, training seeds.

`labs.stats` is about one comparison over questions; this is about what comes on top:
yes-or-no scores, many tests of which some err by chance, and models that would be
others with another training seed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from labs.stats import Interval, Scores, paired_bootstrap, permutation_test

_ROWS_AT_ONCE = 2_000  # of resamples: bounds the memory


# Two systems --------------------------------------------------------------------------


def mcnemar(a: Sequence[float], b: Sequence[float]) -> float:
    """Exact two-sided p-value of McNemar's test on scores of 0 and 1.

    Questions on which both are right, or both wrong, tell nothing of a difference. The
    others are coin tosses if there is none: the p-value is how often so many tosses
    fall at least as unevenly (McNemar 1947, doi 10.1007/BF02295996). It is the paired
    permutation test on such scores, without drawing anything. First shown in
    notebooks/3_benchmarking/03_uncertainty_and_errors.

    Raises ValueError when the lengths differ or a score is neither 0 nor 1.
    """
    if len(a) != len(b) or not {*a, *b} <= {0, 1}:
        raise ValueError(
            f"{len(a)} and {len(b)} scores: expected as many of each, all 0 or 1"
        )
    pairs = list(zip(a, b, strict=True))
    only_a = sum(bool(x > y) for x, y in pairs)
    only_b = sum(bool(x < y) for x, y in pairs)
    n = only_a + only_b
    tail = sum(comb(n, k) for k in range(min(only_a, only_b) + 1))
    return min(1.0, 2 * tail / 2**n)


# Many comparisons ---------------------------------------------------------------------


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted for their number, in their order (Holm 1979).

    The smallest of m counts m times, the next m - 1 times, and none less than the one
    before it. Calling what is below 0.05 a difference then errs in one of twenty
    *families* of comparisons at most, however they depend on each other. First shown in
    notebooks/3_benchmarking/03_uncertainty_and_errors.
    """
    adjusted = [1.0] * len(p_values)
    highest = 0.0
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    for rank, i in enumerate(order):
        highest = max(highest, (len(order) - rank) * p_values[i])
        adjusted[i] = min(1.0, highest)
    return adjusted


def discoveries(p_values: Sequence[float], share: float) -> list[int]:
    """Places of the p-values that count as found, in their order.

    Of what is found, `share` at most is false on average (Benjamini & Hochberg 1995,
    doi 10.1111/j.2517-6161.1995.tb02031.x): the largest rank k whose p-value is at most
    k / m * share, and all before it. For sifting many; who reports a few takes `holm`.
    First shown in notebooks/3_benchmarking/03_uncertainty_and_errors.
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    limits = [share * (rank + 1) / len(order) for rank in range(len(order))]
    below = [k for k, i in enumerate(order) if p_values[i] <= limits[k]]
    return sorted(order[: below[-1] + 1]) if below else []


@dataclass(frozen=True, slots=True)
class Pair:
    """Two systems on the same questions, as one of several comparisons."""

    first: str
    second: str
    difference: Interval  # first minus second, paired, over questions
    p: float  # of the paired permutation test
    p_holm: float  # adjusted for all pairs together

    @property
    def verdict(self) -> str:
        """Of the first beside the second, by the adjusted p-value at 0.05."""
        if self.p_holm >= 0.05:
            return "not distinguishable"
        return "better" if self.difference.mean > 0 else "worse"


def all_pairs(scores: Mapping[str, Scores], n_resamples: int = 10_000) -> list[Pair]:
    """Every pair of systems, with p-values adjusted for the number of pairs.

    First shown in notebooks/3_benchmarking/03_uncertainty_and_errors.

    Args:
        scores: by system, on the same questions in the same order.

    Raises ValueError as `labs.stats.paired_bootstrap`.
    """
    named = list(combinations(scores, 2))
    own = [(scores[a], scores[b]) for a, b in named]
    p_values = [permutation_test(a, b, n_resamples) for a, b in own]
    return [
        Pair(*names, paired_bootstrap(*pair, n_resamples), p, adjusted)
        for names, pair, p, adjusted in zip(
            named, own, p_values, holm(p_values), strict=True
        )
    ]


def verdict(difference: Interval) -> str:
    """What a paired difference says by itself: "better", "worse" or neither."""
    if difference.low > 0:
        return "better"
    return "worse" if difference.high < 0 else "not distinguishable"


# Several training seeds ---------------------------------------------------------------


def two_level(
    a: np.ndarray,
    b: np.ndarray | None = None,
    n_resamples: int = 10_000,
    seed: int = 0,
) -> Interval:
    """Mean over training seeds and questions, or the difference of two such means.

    Seeds and questions are both drawn anew, each question with all of its scores (the
    pigeonhole bootstrap, Owen 2007, doi 10.1214/07-AOAS122). The questions are the same
    for both systems, the seeds are not: they were trained apart. Of one seed nothing
    can be learnt about others, and of two or three little (too narrow); what is left of
    a score beyond seed and question counts more than once (too wide). First shown in
    notebooks/3_benchmarking/03_uncertainty_and_errors.

    Args:
        a: scores (seeds, questions); one row for a system that is not trained.
        b: scores (its seeds, the same questions), to be taken from `a`.

    Raises ValueError when there is no such table, or the numbers of questions differ.
    """
    tables = [np.asarray(own, dtype=float) for own in ([a] if b is None else [a, b])]
    shapes = [own.shape for own in tables]
    if any(len(s) != 2 or 0 in s for s in shapes) or len({s[1] for s in shapes}) > 1:
        raise ValueError(
            f"scores of shape {' and '.join(map(str, shapes))}: expected "
            "(seeds, questions), with the same questions"
        )
    n = tables[0].shape[1]
    drawn = np.concatenate(list(_means(tables, n_resamples, seed)))
    low, high = np.percentile(drawn, [2.5, 97.5])
    signs = (1, -1)[: len(tables)]
    mean = sum(s * own.mean() for s, own in zip(signs, tables, strict=True))
    return Interval(float(mean), float(low), float(high), n)


def _means(
    tables: Sequence[np.ndarray], n_resamples: int, seed: int
) -> Iterator[np.ndarray]:
    """The mean, or the difference of two, in each resample."""
    rng = np.random.default_rng(seed)
    for start in range(0, n_resamples, _ROWS_AT_ONCE):
        rows = min(_ROWS_AT_ONCE, n_resamples - start)
        questions = _weights(rng, tables[0].shape[1], rows)
        means = [
            ((_weights(rng, len(own), rows) @ own) * questions).sum(axis=1)
            for own in tables
        ]
        yield means[0] - means[1] if len(means) == 2 else means[0]


def _weights(rng: np.random.Generator, n: int, rows: int) -> np.ndarray:
    """How often each of `n` is drawn in `n` draws, over `n`: (rows, n)."""
    return rng.multinomial(n, np.full(n, 1 / n), size=rows) / n
