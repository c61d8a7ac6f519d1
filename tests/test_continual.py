"""Replay, forgetting, the gate, and replies laid in a model's mouth."""

import json
import math
from collections import Counter

import pytest

from labs import continual, finetune, prompts
from labs.errors import LabsError
from labs.models import Generator
from labs.stats import Interval


def _rows(*replies: str) -> list[finetune.Row]:
    return [finetune.row(prompts.answer_closed_book("Who?"), r) for r in replies]


# mix ----------------------------------------------------------------------------------


def test_mix_fills_up_with_earlier_rows() -> None:
    new, old = _rows("a", "b"), _rows("x", "y", "z")
    mixed = continual.mix(new, old, 4)
    assert mixed[:2] == new and len(mixed) == 4
    assert all(row in old for row in mixed[2:]) and mixed[2] != mixed[3]


def test_mix_without_earlier_rows_repeats_the_new_ones_alike() -> None:
    mixed = continual.mix(_rows("a", "b", "c"), [], 6)
    replies = Counter(row["completion"][0]["content"] for row in mixed)
    assert replies == {"a": 2, "b": 2, "c": 2}


def test_mix_takes_every_earlier_row_before_one_comes_again() -> None:
    mixed = continual.mix(_rows("a"), _rows("x", "y"), 6)
    replies = Counter(row["completion"][0]["content"] for row in mixed[1:])
    assert sorted(replies.values()) == [2, 3]


def test_mix_depends_on_the_seed_alone() -> None:
    new, old = _rows("a"), _rows(*"klmnopq")
    assert continual.mix(new, old, 4, 1) == continual.mix(new, old, 4, 1)
    assert continual.mix(new, old, 4, 1) != continual.mix(new, old, 4, 2)


@pytest.mark.parametrize("n_rows", [0, 1, 2])
def test_mix_refuses_what_does_not_fit(n_rows: int) -> None:
    with pytest.raises(LabsError, match=f"3 new rows for a mix of {n_rows}"):
        continual.mix(_rows("a", "b", "c"), [], n_rows)
    with pytest.raises(LabsError, match="at least one"):
        continual.mix([], _rows("x"), n_rows)


# forgetting ---------------------------------------------------------------------------


def test_forgetting_is_from_the_best_to_the_end() -> None:
    # Round 0: best 0.75 after round 1, 0.25 at the end; round 1: 1.0, then 0.5.
    matrix = [[0.5], [0.75, 1.0], [0.25, 0.5, 0.9]]
    assert math.isclose(continual.forgetting(matrix), (0.5 + 0.5) / 2)


@pytest.mark.parametrize("matrix", [[], [[1.0]], [[1.0, 1.0], [1.0]], [[1.0], [1.0]]])
def test_forgetting_needs_a_row_for_each_round(matrix: list[list[float]]) -> None:
    with pytest.raises(LabsError, match="expected 1, 2"):
        continual.forgetting(matrix)


# The gate -----------------------------------------------------------------------------

_MARGINS = {"old": 0.2, "skill": 0.1}


def _change(low: float, high: float) -> Interval:
    return Interval((low + high) / 2, low, high, 20)


@pytest.mark.parametrize(
    ("gain", "old", "skill", "failed"),
    [
        ((0.1, 0.5), (-0.1, 0.1), (-0.05, 0.0), []),
        ((0.0, 0.5), (-0.1, 0.1), (-0.05, 0.0), ["new facts"]),
        ((0.1, 0.5), (-0.2, 0.3), (-0.05, 0.0), ["old"]),
        ((0.1, 0.5), (-0.1, 0.1), (-0.11, 0.0), ["skill"]),
        ((-0.1, 0.1), (-0.9, -0.5), (-0.5, 0.0), ["new facts", "old", "skill"]),
    ],
)
def test_gate_accepts_what_is_shown_on_every_check(gain, old, skill, failed) -> None:
    changes = {"old": _change(*old), "skill": _change(*skill)}
    decision = continual.decide(_change(*gain), changes, _MARGINS)
    assert decision.accepted == (not failed)
    assert len(decision.reasons) == 3
    said = [r.split(": ")[1] for r in decision.reasons if r.startswith("FAILED")]
    assert said == failed


@pytest.mark.parametrize("margins", [{}, {"old": -0.1}, {"other": 0.1}])
def test_gate_needs_its_margins(margins: dict[str, float]) -> None:
    with pytest.raises(LabsError, match="at least 0 for each of: old"):
        continual.decide(_change(0.1, 0.2), {"old": _change(0, 0)}, margins)


# Reciting -----------------------------------------------------------------------------


def test_reciting_tells_what_greedy_decoding_gives() -> None:
    asked = [prompts.answer_closed_book(q) for q in ("Who leads it?", "How long?")]
    said = Generator().generate(asked, max_new_tokens=24)
    right = [finetune.row(*pair) for pair in zip(asked, said, strict=True)]
    wrong = [finetune.row(asked[0], "seventeen owls")]
    recitals = continual.recite(None, [*wrong, *right])
    assert [one.exact for one in recitals] == [False, True, True]
    assert recitals[1].share == recitals[2].share == 1 > recitals[0].share
    assert recitals[0].loss > max(one.loss for one in recitals[1:])


def test_reciting_alone_and_in_a_batch_is_the_same() -> None:
    rows = _rows("Ada", "a much longer reply, with many more tokens than that")
    together = continual.recite(None, rows)
    alone = [next(continual._recite(None, rows, [i]))[i] for i in range(2)]
    for one, kept in zip(together, alone, strict=True):
        assert math.isclose(one.loss, _loss(kept), rel_tol=1e-4)


def _loss(kept: bytes) -> float:
    return json.loads(kept)["loss"]


def test_loss_of_known_logits() -> None:
    import torch

    logits = torch.tensor([[0.0, 0.0], [0.0, 3.0]])
    recital = continual._judged(logits, [0, 1])
    expected = (math.log(2) + math.log(1 + math.exp(-3))) / 2
    assert math.isclose(recital.loss, expected, rel_tol=1e-5)
    assert recital.exact and recital.share == 1  # a tie goes to the first token
    assert continual._judged(logits, [0, 0]).share == 0.5


def test_what_a_template_puts_behind_the_end_does_not_count() -> None:
    class Tokenizer:
        eos_token_id = 9

        def apply_chat_template(self, messages, **how):
            return [1, 2] if how.get("add_generation_prompt") else [1, 2, 5, 9, 7]

    assert continual._up_to_end(Tokenizer(), _rows("a")[0]) == ([1, 2, 5, 9], [5, 9])
