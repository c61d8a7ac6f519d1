"""How well a model has the skills: `python -m generators.pocket.evaluate`.

Measured on domains it never saw, with 95% intervals. Works for any checkpoint, a
directory or a hub id: the prompts are those of the labs.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from pathlib import Path

from labs import metrics
from labs.graph import parse_triples

from .skills import SKILLS, Example, answer
from .worlds import Domain, load_domains

CARD = Path(__file__).parent / "card.md"
SEED = 20_000
N_FACTS = 10  # in the passages of a question, four of them
ANSWERABLE = ("lookup", "two_hop", "comparison", "list", "aggregate")
KINDS = (*ANSWERABLE, "unanswerable")
MAX_NEW_TOKENS = {"summary": 128, "form": 128, "triples": 128, "write_question": 64}
BARS = {
    "lookup": 0.85,
    "two_hop": 0.7,
    "unanswerable": 0.85,
    "write_question": 0.8,
    "triples": 0.8,
    "grade_reference": 0.85,
    "grade_passage": 0.85,
}
MEASURES = {
    "lookup": "exact match, gold passage among four",
    "two_hop": "exact match, two passages of four needed",
    "comparison": "exact match",
    "list": "exact match",
    "aggregate": "exact match of a yes or no, a count, a sum or a difference",
    "unanswerable": "refused",
    "false_refusal": "refused though told (lower is better)",
    "citation": "right passages cited, where the answer is right",
    "closed_book": "says that it does not know",
    "write_question": "the answer belongs to the subject asked about",
    "rewrite": "names the subject, in other words",
    "broaden": "exact",
    "decompose": "sub-questions in order, each with its name",
    "hypothetical": "names the subject",
    "triples": "F1, subject and object",
    "summary": "share of the facts",
    "form": "share of right fields",
    "grade_reference": "accuracy",
    "grade_passage": "accuracy",
    "choose": "accuracy",
}


def sample(domains: list[Domain], n: int, seed: int = SEED) -> list[Example]:
    """`n` examples of every kind of question and of every other skill."""
    rng = random.Random(f"evaluate {seed}")
    wanted = dict.fromkeys(KINDS, n)
    found: list[Example] = []
    while any(wanted.values()):
        example = answer(rng, rng.choice(domains), N_FACTS, n_passages=4)
        if wanted[example.skill]:
            wanted[example.skill] -= 1
            found.append(example)
    for name, (_, make) in SKILLS.items():
        if name != "answer":
            found += [make(rng, rng.choice(domains), N_FACTS) for _ in range(n)]
    return found


def _pair_is_valid(text: str, example: Example) -> float:
    """The answer is a fact's object and the question names that fact's subject."""
    fields = metrics.form_fields(text)
    asked, given = fields.get("question", ""), fields.get("answer", "")
    return float(
        any(
            metrics.normalise(given) == metrics.normalise(object_)
            and metrics.normalise(subject) in metrics.normalise(asked)
            for subject, object_, _ in example.check["facts"]
        )
    )


def _triple_f1(text: str, example: Example) -> float:
    """F1 of the pairs of ends; the words between them may be anybody's."""
    read = [(a, b) for a, _, b in parse_triples(text)]
    found, gold = (
        {frozenset(map(metrics.normalise, ends)) for ends in pairs}
        for pairs in (read, example.check["ends"])
    )
    return 2 * len(found & gold) / (len(found) + len(gold))


def _split_well(text: str, example: Example) -> float:
    """As many parts as there should be, each with the name that it is about."""
    parts, named = text.lower().splitlines(), example.check["named"]
    return float(
        len(parts) == len(named)
        and all(name.lower() in part for name, part in zip(named, parts, strict=True))
    )


def score(example: Example, text: str) -> float:
    """0 to 1, by the measure of the skill (`MEASURES`)."""
    skill = example.skill
    if skill in ANSWERABLE:
        return float(metrics.exact_match(text, [example.reply]))
    if skill == "unanswerable":
        return float(metrics.is_refusal(text))
    if skill in ("rewrite", "hypothetical"):
        named = example.check["subject"].lower() in text.lower()
        return float(named and text not in example.messages[0]["content"])
    if skill in ("grade_reference", "grade_passage", "choose"):
        return float(text.split(":")[0] == example.reply.split(":")[0])
    if skill == "form":
        return metrics.form_accuracy(text, example.reply)
    if skill == "summary":
        return metrics.summary_coverage(text, example.check["objects"])
    special = {
        "write_question": _pair_is_valid,
        "triples": _triple_f1,
        "decompose": _split_well,
    }
    if skill in special:
        return special[skill](text, example)
    return float(text == example.reply)


def measure(model: str | Path, domains: list[Domain], n: int) -> dict[str, list[float]]:
    """Scores by skill of a checkpoint, for `n` examples of each."""
    from labs.models import Generator

    examples = sample(domains, n)
    generator = Generator(model)
    texts: dict[int, str] = {}
    limits = [MAX_NEW_TOKENS.get(e.skill, 40) for e in examples]
    for limit in sorted(set(limits)):
        places = [i for i, own in enumerate(limits) if own == limit]
        done = generator.generate([examples[i].messages for i in places], limit)
        texts.update(zip(places, done, strict=True))
    scores: dict[str, list[float]] = defaultdict(list)
    for i, example in enumerate(examples):
        scores[example.skill].append(score(example, texts[i]))
        if example.skill in ANSWERABLE:
            scores["false_refusal"].append(float(metrics.is_refusal(texts[i])))
            if scores[example.skill][-1]:
                cited = set(metrics.cited_passages(texts[i]))
                scores["citation"].append(
                    float(cited == set(metrics.cited_passages(example.reply)))
                )
    return dict(scores)


def held_out_domains() -> list[Domain]:
    return [domain for domain in load_domains() if domain.held_out]


def card_table(scores: dict[str, list[float]]) -> str:
    """A Markdown table of the scores."""
    rows = [
        "| skill | measure | score, 95% interval | bar |",
        "| --- | --- | --- | --- |",
    ]
    for skill, what in MEASURES.items():
        if values := scores.get(skill):
            bar = "at most 0.05" if skill == "false_refusal" else BARS.get(skill, "")
            rows.append(
                f"| {skill} | {what} | {metrics.bootstrap_mean(values)} | {bar} |"
            )
    return "\n".join(rows)


def write_card(directory: Path, template: Path = CARD, n: int = 100) -> None:
    """Measure the checkpoint and fill its figures into the card's template."""
    scores = measure(directory, held_out_domains(), n)
    training = json.loads((directory / "training.json").read_text(encoding="utf-8"))
    held_out = ", ".join(domain.name for domain in held_out_domains())
    text = template.read_text(encoding="utf-8").format(
        table=card_table(scores), held_out=held_out, **training
    )
    (directory / "README.md").write_text(text, encoding="utf-8")


def main() -> None:
    from labs import profiles

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default=profiles.ROOT / "data" / "pocket")
    parser.add_argument("-n", type=int, default=100, help="examples of each skill")
    args = parser.parse_args()
    print(card_table(measure(args.model, held_out_domains(), args.n)))


if __name__ == "__main__":
    main()
