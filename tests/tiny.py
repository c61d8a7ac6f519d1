"""Tiny random checkpoints with everything that a real one has."""

from pathlib import Path

TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}\n"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
    "{% if enable_thinking is not defined or enable_thinking %}<think>{% endif %}"
)
WORDS = "the park has nine turbines and one crew in a small town by the sea".split()


def save_tokenizer(directory: Path) -> int:
    """A byte-level BPE with a chat template; its size."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import PreTrainedTokenizerFast

    bpe = ByteLevelBPETokenizer()
    special = ["<pad>", "<end>", "<|user|>", "<|assistant|>"]
    bpe.train_from_iterator([" ".join(WORDS)], vocab_size=300, special_tokens=special)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe._tokenizer, pad_token="<pad>", eos_token="<end>"
    )
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(directory)
    return len(tokenizer)


def save_checkpoint(directory: Path, family: str, **more: int) -> Path:
    """A model of some thousand weights, drawn with a fixed seed, and its tokenizer."""
    import torch
    from transformers import Lfm2Config, Lfm2ForCausalLM, LlamaConfig, LlamaForCausalLM

    torch.manual_seed(1)
    sizes = {
        "vocab_size": save_tokenizer(directory),
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 256,
        "initializer_range": 0.5,  # answers that depend on the prompt
        "pad_token_id": 0,
        "eos_token_id": 1,
        "bos_token_id": None,
    } | more
    if family == "llama":
        model = LlamaForCausalLM(LlamaConfig(**sizes))
    else:
        kinds = ["conv", "full_attention"]
        model = Lfm2ForCausalLM(Lfm2Config(**sizes, layer_types=kinds))
    model.save_pretrained(directory)
    return directory
