"""From results, indexes and adapters to what an arm uses."""

import numpy as np
import pytest

from labs import price_table, usage
from labs.arms import ARMS
from labs.corpus import Document
from labs.errors import LabsError
from labs.usage import Indexing, Training


def answer(right: float, refused: bool, tokens_in: int = 100) -> dict:
    known = {"id": "q", "right": right, "refused": refused, "tokens_in": tokens_in}
    return known | {"tokens_out": 10, "seconds": 0.5}


def result(arm: str, *answers: dict, task: str = "lookup_seen", seed: int = 0) -> dict:
    return {"arm": arm, "task": task, "seed": seed, "answers": list(answers)}


def test_a_refusal_is_neither_right_nor_wrong_even_a_right_one():
    answers = [answer(1, False), answer(0, False), answer(0, True), answer(1, True)]
    found = usage.outcomes([result("base", *answers)], ["lookup_seen"])["base"]
    assert found.right.tolist() == [1, 0, 0, 0]
    assert found.wrong.tolist() == [0, 1, 0, 0]


def test_what_is_right_in_part_is_wrong_in_the_rest_and_seeds_are_averaged():
    seeds = [
        result("fine-tuned", answer(0.25, False), seed=0),
        result("fine-tuned", answer(0.75, True), seed=1),
    ]
    found = usage.outcomes(seeds, ["lookup_seen"])["fine-tuned"]
    assert found.right.tolist() == [0.125] and found.wrong.tolist() == [0.375]


def test_an_arm_without_a_task_is_refused():
    with pytest.raises(LabsError, match="no result of base on summary"):
        usage.outcomes([result("base", answer(1, False))], ["summary"])


@pytest.fixture
def trained(monkeypatch):
    took = {None: Training(0, 0, 0), "by_heart": Training(600, 5e5, 0.002)}
    took |= {
        "reading": Training(800, 6e5, 0.002),
        "feedback": Training(900, 7e5, 0.002),
    }
    monkeypatch.setattr(usage, "training", lambda name: took[name])
    monkeypatch.setattr(usage, "model_gb", lambda: 0.01)


def test_usage_of_every_arm(trained):
    found = [result(arm, answer(1, False), answer(0, False, 300)) for arm in ARMS]
    index = Indexing(60.0, 0.05, 0.003, 5.0, 50)
    table = price_table.load()
    indexes = {"naive": index, "advanced": index}
    own = usage.of_arms(found, ["lookup_seen"], indexes, table, 0.25)
    assert own["base"] == usage.Usage(200, 10, 0.5, stored_gb=0.01)
    rag, tuned, both = (own[n] for n in ("advanced-rag", "fine-tuned", "both"))
    assert (rag.setup_cpu_s, rag.update_cpu_s, rag.cpu_s) == (60, 15, 0.05)
    assert (rag.setup_hours, rag.update_hours) == (16, 0.5)
    assert rag.stored_gb == pytest.approx(0.013) and not rag.setup_s
    assert (tuned.setup_s, tuned.update_s, tuned.update_tokens) == (600, 600, 5e5)
    assert (tuned.setup_hours, tuned.update_hours) == (24, 4)
    assert (both.setup_s, both.update_s, both.update_tokens) == (800, 0, 0)
    assert (both.setup_hours, both.update_hours) == (40, 0.5)
    more = own["both-feedback"]
    assert more.setup_s == pytest.approx(900 + 300 * 0.5)  # answers to correct
    assert more.setup_hours == 48


def test_a_chain_of_adapters_adds_up(monkeypatch):
    class Made:
        n_bytes = 2_000_000

        def __init__(self, name: str) -> None:
            seconds = {"reading": 800, "feedback": 100, "by_heart": 600}[name]
            self.lineage = {"seconds": seconds, "tokens": 10 * seconds}

    monkeypatch.setattr(usage.arm_training, "adapter", lambda name, seed: Made(name))
    assert usage.training("feedback") == Training(900, 9_000, 0.002)
    assert usage.training("by_heart") == Training(600, 6_000, 0.002)
    assert usage.training(None) == Training(0, 0, 0)


def test_an_index_is_measured_on_a_part_and_scaled(monkeypatch):
    class Fake:
        def embed(self, texts):
            return np.ones((len(texts), 4), dtype=np.float32)

    clock = iter([10.0, 14.0, 15.0])
    monkeypatch.setattr(usage, "Fresh", Fake)
    monkeypatch.setattr(usage.time, "perf_counter", lambda: next(clock))
    documents = [
        Document(f"D{i}", "T", "t", "2031-01-01", 1, "All is well. " * 20)
        for i in range(8)
    ]
    found = usage.measure_index("naive", documents, ["What?", "Who?"], n=2)
    assert (found.measured_s, found.seconds) == (4, 16)
    assert found.search_s == 0.5
    text = len(documents[0].text)
    assert found.stored_gb == pytest.approx(
        (16 * found.n_passages + 2 * text) * 4 / 1e9
    )
