"""The prompts of every skill, the same for every model.

Each function returns chat messages (a list of one `{"role", "content"}` dict) for
`labs.models.Generator`. The bundled model was trained on exactly these prompts, on
other domains; an instruct model of any size understands them as they stand. The
question stands before and after the passages: a causal model reads from left to
right, and one that knows the question reads the passages for it.
"""

Messages = list[dict[str, str]]

REFUSAL = "The documents do not tell."
DO_NOT_KNOW = "I do not know."


def _user(*parts: str) -> Messages:
    return [{"role": "user", "content": "\n\n".join(parts)}]


def number_passages(passages: list[str]) -> str:
    """Passages as `[1] …`, `[2] …`, with a blank line between them."""
    return "\n\n".join(f"[{i}] {text}" for i, text in enumerate(passages, start=1))


def answer(question: str, passages: list[str]) -> Messages:
    """Answer from numbered passages, with a citation; refuse when they do not tell."""
    return _user(
        "Answer in a few words from the passages and cite the passage, like [1]. "
        f"If they do not tell, say: {REFUSAL}\nQuestion: {question}",
        number_passages(passages),
        f"Question: {question}",
    )


def answer_closed_book(question: str) -> Messages:
    """Answer from memory."""
    return _user(
        f"Answer in a few words. If you do not know, say: {DO_NOT_KNOW}",
        f"Question: {question}",
    )


def fill_form(request: str, fields: list[str], passages: list[str]) -> Messages:
    """Fill in a form (a work order, a record): one line for each field."""
    return _user(
        "Fill in the form from the passages: first the title, then one line for each "
        f"field.\nFields: {', '.join(fields)}\nRequest: {request}",
        number_passages(passages),
        f"Request: {request}",
    )


def summarise(request: str, passages: list[str]) -> Messages:
    """A short summary of passages, in whole sentences."""
    return _user(
        f"Summarise the passages in a few sentences.\nRequest: {request}",
        number_passages(passages),
        f"Request: {request}",
    )


def write_question(passage: str) -> Messages:
    """A question that the passage answers, with its answer."""
    return _user(
        "Write a question that the passage answers, and its answer.",
        f"Passage: {passage}",
    )


def rewrite_question(question: str) -> Messages:
    """The same question in other words."""
    return _user("Ask the same in other words.", f"Question: {question}")


def broaden_question(question: str) -> Messages:
    """A more general question (step-back prompting)."""
    return _user("Ask a more general question.", f"Question: {question}")


def decompose_question(question: str) -> Messages:
    """Sub-questions, numbered, one a line; `#1` stands for the answer of the first."""
    return _user(
        "Split the question into simple questions, one a line. "
        "Write #1 for the answer of the first.",
        f"Question: {question}",
    )


def hypothetical_passage(question: str) -> Messages:
    """A passage that could answer the question (HyDE)."""
    return _user(
        "Write a sentence that could stand in a document and answers the question.",
        f"Question: {question}",
    )


def extract_triples(passage: str) -> Messages:
    """Facts as `subject | relation | object`, one a line."""
    return _user(
        "List the facts of the passage, one a line, as: subject | relation | object",
        f"Passage: {passage}",
    )


def grade_against_reference(question: str, reference: str, given: str) -> Messages:
    """Is the answer right? The reply begins with `right` or `wrong`, then a reason."""
    return _user(
        "Is the answer right? Say right or wrong, and why.",
        f"Question: {question}\nReference: {reference}\nAnswer: {given}",
    )


def grade_against_passage(question: str, passage: str, given: str) -> Messages:
    """Does the passage support the answer? The reply begins with `right` or `wrong`."""
    return _user(
        "Does the passage support the answer? Say right or wrong, and why.",
        f"Passage: {passage}",
        f"Question: {question}\nAnswer: {given}",
    )


def choose_better(question: str, passage: str, first: str, second: str) -> Messages:
    """The better of two answers. The reply begins with `A` or `B`, then a reason."""
    return _user(
        "Which answer is better? Say A or B, and why.",
        f"Passage: {passage}",
        f"Question: {question}\nA: {first}\nB: {second}",
    )
