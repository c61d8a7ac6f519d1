"""The model before its first step: weights that already know how to look back.

A small decoder from scratch spends most of its training on finding two circuits: heads
that see the previous tokens, and heads that find an earlier occurrence of what is being
read and copy what followed (induction, Olsson et al. 2022). Weights that resemble the
circuits are a known short cut (mimetic initialisation, Trockman & Kolter 2023). So the
residual stream begins in three parts: the token itself, the token before, the one
before that. The embeddings start from those of all-MiniLM-L6-v2, so that words which
mean similar things start out similar, those of unseen domains too.
"""

from __future__ import annotations

import math

import torch
from torch import nn


def build_model(vocab_size: int, hidden: int, layers: int, heads: int):
    """A `StableLmForCausalLM`: rotary on a part of each head, q, k, v biased."""
    from transformers import StableLmConfig, StableLmForCausalLM

    config = StableLmConfig(
        vocab_size=vocab_size,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        intermediate_size=int(hidden * 2.5),
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        use_qkv_bias=True,
        initializer_range=0.7 / math.sqrt(hidden),
        rope_parameters={
            "rope_type": "default",
            "rope_theta": 500.0,
            "partial_rotary_factor": 0.25,
        },
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
    )
    return StableLmForCausalLM(config)


def minilm_embeddings(tokenizer, directory: str, width: int) -> torch.Tensor:
    """(vocabulary, width): the mean of MiniLM's pieces of a token, main directions."""
    from transformers import AutoModel, AutoTokenizer

    pieces = AutoTokenizer.from_pretrained(directory)
    table = AutoModel.from_pretrained(
        directory
    ).embeddings.word_embeddings.weight.detach()
    table = table - table.mean(0)
    texts = [tokenizer.decode([i]).strip() or "." for i in range(len(tokenizer))]
    ids = pieces(texts, add_special_tokens=False)["input_ids"]
    rows = torch.stack(
        [table[i].mean(0) if i else torch.zeros(table.shape[1]) for i in ids]
    )
    _, _, directions = torch.linalg.svd(rows - rows.mean(0), full_matrices=False)
    rows = rows @ directions[:width].T
    return rows / rows.norm(dim=1, keepdim=True).clamp_min(1e-6)


def _rotary_bias(
    attention, offset: int, strength: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Biases of q and k (rotary part): the best score is `offset` tokens back."""
    config, half = attention.config, attention.rotary_ndims // 2
    theta = config.rope_parameters["rope_theta"]
    angle = offset * theta ** (-torch.arange(half) / half)
    q = strength * torch.cat([angle.cos(), -angle.sin()])
    return q, strength * torch.cat([torch.ones(half), torch.zeros(half)])


def _orthonormal(rows: int, columns: int) -> torch.Tensor:
    return nn.init.orthogonal_(torch.empty(rows, columns))


@torch.no_grad()
def shape_weights(model, embeddings: torch.Tensor) -> None:
    """Write look-back heads (first layer) and matching heads (the others)."""
    width = model.config.hidden_size
    token, step = width // 2, width // 4
    table = model.model.embed_tokens.weight
    table.normal_(std=0.3 / math.sqrt(width))
    own_noise = torch.randn(len(table), token) * 0.7 / math.sqrt(token)
    table[:, :token] = embeddings + own_noise
    layers = model.model.layers
    projection = _look_back(layers[0].self_attn, token, step)
    for layer in layers[1:]:
        _match(layer.self_attn, token, step, projection)
    for layer in layers:
        layer.mlp.down_proj.weight.mul_(0.5)


def _look_back(attention, token: int, step: int) -> torch.Tensor:
    """Half of the heads copy (a projection of) the tokens one and two places back."""
    size, half = attention.head_dim, attention.num_heads // 2
    rotary = attention.rotary_ndims
    projection = _orthonormal(step, token)
    for head in range(half):
        back, part = divmod(head * size, step)
        rows = slice(head * size, (head + 1) * size)
        for proj in (attention.q_proj, attention.k_proj):
            proj.weight[rows].mul_(0.1)
        q, k = _rotary_bias(attention, back + 1, 8.0)
        attention.q_proj.bias[rows.start : rows.start + rotary] = q
        attention.k_proj.bias[rows.start : rows.start + rotary] = k
        attention.v_proj.weight[rows] = 0
        attention.v_proj.weight[rows, :token] = projection[part : part + size]
        target = token + back * step + part
        attention.o_proj.weight[:, rows] = 0
        attention.o_proj.weight[target : target + size, rows] = torch.eye(size) / 16
    return projection


def _match(attention, token: int, step: int, projection: torch.Tensor) -> None:
    """A quarter of the heads find the same tokens earlier; half find what followed."""
    size, heads, rotary = (
        attention.head_dim,
        attention.num_heads,
        attention.rotary_ndims,
    )
    free = size - rotary
    for head in range(heads * 3 // 4):
        rows = slice(head * size + rotary, (head + 1) * size)
        pick = _orthonormal(free // 2, step)
        now = pick @ projection
        bridge = _orthonormal(free - free // 2, step)
        q = torch.zeros(free, attention.hidden_size)
        k = torch.zeros_like(q)
        if head < heads // 4:  # the same token, with the same token before
            q[: free // 2, :token] = k[: free // 2, :token] = now
            q[free // 2 :, token : token + step] = bridge
            k[free // 2 :, token : token + step] = bridge
        else:  # here: this token; there: the token before
            q[: free // 2, :token] = now
            k[: free // 2, token : token + step] = pick
            q[free // 2 :, token : token + step] = bridge
            k[free // 2 :, token + step :] = bridge
            _copy_token(attention, head, heads, size, token)
        attention.q_proj.weight[rows] = q * 1.2 + attention.q_proj.weight[rows] * 0.3
        attention.k_proj.weight[rows] = k * 1.2 + attention.k_proj.weight[rows] * 0.3


def _copy_token(attention, head: int, heads: int, size: int, token: int) -> None:
    """Values are a share of the token's own part, written back as it is."""
    share = ((head - heads // 4) * size) % token
    rows = slice(head * size, (head + 1) * size)
    attention.v_proj.weight[rows].mul_(0.3)
    attention.v_proj.weight[rows, share : share + size] += torch.eye(size)
    attention.o_proj.weight[:, rows].mul_(0.3)
    attention.o_proj.weight[share : share + size, rows] += torch.eye(size) / 8
