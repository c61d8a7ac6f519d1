"""Fine-tuning with trl and peft: settings by profile, resumable, kept by content.

An adapter is kept under the digest of all that decides it (base model, parent, rows,
recipe), so nothing is trained twice, and a training that was killed goes on from its
last checkpoint. What the steps do is written out in notebooks/2_finetuning/02_lora.
"""

import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from labs import attention, cache, checkpoints, profiles, progress
from labs.adapters import LINEAGE, Adapter
from labs.errors import LabsError, unreadable
from labs.prompts import Messages
from labs.training_guard import watch

Row = dict[str, Messages]  # "prompt" and "completion"; for DPO "chosen", "rejected"

IGNORED = -100  # the label that the loss leaves out
PLAIN = {"enable_thinking": False}  # for the chat template, as `Generator` asks
_VERSION = 1  # of what follows: another one trains anew


def row(prompt: Messages, reply: str) -> Row:
    """A training row of trl: the loss is on the completion alone."""
    return {"prompt": prompt, "completion": [_assistant(reply)]}


def preference(prompt: Messages, chosen: str, rejected: str) -> Row:
    """A preference row of trl: of two replies the better one and the worse one."""
    return {
        "prompt": prompt,
        "chosen": [_assistant(chosen)],
        "rejected": [_assistant(rejected)],
    }


def _assistant(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def usual_rate() -> float:
    """A learning rate for LoRA that suits the model: the smaller, the higher.

    Chosen on held-out train questions (notebooks/2_finetuning/02_lora) for the bundled
    model; for the laptop's it is what its own adapter was trained with; for larger ones
    what QLoRA's authors used (arXiv 2305.14314).
    """
    rates = {profiles.BUNDLED: 5e-3, profiles.LAPTOP: 1e-3}
    return rates.get(profiles.current().model, 2e-4)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides an adapter beside the base model, its parent and its rows."""

    rank: int = 16
    learning_rate: float = field(default_factory=usual_rate)
    epochs: float = 6
    batch_size: int = 16  # rows (for DPO: pairs) a step
    beta: float = 0.1  # of DPO: how dear it is to move away from the reference
    seed: int = 0


# What a training needs ----------------------------------------------------------------


def load(quantised: bool = False) -> tuple[Any, Any]:
    """The tokenizer and the model of the profile, ready for peft.

    Args:
        quantised: the frozen weights in 4 bits (NF4; QLoRA, Dettmers et al. 2023,
            arXiv 2305.14314). Needs CUDA and the package bitsandbytes.

    Raises:
        LabsError: a server generates (nothing to train), or no CUDA for `quantised`.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    progress.quiet_loading()
    profile = _trainable_profile()
    options: dict[str, Any] = {"dtype": getattr(torch, profile.dtype)}
    if quantised:
        options |= _in_four_bits(profile)
    directory = checkpoints.locate(profile.model)
    tokenizer = AutoTokenizer.from_pretrained(directory)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    try:
        model = AutoModelForCausalLM.from_pretrained(
            directory, use_safetensors=True, trust_remote_code=False, **options
        )
    except Exception as error:  # transformers raises many kinds
        raise unreadable(directory, error) from error
    if (profile.device, profile.dtype) == ("cpu", "bfloat16"):
        attention.use_lean(model)
    return tokenizer, model


def _trainable_profile() -> profiles.Profile:
    profile = profiles.current()
    if profile.base_url:
        raise LabsError(
            "LABS_BASE_URL is set: the server's weights cannot be trained from here. "
            "Unset it, and name the checkpoint to fine-tune in LABS_MODEL."
        )
    return profile


def _in_four_bits(profile: profiles.Profile) -> dict[str, Any]:
    import torch
    from transformers import BitsAndBytesConfig

    if profile.device != "cuda":
        raise LabsError(
            "QLoRA's 4-bit weights need a CUDA device; found none. Train with plain "
            "LoRA here (quantised=False), or choose LABS_PROFILE=t4 on a GPU."
        )
    config = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=getattr(torch, profile.dtype),
    )
    return {"quantization_config": config, "device_map": "auto"}


