"""A small class on real servers; and that what is mixed up would be seen."""

import importlib.util
from dataclasses import replace

import numpy as np
import pytest

from labs import bench_classroom
from labs.bench_classroom import Answered, Attendee, Work
from labs.retrieval import Chunk

OWN = Chunk("hut#1", "hut", "The key hangs in the van.")
ONE = Attendee([OWN], np.ones((1, 1)), ["Where is the key?"], np.ones((1, 1)))
RIGHT = Work([Answered([f"hut#1 {OWN.text}"], "in the van", 0.1, 0.2)], 9, 0.3)


def wrong(**changed) -> list[str]:
    """What is told when the second time one thing is another."""
    answered = [replace(RIGHT.answered[0], **changed)]
    return bench_classroom.mixed_up([ONE], [RIGHT], [replace(RIGHT, answered=answered)])


def test_whatever_is_mixed_up_is_seen() -> None:
    assert wrong() == []
    assert wrong(search_s=9.0, answer_s=9.0) == []  # slower is no other answer
    assert "'in the hut'" in wrong(answer="in the hut")[0]
    assert "'park#7 The" in wrong(passages=["park#7 The park has nine turbines."])[0]
    lacking = replace(RIGHT, shared_passages=8)
    assert "lacks passages" in bench_classroom.mixed_up([ONE], [RIGHT], [lacking])[0]


@pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("fastapi", "openai", "uvicorn"))),
    reason="transformers[serving] is not installed",
)
def test_a_small_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    found = bench_classroom.run(attendees=6, questions=2)
    assert found["errors"] == []
    assert found["mixed_up"] == []
    for how in ("alone", "together"):
        assert found[how]["answers"] == 12
        assert found[how]["failed"] == 0
    assert "between attendees: nothing" in bench_classroom.table(found)
