"""Extracted graphs against the gold graph, and spellings against their names."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from math import nan

from labs import metrics
from labs.corpus import Fact
from labs.documents import by_document
from labs.graph import Triple, ends
from labs.metrics import Interval, PrecisionRecall
from labs.retrieval import Chunk, shortest_run


def stated(facts: Sequence[Fact], chunks: Sequence[Chunk]) -> dict[str, list[Triple]]:
    """For each passage's id the gold facts that it states, as triples.

    `chunks` are in the order of the documents. First shown in
    notebooks/1_rag/06_knowledge_graph.
    """
    of_document = by_document(chunks)
    found: dict[str, list[Triple]] = {chunk.id: [] for chunk in chunks}
    for fact in facts:
        for chunk in shortest_run(of_document.get(fact.document, []), fact.quote):
            found[chunk.id].append((fact.subject, fact.relation, fact.object))
    return found


def triple_scores(
    found: Mapping[str, Sequence[Triple]], gold: Mapping[str, Sequence[Triple]]
) -> tuple[Interval | None, Interval | None]:
    """Precision and recall of the pairs of ends, as means over the passages in `found`.

    None where there is nothing to judge: no triple found, or none stated.
    """
    precisions, recalls = [], []
    for i, own in found.items():
        pairs, right = ends(own), ends(gold[i])
        if pairs:
            precisions.append(len(pairs & right) / len(pairs))
        if right:
            recalls.append(len(pairs & right) / len(right))
    precision, recall = (
        metrics.bootstrap_mean(own) if own else None for own in (precisions, recalls)
    )
    return precision, recall


def spellings(name: str) -> list[str]:
    """The name as it is, and made-up variants of it, each once.

    In upper case; with article and possessive; a dash for a space or a space for a
    dash; and, of a name of ten letters or more, one letter dropped.
    """
    swapped = name.replace("-", " ") if "-" in name else name.replace(" ", "-")
    long = len(name) > 9 and name[3].isalpha()
    slip = [name[:3] + name[4:]] if long else []
    return list(dict.fromkeys([name, name.upper(), f"the {name}'s", swapped, *slip]))


def pairwise(
    labels: Mapping[str, object], truth: Mapping[str, object]
) -> PrecisionRecall:
    """Of the pairs joined by `labels`, those joined by `truth`, and the other way.

    Quadratic in the items: for a sample. First shown in
    notebooks/1_rag/06_knowledge_graph.
    """
    joined, same = (_pairs(own) for own in (labels, truth))
    right = len(joined & same)
    return PrecisionRecall(
        right / len(joined) if joined else nan, right / len(same) if same else nan
    )


def _pairs(labels: Mapping[str, object]) -> set[tuple[str, str]]:
    groups: dict[object, list[str]] = defaultdict(list)
    for item, label in labels.items():
        groups[label].append(item)
    return {pair for own in groups.values() for pair in combinations(sorted(own), 2)}


def siblings(names: Iterable[str], most: int = 6) -> list[tuple[str, str]]:
    """Pairs of names that differ in their figures alone, of at most `most` a family."""
    families: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in sorted(names):
        words = "".join(" " if c.isdigit() else c.lower() for c in name).split()
        families[tuple(words)].append(name)
    return [pair for own in families.values() for pair in combinations(own[:most], 2)]
