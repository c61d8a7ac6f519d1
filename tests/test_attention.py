"""The attention of CPU trainings gives what transformers' own gives."""

import torch
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from labs import attention


def tiny_llama() -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=50,
        hidden_size=24,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=6,
        num_key_value_heads=2,
    )
    return LlamaForCausalLM(config).eval()


def test_logits_and_gradients_are_those_of_eager_attention_with_padding():
    ids = torch.randint(0, 50, (3, 11))
    mask = torch.ones_like(ids)
    mask[0, :4] = 0
    found = []
    for lean in (False, True):
        model = tiny_llama()
        model.set_attn_implementation("eager")
        if lean:
            attention.use_lean(model)
            assert model.config._attn_implementation == "lean"
        out = model(input_ids=ids, attention_mask=mask, labels=ids)
        out.loss.backward()
        gradient = model.model.layers[0].self_attn.k_proj.weight.grad
        found.append((out.logits[mask == 1], gradient))
    for plain, lean in zip(*found, strict=True):
        torch.testing.assert_close(lean, plain)


def test_a_model_of_another_kind_keeps_its_own():
    model = GPT2LMHeadModel(GPT2Config(n_layer=1, n_head=2, n_embd=8, vocab_size=20))
    attention.use_lean(model)
    assert model.config._attn_implementation == "eager"
