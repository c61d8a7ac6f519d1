"""Teach a small pretrained model the labs' skills: `python -m labs model --laptop`.

SmolLM2-135M-Instruct reads, but not in the labs' prompts: asked about passages it
chats. A LoRA adapter, trained on the conversations of `generators.pocket` (other
domains, never the wind parks), teaches it to answer from passages, to cite and to
refuse. The adapter is what the project ships (`data/laptop`); the base comes from the
package index (`labs.assembled`).

Checkpoints every few minutes and resumes from the last one; `--minutes` is the whole
budget, earlier runs counted in, and `--go-on` starts from the exported adapter where no
checkpoint is left.
"""

from __future__ import annotations

import json
import os
import random
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from labs import assembled, attention, profiles, progress

from ..pocket.batches import Encoder, Markers, batches
from ..pocket.budget import Budgeted, options
from ..pocket.evaluate import write_card
from ..pocket.train import (
    batch_loss,
    choose_device,
    device_name,
)
from ..pocket.worlds import load_domains

OUT = Path(profiles.LAPTOP)
CARD = Path(__file__).parent / "card.md"
MARKERS = Markers(
    user="<|im_start|>user\n",
    assistant="<|im_end|>\n<|im_start|>assistant\n",
    end="<|im_end|>",
    after="\n",
)
EARLIEST = 0.4  # of the curriculum of `batches`: whole instructions from the beginning


@dataclass(slots=True)
class Recipe:
    """Everything that decides the outcome, but for the machine's speed."""

    minutes: float = 40.0
    seed: int = 1
    rank: int = 32
    learning_rate: float = 1e-3
    warmup_steps: int = 10
    decay_from: float = 0.4
    batch_tokens: int = 900


def lora_config(rank: int):
    """LoRA at every linear layer of the decoder."""
    from peft import LoraConfig

    return LoraConfig(
        r=rank, lora_alpha=rank, target_modules="all-linear", task_type="CAUSAL_LM"
    )


def load(recipe: Recipe, start: Path | None = None):
    """The tokenizer, and the base with an adapter, fresh or `start`'s, in bfloat16."""
    from peft import PeftModel, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.manual_seed(recipe.seed)
    base = assembled.base_directory(OUT)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16)
    attention.use_lean(model)
    options = {"autocast_adapter_dtype": False}
    with progress.without_old_names():
        adapted = (
            PeftModel.from_pretrained(model, start, is_trainable=True, **options)
            if start
            else get_peft_model(model, lora_config(recipe.rank), **options)
        )
    return AutoTokenizer.from_pretrained(base), adapted.to(choose_device()[0])


class Training(Budgeted):
    """The state of a run. The optimiser keeps the adapter in float32.

    Args:
        start: the directory of an exported adapter to go on from.
    """

    def __init__(self, recipe: Recipe, work: Path, start: Path | None = None):
        super().__init__(recipe, work)
        self.tokenizer, self.model = load(recipe, start)
        if start:
            self.count(start)
        self.trained = [p for p in self.model.parameters() if p.requires_grad]
        self.master = [p.detach().float().clone() for p in self.trained]
        self.optimiser = torch.optim.AdamW(
            self.master, betas=(0.9, 0.98), weight_decay=0.0, fused=True
        )
        self.domains = [d for d in load_domains() if not d.held_out]
        n = sum(p.numel() for p in self.trained)
        print(f"{n / 1e6:.1f} M trained parameters, {asdict(recipe)}", flush=True)

    def checkpoint(self) -> None:
        state = {
            "master": self.master,
            "optimiser": self.optimiser.state_dict(),
            "counts": (self.step, self.tokens, self.seconds),
        }
        torch.save(state, self.work / "state.tmp")
        (self.work / "state.tmp").replace(self.work / "state.pt")

    def resume(self) -> bool:
        path = self.work / "state.pt"
        if not path.exists():
            return False
        state = torch.load(path, self.master[0].device, weights_only=True)
        for own, saved in zip(self.master, state["master"], strict=True):
            own.copy_(saved)
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.tokens, self.seconds = state["counts"]
        self._to_model()
        return True

    @torch.no_grad()
    def _to_model(self) -> None:
        for own, used in zip(self.master, self.trained, strict=True):
            used.copy_(own)

    def run(self, checkpoint_minutes: float = 4.0) -> None:
        """Train until the budget is spent."""
        rng = random.Random(f"laptop {self.recipe.seed} {self.step}")
        stream = batches(
            Encoder(self.tokenizer, MARKERS),
            self.domains,
            rng,
            lambda: EARLIEST + (1 - EARLIEST) * self.progress,
            self.recipe.batch_tokens,
        )
        self.model.train()
        self.spend(stream, checkpoint_minutes)

    def train_step(self, batch) -> float:
        """One update on the replies alone; returns their mean loss."""
        batch.weights = (batch.weights == 1).float()
        causal = self.model.base_model.model
        loss, reply_loss = batch_loss(causal, batch)
        if not torch.isfinite(loss):
            raise RuntimeError(f"loss is {loss.item()} at step {self.step}")
        loss.backward()
        for own, used in zip(self.master, self.trained, strict=True):
            own.grad, used.grad = used.grad.float(), None
        torch.nn.utils.clip_grad_norm_(self.master, 1.0)
        self.optimiser.param_groups[0]["lr"] = self.learning_rate()
        self.optimiser.step()
        self._to_model()
        self.step += 1
        self.tokens += batch.ids.numel()
        return reply_loss.item()


def export(training: Training, out: Path) -> None:
    """Write the adapter in bfloat16, and what its card says of the training."""
    training.model.save_pretrained(out)
    config = out / "adapter_config.json"
    text = json.loads(config.read_text(encoding="utf-8"))
    text["base_model_name_or_path"] = None  # peft puts a path of this machine
    config.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")
    (out / "README.md").unlink(missing_ok=True)  # peft's, a form to fill in
    summary = {
        **asdict(training.recipe),
        "minutes": round(training.seconds / 60, 1),
        "steps": training.step,
        "tokens_m": training.tokens / 1e6,
        "n_domains": len(training.domains),
        "device": device_name(training.master[0].device),
    }
    path = out / "training.json"
    path.write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    args = options(__doc__.splitlines()[0], Recipe().minutes, OUT).parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    recipe = Recipe(args.minutes, args.seed)
    training = Training(recipe, args.work, args.out if args.go_on else None)
    if training.resume():
        print(f"resumed at step {training.step}", flush=True)
    training.run()
    export(training, args.out)
    os.environ["LABS_PROFILE"] = "laptop"
    write_card(args.out, CARD)


if __name__ == "__main__":
    main()
