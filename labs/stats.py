"""How sure a score is: bootstrap intervals and a permutation test, in numpy.

`labs.metrics` hands these names on; import them from there. Scores are one number a
question, so every interval is over questions: resampling them says how much a score
would move had other questions of the same sort been asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Scores = Sequence[float] | np.ndarray

_CELLS_PER_BATCH = 2_000_000  # bounds the memory of a resampling to some 30 MB


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over `n` questions with its 95% interval, from `low` to `high`."""

    mean: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.mean:.2f} [{self.low:.2f}, {self.high:.2f}], n = {self.n}"


def bootstrap_mean(
    scores: Scores, n_resamples: int = 10_000, seed: int = 0
) -> Interval:
    """Mean of `scores` (n,) with its 95% percentile bootstrap interval.

    Scores that are all alike give an interval without width. That is no certainty:
    after n times 0, the true rate may still be about 3 / n (the rule of three).
    Raises ValueError for scores that are empty, not finite or not one-dimensional.
    """
    values = _as_scores(scores)
    low, high = np.percentile(_resampled_means(values, n_resamples, seed), [2.5, 97.5])
    return Interval(float(values.mean()), float(low), float(high), len(values))


def paired_bootstrap(
    a: Scores, b: Scores, n_resamples: int = 10_000, seed: int = 0
) -> Interval:
    """Mean of `a` minus `b` on the same questions, with its 95% bootstrap interval.

    Pairing takes out what makes a question hard for both systems, so the interval is
    narrower than what two separate ones suggest. Raises ValueError as
    `bootstrap_mean`, and when the lengths differ.
    """
    return bootstrap_mean(_differences(a, b), n_resamples, seed)


def permutation_test(
    a: Scores, b: Scores, n_resamples: int = 10_000, seed: int = 0
) -> float:
    """Two-sided p-value of the paired permutation test on the mean of `a` minus `b`.

    If the systems did not differ, swapping their scores on any question would change
    nothing: the p-value is the share of random swaps with a difference as large as the
    one seen. The seen one counts among them, so p is never 0 (Phipson & Smyth 2010,
    doi 10.2202/1544-6115.1585). Raises ValueError as `paired_bootstrap`.
    """
    values = _differences(a, b)
    seen = abs(values.sum()) - 1e-9 * np.abs(values).sum()  # ties despite rounding
    rng = np.random.default_rng(seed)
    n_as_large = 0
    for rows in _batches(n_resamples, len(values)):
        signs = rng.choice([-1.0, 1.0], size=(rows, len(values)))
        n_as_large += int((np.abs(signs @ values) >= seen).sum())
    return (n_as_large + 1) / (n_resamples + 1)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A system beside the baseline: its mean, the paired difference, what follows."""

    name: str
    mean: Interval
    difference: Interval | None  # None for the baseline itself
    verdict: str  # "baseline", "better", "worse", "not distinguishable"


def compare(scores: Mapping[str, Scores], baseline: str) -> list[Comparison]:
    """Every system beside the baseline, on the same questions in the same order.

    A system is better or worse where the 95% interval of the paired difference leaves
    zero out. With many systems some intervals do so by chance: one in forty on the
    good side. Raises ValueError as `paired_bootstrap`, and for an unknown baseline.
    """
    if baseline not in scores:
        raise ValueError(f"no scores of {baseline!r}, only of {', '.join(scores)}")
    return [_beside(name, own, scores[baseline]) for name, own in scores.items()]


def _beside(name: str, own: Scores, base: Scores) -> Comparison:
    mean = bootstrap_mean(own)
    if own is base:
        return Comparison(name, mean, None, "baseline")
    change = paired_bootstrap(own, base)
    verdict = "better" if change.low > 0 else "worse" if change.high < 0 else ""
    return Comparison(name, mean, change, verdict or "not distinguishable")


def _as_scores(scores: Scores) -> np.ndarray:
    values = np.asarray(scores, dtype=float)
    if values.ndim != 1 or not values.size or not np.isfinite(values).all():
        raise ValueError(
            f"scores of shape {values.shape}: expected one finite number a question, "
            "and at least one question"
        )
    return values


def _differences(a: Scores, b: Scores) -> np.ndarray:
    first, second = _as_scores(a), _as_scores(b)
    if len(first) != len(second):
        raise ValueError(
            f"{len(first)} and {len(second)} scores: expected both systems' scores on "
            "the same questions, in the same order"
        )
    return first - second


def _batches(n_resamples: int, n: int) -> Iterator[int]:
    """Numbers of resamples to draw at once; they add up to `n_resamples`."""
    step = max(1, _CELLS_PER_BATCH // n)
    for start in range(0, n_resamples, step):
        yield min(step, n_resamples - start)


def _resampled_means(values: np.ndarray, n_resamples: int, seed: int) -> np.ndarray:
    """Means (n_resamples,) of samples of `values` drawn with replacement."""
    rng = np.random.default_rng(seed)
    n = len(values)
    return np.concatenate(
        [
            values[rng.integers(n, size=(rows, n))].mean(axis=1)
            for rows in _batches(n_resamples, n)
        ]
    )
