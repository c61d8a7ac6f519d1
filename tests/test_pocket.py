"""The bundled model, and the generators and the recipe that it comes from."""

import copy
import json
import random
import re
from pathlib import Path

import pytest
import torch
from generators.pocket import (
    asking,
    batches,
    evaluate,
    initial,
    optimiser,
    skills,
    worlds,
)
from generators.pocket.tokenizer import conversation, cut_tokenizer, sample_texts
from generators.pocket.train import Recipe, Training, export
from transformers import AutoTokenizer

from labs import profiles
from labs.models import Generator

POCKET = profiles.ROOT / "data" / "pocket"
DOMAINS = worlds.load_domains()
TRAINED = [domain for domain in DOMAINS if not domain.held_out]
HELD_OUT = [domain for domain in DOMAINS if domain.held_out]


def _templates(domain: worlds.Domain) -> set[str]:
    return {t for r in domain.relations for t in (*r.statements, *r.questions)}


# The domains --------------------------------------------------------------------------


def test_there_are_enough_domains_and_relations() -> None:
    assert len(TRAINED) >= 12 and len(HELD_OUT) >= 2
    assert sum(len(domain.relations) for domain in TRAINED) >= 150


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
def test_a_domain_is_well_formed(domain: worlds.Domain) -> None:
    assert len({r.id for r in domain.relations}) == len(domain.relations)
    for r in domain.relations:
        assert len(r.statements) >= 4 and len(r.questions) >= 4, r.id
        assert all("{s}" in t and "{o}" in t for t in r.statements), r.id
        assert all("{s}" in t and "{o}" not in t for t in r.questions), r.id
        assert r.subject in domain.entities
        assert r.object_kind is None or (r.object_kind in domain.entities and r.np)


def test_held_out_wordings_are_not_trained_on() -> None:
    trained = set().union(*map(_templates, TRAINED))
    for domain in HELD_OUT:
        assert not _templates(domain) & trained, domain.name


def test_no_domain_is_about_wind_power() -> None:
    text = " ".join(" ".join(_templates(domain)) for domain in DOMAINS).lower()
    words = set(re.findall(r"[a-z]+", text))
    assert not words & {"wind", "turbine", "turbines", "nacelle", "rotor", "yaw"}


# The worlds and the conversations -----------------------------------------------------


def test_the_same_seed_gives_the_same_conversations() -> None:
    def draw(seed: int) -> list[skills.Example]:
        rng = random.Random(seed)
        return [skills.draw_example(rng, rng.choice(TRAINED), 8, 3) for _ in range(50)]

    assert draw(4) == draw(4)
    assert draw(4) != draw(5)


def test_every_fact_stands_in_its_passage() -> None:
    rng = random.Random(1)
    for _ in range(300):
        reading = asking.read_world(rng, rng.choice(DOMAINS), 12, 4)
        for fact, place in reading.place.items():
            assert fact.object.lower() in reading.passages[place - 1].lower()


def test_a_refusal_is_asked_for_only_where_nothing_is_told() -> None:
    """A fact that the passages tell has its relation and subject in the world."""
    rng = random.Random(2)
    for _ in range(300):
        reading = asking.read_world(rng, rng.choice(DOMAINS), 8, 4)
        told = {
            worlds.fill(question, s=fact.subject)
            for fact in reading.world.facts
            for question in fact.relation.questions
        }
        asked = asking._ask_unanswerable(rng, reading)
        assert asked is None or asked[1] not in told


@pytest.mark.parametrize("name", skills.SKILLS)
def test_the_right_reply_scores_full_and_another_does_not(name: str) -> None:
    rng = random.Random(3)
    make = skills.SKILLS[name][1]
    examples = [make(rng, rng.choice(DOMAINS), 8) for _ in range(40)]
    assert all(evaluate.score(e, e.reply) == 1 for e in examples)
    assert all(evaluate.score(e, "Nothing of the sort") < 1 for e in examples)


# The recipe ---------------------------------------------------------------------------


def test_orthogonalise_pushes_singular_values_towards_one() -> None:
    torch.manual_seed(0)
    for shape in ((8, 24), (24, 8), (16, 16)):
        matrix = torch.randn(shape) @ torch.diag(torch.logspace(0, -1, shape[1]))
        values = torch.linalg.svdvals(optimiser.orthogonalise(matrix, steps=10))
        assert values.min() > 0.5 and values.max() < 1.3


