"""A knowledge graph of triples that a model read out of passages."""

from collections.abc import Iterable

from labs import metrics

Triple = tuple[str, str, str]  # subject, relation, object
Ends = frozenset[str]  # the two ends of a triple, normalised, in no order


def parse_triples(text: str) -> list[Triple]:
    """The triples of a reply to `prompts.extract_triples`, each once, in its order.

    A line that is not `subject | relation | object`, all three filled, is left out.
    """
    lines = (line.strip(" -*\t").split("|") for line in text.splitlines())
    parts = (tuple(part.strip() for part in line) for line in lines)
    return list(dict.fromkeys(p for p in parts if len(p) == 3 and all(p)))


def read_triples(text: str) -> list[Triple]:
    """As `parse_triples`, for `parsing.generate_parsed`.

    Raises ValueError for a reply without one triple.
    """
    if triples := parse_triples(text):
        return triples
    raise ValueError("no line is `subject | relation | object`")


def is_grounded(triple: Triple, passage: str) -> bool:
    """Whether both ends stand in the passage, whole words, and are not the same.

    What a model made up fails this; what it misread may pass. First shown in
    notebooks/1_rag/06_knowledge_graph.
    """
    text = f" {metrics.normalise(passage)} "
    first, _, second = map(metrics.normalise, triple)
    both = first and second and first != second
    return bool(both) and all(f" {end} " in text for end in (first, second))


def ends(triples: Iterable[Triple]) -> set[Ends]:
    """The pairs of ends: what two graphs are compared by.

    Relations are left out, for their words are free; so is the direction. A triple
    with equal or empty ends has none. First shown in
    notebooks/1_rag/06_knowledge_graph.
    """
    pairs = (
        frozenset((metrics.normalise(s), metrics.normalise(o))) for s, _, o in triples
    )
    return {pair for pair in pairs if len(pair) == 2 and all(pair)}
