"""Train the bundled model from the generators alone: `make model`.

Checkpoints every few minutes and resumes from the last one; `--minutes` is the whole
budget, earlier runs counted in; `--export` writes the last checkpoint's model, and
`--go-on` starts from the exported model where no checkpoint is left.
"""

from __future__ import annotations

import copy
import json
import os
import random
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from labs import assembled, attention, profiles

from . import initial
from .batches import Batch, Encoder, batches
from .budget import Budgeted, options
from .evaluate import write_card
from .optimiser import build_optimisers, set_learning_rate
from .tokenizer import cut_tokenizer, sample_texts
from .worlds import load_domains

OUT = Path(profiles.BUNDLED)


@dataclass(slots=True)
class Recipe:
    """Everything that decides the outcome, but for the machine's speed."""

    minutes: float = 100.0
    seed: int = 1
    vocab_size: int = 3072
    mlp_width: int = 240
    learning_rate: float = 1e-3
    warmup_steps: int = 30
    decay_from: float = 0.6
    batch_tokens: int = 1600


def choose_device() -> tuple[torch.device, torch.dtype, str]:
    """Where to train and in which type, with the reason."""
    if not torch.cuda.is_available():
        if profiles.multiplies_bfloat16():
            return torch.device("cpu"), torch.bfloat16, "a CPU that multiplies bfloat16"
        return torch.device("cpu"), torch.float32, "no GPU; float32"
    if torch.cuda.get_device_capability() >= (8, 0):
        return torch.device("cuda"), torch.bfloat16, "a GPU with bfloat16"
    return torch.device("cuda"), torch.float32, "a GPU without bfloat16; float32"


def device_name(device: torch.device) -> str:
    """As a model card tells it."""
    if device.type == "cpu":
        return f"{os.cpu_count()} CPU cores"
    return torch.cuda.get_device_name()


