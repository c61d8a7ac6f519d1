"""How small a difference so many questions can show: power, by formula and by drawing.

A difference is *found* where its 95% interval leaves zero out; the power is the share
of all samples of questions in which that happens. Two arms that answer the same
questions are compared question by question, and the spread of these differences decides
(Card et al. 2020, arXiv 2010.06595; Miller 2024, arXiv 2411.00640). First shown in
notebooks/3_benchmarking/01_protocol.ipynb.
"""

from math import ceil, sqrt
from statistics import NormalDist

import numpy as np

from labs.errors import LabsError
from labs.stats import Scores

POWER = 0.8  # the usual one: of five real differences, four are found
LEVEL = 0.05  # of the interval: 95%


# Spread -------------------------------------------------------------------------------


def sd_paired(a: Scores, b: Scores) -> float:
    """Standard deviation of the difference on one question, both arms asked it.

    Raises:
        LabsError: no scores, or not as many of both.
    """
    first, second = _both(a, b)
    return float(np.std(first - second))


def sd_unpaired(a: Scores, b: Scores) -> float:
    """The same where each arm is asked other questions: both spreads add up.

    Raises:
        LabsError: no scores, or not as many of both.
    """
    first, second = _both(a, b)
    return float(np.sqrt(np.var(first) + np.var(second)))


def _both(a: Scores, b: Scores) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.asarray(a, float), np.asarray(b, float)
    if first.shape != second.shape or first.ndim != 1 or not first.size:
        raise LabsError(
            f"Found scores of the shapes {first.shape} and {second.shape}. Expected "
            "one number a question of both arms, on the same questions."
        )
    return first, second


# By formula ---------------------------------------------------------------------------


def power_of(difference: float, sd: float, n: int) -> float:
    """How likely `n` questions show a true difference, by the normal approximation.

    Good from some dozens of questions on.

    Args:
        sd: of the difference on one question, as `sd_paired`.

    Raises:
        LabsError: a spread or a number of questions that is not above zero.
    """
    _check_positive(sd=sd, n=n)
    normal = NormalDist()
    limit = normal.inv_cdf(1 - LEVEL / 2)
    reach = abs(difference) * sqrt(n) / sd
    return normal.cdf(reach - limit) + normal.cdf(-reach - limit)


def smallest_difference(sd: float, n: int, power: float = POWER) -> float:
    """The true difference that `n` questions show with this power.

    Raises:
        LabsError: as `power_of`, or a power that is not between 0 and 1.
    """
    _check_positive(sd=sd, n=n)
    return _reach(power) * sd / sqrt(n)


def questions_needed(sd: float, difference: float, power: float = POWER) -> int:
    """How many questions show a true difference with this power.

    Raises:
        LabsError: as `smallest_difference`; a difference of zero needs endlessly many.
    """
    _check_positive(sd=sd, difference=abs(difference))
    return ceil((_reach(power) * sd / difference) ** 2)


def _reach(power: float) -> float:
    """How many standard errors away from zero the difference must be."""
    if not 0 < power < 1:
        raise LabsError(f"Found a power of {power}, expected a share such as 0.8.")
    normal = NormalDist()
    return normal.inv_cdf(1 - LEVEL / 2) + normal.inv_cdf(power)


def _check_positive(**values: float) -> None:
    for name, value in values.items():
        if not value > 0:
            raise LabsError(
                f"Found {name} = {value}, expected more than zero. Arms that gave the "
                "same answers throughout have no spread to plan with: take a spread "
                "from arms that differ, or 0.5, which is on the safe side."
            )


# By drawing ---------------------------------------------------------------------------


def found(
    a: Scores,
    b: Scores,
    n: int,
    paired: bool = True,
    n_draws: int = 2_000,
    seed: int = 0,
) -> float:
    """Share of samples of `n` questions in which the difference is found.

    The scores stand for all questions there could be: samples are drawn from them with
    replacement, and each gets the 95% interval of the normal approximation.

    Args:
        paired: both arms answer the sampled questions; otherwise each its own `n`.

    Raises:
        LabsError: no scores, not as many of both, or no questions.
    """
    _check_positive(n=n)
    pool_a, pool_b = _both(a, b)
    rng = np.random.default_rng(seed)
    asked = rng.integers(len(pool_a), size=(n_draws, n))
    others = asked if paired else rng.integers(len(pool_b), size=(n_draws, n))
    own, beside = pool_a[asked], pool_b[others]
    spread = (own - beside).var(axis=1)
    if not paired:
        spread = own.var(axis=1) + beside.var(axis=1)
    half = NormalDist().inv_cdf(1 - LEVEL / 2) * np.sqrt(spread / n)
    gain = own.mean(axis=1) - beside.mean(axis=1)
    return float((np.abs(gain) > half).mean())
