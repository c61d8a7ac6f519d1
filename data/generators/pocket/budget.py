"""A training that runs for a budget of minutes and can be broken off at any step."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

from labs import profiles

from .batches import Batch


def options(description: str, minutes: float, out: Path) -> argparse.ArgumentParser:
    """The command line of a training; `out` is where its model goes."""
    parser = argparse.ArgumentParser(
        "python -m labs model",
        description=description,
        epilog="With --laptop: the adapter of the laptop profile's model.",
    )
    parser.add_argument(
        "--minutes",
        type=_positive,
        default=minutes,
        help="the whole budget, earlier runs counted in (default: %(default)g)",
    )
    parser.add_argument("--seed", type=int, default=1, help="default: 1")
    parser.add_argument("--out", type=Path, default=out, help="where the model goes")
    parser.add_argument(
        "--work",
        type=Path,
        default=profiles.ROOT / "build" / out.name,
        help="where checkpoints lie, from which a broken-off training goes on",
    )
    parser.add_argument(
        "--go-on", action="store_true", help="from the model in --out, not afresh"
    )
    return parser


def _positive(text: str) -> float:
    if not (value := float(text)) > 0:
        raise argparse.ArgumentTypeError(f"found {text}, expected more than 0")
    return value


class Budgeted:
    """What a run counts, how its learning rate follows, when it keeps a checkpoint.

    Args:
        recipe: with `minutes` (the whole budget, earlier runs counted in),
            `learning_rate`, `warmup_steps` and `decay_from` (a share of the budget).
        work: the directory of the log and of checkpoints.
    """

    def __init__(self, recipe, work: Path):
        self.recipe, self.work = recipe, work
        self.step, self.tokens, self.seconds = 0, 0, 0.0
        self.first_step = 0  # of this optimiser

    def count(self, exported: Path) -> None:
        """Go on from an exported model: what its `training.json` tells counts."""
        earlier = json.loads((exported / "training.json").read_bytes())
        self.step = self.first_step = earlier["steps"]
        self.seconds = 60 * earlier["minutes"]
        self.tokens = round(1e6 * earlier["tokens_m"])

    def train_step(self, batch: Batch) -> float:
        """One update; returns the mean loss of the replies."""
        raise NotImplementedError

    def checkpoint(self) -> None:
        """Write all that a later run goes on from."""
        raise NotImplementedError

    @property
    def progress(self) -> float:
        return min(1.0, self.seconds / (60 * self.recipe.minutes))

    def learning_rate(self) -> float:
        own = self.step - self.first_step + 1
        warm = min(1.0, own / self.recipe.warmup_steps)
        left = (1 - self.progress) / (1 - self.recipe.decay_from)
        return self.recipe.learning_rate * warm * min(1.0, max(0.02, left))

    def spend(self, stream: Iterator[Batch], checkpoint_minutes: float) -> None:
        """Train until the budget is spent; whatever ends it, a checkpoint is kept."""
        try:
            self._steps(stream, 60 * checkpoint_minutes)
        finally:
            self.checkpoint()

    def _steps(self, stream: Iterator[Batch], checkpoint_seconds: float) -> None:
        recent: list[float] = []
        said = saved = time.monotonic()
        while self.progress < 1:
            begun = time.monotonic()
            recent = [*recent[-99:], self.train_step(next(stream))]
            now = time.monotonic()
            self.seconds += now - begun
            if now - said > 60:
                said = now
                self.report(recent)
            if now - saved > checkpoint_seconds:
                saved = now
                self.checkpoint()

    def report(self, recent: list[float]) -> None:
        row = {
            "minutes": round(self.seconds / 60, 1),
            "step": self.step,
            "tokens_per_s": round(self.tokens / self.seconds),
            "reply_loss": round(sum(recent) / len(recent), 4),
            "learning_rate": round(self.learning_rate(), 6),
        }
        print(json.dumps(row), flush=True)
        with (self.work / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")
