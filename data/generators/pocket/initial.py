"""The model before its first step: a cut out of the laptop's model.

A small decoder from scratch spends most of its training on finding two circuits: heads
that see the token before, and heads that find an earlier occurrence of what is being
read and copy what followed (induction, Olsson et al. 2022). A pretrained model has
them, and a sense of words besides, so a part of one learns to read from far fewer
tokens. SmolLM2-135M (Ben Allal et al. 2025, arXiv 2502.02737, Apache-2.0) has them in
few of its thirty layers, and with the project's adapter (`data/laptop`) it has the
labs' skills; those layers are kept, each with the hidden units of its MLP and the model
with the tokens that the training conversations use most (as Muralidharan et al. 2024,
arXiv 2407.14679, prune).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

# On random tokens that come twice, heads of layers 17, 18 and 23 look at what followed
# the first time (weights 0.5 to 0.9); heads of 1, 2, 11 and 16 look at the token before
# (0.7 to 0.9). Without 0, 1, 2, 11, 16, 18 or 29 the model no longer copies.
LAYERS = (0, 1, 2, 8, 11, 16, 17, 18, 23, 29)


@torch.no_grad()
def cut(whole, kept_tokens: Sequence[int], layers: Sequence[int], width: int, texts):
    """A `LlamaForCausalLM` of some layers, MLP units and tokens of `whole`.

    Args:
        kept_tokens: the old id of each new token; the first three are padding, the
            start of a text and the end of a turn.
        width: hidden units kept in each MLP, those that matter most on `texts`
            (batch of token ids of `whole`, shape (rows, length)).
    """
    from transformers import LlamaForCausalLM

    whole.model.layers = torch.nn.ModuleList(whole.model.layers[i] for i in layers)
    importance = mlp_importance(whole, texts)
    kind = type(whole.config)
    changes = {
        "num_hidden_layers": len(layers),
        "intermediate_size": width,
        "vocab_size": len(kept_tokens),
        "max_position_embeddings": 2048,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "quantization_config": None,
    }
    small = LlamaForCausalLM(kind(**{**whole.config.to_dict(), **changes}))
    state = {
        f"model.layers.{i}.{name}": value
        for i, layer in enumerate(whole.model.layers)
        for name, value in _narrowed(layer, importance[i].topk(width).indices).items()
    }
    state["model.norm.weight"] = whole.model.norm.weight
    table = whole.model.embed_tokens.weight[list(kept_tokens)]
    state |= {"model.embed_tokens.weight": table, "lm_head.weight": table}
    small.load_state_dict(state)
    return small


def mlp_importance(model, texts: torch.Tensor) -> list[torch.Tensor]:
    """For each layer: how much each hidden unit of the MLP writes, on `texts`.

    The root of its mean square, times the length of what it adds per unit.
    """
    seen: list[torch.Tensor] = []
    hooks = [
        layer.mlp.down_proj.register_forward_pre_hook(
            lambda module, given: seen.append(
                given[0].square().mean((0, 1)).sqrt() * module.weight.norm(dim=0)
            )
        )
        for layer in model.model.layers
    ]
    model.model(texts)
    for hook in hooks:
        hook.remove()
    return seen


def _narrowed(layer, units: torch.Tensor) -> dict[str, torch.Tensor]:
    """The weights of a layer with these hidden units of its MLP, in their order."""
    units, state = units.sort().values, dict(layer.state_dict())
    for name in ("gate_proj", "up_proj"):
        state[f"mlp.{name}.weight"] = state[f"mlp.{name}.weight"][units]
    state["mlp.down_proj.weight"] = state["mlp.down_proj.weight"][:, units]
    return state
