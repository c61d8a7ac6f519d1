"""One dial: which model runs, on which device, in which precision, and why.

`LABS_PROFILE` picks the size (pocket, laptop, t4 or gpu; detected when unset),
`LABS_MODEL` another checkpoint, `LABS_BASE_URL` a server. Everything else follows.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from labs.errors import LabsError

ROOT = Path(__file__).resolve().parents[1]

Capability = tuple[int, int]  # of a CUDA device: (7, 5) is a T4, (8, 0) an A100


@dataclass(frozen=True, slots=True)
class Profile:
    """What the labs run on; `print(profile)` shows it in one line with its reason."""

    name: str
    model: str  # a directory, a hub id, or a name that the server knows
    device: str  # "cpu" or "cuda"
    dtype: str  # as torch spells it: "float32", "float16" or "bfloat16"
    batch_tokens: int  # tokens of one batch of generation, padding and answers included
    embed_batch_size: int  # texts
    base_url: str | None  # of an OpenAI-compatible server, or None: generate here
    reason: str

    def __str__(self) -> str:
        path = Path(self.model)
        shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else self.model
        where = self.base_url or f"{self.device}, {self.dtype}"
        return f"Profile {self.name}: {shown} on {where} ({self.reason})."


BUNDLED = str(ROOT / "data" / "pocket")
LAPTOP = str(ROOT / "data" / "laptop")  # an adapter: `labs.assembled` fetches its base

# Checkpoints are ungated and under Apache 2.0 or MIT.
_CHOICES = {  # name: model, batch_tokens, embed_batch_size
    "pocket": (BUNDLED, 8_192, 64),
    "laptop": (LAPTOP, 4_096, 64),
    "t4": ("Qwen/Qwen3-0.6B", 16_384, 256),
    "gpu": ("Qwen/Qwen3-1.7B", 32_768, 256),
}

ON_CPU = ("pocket", "laptop")


def current() -> Profile:
    """The profile that the environment asks for, or the one that fits this machine.

    Raises:
        LabsError: `LABS_PROFILE` names no profile.
    """
    asked = os.environ.get("LABS_PROFILE")
    if asked and asked not in _CHOICES:
        raise LabsError(
            f"LABS_PROFILE is {asked!r}, expected one of {', '.join(_CHOICES)}. "
            "Unset it to have the profile detected."
        )
    capability = None if asked in ON_CPU else _cuda_capability()
    name, reason = (asked, "LABS_PROFILE") if asked else _detect(capability)
    return _profile(name, reason, capability)


def checkpoint(name: str) -> str:
    """The model of a profile, whatever `LABS_MODEL` says: a directory or a hub id.

    Raises:
        LabsError: there is no such profile.
    """
    if name not in _CHOICES:
        raise LabsError(
            f"There is no profile {name!r}, expected one of {', '.join(_CHOICES)}."
        )
    return _CHOICES[name][0]


def _profile(name: str, reason: str, capability: Capability | None) -> Profile:
    model, batch_tokens, embed_batch_size = _CHOICES[name]
    if given := os.environ.get("LABS_MODEL"):
        path = _from_here_or_root(given)
        model = str(path) if path.is_dir() else given
        reason += "; LABS_MODEL"
    base_url = (os.environ.get("LABS_BASE_URL") or "").rstrip("/") or None
    return Profile(
        name=name,
        model=model,
        device="cpu" if capability is None else "cuda",
        dtype=_dtype(name, capability),
        batch_tokens=batch_tokens,
        embed_batch_size=embed_batch_size,
        base_url=base_url,
        reason=f"{reason}; LABS_BASE_URL" if base_url else reason,
    )


def _cuda_capability() -> Capability | None:
    import torch

    return torch.cuda.get_device_capability() if torch.cuda.is_available() else None


def nothing_is_asked_for() -> bool:
    """Whether the bundled model is taken because no other is named and no GPU found."""
    asked = ("LABS_PROFILE", "LABS_MODEL", "LABS_BASE_URL")
    return not any(map(os.environ.get, asked)) and current().name == "pocket"


def _detect(capability: Capability | None) -> tuple[str, str]:
    if capability is None:
        return "pocket", "no CUDA device found"
    name = "gpu" if capability >= (8, 0) else "t4"
    return name, "found a CUDA device of capability {}.{}".format(*capability)


def _dtype(name: str, capability: Capability | None) -> str:
    """bf16 where the processor has it, by capability.

    A T4 has none, whatever `is_bf16_supported()` says. The pocket model is too small to
    gain from it, and float32 gives the same answers on every machine.
    """
    if capability is None:
        fast = name == "laptop" and multiplies_bfloat16()
        return "bfloat16" if fast else "float32"
    return "bfloat16" if capability >= (8, 0) else "float16"


def multiplies_bfloat16() -> bool:
    """Whether the CPU has instructions for it (AVX-512 BF16, AMX): twice as fast."""
    import torch

    found = torch.cpu.get_capabilities()
    return any(found.get(name) for name in ("amx_bf16", "avx512_bf16"))


def data_dir() -> Path:
    """The directory of documents and questions: `LABS_DATA`, or the wind parks."""
    given = os.environ.get("LABS_DATA")
    return _from_here_or_root(given) if given else ROOT / "data" / "wind"


def cache_dir() -> Path:
    """Where results are kept: `LABS_CACHE`, or a folder in the user's cache."""
    if given := os.environ.get("LABS_CACHE"):
        return Path(given).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "labs-workbook"


def _from_here_or_root(given: str) -> Path:
    """Relative to here or, as notebooks run in their own folders, to the root."""
    path = Path(given).expanduser().absolute()
    return path if path.exists() else ROOT / Path(given).expanduser()
