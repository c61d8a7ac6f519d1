"""A small class on real servers; and that what is mixed up would be seen."""

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from labs import speed_classroom
from labs.retrieval import Chunk
from labs.speed_classroom import Answered, Attendee, Work

HEAD = "---\nid: h{0}\ntitle: T\ntype: note\ndate: 2031-03-01\nedition: 1\n---\n"
QUESTION = {
    "answer": "in van 97",
    "accepted": ["in van 97"],
    "kind": "lookup",
    "split": "dev",
    "facts": [],
    "evidence": [],
    "edition": 1,
}
OWN = Chunk("hut#1", "hut", "The key hangs in the van.")
ONE = Attendee([OWN], np.ones((1, 1)), ["Where is the key?"], np.ones((1, 1)))
RIGHT = Work([Answered([f"hut#1 {OWN.text}"], "in the van", 0.1, 0.2)], 9, 0.3)


def wrong(**changed) -> list[str]:
    """What is told when the second time one thing is another."""
    answered = [replace(RIGHT.answered[0], **changed)]
    return speed_classroom.mixed_up([ONE], [RIGHT], [replace(RIGHT, answered=answered)])


def test_whatever_is_mixed_up_is_seen() -> None:
    assert wrong() == []
    assert wrong(search_s=9.0, answer_s=9.0) == []  # slower is no other answer
    assert "'in the hut'" in wrong(answer="in the hut")[0]
    assert "'park#7 The" in wrong(passages=["park#7 The park has nine turbines."])[0]
    lacking = replace(RIGHT, shared_passages=8)
    assert "lacks passages" in speed_classroom.mixed_up([ONE], [RIGHT], [lacking])[0]


@pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("fastapi", "openai", "uvicorn"))),
    reason="transformers[serving] is not installed",
)
def test_a_small_class(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LABS_DATA", str(tmp_path))
    (tmp_path / "documents").mkdir()
    for i in range(30):
        text = f"{HEAD.format(i)}The key to hut {i} hangs in van {97 * i}.\n"
        (tmp_path / "documents" / f"{i}.md").write_text(text)
    rows = [
        QUESTION | {"id": f"q{i}", "question": f"Where is the key to hut {i}?"}
        for i in range(30)
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "questions.jsonl").write_text(lines)
    found = speed_classroom.run(attendees=6, questions=2)
    assert found["errors"] == []
    assert found["mixed_up"] == []
    for how in ("alone", "together"):
        assert found[how]["answers"] == 12
        assert found[how]["failed"] == 0
    assert "between attendees: nothing" in speed_classroom.table(found)