def test_heads_are_orthogonalised_each_by_itself() -> None:
    torch.manual_seed(0)
    rows = torch.randn(24, 32)
    each = [optimiser.orthogonalise(block) for block in rows.split(8)]
    assert torch.allclose(
        optimiser.orthogonalise_heads(rows, 8), torch.cat(each), atol=1e-5
    )


@pytest.fixture(scope="module")
def whole():
    """A small Llama with a byte-level BPE, in the place of SmolLM2."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=900,
        special_tokens=["<|im_start|>", "<|im_end|>"],
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    texts = [*sample_texts(TRAINED[:2], 1, 200), *["user an assistant"] * 100]
    core.train_from_iterator(texts, trainer)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=900,
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        tie_word_embeddings=True,
    )
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core)
    return tokenizer, LlamaForCausalLM(config).eval()


@pytest.fixture(scope="module")
def start(whole, tmp_path_factory) -> Path:
    """The untrained model that a training begins with."""
    tokenizer, model = whole
    small, kept = cut_tokenizer(tokenizer, sample_texts(TRAINED[:2], 1, 100), 600)
    rows = torch.arange(32).view(2, 16)
    directory = tmp_path_factory.mktemp("start")
    initial.cut(copy.deepcopy(model), kept, (0, 2), 48, rows).save_pretrained(directory)
    small.save_pretrained(directory)
    return directory


def test_a_cut_of_everything_is_the_whole(whole) -> None:
    _, model = whole
    ids = torch.arange(3, 43).view(2, 20)
    same = initial.cut(copy.deepcopy(model), range(900), range(3), 96, ids)
    assert torch.allclose(same(ids).logits, model(ids).logits, atol=1e-5)


def test_a_cut_keeps_its_layers_its_tokens_and_the_units_that_matter(whole) -> None:
    _, model = whole
    ids = torch.arange(3, 43).view(2, 20)
    silent = copy.deepcopy(model)
    silent.model.layers[2].mlp.down_proj.weight.data[:, 10:] = 0
    small = initial.cut(silent, [5, 4, 3, 99], (0, 2), 10, ids)
    inner, outer = small.model.layers[1], model.model.layers[2]
    assert inner.self_attn.q_proj.weight.equal(outer.self_attn.q_proj.weight)
    assert inner.mlp.up_proj.weight.equal(outer.mlp.up_proj.weight[:10])
    table = model.model.embed_tokens.weight[[5, 4, 3, 99]]
    assert small.lm_head.weight.equal(table)


def test_a_cut_tokenizer_writes_any_text_and_knows_the_old_ids(whole) -> None:
    tokenizer, _ = whole
    small, kept = cut_tokenizer(tokenizer, sample_texts(TRAINED[:2], 1, 100), 600)
    assert len(small) == len(kept) <= 600
    for text in ("Ægir's 3½ m/s — naïve", "The pump of Station 12"):
        ids = small(text)["input_ids"]
        assert small.decode(ids) == text
        pieces = small.convert_ids_to_tokens(ids)
        assert tokenizer.convert_ids_to_tokens([kept[i] for i in ids]) == pieces
    full, _ = cut_tokenizer(tokenizer, sample_texts(TRAINED[:2], 1, 100), 2_000)
    text = "The pump of Station 12"
    assert full.tokenize(text) == tokenizer.tokenize(text)


def test_only_what_the_assistant_says_has_full_weight(start) -> None:
    tokenizer = AutoTokenizer.from_pretrained(start)
    example = skills.answer(random.Random(5), TRAINED[0], 5, turns=3)
    [(ids, spoken)] = batches.Encoder(tokenizer)([conversation(example)])
    said = tokenizer.decode([i for i, s in zip(ids, spoken, strict=True) if s])
    replies = [reply for _, reply in conversation(example)]
    assert said == "".join(f"{reply}<|end|>" for reply in replies)


def test_training_matches_the_chat_template(start) -> None:
    tokenizer = AutoTokenizer.from_pretrained(start)
    example = skills.answer(random.Random(5), TRAINED[0], 5)
    [(ids, _)] = batches.Encoder(tokenizer)([conversation(example)])
    reply = {"role": "assistant", "content": example.reply}
    text = tokenizer.apply_chat_template([*example.messages, reply], tokenize=False)
    assert tokenizer(text, add_special_tokens=False)["input_ids"] == ids


def test_a_step_moves_every_parameter_and_a_checkpoint_brings_them_back(
    start, tmp_path
) -> None:
    recipe = Recipe(batch_tokens=400)
    training = Training(recipe, tmp_path, start)
    before = {n: p.clone() for n, p in training.model.named_parameters()}
    stream = batches.batches(
        batches.Encoder(training.tokenizer),
        training.domains,
        random.Random(1),
        lambda: 0.5,
        400,
    )
    for _ in range(2):
        training.train_step(next(stream))
    still = [n for n, p in training.model.named_parameters() if p.equal(before[n])]
    assert not still
    training.checkpoint()
    again = Training(recipe, tmp_path, start)
    assert again.resume() and again.step == 2
    for (name, p), q in zip(
        again.model.named_parameters(), training.model.parameters(), strict=True
    ):
        assert p.equal(q), name


def test_an_exported_model_goes_on_where_it_stopped(start, tmp_path) -> None:
    recipe = Recipe()
    first = Training(recipe, tmp_path / "a", start)
    first.step, first.seconds = 7, 120.0
    export(first, tmp_path / "out")
    again = Training(recipe, tmp_path / "b", tmp_path / "out")
    assert (again.step, again.seconds) == (7, 120.0)
    assert again.tokenizer.get_vocab() == first.tokenizer.get_vocab()
    for p, q in zip(again.model.parameters(), first.model.parameters(), strict=True):
        assert p.equal(q.bfloat16().float())


def test_a_model_of_another_recipe_does_not_go_on(start, tmp_path) -> None:
    from transformers import StableLmConfig, StableLmForCausalLM

    AutoTokenizer.from_pretrained(start).save_pretrained(tmp_path)
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 2}
    other = StableLmForCausalLM(StableLmConfig(vocab_size=600, **sizes, **heads))
    other.save_pretrained(tmp_path)
    with pytest.raises(RuntimeError, match="type stablelm.*without --go-on"):
        Training(Recipe(), tmp_path, tmp_path)


# The bundled model --------------------------------------------------------------------


def test_the_weights_are_finite_small_and_in_bf16() -> None:
    from safetensors.torch import load_file

    path = POCKET / "model.safetensors"
    weights = load_file(path)
    assert path.stat().st_size <= 30e6
    for name, tensor in weights.items():
        assert tensor.dtype == torch.bfloat16, name
        assert tensor.isfinite().all(), name


def test_batch_and_single_answers_agree(monkeypatch, tmp_path) -> None:
    """Left padding and neighbours in the batch change no answer."""
    examples = evaluate.sample(HELD_OUT, 3, seed=1)
    asked = [e.messages for e in examples]
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "batch"))
    together = Generator(POCKET).generate(asked, 24)
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "single"))
    single = Generator(POCKET)
    assert [single.generate([messages], 24)[0] for messages in asked] == together


def test_skills_stand_above_a_floor() -> None:
    """Low floors on a fixed sample: they find a broken model, not a weak one."""
    scores = evaluate.measure(POCKET, HELD_OUT, 30)
    means = {skill: sum(values) / len(values) for skill, values in scores.items()}
    floors = {
        "lookup": 0.1,
        "two_hop": 0.1,
        "comparison": 0.15,
        "unanswerable": 0.35,
        "closed_book": 0.85,
        "rewrite": 0.4,
        "grade_reference": 0.8,
        "grade_passage": 0.7,
        "choose": 0.7,
    }
    assert all(means[skill] >= floor for skill, floor in floors.items()), means


def test_the_card_tells_the_figures() -> None:
    text = (POCKET / "README.md").read_text(encoding="utf-8")
    for skill, what in evaluate.MEASURES.items():
        assert f"| {skill} | {what} |" in text
    training = json.loads((POCKET / "training.json").read_text(encoding="utf-8"))
    assert f"{training['minutes']:.0f} minutes on {training['device']}" in text
