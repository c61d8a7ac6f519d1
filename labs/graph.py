"""A knowledge graph of triples that a model read out of passages."""

Triple = tuple[str, str, str]  # subject, relation, object


def parse_triples(text: str) -> list[Triple]:
    """The triples of a reply to `prompts.extract_triples`, each once, in its order.

    A line that is not `subject | relation | object`, all three filled, is left out.
    """
    lines = (line.strip(" -*\t").split("|") for line in text.splitlines())
    parts = (tuple(part.strip() for part in line) for line in lines)
    return list(dict.fromkeys(p for p in parts if len(p) == 3 and all(p)))