def lora(recipe: Recipe) -> Any:
    """peft's configuration: LoRA at every linear layer, scaled by two."""
    from peft import LoraConfig

    return LoraConfig(
        r=recipe.rank,
        lora_alpha=2 * recipe.rank,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def settings(recipe: Recipe, output: Path, **more: Any) -> dict[str, Any]:
    """What `SFTConfig` and `DPOConfig` share, from the recipe and the profile.

    Rows of like length go together; the learning rate warms up and falls linearly.
    Under `accelerate launch` the processes share a batch.
    """
    profile = profiles.current()
    return {
        "output_dir": str(output),
        "per_device_train_batch_size": max(1, recipe.batch_size // n_processes()),
        "num_train_epochs": recipe.epochs,
        "learning_rate": recipe.learning_rate,
        "lr_scheduler_type": "linear",
        "warmup_steps": 0.05,
        "train_sampling_strategy": "group_by_length",
        "seed": recipe.seed,
        "max_length": None,  # `check_rows` refuses what is too long: nothing is cut off
        "gradient_checkpointing": profile.device == "cuda",
        "use_cpu": profile.device == "cpu",
        "bf16": profile.dtype == "bfloat16",
        "fp16": profile.dtype == "float16",
        "logging_steps": 1,
        "logging_nan_inf_filter": False,  # a loss that is no number is to be seen
        "report_to": "none",
        "disable_tqdm": True,
        "dataloader_pin_memory": profile.device == "cuda",
    } | more


def n_processes() -> int:
    """How many processes train together: set by `accelerate launch`, else 1."""
    return int(os.environ.get("WORLD_SIZE", "1"))


# Rows ---------------------------------------------------------------------------------


def encode(tokenizer: Any, example: Row) -> tuple[list[int], list[int]]:
    """Token ids and labels of a row; the prompt's labels are `IGNORED`.

    As trl's `SFTTrainer` makes them. First shown in notebooks/2_finetuning/01_dataset.
    """
    chat = example["prompt"] + example["completion"]
    asked = tokenizer.apply_chat_template(
        example["prompt"], add_generation_prompt=True, return_dict=False, **PLAIN
    )
    whole = tokenizer.apply_chat_template(chat, return_dict=False, **PLAIN)
    return whole, [IGNORED] * len(asked) + whole[len(asked) :]


def check_rows(tokenizer: Any, rows: Sequence[Row], context_window: int) -> int:
    """Refuse rows that would train nothing or be cut off; the tokens of one epoch.

    Raises:
        LabsError: no rows, a row without a label, a row longer than the context.
    """
    if not rows:
        raise LabsError(
            "There is no row to train on. Expected at least one: see what the filters "
            "of the rows left out."
        )
    n_tokens = 0
    for i, example in enumerate(rows):
        for reply in ("completion", "chosen", "rejected"):
            if reply in example:
                n_tokens += _check(tokenizer, i, example, reply, context_window)
    return n_tokens


def _check(
    tokenizer: Any, i: int, example: Row, reply: str, context_window: int
) -> int:
    content = example[reply][0]["content"]
    ids, _ = encode(
        tokenizer, {"prompt": example["prompt"], "completion": example[reply]}
    )
    if not content.strip():
        raise LabsError(
            f"Row {i} has an empty {reply}: all its labels would be masked, it teaches "
            "nothing. Expected a reply; leave the row out."
        )
    if len(ids) > context_window:
        raise LabsError(
            f"Row {i} has {len(ids)} tokens with its {reply}; this model's context has "
            f"{context_window}. Give fewer or shorter passages: cut off at the "
            "end, a row loses the very reply that it should teach."
        )
    return len(ids)


# Training -----------------------------------------------------------------------------


def supervised(
    rows: Sequence[Row], recipe: Recipe, parent: Adapter | None = None
) -> Adapter:
    """An adapter trained on rows (SFT), or the one kept from an earlier call.

    Args:
        parent: goes on from this adapter's weights; the profile's plain model if None.

    Raises:
        LabsError: rows that cannot be trained on, a loss that is no number, no space.
    """
    return _trained("sft", rows, recipe, parent)


def preferred(pairs: Sequence[Row], recipe: Recipe, parent: Adapter) -> Adapter:
    """An adapter moved towards the preferred replies (DPO; Rafailov et al. 2023).

    It goes on from `parent`, whose frozen copy is the reference (arXiv 2305.18290).

    Raises:
        LabsError: as `supervised`.
    """
    return _trained("dpo", pairs, recipe, parent)


def dataset(rows: Sequence[Row]) -> Any:
    """The rows as trl's trainers take them."""
    from datasets import Dataset, disable_progress_bars

    disable_progress_bars()
    return Dataset.from_list([{**r, "chat_template_kwargs": PLAIN} for r in rows])


def _trained(
    method: str, rows: Sequence[Row], recipe: Recipe, parent: Adapter | None
) -> Adapter:
    from filelock import FileLock

    lineage = {
        "method": method,
        "base": base_fingerprint(),
        "parent": parent.key if parent else None,
        "rows": cache.key(list(rows)),
        "recipe": asdict(recipe),
        "version": _VERSION,
    }
    directory = profiles.cache_dir() / "adapters" / cache.key(lineage)[:16]
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        alone = n_processes() == 1
        lock = FileLock(directory.with_suffix(".lock")) if alone else nullcontext()
        with lock:  # a second notebook waits
            if not (directory / LINEAGE).is_file():
                facts = lineage | {"n_rows": len(rows)}
                _train(rows, recipe, parent, directory, facts)
    except Exception as error:
        if not _is_about_space(error, directory.parent):
            raise
        raise LabsError(
            f"The adapter could not be written to {directory} ({error}). Free some "
            "space or set LABS_CACHE to a writable directory; the training goes on "
            "from its last checkpoint."
        ) from error
    return Adapter(directory)


def _is_about_space(error: Exception, place: Path) -> bool:
    """Whether writing failed; torch tells of a full disk as of anything else."""
    from safetensors import SafetensorError

    if isinstance(error, OSError | SafetensorError):
        return True
    return isinstance(error, RuntimeError) and shutil.disk_usage(place).free < 2**20


def base_fingerprint() -> str:
    """The digest of the profile's model: an adapter fits this one alone."""
    return checkpoints.fingerprint(checkpoints.locate(_trainable_profile().model))


def _train(
    rows: Sequence[Row],
    recipe: Recipe,
    parent: Adapter | None,
    directory: Path,
    lineage: dict[str, Any],
) -> None:
    from transformers.trainer_utils import set_seed

    work = directory.with_suffix(".work")
    tokenizer, model = load()
    window = model.config.get_text_config().max_position_embeddings
    tokens = check_rows(tokenizer, rows, window)
    set_seed(recipe.seed)
    model = with_adapter(model, recipe, parent)
    # Two checkpoints within a second make transformers doubt the disk's clock, aloud.
    logging.getLogger("transformers.trainer_utils").setLevel(logging.ERROR)
    # Rows are ordered anew for each epoch, so it is epochs that a resume can repeat.
    common = settings(recipe, work, save_strategy="epoch", save_total_limit=1)
    with progress.without_old_names():
        trainer = _trainer(lineage["method"], rows, recipe, common)(
            model=model, processing_class=tokenizer
        )
        seen = watch(trainer)
        last = _last_whole_checkpoint(work)
        started_s = time.perf_counter()
        trainer.train(resume_from_checkpoint=last)
    measured = {
        "seconds": time.perf_counter() - started_s,
        "tokens": int(tokens * recipe.epochs),
        "losses": seen.losses(),
    }
    if trainer.is_world_process_zero():
        model = trainer.accelerator.unwrap_model(trainer.model)
        _keep(model, directory, lineage | measured)
        shutil.rmtree(work, ignore_errors=True)
    trainer.accelerator.wait_for_everyone()


def _trainer(
    method: str, rows: Sequence[Row], recipe: Recipe, common: dict[str, Any]
) -> Callable[..., Any]:
    """trl's trainer of a method, but for model and tokenizer."""
    import trl

    if method == "sft":
        _score_replies_only()
        kind, arguments = trl.SFTTrainer, trl.SFTConfig(**common)
    else:  # trl's preference rows tell no length to group by
        own = {"beta": recipe.beta, "train_sampling_strategy": "random"}
        kind, arguments = trl.DPOTrainer, trl.DPOConfig(**common | own)
    return partial(kind, args=arguments, train_dataset=dataset(rows))


def _score_replies_only() -> None:
    """Have trl leave the prompt out of the logits on a CPU too, as it does on a GPU.

    Where there is no Triton it scores every position and masks the prompt afterwards:
    with a vocabulary of 49,152 that is half of a step's time. The loss is the same.
    """
    from trl.trainer import utils

    if hasattr(utils, "_use_triton"):  # which decides on that alone in this module
        utils._use_triton = lambda device: True


def _last_whole_checkpoint(work: Path) -> str | None:
    """The newest checkpoint to go on from; one that was broken off is cleared away.

    transformers writes the state last: where it stands, all else does.
    """
    found = sorted(work.glob("checkpoint-*"), key=lambda p: int(p.name.split("-")[1]))
    while found:
        if (found[-1] / "trainer_state.json").is_file():
            return str(found[-1])
        shutil.rmtree(found.pop())
    return None


def with_adapter(model: Any, recipe: Recipe, parent: Adapter | None = None) -> Any:
    """The model with a fresh LoRA, or with the parent's, to be trained on."""
    from peft import PeftModel, get_peft_model

    with progress.without_old_names():
        if parent is None:
            return get_peft_model(model, lora(recipe))
        parent.check_base(base_fingerprint())
        return PeftModel.from_pretrained(model, parent.directory, is_trainable=True)


def _keep(model: Any, directory: Path, lineage: dict[str, Any]) -> None:
    """Write the adapter whole or not at all: the lineage file comes last."""
    fresh = directory.with_suffix(".tmp")
    shutil.rmtree(fresh, ignore_errors=True)
    model.save_pretrained(
        str(fresh), selected_adapters=["default"], save_embedding_layers=False
    )
    base = profiles.current().model  # a hub id stays; a path of this machine does not
    file = fresh / "adapter_config.json"
    config = json.loads(file.read_bytes())
    config["base_model_name_or_path"] = None if Path(base).is_dir() else base
    file.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    (fresh / "README.md").unlink(missing_ok=True)  # peft's empty model card
    text = json.dumps(lineage, indent=1) + "\n"
    (fresh / LINEAGE).write_text(text, encoding="utf-8")
    shutil.rmtree(directory, ignore_errors=True)
    fresh.replace(directory)
