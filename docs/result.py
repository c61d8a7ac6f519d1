"""The README's picture of the result: `python docs/result.py`, after a new record.

Reads the recorded grid (data/runs/benchmark); computes nothing but means and intervals.
"""

from pathlib import Path

import matplotlib

from labs import benchmark_record, plots, results

OUT = Path(__file__).with_name("result.png")
RECORD = benchmark_record.file("laptop")
ARMS = ("base", "advanced-rag", "fine-tuned", "both")


def main(out: Path = OUT) -> None:
    """Draw what four of the arms have right, task by task."""
    matplotlib.use("Agg")
    kept = [r for r in results.load(RECORD) if r["arm"] in ARMS]
    table = results.table(results.in_order(kept))
    title = "RAG, fine-tuned, both, neither (recorded, test questions)"
    ax = plots.dots(table, "task", "arm", "right", title)
    ax.figure.savefig(out, dpi=100)
    print(f"Wrote {out.name}: {out.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