def batch_loss(model, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """The weighted loss, and the replies' mean loss; logits only where it counts."""
    device = next(model.parameters()).device
    ids, weights = batch.ids.to(device), batch.weights[:, 1:].to(device)
    hidden = model.model(input_ids=ids).last_hidden_state[:, :-1]
    kept = weights > 0
    logits = model.lm_head(hidden[kept]).float()
    losses = torch.nn.functional.cross_entropy(
        logits, ids[:, 1:][kept], reduction="none"
    )
    weight = weights[kept]
    return (losses * weight).sum() / weight.sum(), losses[weight == 1].mean().detach()


def prepare_start(recipe: Recipe, work: Path) -> Path:
    """The untrained model, cut out of a larger one once: `work/start`."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    out, fresh = work / "start", work / "start.tmp"
    if not out.exists():
        taught = assembled.assemble(Path(profiles.LAPTOP))
        whole_tokenizer = AutoTokenizer.from_pretrained(taught)
        whole = AutoModelForCausalLM.from_pretrained(taught, dtype=torch.float32)
        domains = [d for d in load_domains() if not d.held_out]
        texts = sample_texts(domains, recipe.seed, 6_000)
        tokenizer, kept = cut_tokenizer(whole_tokenizer, texts, recipe.vocab_size)
        ids = [i for row in whole_tokenizer(texts[:200])["input_ids"] for i in row]
        rows = torch.tensor(ids[: len(ids) // 256 * 256]).view(-1, 256)
        model = initial.cut(whole, kept, initial.LAYERS, recipe.mlp_width, rows)
        tokenizer.save_pretrained(fresh)
        model.save_pretrained(fresh)
        fresh.replace(out)
    return out


class Training(Budgeted):
    """The state of a run: what a checkpoint holds.

    Args:
        start: a directory with a model and its tokenizer; with `training.json` beside
            them, earlier minutes and steps count.
    """

    def __init__(self, recipe: Recipe, work: Path, start: Path):
        from transformers import AutoModelForCausalLM, AutoTokenizer

        super().__init__(recipe, work)
        torch.manual_seed(recipe.seed)
        self.domains = [d for d in load_domains() if not d.held_out]
        self.device, self.dtype, reason = choose_device()
        self.tokenizer = AutoTokenizer.from_pretrained(start)
        self.model = AutoModelForCausalLM.from_pretrained(start, dtype=torch.float32)
        if (kind := self.model.config.model_type) != "llama":
            raise RuntimeError(
                f"{start} holds a model of type {kind}, of an earlier recipe; expected "
                "llama. Train one from the beginning: `make model`, without --go-on."
            )
        self.model.to(self.device)
        # Updates gather in float32; this copy computes, where it can in bfloat16.
        self.used = copy.deepcopy(self.model).to(self.dtype)
        attention.use_lean(self.used)
        self.optimisers = build_optimisers(self.model, recipe.learning_rate, self.dtype)
        if (start / "training.json").exists():
            self.count(start)
        n = sum(p.numel() for p in self.model.parameters())
        print(f"{n / 1e6:.1f} M parameters, {reason}, {asdict(recipe)}", flush=True)

    def checkpoint(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "optimisers": [o.state_dict() for o in self.optimisers],
            "counts": (self.step, self.tokens, self.seconds),
        }
        fresh = self.work / "state.tmp"
        torch.save(state, fresh)
        fresh.replace(self.work / "state.pt")

    def resume(self) -> bool:
        path = self.work / "state.pt"
        if not path.exists():
            return False
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.step, self.tokens, self.seconds = state["counts"]
        self._to_used()
        return True

    @torch.no_grad()
    def _to_used(self) -> None:
        for own, used in zip(
            self.model.parameters(), self.used.parameters(), strict=True
        ):
            used.copy_(own)

    def run(self, checkpoint_minutes: float) -> None:
        """Train until the budget is spent."""
        rng = random.Random(f"train {self.recipe.seed} {self.step}")
        torch.manual_seed(self.recipe.seed + self.step)
        stream = batches(
            Encoder(self.tokenizer),
            self.domains,
            rng,
            lambda: self.progress,
            self.recipe.batch_tokens,
        )
        self.used.train()
        self.spend(stream, checkpoint_minutes)

    def train_step(self, batch: Batch) -> float:
        """One update; returns the mean loss of the replies."""
        set_learning_rate(self.optimisers, self.learning_rate())
        loss, reply_loss = batch_loss(self.used, batch)
        if not torch.isfinite(loss):
            raise RuntimeError(
                f"loss is {loss.item()} at step {self.step}: lower the rate"
            )
        loss.backward()
        for own, used in zip(
            self.model.parameters(), self.used.parameters(), strict=True
        ):
            own.grad, used.grad = used.grad.float(), None
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
        self._to_used()
        self.step += 1
        self.tokens += batch.ids.numel()
        return reply_loss.item()

    def summary(self) -> dict:
        """What the model card says of the training."""
        return {
            **asdict(self.recipe),
            "minutes": round(self.seconds / 60, 1),
            "steps": self.step,
            "tokens_m": self.tokens / 1e6,
            "n_domains": len(self.domains),
            "parameters_m": round(
                sum(p.numel() for p in self.model.parameters()) / 1e6, 1
            ),
            "layers": self.model.config.num_hidden_layers,
            "hidden": self.model.config.hidden_size,
            "device": device_name(self.device),
        }


def export(training: Training, out: Path) -> None:
    """Write the Hugging Face directory: bf16 weights, tokenizer, generation config."""
    from transformers import GenerationConfig

    tokenizer = training.tokenizer
    out.mkdir(parents=True, exist_ok=True)
    copy.deepcopy(training.model).to(torch.bfloat16).save_pretrained(out)
    tokenizer.save_pretrained(out)
    GenerationConfig(
        do_sample=False,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    ).save_pretrained(out)
    (out / "training.json").write_text(
        json.dumps(training.summary(), indent=1) + "\n", encoding="utf-8"
    )


def main() -> None:
    parser = options(__doc__.splitlines()[0], Recipe().minutes, OUT)
    parser.add_argument(
        "--fresh", action="store_true", help="forget earlier checkpoints"
    )
    parser.add_argument(
        "--export", action="store_true", help="only write the last checkpoint"
    )
    args = parser.parse_args()
    if args.fresh:
        shutil.rmtree(args.work, ignore_errors=True)
    args.work.mkdir(parents=True, exist_ok=True)
    recipe = Recipe(args.minutes, args.seed)
    start = args.out if args.go_on else prepare_start(recipe, args.work)
    training = Training(recipe, args.work, start)
    if training.resume():
        print(f"resumed at step {training.step}", flush=True)
    if not args.export:
        training.run(checkpoint_minutes=4)
    export(training, args.out)
    write_card(args.out)


if __name__ == "__main__":
    main()
