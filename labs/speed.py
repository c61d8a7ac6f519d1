"""How fast retrieval is, how large, and beside llama-index's defaults.

`make bench`, or `python -m labs speed retrieval`.

Each arm runs in a process of its own (`labs.speed_arms`), one after the other, on
corpora of the bundled world at several scales. Exact search and its time do not depend
on the values of vectors, so beyond `embed_limit` passages random unit vectors stand in
for real ones; HNSW finds its way among random ones harder than among real ones.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from labs import profiles
from labs.errors import LabsError
from labs.speed_arms import ARMS

Found = dict[str, Any]

_PACKAGES = (
    "bm25s chromadb llama-index-core numpy sentence-transformers torch transformers"
).split()


def parse_scales(given: str) -> list[int]:
    """ "1,10" as numbers.

    Raises:
        LabsError: one of them is no whole number from 1 on.
    """
    parts = [part.strip() for part in given.split(",")]
    if not all(part.isdecimal() and int(part) for part in parts):
        raise LabsError(f"--scales is {given!r}, expected numbers, as in 1,10,100.")
    return [int(part) for part in parts]


def run(scales: list[int], embed_limit: int, n_queries: int) -> Found:
    """Measure every arm at every scale.

    Raises:
        LabsError: a corpus could not be built, or an arm broke off.
    """
    started, started_s = datetime.now(UTC), time.perf_counter()
    machine = describe_machine()
    rows = [_at_scale(scale, embed_limit, n_queries) for scale in scales]
    return {
        "machine": machine,
        "versions": {name: metadata.version(name) for name in _PACKAGES},
        "settings": {"embed_limit": embed_limit, "queries": n_queries},
        "started": started.isoformat(timespec="seconds"),
        "seconds": time.perf_counter() - started_s,
        "scales": rows,
    }


def describe_machine() -> Found:
    """What the figures depend on; the load tells whether others were at work."""
    import torch

    profile = profiles.current()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    pages = ("SC_PHYS_PAGES", "SC_PAGE_SIZE")
    known = set(getattr(os, "sysconf_names", {}))
    total = os.sysconf(pages[0]) * os.sysconf(pages[1]) if {*pages} <= known else None
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "torch_threads": torch.get_num_threads(),
        "memory_gb": None if total is None else round(total / 1e9, 1),
        "device": profile.device,
        "python": platform.python_version(),
        "load_before": load,
    }


def _at_scale(scale: int, embed_limit: int, n_queries: int) -> Found:
    directory = _corpus(scale)
    arms = {arm: _measure(arm, directory, embed_limit, n_queries) for arm in ARMS}
    labs = arms["labs"]
    share = labs["ingest"]["chunks"] / labs["chunks"]
    return {
        "scale": scale,
        "documents": len(list((directory / "documents").glob("*.md"))),
        "chunks_per_s": labs["ingest"]["chunks"] / labs["ingest"]["wall_s"],
        "all_chunks_s": labs["ingest"]["wall_s"] / share,
        "all_chunks_s_is": "measured" if share == 1 else "estimated",
        "share_of_real_vectors": share,
        "arms": arms,
        "ratios": _ratios(labs, arms["llama_index"], arms["llama_index_same"]),
    }


def _ratios(labs: Found, theirs: Found, same: Found) -> Found:
    """llama-index against labs, each above 1 where labs is ahead."""
    ours = next(r for r in labs["strategies"] if r["strategy"] == "dense, exact")
    [default], [equal] = theirs["strategies"], same["strategies"]
    a, b = labs["ingest"], theirs["ingest"]
    ratios = {}
    for clock, name, query in (
        ("wall", "wall_s", "p50_ms"),
        ("CPU", "cpu_s", "cpu_ms"),
    ):
        ratios |= {
            f"documents ingested, {clock}": b[name] / a[name],
            f"tokens read by the embedder, {clock}": (a["tokens_read"] / a[name])
            / (b["tokens_read"] / b[name]),
            f"median dense query, default chunks, {clock}": default[query]
            / ours[query],
            f"median dense query, same passages, {clock}": equal[query] / ours[query],
        }
    if ours["peak_mb"]:
        ratios["peak memory, same passages"] = equal["peak_mb"] / ours["peak_mb"]
    return ratios


def _corpus(scale: int) -> Path:
    """The bundled documents, or a larger world of the same sort, built once."""
    if scale == 1:
        return profiles.ROOT / "data" / "wind"
    directory = profiles.cache_dir() / "speed" / f"wind-{scale}"
    if not (directory / "questions.jsonl").is_file():
        directory.parent.mkdir(parents=True, exist_ok=True)
        say(f"{scale}x: building the corpus")
        command = ["-m", "labs", "data", "--scale", str(scale), "--out", str(directory)]
        if subprocess.run([sys.executable, *command], stdout=sys.stderr).returncode:
            raise LabsError(
                f"The corpus of scale {scale} could not be built, as above."
            )
    return directory


def _measure(arm: str, directory: Path, embed_limit: int, n_queries: int) -> Found:
    say(f"{directory.name}: {arm}")
    command = ["-m", "labs.speed_arms", arm, str(embed_limit), str(n_queries)]
    with tempfile.TemporaryDirectory() as folder:
        own = {"LABS_DATA": str(directory), "LABS_CACHE": folder, "LABS_CHROMA": ""}
        return in_a_process(command, f"{arm} on {directory}", "smaller --scales", own)


def in_a_process(
    command: list[str],
    what: str,
    advice: str,
    environment: Mapping[str, str] | None = None,
) -> Found:
    """What a benchmark's arm, run in a Python of its own, prints last, as JSON.

    Raises:
        LabsError: it broke off.
    """
    done = subprocess.run(
        [sys.executable, *command],
        env={**os.environ, "TQDM_DISABLE": "1", **(environment or {})},
        stdout=subprocess.PIPE,
    )
    if done.returncode:
        raise LabsError(
            f"The benchmark of {what} broke off, as told above. Killed without a word, "
            f"it ran out of memory: choose {advice}."
        )
    return json.loads(done.stdout.splitlines()[-1])


def say(text: str) -> None:
    print(f"speed: {text} …", file=sys.stderr)


# The table ----------------------------------------------------------------------------

_COLUMNS = "build_s p50_ms p95_ms cpu_ms batched_ms holds_mb peak_mb".split()
_NOTE = (
    "Each query alone, its embedding included, nothing from a cache; `cpu_ms` is its "
    "median on the clocks of all cores, `batched_ms` asks all at once. `holds_mb` is "
    "the memory of texts, indexes and libraries loaded for them, up to there (at "
    "least: what was freed before is used again); `peak_mb` that of the whole process."
)


def table(found: Found) -> str:
    """What was found, for people."""
    machine = ", ".join(f"{name} {value}" for name, value in found["machine"].items())
    versions = ", ".join(f"{name} {v}" for name, v in found["versions"].items())
    lines = [f"Machine: {machine}.", f"Versions: {versions}."]
    if (found["machine"]["load_before"] or 0) > 0.5:
        lines.append("The machine was at work before: rely on the figures of the CPU.")
    for row in found["scales"]:
        lines += ["", *_scale_lines(row)]
    return "\n".join([*lines, "", _NOTE, f"{found['seconds']:.0f} s in all."])


def _scale_lines(row: Found) -> list[str]:
    arms = row["arms"]
    labs, theirs = arms["labs"], arms["llama_index"]
    lines = [
        f"{row['scale']}x: {row['documents']:,} documents, {labs['chunks']:,} passages",
        f"  cut and embedded {row['chunks_per_s']:,.1f} passages/s "
        f"({labs['ingest']['chunks'] / labs['ingest']['cpu_s']:,.1f} per CPU second); "
        f"all of them {row['all_chunks_s']:,.0f} s ({row['all_chunks_s_is']} from "
        f"{labs['ingest']['chunks']:,}); {row['share_of_real_vectors']:.0%} of the "
        "vectors real, the others random",
        f"  llama-index's defaults make {theirs['chunks']:,} chunks, of whose tokens "
        f"the embedder reads {theirs['ingest']['share_read']:.0%}",
        f"  {'strategy':<26}" + "".join(f"{name:>12}" for name in _COLUMNS),
    ]
    lines += [_strategy_line(r) for arm in arms.values() for r in arm["strategies"]]
    lines.append("  ratios, labs ahead where above 1:")
    return lines + [f"    {name:<44}{v:8.2f}" for name, v in row["ratios"].items()]


def _strategy_line(row: Found) -> str:
    if "skipped" in row:
        return f"  {row['strategy']:<26}  skipped: {row['skipped'][:90]}"
    cells = [f"{row[name]:12,.1f}" if row.get(name) else " " * 12 for name in _COLUMNS]
    return f"  {row['strategy']:<26}" + "".join(cells)
