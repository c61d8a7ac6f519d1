"""Attention for training on a CPU in bfloat16.

The gradient of torch's fused attention is slow there, and transformers' plain one takes
its softmax in float32.
"""

from typing import Any

_NAME = "lean"
_KINDS = ("llama",)  # others may cap or mask their scores in ways of their own


def use_lean(model: Any) -> None:
    """Let a model of transformers attend in the type of its weights throughout."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import eager_mask

    if model.config.model_type not in _KINDS:
        model.set_attn_implementation("eager")
        return
    AttentionInterface.register(_NAME, _lean)
    AttentionMaskInterface.register(_NAME, eager_mask)
    model.set_attn_implementation(_NAME)


def _lean(
    module: Any, query: Any, key: Any, value: Any, mask: Any, scaling: float, **_: Any
) -> tuple[Any, None]:
    """As transformers asks: all of (rows, heads, length, width); the mask is added."""
    groups = module.num_key_value_groups
    key = key.repeat_interleave(groups, dim=1)
    value = value.repeat_interleave(groups, dim=1)
    scores = (query * scaling) @ key.mT + mask
    return (scores.softmax(-1) @ value).transpose(1, 2).contiguous(), None
