"""The adapters of the arms on a tiny checkpoint: recorded, found again, corrected."""

import json

import numpy as np
import pytest
from tiny import save_checkpoint

from labs import arm_training, arms, chunking, corpus, prompts
from labs.finetune import Recipe
from labs.retrieval import BM25Index, chunk, gold_chunks


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    directory = tmp_path_factory.mktemp("base")
    return save_checkpoint(directory, "llama", max_position_embeddings=4096)


@pytest.fixture(autouse=True)
def tiny_model(monkeypatch, checkpoint, tmp_path) -> None:
    """Few rows, one step, and no recorded adapter."""
    train = corpus.load_questions(split="train", kind="lookup")[:6]
    monkeypatch.setenv("LABS_MODEL", str(checkpoint))
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(corpus, "load_questions", lambda split: train)
    monkeypatch.setattr(
        arm_training, "recipe", lambda _, seed: Recipe(2, 1e-2, 1, 8, seed=seed)
    )
    monkeypatch.setattr(arm_training, "RECORDED", tmp_path / "recorded")


def test_a_recorded_adapter_is_used_where_it_fits(monkeypatch):
    assert arm_training.recorded("by_heart", 0) is None
    out = arm_training.folder()
    lineage = arm_training.record("by_heart", 0, out)
    assert lineage["n_rows"] == 6 and lineage["made_of"]["training"] == "by_heart"
    kept = arm_training.adapter("by_heart", 0)
    assert kept.directory == out / "by_heart-0" and kept.lineage == lineage
    assert arm_training.recorded("by_heart", 1) is None  # another seed
    monkeypatch.setattr(arm_training.provenance, "data_digest", lambda: "other")
    assert arm_training.recorded("by_heart", 0) is None  # of other data


def test_a_recorded_adapter_is_the_trained_one_in_half_the_bytes():
    from safetensors.numpy import load_file

    arm_training.record("by_heart", 0, arm_training.folder())
    trained = arm_training.train("by_heart", 0)
    kept = arm_training.adapter("by_heart", 0)
    assert kept.n_bytes < 0.7 * trained.n_bytes
    name = "adapter_model.safetensors"
    one, other = load_file(kept.directory / name), load_file(trained.directory / name)
    assert one.keys() == other.keys()
    for key, own in one.items():
        assert own.dtype == np.float16
        np.testing.assert_allclose(own, other[key], atol=1e-3)


def test_a_server_has_no_adapters(monkeypatch):
    arm_training.record("by_heart", 0, arm_training.folder())
    monkeypatch.setenv("LABS_BASE_URL", "http://localhost:1")
    assert arm_training.recorded("by_heart", 0) is None


def test_both_supervised_trainings_see_about_as_many_tokens(monkeypatch):
    monkeypatch.undo()
    tokens = {
        name: arm_training.recorded(name, 0).lineage["tokens"]
        for name in ("by_heart", "reading")
    }
    assert 0.8 < tokens["reading"] / tokens["by_heart"] < 1.25


@pytest.mark.parametrize("found", [True, False])
def test_corrections_prefer_the_right_reply_or_a_refusal(monkeypatch, found):
    """A refusal where the search did not find the evidence."""
    questions = corpus.load_questions("train")
    documents = corpus.load_documents()
    chunks = chunk(documents)
    gold = {c.id for q in questions for c in gold_chunks(q, chunks)}
    there = [c for c in chunks if (c.id in gold) == found]
    index = BM25Index.build(there, chunking.with_headers(there, documents))
    monkeypatch.setattr(arms, "searcher", lambda reads, documents: index)
    pairs = arm_training.corrections(questions, 0)
    assert pairs
    answers = {f"{q.answer} [1]" for q in questions}
    for pair in pairs:
        right = pair["chosen"][0]["content"]
        wrong = pair["rejected"][0]["content"]
        assert right != wrong
        if not found:
            assert right == prompts.REFUSAL
        assert pair["prompt"][0]["content"].startswith("Answer in a few words from")
    if found:
        assert answers & {pair["chosen"][0]["content"] for pair in pairs}


def test_the_shipped_adapters_name_no_path_of_a_machine(monkeypatch):
    monkeypatch.undo()
    for training in arm_training.TRAININGS:
        directory = arm_training.recorded(training, 0).directory
        config = json.loads((directory / "adapter_config.json").read_bytes())
        assert config["base_model_name_or_path"] is None


def test_a_trained_adapter_names_no_path_of_a_machine():
    directory = arm_training.train("by_heart", 0).directory
    config = json.loads((directory / "adapter_config.json").read_bytes())
    assert config["base_model_name_or_path"] is None
