"""The bundled model's tokenizer: byte-level BPE, digits one by one, a chat template."""

from __future__ import annotations

import random

from .skills import Example, draw_example
from .worlds import Domain

SPECIAL = ("<|pad|>", "<|start|>", "<|end|>", "<|user|>", "<|assistant|>")
PAD, START, END, USER, ASSISTANT = SPECIAL
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


def train_tokenizer(
    domains: list[Domain], vocab_size: int, seed: int, n_examples: int = 20_000
):
    """A `PreTrainedTokenizerFast` trained on generated conversations."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    rng = random.Random(f"tokenizer {seed}")
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=list(SPECIAL),
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    examples = (draw_example(rng, rng.choice(domains), 8, 2) for _ in range(n_examples))
    texts = (part for e in examples for turn in conversation(e) for part in turn)
    core.train_from_iterator(texts, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token=PAD,
        bos_token=START,
        eos_token=END,
        padding_side="left",
        model_max_length=2048,
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast
