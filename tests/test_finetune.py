"""Fine-tuning on a tiny checkpoint: real trl trainings of a few steps."""

import json
import multiprocessing
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny import WORDS, save_checkpoint

from labs import finetune, prompts, training_guard, training_rows
from labs.adapters import LINEAGE, Adapter
from labs.errors import LabsError
from labs.finetune import IGNORED, Recipe
from labs.models import Generator

RECIPE = Recipe(rank=2, learning_rate=1e-2, epochs=3, batch_size=2)
ROWS = [
    finetune.row(prompts.answer_closed_book(" ".join(WORDS[i : i + 4])), WORDS[i])
    for i in range(8)
]
ASKED = ROWS[0]["prompt"]
PAIRS = [
    finetune.preference(prompts.answer_closed_book(word), word, f"the {word}")
    for word in WORDS[:6]
]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory) -> Path:
    return save_checkpoint(tmp_path_factory.mktemp("base"), "llama")


@pytest.fixture(autouse=True)
def tiny_model(monkeypatch, checkpoint, tmp_path) -> None:
    monkeypatch.setenv("LABS_MODEL", str(checkpoint))
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "cache"))


def weights(adapter: Adapter) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    return load_file(adapter.directory / "adapter_model.safetensors")


def largest_difference(one: Adapter, other: Adapter) -> float:
    a, b = weights(one), weights(other)
    assert a.keys() == b.keys() and a
    return max(float(np.abs(a[name] - b[name]).max()) for name in a)


# Rows ---------------------------------------------------------------------------------


def test_labels_are_the_reply_and_its_end():
    tokenizer, _ = finetune.load()
    ids, labels = finetune.encode(tokenizer, finetune.row(ROWS[0]["prompt"], "nine"))
    learnt = [token for token in labels if token != IGNORED]
    assert tokenizer.decode(learnt).strip() == "nine"
    assert labels[: -len(learnt)] == [IGNORED] * (len(ids) - len(learnt))
    assert ids[-len(learnt) :] == learnt


def test_scoring_the_replies_alone_trains_the_same_weights(monkeypatch, tmp_path):
    from trl.trainer import utils

    quick = finetune.supervised(ROWS, RECIPE)
    assert utils._use_triton("cpu")  # trl still decides by it
    monkeypatch.setattr(finetune, "_score_replies_only", lambda: None)
    monkeypatch.setattr(utils, "_use_triton", lambda device: False)
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "another"))
    assert largest_difference(quick, finetune.supervised(ROWS, RECIPE)) < 1e-5


def test_trl_feeds_what_encode_tells(tmp_path):
    from trl import SFTConfig, SFTTrainer

    tokenizer, model = finetune.load()
    trainer = SFTTrainer(
        model=model,
        args=SFTConfig(**finetune.settings(RECIPE, tmp_path)),
        train_dataset=finetune.dataset(ROWS),
        processing_class=tokenizer,
    )
    fed = {
        (tuple(ids[mask == 1].tolist()), tuple(own[mask == 1].tolist()))
        for batch in trainer.get_train_dataloader()
        for ids, own, mask in zip(
            batch["input_ids"], batch["labels"], batch["attention_mask"], strict=True
        )
    }
    told = (finetune.encode(tokenizer, example) for example in ROWS)
    assert fed == {(tuple(ids), tuple(labels)) for ids, labels in told}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "no row"),
        (
            [*ROWS, finetune.row(ROWS[0]["prompt"], " ")],
            "Row 8 has an empty completion",
        ),
        (
            [finetune.row(ROWS[0]["prompt"], "sea " * 300)],
            "Row 0 has .* context has 256",
        ),
        ([finetune.preference(ROWS[0]["prompt"], "sea", "")], "empty rejected"),
    ],
)
def test_rows_that_teach_nothing_are_refused(rows, message):
    with pytest.raises(LabsError, match=message):
        finetune.supervised(rows, RECIPE)


# Training -----------------------------------------------------------------------------


def test_a_training_learns_and_is_kept():
    adapter = finetune.supervised(ROWS, replace(RECIPE, epochs=12))
    losses = adapter.lineage["losses"]
    assert len(losses) == 48 and losses[-1] < losses[0] - 0.5
    assert adapter.lineage["tokens"] == 12 * sum(
        len(finetune.encode(finetune.load()[0], example)[0]) for example in ROWS
    )
    before = (adapter.directory / LINEAGE).stat().st_mtime_ns
    assert finetune.supervised(ROWS, replace(RECIPE, epochs=12)) == adapter
    assert (adapter.directory / LINEAGE).stat().st_mtime_ns == before
    assert finetune.supervised(ROWS, RECIPE) != adapter
    assert sorted(path.name for path in adapter.directory.iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
        LINEAGE,
    ]


