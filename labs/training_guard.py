"""What watches over a training: a progress bar, the losses, and a loss that is none."""

import math
from typing import Any

from labs import progress
from labs.errors import LabsError


def watch(trainer: Any) -> Any:
    """Put the watch on a trl trainer in place of its printing; `.losses()` tells."""
    from transformers import PrinterCallback

    trainer.remove_callback(PrinterCallback)
    watcher = _watcher()
    trainer.add_callback(watcher)
    return watcher


def _watcher() -> Any:
    """Built when it is needed: transformers is slow to import."""
    from transformers import TrainerCallback

    class Watch(TrainerCallback):
        """A bar while it trains; an error as soon as the loss is not finite."""

        def __init__(self) -> None:
            self.history: list[dict[str, float]] = []
            self._bar: Any = None

        def losses(self) -> list[float]:
            """The loss of every step, those before a resume included."""
            return [entry["loss"] for entry in self.history if "loss" in entry]

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self._bar = progress.bar(state.max_steps, "training", "step")
            self._bar.update(state.global_step)

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self._bar.update(1)

        def on_log(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.history = state.log_history
            loss = self.history[-1].get("loss", 0.0) if self.history else 0.0
            if not math.isfinite(loss):
                self._bar.close()
                raise LabsError(
                    f"The loss of step {state.global_step} is {loss}: the training has "
                    "diverged. Lower the learning rate, or look at the rows of this "
                    "step; the last checkpoint before it is kept."
                )

        def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self._bar.close()

    return Watch()
