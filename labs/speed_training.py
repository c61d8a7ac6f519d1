"""How fast a training is, and in how much memory: our settings beside the defaults.

The same rows, each read once, in arms that change one thing after the other; each arm
runs in a process of its own. `python -m labs speed training`; by itself this module is
one arm (`python -m labs.speed_training ARM ROWS`), which prints a line of JSON.
"""

import json
import sys
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from labs import clock, corpus, finetune, progress, prompts, retrieval, speed
from labs.errors import LabsError
from labs.finetune import IGNORED, Recipe, Row

Found = dict[str, Any]

# What each arm changes of trl's defaults; the last one is `finetune.supervised`'s.
ARMS: Mapping[str, dict[str, Any]] = {
    "loss over everything": {"completion_only_loss": False},
    "loss on the reply": {},
    "and rows of like length": {"train_sampling_strategy": "group_by_length"},
    "and 16 rows a step": {
        "train_sampling_strategy": "group_by_length",
        "per_device_train_batch_size": 16,
    },
}
DEFAULT = next(iter(ARMS))
WHOLE = "every logit (plain Trainer)"  # loss on the reply, but projected everywhere


def rows(n: int) -> list[Row]:
    """Rows of mixed lengths: by heart, and on one to three passages, in turns.

    Raises:
        LabsError: there are no train questions.
    """
    questions = [q for q in corpus.load_questions(kind="lookup") if q.split == "train"]
    if not questions:
        raise LabsError("There is no train question of the kind lookup to train on.")
    chunks = [each.text for each in retrieval.chunk(corpus.load_documents())]
    made = []
    for i in range(n):
        question = questions[i % len(questions)]
        texts = chunks[3 * i % (len(chunks) - 3) :][: i % 4]
        asked = (
            prompts.answer(question.question, texts)
            if texts
            else prompts.answer_closed_book(question.question)
        )
        made.append(finetune.row(asked, question.answer))
    return made


def measure(arm: str, n_rows: int) -> Found:
    """One arm: seconds, tokens and peak memory of one epoch."""
    train = rows(n_rows)
    tokenizer, model = finetune.load()
    lengths = [len(finetune.encode(tokenizer, example)[0]) for example in train]
    before_mb = clock.peak_mb()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer = _trainer(arm, tokenizer, model, train, Path(folder))
        _, spent = clock.timed(trainer.train)
    peak = clock.peak_mb()
    return {
        "arm": arm,
        "steps": trainer.state.global_step,
        "wall_s": spent.wall_s,
        "cpu_s": spent.cpu_s,
        "tokens_per_s": sum(lengths) / spent.wall_s,
        "tokens_per_cpu_s": sum(lengths) / spent.cpu_s,
        "peak_mb": peak,
        "grown_mb": None if peak is None else peak - before_mb,
        "gpu_peak_mb": _gpu_peak_mb(),
    }


def _gpu_peak_mb() -> float | None:
    import torch

    return (
        torch.cuda.max_memory_allocated() / 1e6 if torch.cuda.is_available() else None
    )


def _trainer(
    arm: str, tokenizer: Any, model: Any, train: Sequence[Row], folder: Path
) -> Any:
    """The trainer of an arm: LoRA of rank 16 throughout, trl's batch of 8."""
    from transformers import PrinterCallback, Trainer, TrainingArguments
    from trl import SFTConfig, SFTTrainer

    model = finetune.with_adapter(model, Recipe())
    common = finetune.settings(Recipe(epochs=1), folder, save_strategy="no")
    common |= {"per_device_train_batch_size": 8, "train_sampling_strategy": "random"}
    if arm == WHOLE:
        del common["max_length"]
        trainer = Trainer(
            model=model,
            args=TrainingArguments(**common, remove_unused_columns=False),
            train_dataset=[finetune.encode(tokenizer, example) for example in train],
            data_collator=lambda batch: _pad(batch, tokenizer.pad_token_id),
        )
    else:
        trainer = SFTTrainer(
            model=model,
            args=SFTConfig(**common | ARMS[arm]),
            train_dataset=finetune.dataset(train),
            processing_class=tokenizer,
        )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _pad(batch: Sequence[tuple[list[int], list[int]]], pad: int) -> dict[str, Any]:
    import torch

    width = max(len(ids) for ids, _ in batch)
    gaps = [width - len(ids) for ids, _ in batch]
    pairs = list(zip(batch, gaps, strict=True))
    return {
        "input_ids": torch.tensor([ids + [pad] * gap for (ids, _), gap in pairs]),
        "labels": torch.tensor([own + [IGNORED] * gap for (_, own), gap in pairs]),
        "attention_mask": torch.tensor(
            [[1] * len(ids) + [0] * gap for (ids, _), gap in pairs]
        ),
    }


# All arms -----------------------------------------------------------------------------


def run(n_rows: int) -> Found:
    """Every arm, one after the other.

    Raises:
        LabsError: an arm broke off.
    """
    finetune.base_fingerprint()  # fetched once, and told once where it is missing
    machine = speed.describe_machine()
    return {
        "machine": machine,
        "rows": n_rows,
        "arms": [_in_a_process(arm, n_rows) for arm in (*ARMS, WHOLE)],
    }


def _in_a_process(arm: str, n_rows: int) -> Found:
    speed.say(f"training, {arm}")
    command = ["-m", "labs.speed_training", arm, str(n_rows)]
    return speed.in_a_process(command, f"training, {arm}", "fewer --rows")


def table(found: Found) -> str:
    """What was found, for people: each arm and its ratio to trl's defaults."""
    machine = ", ".join(f"{name} {value}" for name, value in found["machine"].items())
    base = found["arms"][0]
    head = (
        f"{'arm':<30}{'steps':>6}{'tokens/s':>10}{'per CPU s':>11}{'peak MB':>9}"
        f"{'speed':>8}{'memory':>8}"
    )
    lines = [f"Machine: {machine}.", f"{found['rows']} rows, one epoch each.", head]
    for arm in found["arms"]:
        speed = arm["tokens_per_cpu_s"] / base["tokens_per_cpu_s"]
        memory = arm["peak_mb"] / base["peak_mb"] if base["peak_mb"] else float("nan")
        lines.append(
            f"{arm['arm']:<30}{arm['steps']:>6}{arm['tokens_per_s']:>10,.0f}"
            f"{arm['tokens_per_cpu_s']:>11,.0f}{arm['peak_mb'] or 0:>9,.0f}"
            f"{speed:>8.2f}{memory:>8.2f}"
        )
    note = (
        "Tokens are those of the rows, padding not counted; `speed` (per CPU second) "
        f"and `memory` are ratios to {DEFAULT!r}, which is what trl does with whole "
        "conversations and a batch of 8."
    )
    return "\n".join([*lines, note])


def main() -> None:
    progress.quiet_loading()
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))


if __name__ == "__main__":
    main()
