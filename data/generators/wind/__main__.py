"""The command line: `python -m labs data --seed 7 --scale 1 --out DIR`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .build import BuildError, build

DEFAULT_OUT = Path(__file__).parents[2] / "wind"
DEFAULT_SEED = 7


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns the exit code, 2 where the input is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m labs data",
        description="Build a wind-park world as a directory of data.",
    )
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="which world")
    parser.add_argument(
        "--scale", type=int, default=1, help="how many times as many documents"
    )
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="the directory")
    given = parser.parse_args(arguments)
    try:
        told = build(given.out.resolve(), given.seed, given.scale)
    except (BuildError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(
        f"Wrote {given.out}: {told['documents']:,} documents, {told['words']:,} words, "
        f"{told['facts']:,} facts, {told['questions']:,} questions, "
        f"{told['edition2']['changes']} changed answers."
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
