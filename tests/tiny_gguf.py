"""A tiny package with GGUF weights, and a recipe that puts an adapter on them."""

import hashlib
import json
from pathlib import Path

import numpy as np
import torch

from labs import assembled, profiles

LAYERS, WIDTH, HEADS, MLP = 2, 32, 4, 48
TEMPLATE = (Path(profiles.LAPTOP) / "chat_template.jinja").read_text(encoding="utf-8")


def write_gguf(path: Path) -> None:
    """A Llama of two layers, with all bytes and three special tokens for words."""
    import gguf
    from tokenizers.pre_tokenizers import ByteLevel

    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    tokens = [*special, *sorted(ByteLevel.alphabet()), "ab"]
    kinds = [3] * 3 + [1] * (len(tokens) - 3)  # control tokens, then normal ones
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(512)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(MLP)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(1e4)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    rng = np.random.default_rng(0)

    def add(name: str, *shape: int) -> None:
        values = rng.normal(0, 0.2, shape) if len(shape) > 1 else np.ones(shape)
        writer.add_tensor(f"{name}.weight", values.astype(np.float32))

    add("token_embd", len(tokens), WIDTH)
    add("output_norm", WIDTH)
    for i in range(LAYERS):
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            add(f"blk.{i}.{name}", WIDTH, WIDTH)
        for name in ("ffn_gate", "ffn_up"):
            add(f"blk.{i}.{name}", MLP, WIDTH)
        add(f"blk.{i}.ffn_down", WIDTH, MLP)
        add(f"blk.{i}.attn_norm", WIDTH)
        add(f"blk.{i}.ffn_norm", WIDTH)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def save_adapter(base: Path, directory: Path) -> None:
    """LoRA weights that change every linear layer."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(1)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    config = LoraConfig(r=2, target_modules="all-linear", init_lora_weights=False)
    get_peft_model(model, config).save_pretrained(directory)


def save_package(folder: Path) -> Path:
    """An installed package, as the real one is; the folder for `sys.path`."""
    package = folder / "tiny_weights"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('not to be imported')")
    write_gguf(package / "tiny.gguf")
    return folder


def save_recipe(directory: Path, gguf: Path) -> Path:
    """The template, what base it belongs to, and an adapter for it."""
    directory.mkdir()
    (directory / "chat_template.jinja").write_text(TEMPLATE, encoding="utf-8")
    digest = hashlib.sha256(gguf.read_bytes()).hexdigest()
    base = {"package": "tiny-weights==1", "member": "tiny_weights/tiny.gguf"}
    (directory / "base.json").write_text(json.dumps(base | {"sha256": digest}))
    save_adapter(assembled.base_directory(directory), directory)
    return directory
