"""The bundled model's tokenizer: part of a larger byte-level BPE, a chat template."""

from __future__ import annotations

import json
import random
from collections import Counter

from .skills import Example, draw_example
from .worlds import Domain

SPECIAL = ("<|pad|>", "<|start|>", "<|end|>", "<|user|>", "<|assistant|>")
PAD, START, END, USER, ASSISTANT = SPECIAL
# The tokens of SmolLM2 whose vectors these begin with.
_NEAREST = ("<|im_end|>", "<|im_start|>", "<|im_end|>", "user", "Ġassistant")
CHAT_TEMPLATE = (
    "{{ '<|start|>' }}{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>' }}"
    "{% if message['role'] == 'assistant' %}"
    "{% generation %}{{ message['content'] + '<|end|>' }}{% endgeneration %}"
    "{% else %}{{ message['content'] + '<|end|>' }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def conversation(example: Example) -> list[tuple[str, str]]:
    """The turns of an example as (user, assistant) texts."""
    return [(example.messages[0]["content"], example.reply), *example.more]


def cut_tokenizer(whole, texts: list[str], vocab_size: int):
    """The tokens of `whole` that `texts` use most, as a tokenizer of its own.

    A token is kept with all that it is merged from, and all single bytes are kept, so
    any text can be written. Returns it with the old id of each new token.
    """
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    spec = json.loads(whole.backend_tokenizer.to_str())
    old, merges = spec["model"]["vocab"], [tuple(m) for m in spec["model"]["merges"]]
    kept = _most_used(whole, texts, old, merges, vocab_size - len(SPECIAL))
    tokens = sorted(kept, key=old.__getitem__)
    spec["model"]["vocab"] = {t: i for i, t in enumerate([*SPECIAL, *tokens])}
    spec["model"]["merges"] = [m for m in merges if {*m, "".join(m)} <= kept]
    spec["added_tokens"] = [_special(i, token) for i, token in enumerate(SPECIAL)]
    fast = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(spec)),
        pad_token=PAD,
        bos_token=START,
        eos_token=END,
        padding_side="left",
        model_max_length=2048,
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast, [*whole.convert_tokens_to_ids(list(_NEAREST)), *map(old.get, tokens)]


def _most_used(whole, texts, old, merges, n: int) -> set[str]:
    """At most `n` tokens: the bytes, then by use, each with its parts."""
    parts = {a + b: (a, b) for a, b in merges}
    ids = whole(texts, add_special_tokens=False)["input_ids"]
    kept = {token for token in old if len(token) == 1}
    for token, _ in Counter(i for row in ids for i in row).most_common():
        text = whole.convert_ids_to_tokens(token)
        more = _with_parts(text, parts) - kept
        if len(kept) + len(more) > n:
            break
        kept |= more
    return kept


def _with_parts(token: str, parts: dict[str, tuple[str, str]]) -> set[str]:
    below = (_with_parts(part, parts) for part in parts.get(token, ()))
    return {token}.union(*below)


def _special(place: int, token: str) -> dict:
    flags = ("single_word", "lstrip", "rstrip", "normalized")
    return {"id": place, "content": token, "special": True} | dict.fromkeys(
        flags, False
    )


def sample_texts(domains: list[Domain], seed: int, n_examples: int) -> list[str]:
    """What is said in `n_examples` generated conversations."""
    rng = random.Random(f"tokenizer {seed}")
    examples = (draw_example(rng, rng.choice(domains), 8, 2) for _ in range(n_examples))
    return [part for e in examples for turn in conversation(e) for part in turn]
