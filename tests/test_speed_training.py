"""The training measurement's rows and table, and its arms on a tiny checkpoint."""

import pytest
from tiny import save_checkpoint

from labs import finetune, speed_training
from labs.speed_training import ARMS, WHOLE


def test_rows_have_none_to_three_passages_in_turns():
    asked = [example["prompt"][0]["content"] for example in speed_training.rows(8)]
    assert ["[1] " in text for text in asked] == [False, True, True, True] * 2
    assert ["[3] " in text for text in asked] == [False, False, False, True] * 2


@pytest.mark.parametrize("arm", [*ARMS, WHOLE])
def test_every_arm_reads_each_row_once(arm, monkeypatch, tmp_path):
    size = {"max_position_embeddings": 4096}
    monkeypatch.setenv("LABS_MODEL", str(save_checkpoint(tmp_path, "llama", **size)))
    found = speed_training.measure(arm, 16)
    assert found["steps"] == (1 if "16" in arm else 2)
    tokenizer, _ = finetune.load()
    tokens = sum(
        len(finetune.encode(tokenizer, row)[0]) for row in speed_training.rows(16)
    )
    assert found["tokens_per_s"] == pytest.approx(tokens / found["wall_s"])
    assert found["peak_mb"] >= found["grown_mb"] >= 0


def test_the_table_holds_each_arm_against_the_first():
    def arm(name: str, rate: float, peak: float) -> dict:
        return {
            "arm": name,
            "steps": 8,
            "tokens_per_s": rate,
            "tokens_per_cpu_s": rate,
            "peak_mb": peak,
        }

    found = {
        "machine": {"cores": 2},
        "rows": 64,
        "arms": [arm("one", 400, 1000), arm("two", 600, 1500)],
    }
    lines = speed_training.table(found).splitlines()
    assert lines[3].split()[-2:] == ["1.00", "1.00"]
    assert lines[4].split()[-2:] == ["1.50", "1.50"]
