"""Attempts at the exercises of notebooks/3_benchmarking/01_protocol."""

import math

from scipy.stats import norm

from attempts import Attempts

# questions_needed ---------------------------------------------------------------------


def _n(sd, difference, power):
    reach = norm.ppf(0.975) + norm.ppf(power)
    return reach * reach * sd * sd / (difference * difference)


def _right(sd, difference, power):
    return math.ceil(_n(sd, difference, power))


def _wrong_rounds_down(sd, difference, power):
    return math.floor(_n(sd, difference, power))


def _wrong_fraction(sd, difference, power):
    return _n(sd, difference, power)


def _wrong_not_squared(sd, difference, power):
    return math.ceil(math.sqrt(_n(sd, difference, power)))


def _wrong_always_80(sd, difference, power):
    return _right(sd, difference, 0.8)


def _wrong_without_power(sd, difference, power):
    return _right(sd, difference, 0.5)


def _wrong_one_sided(sd, difference, power):
    reach = norm.ppf(0.95) + norm.ppf(power)
    return math.ceil((reach * sd / difference) ** 2)


def _wrong_two_samples(sd, difference, power):
    return math.ceil(2 * _n(sd, difference, power))


def _wrong_only_better(sd, difference, power):
    return _right(sd, difference, power) if difference > 0 else 0


# chosen_and_told ----------------------------------------------------------------------


def _mean(values):
    return sum(values) / len(values)


def _chosen(scores):
    means = {name: _mean(values) for name, values in scores.items()}
    top = max(means.values())
    return next(name for name in means if means[name] == top)


def _told_right(dev, test):
    name = _chosen(dev)
    return name, _mean(test[name])


def _wrong_on_test(dev, test):
    return _told_right(test, test)


def _wrong_tells_dev(dev, test):
    return _chosen(dev), _mean(dev[_chosen(dev)])


def _wrong_best_test_score(dev, test):
    return _chosen(dev), max(_mean(own) for own in test.values())


def _wrong_last_of_ties(dev, test):
    return _told_right(dict(reversed(dev.items())), test)


def _wrong_ties_by_test(dev, test):
    name = max(dev, key=lambda n: (_mean(dev[n]), _mean(test[n])))
    return name, _mean(test[name])


def _wrong_best_question(dev, test):
    name = max(dev, key=lambda n: max(dev[n]))
    return name, _mean(test[name])


def _wrong_name_alone(dev, test):
    return _chosen(dev)


ATTEMPTS = {
    "questions_needed": Attempts(
        _right,
        (
            _wrong_rounds_down,
            _wrong_fraction,
            _wrong_not_squared,
            _wrong_always_80,
            _wrong_without_power,
            _wrong_one_sided,
            _wrong_two_samples,
            _wrong_only_better,
        ),
    ),
    "chosen_and_told": Attempts(
        _told_right,
        (
            _wrong_on_test,
            _wrong_tells_dev,
            _wrong_best_test_score,
            _wrong_last_of_ties,
            _wrong_ties_by_test,
            _wrong_best_question,
            _wrong_name_alone,
        ),
    ),
}