def test_only_the_adapter_moves_and_all_of_it(monkeypatch):
    import torch

    trained, keep = [], finetune._keep
    monkeypatch.setattr(
        finetune, "_keep", lambda m, *r: (trained.append(m), keep(m, *r))
    )
    adapter = finetune.supervised(ROWS, RECIPE)
    frozen = dict(finetune.load()[1].named_parameters())
    names = [name for name, _ in trained[0].named_parameters() if "lora_" not in name]
    own = dict(trained[0].named_parameters())
    assert len(names) == len(frozen)
    for name in names:
        plain = name.removeprefix("base_model.model.").replace(".base_layer", "")
        assert torch.equal(own[name], frozen[plain])
    moved = weights(adapter)
    assert len(moved) == 2 * 7 * 2  # A and B, seven linear layers, two blocks
    assert all(np.abs(m).max() > 0 for m in moved.values())  # B began at zero


def test_another_seed_gives_another_adapter():
    other = finetune.supervised(ROWS, replace(RECIPE, seed=1))
    assert largest_difference(finetune.supervised(ROWS, RECIPE), other) > 1e-3


def test_a_killed_training_goes_on_to_the_same_result(monkeypatch, tmp_path):
    recipe = replace(RECIPE, epochs=5)  # 20 steps, a checkpoint every fourth
    whole = finetune.supervised(ROWS, recipe)
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "killed"))
    child = multiprocessing.get_context("fork").Process(
        target=_die_at_13, args=[recipe]
    )
    child.start()
    child.join()
    assert child.exitcode == 9
    (work,) = (tmp_path / "killed" / "adapters").glob("*.work/checkpoint-12")
    resumed = finetune.supervised(ROWS, recipe)
    assert not work.exists()
    assert largest_difference(whole, resumed) < 1e-5
    assert np.allclose(whole.lineage["losses"], resumed.lineage["losses"], atol=1e-4)


def _die_at_13(recipe: Recipe) -> None:
    """Train, and be gone without a word at step 13, as a killed kernel is."""
    make = training_guard._watcher

    def deadly():
        watcher = make()
        original = watcher.on_step_end

        def on_step_end(args, state, control, **more):
            original(args, state, control, **more)
            if state.global_step == 13:
                os._exit(9)

        watcher.on_step_end = on_step_end
        return watcher

    training_guard._watcher = deadly
    finetune.supervised(ROWS, recipe)


def test_two_at_once_train_once(monkeypatch, tmp_path):
    train = finetune._train

    def counted(*given):
        with (tmp_path / "trainings").open("a") as file:
            file.write("one\n")
        train(*given)

    monkeypatch.setattr(finetune, "_train", counted)
    fork = multiprocessing.get_context("fork")
    pair = [
        fork.Process(target=finetune.supervised, args=[ROWS, RECIPE]) for _ in range(2)
    ]
    for process in pair:
        process.start()
    for process in pair:
        process.join()
    assert [process.exitcode for process in pair] == [0, 0]
    assert (tmp_path / "trainings").read_text() == "one\n"


def test_a_loss_that_is_no_number_stops_the_training():
    with pytest.raises(LabsError, match="diverged"):
        finetune.supervised(ROWS, replace(RECIPE, learning_rate=1e30))


def test_a_place_that_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "file"))
    with pytest.raises(LabsError, match="could not be written"):
        finetune.supervised(ROWS, RECIPE)


def test_a_disk_that_fills_up(tmp_path):
    """No file may grow beyond 4 KiB: the first checkpoint finds no room."""
    fork = multiprocessing.get_context("fork")
    child = fork.Process(target=_train_without_room, args=[tmp_path / "told"])
    child.start()
    child.join()
    assert "could not be written" in (tmp_path / "told").read_text()
    assert finetune.supervised(ROWS, RECIPE).lineage["n_rows"] == len(ROWS)


def _train_without_room(told: Path) -> None:
    import resource

    finetune.base_fingerprint()  # what the cache keeps is another matter
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    try:
        finetune.supervised(ROWS, RECIPE)
    except LabsError as error:
        told.write_text(str(error)[:2000])


