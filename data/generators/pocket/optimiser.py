"""Muon in the type that the processor is fast at, and head by head.

`torch.optim.Muon` orthogonalises its updates in bfloat16; on a CPU without bfloat16
instructions one step then takes seconds. Here the type can be chosen, and each
attention head is done by itself, which costs a tenth of doing all heads at once.
Method: Jordan et al. 2024, the step scaled as in Liu et al. 2025 (arXiv 2502.16982) so
that AdamW's learning rates fit.
"""

from __future__ import annotations

import torch


def orthogonalise(matrix: torch.Tensor, steps: int = 5) -> torch.Tensor:
    """Push the singular values of `matrix` towards 1 (Newton-Schulz iteration).

    Args:
        matrix: shape (..., rows, columns).
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrix.shape[-2] > matrix.shape[-1]
    x = matrix.mT if tall else matrix
    x = x / x.norm(dim=(-2, -1), keepdim=True).clamp_min(1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x


def orthogonalise_heads(matrix: torch.Tensor, head_dim: int) -> torch.Tensor:
    """The same for each block of `head_dim` rows (a head's) by itself."""
    blocks = orthogonalise(matrix.unflatten(0, (-1, head_dim)))
    return blocks.flatten(0, 1)


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised; for the matrices of the hidden layers.

    A group of parameters says in `heads` whether its rows (queries, keys, values) or
    its columns (outputs) belong to heads of `head_dim`.
    """

    def __init__(
        self,
        params,
        lr: float,
        dtype: torch.dtype,
        momentum: float = 0.95,
        weight_decay: float = 0.01,
    ):
        defaults = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay}
        super().__init__(params, defaults | {"heads": None, "head_dim": 0})
        self.dtype = dtype

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
        update = self._direction(p.grad.lerp(momentum, group["momentum"]), group)
        update = update.to(p.dtype)
        p.mul_(1 - group["lr"] * group["weight_decay"])
        p.add_(update, alpha=-group["lr"] * 0.2 * max(p.shape) ** 0.5)

    def _direction(self, step: torch.Tensor, group: dict) -> torch.Tensor:
        step = step.to(self.dtype)
        if group["heads"] == "rows":
            return orthogonalise_heads(step, group["head_dim"])
        if group["heads"] == "columns":
            return orthogonalise_heads(step.T, group["head_dim"]).T
        return orthogonalise(step)


def _heads(name: str) -> str | None:
    if "o_proj" in name:
        return "columns"
    return "rows" if "self_attn" in name else None


def build_optimisers(
    model, lr: float, dtype: torch.dtype
) -> list[torch.optim.Optimizer]:
    """Muon (computing in `dtype`) for the layers' matrices, AdamW for the others."""
    matrices: dict[str | None, list] = {"rows": [], "columns": [], None: []}
    others = []
    for name, p in model.named_parameters():
        inner = p.ndim == 2 and "embed" not in name
        (matrices[_heads(name)] if inner else others).append(p)
    size = model.config.head_dim
    groups = [
        {"params": own, "heads": heads, "head_dim": size}
        for heads, own in matrices.items()
    ]
    return [
        Muon(groups, lr, dtype),
        torch.optim.AdamW(
            others, lr=lr, betas=(0.9, 0.98), weight_decay=0.0, fused=True
        ),
    ]


def set_learning_rate(optimisers: list[torch.optim.Optimizer], lr: float) -> None:
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = lr
