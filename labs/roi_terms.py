"""What costs are reckoned from: usage, prices, a plan, and what the answers were.

Money is in one currency throughout, `Prices.currency`; volumes are questions a month.
Import these names from `labs.roi`.
"""

import math
from dataclasses import dataclass, fields

import numpy as np


def _check(owner: object, *names: str) -> None:
    """Refuse what is no finite number of at least zero."""
    for name in names:
        value = getattr(owner, name)
        if not (isinstance(value, int | float) and math.isfinite(value) and value >= 0):
            raise ValueError(
                f"{type(owner).__name__}.{name} is {value!r}, expected a number of at "
                "least 0"
            )


@dataclass(frozen=True, slots=True)
class Usage:
    """What an arm was measured to use.

    Device seconds are of what runs the model, CPU seconds of the machine that holds
    the index: with an API the first are paid in tokens, the second are one's own.
    """

    tokens_in: float  # a question
    tokens_out: float  # a question
    device_s: float  # a question
    setup_s: float = 0.0  # once, on the device: training
    update_s: float = 0.0  # for each update of the documents: training anew
    stored_gb: float = 0.0  # weights, vectors, texts
    setup_hours: float = 0.0  # of people, once
    update_hours: float = 0.0  # of people, for each update
    cpu_s: float = 0.0  # a question: searching
    setup_cpu_s: float = 0.0  # once: indexing
    update_cpu_s: float = 0.0  # for each update: indexing what is new
    setup_tokens: float = 0.0  # trained on, once
    update_tokens: float = 0.0  # trained on, for each update

    def __post_init__(self) -> None:
        _check(self, *(field.name for field in fields(self)))


@dataclass(frozen=True, slots=True)
class Prices:
    """What is paid; what an offer does not charge for is 0."""

    per_million_in: float = 0.0  # tokens read by an API
    per_million_out: float = 0.0  # tokens written by an API
    per_device_hour: float = 0.0  # of what runs the model, while it works
    per_gb_month: float = 0.0
    per_person_hour: float = 0.0
    currency: str = "USD"
    per_million_trained: float = 0.0  # tokens that an API trains on
    per_cpu_hour: float = 0.0  # of the machine that holds the index, while it works
    per_service_month: float = 0.0  # of what is kept on, whether it is asked or not

    def __post_init__(self) -> None:
        _check(self, *(f.name for f in fields(self) if f.name != "currency"))


@dataclass(frozen=True, slots=True)
class Plan:
    """How the arm would be used, and what its answers are worth."""

    questions_per_month: float
    months: float
    updates_per_month: float = 0.0
    value_right: float = 0.0  # of a right answer: minutes saved, say, in money
    cost_wrong: float = 0.0  # of a wrong answer that somebody acts on

    def __post_init__(self) -> None:
        _check(self, *(field.name for field in fields(self)))
        if not self.questions_per_month or not self.months:
            raise ValueError(
                f"{self.questions_per_month:g} questions a month for {self.months:g} "
                "months: a plan needs at least one question and some months"
            )

    @property
    def questions(self) -> float:
        """All questions of the plan."""
        return self.questions_per_month * self.months


@dataclass(frozen=True, slots=True)
class Outcomes:
    """For each question how far it was answered rightly and wrongly: (n,) and (n,).

    Between 0 and 1 each, and no more than 1 together; the rest is refused, which earns
    nothing and costs nothing. Arms are compared on the same questions in one order.
    """

    right: np.ndarray
    wrong: np.ndarray

    def __post_init__(self) -> None:
        shapes = np.shape(self.right), np.shape(self.wrong)
        if shapes[0] != shapes[1] or len(shapes[0]) != 1 or not shapes[0][0]:
            raise ValueError(f"outcomes of shapes {shapes}: expected the same (n,)")
        both = np.stack([self.right, self.wrong])
        if not (both >= 0).all() or not (both.sum(0) <= 1 + 1e-9).all():
            raise ValueError("shares right and wrong: expected 0 to 1, together to 1")