def test_a_server_cannot_be_trained(monkeypatch):
    monkeypatch.setenv("LABS_BASE_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(LabsError, match="Unset it"):
        finetune.supervised(ROWS, RECIPE)


def test_four_bits_need_a_gpu():
    with pytest.raises(LabsError, match="CUDA"):
        finetune.load(quantised=True)


# Parents and preferences --------------------------------------------------------------


def test_a_child_goes_on_from_its_parent():
    parent = finetune.supervised(ROWS, RECIPE)
    child = finetune.supervised(ROWS, replace(RECIPE, learning_rate=1e-9), parent)
    assert largest_difference(parent, child) < 1e-6
    assert child.lineage["parent"] == parent.key
    assert child.directory != parent.directory


def test_dpo_prefers_what_was_chosen():
    parent = finetune.supervised(ROWS, RECIPE)
    child = finetune.preferred(PAIRS, replace(RECIPE, epochs=8), parent)
    losses = child.lineage["losses"]
    assert losses[0] == pytest.approx(np.log(2), abs=1e-4)  # the reference is the start
    assert losses[-1] < 0.5
    assert weights(child).keys() == weights(parent).keys()


# Answers ------------------------------------------------------------------------------


def test_the_generator_answers_with_the_adapter(checkpoint):
    adapter = finetune.supervised(ROWS, replace(RECIPE, epochs=40))
    asked = [example["prompt"] for example in ROWS]
    plain, tuned = Generator(), Generator(adapter=adapter)
    told = [example["completion"][0]["content"] for example in ROWS]
    assert plain.generate(asked, 4) != told
    assert sum(a == b for a, b in zip(tuned.generate(asked, 4), told, strict=True)) >= 6
    assert plain.backend.identity == Generator(checkpoint).backend.identity


def test_an_adapter_of_another_model_is_refused(monkeypatch, checkpoint, tmp_path):
    adapter = finetune.supervised(ROWS, RECIPE)
    other = shutil.copytree(checkpoint, tmp_path / "other")
    config = json.loads((other / "generation_config.json").read_bytes())
    (other / "generation_config.json").write_text(json.dumps(config | {"top_k": 7}))
    monkeypatch.setenv("LABS_MODEL", str(other))
    for use in (
        lambda: Generator(adapter=adapter).generate([ROWS[0]["prompt"]]),
        lambda: finetune.supervised(ROWS, RECIPE, adapter),
    ):
        with pytest.raises(LabsError, match="another base model"):
            use()


def test_a_directory_without_an_adapter(tmp_path):
    with pytest.raises(LabsError, match=r"no adapter_config\.json"):
        Adapter(tmp_path)


def test_drawn_answers_vary_and_come_again(monkeypatch, tmp_path):
    asked = [example["prompt"] for example in ROWS[:3]]
    drawn = Generator().sample(asked, 4, temperature=2.0, seed=5, max_new_tokens=6)
    assert [len(row) for row in drawn] == [4, 4, 4]
    assert all(len(set(row)) > 1 for row in drawn)
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "elsewhere"))
    again = Generator().sample(asked, 4, temperature=2.0, seed=5, max_new_tokens=6)
    assert again == drawn
    other = Generator().sample(asked, 4, temperature=2.0, seed=6, max_new_tokens=6)
    assert other != drawn


# The command --------------------------------------------------------------------------


def test_rows_go_to_a_file_and_back(tmp_path):
    path = tmp_path / "rows.jsonl"
    training_rows.write(path, [*ROWS, *PAIRS])
    assert training_rows.read(path) == [*ROWS, *PAIRS]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"prompt": "text", "completion": []}', "rows.jsonl:1: prompt is 'text'"),
        ('{"prompt": [{"role": "user", "content": "x"}]}', "chosen is 'None'"),
        ("{", "rows.jsonl:1"),
    ],
)
def test_a_broken_row_is_named(line, message, tmp_path):
    (tmp_path / "rows.jsonl").write_text(line)
    with pytest.raises(LabsError, match=message):
        training_rows.read(tmp_path / "rows.jsonl")


def test_two_processes_train_one_adapter(tmp_path):
    """`accelerate launch` on two CPU processes, as on two GPUs."""
    training_rows.write(tmp_path / "rows.jsonl", ROWS)
    launch = "-m accelerate.commands.launch --cpu --num_processes 2 -m labs finetune"
    given = [tmp_path / "rows.jsonl", "--out", tmp_path / "out", "--epochs", "12"]
    options = ["--rank", "2", "--learning-rate", "1e-2", "--batch-size", "4"]
    command = [sys.executable, *launch.split(), *map(str, given), *options]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    adapter = Adapter(tmp_path / "out")
    assert len(adapter.lineage["losses"]) == 24  # 8 rows, 4 a step, 2 a process
    assert adapter.lineage["losses"][-1] < adapter.lineage["losses"][0] - 0.2
    tuned = Generator(adapter=adapter).generate([ROWS[0]["prompt"]], 4)
    assert tuned != Generator().generate([ROWS[0]["prompt"]], 4)
