"""Muon in float32, for processors whose bfloat16 is slow.

`torch.optim.Muon` orthogonalises its updates in bfloat16; on a CPU without bfloat16
instructions one step then takes seconds. Here it is done in the parameters' own type.
Method: Jordan et al. 2024, the step scaled as in Liu et al. 2025 (arXiv 2502.16982) so
that AdamW's learning rates fit.
"""

from __future__ import annotations

import torch


def orthogonalise(matrix: torch.Tensor, steps: int = 5) -> torch.Tensor:
    """Push the singular values of `matrix` towards 1 (Newton-Schulz iteration)."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / x.norm().clamp_min(1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if tall else x


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised; for the matrices of the hidden layers."""

    def __init__(
        self, params, lr: float, momentum: float = 0.95, weight_decay: float = 0.01
    ):
        super().__init__(
            params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay}
        )

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self._update(p, group)

    def _update(self, p: torch.Tensor, group: dict) -> None:
        state = self.state[p]
        if not state:
            state["momentum"] = torch.zeros_like(p)
        momentum = state["momentum"].lerp_(p.grad, 1 - group["momentum"])
        update = orthogonalise(p.grad.lerp(momentum, group["momentum"]))
        p.mul_(1 - group["lr"] * group["weight_decay"])
        p.add_(update, alpha=-group["lr"] * 0.2 * max(p.shape) ** 0.5)


def build_optimisers(model, lr: float) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the layers, AdamW for embeddings, norms and biases."""
    matrices, others = [], []
    for name, p in model.named_parameters():
        (matrices if p.ndim == 2 and "embed" not in name else others).append(p)
    return [
        Muon(matrices, lr=lr),
        torch.optim.AdamW(
            others, lr=lr, betas=(0.9, 0.98), weight_decay=0.0, fused=True
        ),
    ]


def set_learning_rate(optimisers: list[torch.optim.Optimizer], lr: float) -> None:
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = lr
