"""Time and memory of this process, for what measures speed."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

Row = dict[str, Any]


class Spent(NamedTuple):
    """Seconds on the wall clock, and of all cores together."""

    wall_s: float
    cpu_s: float


def timed(work: Callable[[], Any]) -> tuple[Any, Spent]:
    """What the work gives, and what it took."""
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    done = work()
    return done, Spent(time.perf_counter() - wall_s, time.process_time() - cpu_s)


def held_mb() -> float | None:
    """Memory that this process holds; None where the system does not tell (Linux)."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return None
    return pages * 4096 / 1e6


def peak_mb() -> float | None:
    """The most memory that this process has held; None on Windows."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def memory(before_mb: float | None) -> Row:
    """What index and texts hold since `before_mb`, and the peak of the process."""
    now_mb = held_mb()
    grown = None if None in (now_mb, before_mb) else now_mb - before_mb
    return {"holds_mb": grown, "peak_mb": peak_mb()}


def queries(search: Callable[[str], Any], questions: list[str]) -> Row:
    """Milliseconds of a query, its embedding included, one at a time."""
    search(questions[0])  # the first one loads what is loaded late
    spent = [timed(lambda q=q: search(q))[1] for q in questions]
    p50, p95 = np.percentile([1e3 * each.wall_s for each in spent], [50, 95])
    cpu = np.median([1e3 * each.cpu_s for each in spent])
    return {"p50_ms": p50, "p95_ms": p95, "cpu_ms": cpu, "queries": len(questions)}
