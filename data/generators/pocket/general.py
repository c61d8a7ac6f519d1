"""Questions on domains that neither the model's training nor the labs touch.

`python -m generators.pocket.general` (with `data` on the path) writes
`data/general.jsonl`: what tells whether a model that was fine-tuned on one domain can
still read a passage about another.
"""

import argparse
import json
import random
import re
from pathlib import Path

from generators.pocket.evaluate import held_out_domains
from generators.pocket.skills import answer
from labs.profiles import ROOT

N, SEED = 60, 0


def questions(n: int, seed: int) -> list[dict]:
    """Lookups, each on one passage of its own; no question twice."""
    rng, domains = random.Random(seed), held_out_domains()
    found: dict[str, dict] = {}
    while len(found) < n:
        made = answer(rng, rng.choice(domains), n_facts=3, n_passages=2)
        if made.skill == "lookup":
            row = _row(made.messages[0]["content"], made.reply)
            found.setdefault(row["question"], row)
    return list(found.values())


def _row(prompt: str, reply: str) -> dict:
    body = prompt.partition("\n\n")[2].rpartition("\n\n")[0]
    passages = re.split(r"(?:^|\n\n)\[\d+\] ", body)[1:]
    return {
        "question": prompt.rpartition("Question: ")[2],
        "passages": passages,
        "accepted": [re.sub(r" ?\[\d+\]", "", reply)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "data" / "general.jsonl")
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    lines = [
        json.dumps({"id": f"g{i:03}"} | row, ensure_ascii=False) + "\n"
        for i, row in enumerate(questions(N, arguments.seed))
    ]
    arguments.out.write_text("".join(lines), encoding="utf-8")
    print(f"Wrote {len(lines)} questions to {arguments.out}")


if __name__ == "__main__":
    main()
