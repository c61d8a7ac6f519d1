"""Training rows: written questions checked, doubles dropped, labels shown, a card."""

from collections import Counter
from dataclasses import dataclass

import pytest

from labs import training_data
from labs.finetune import row
from labs.retrieval import Chunk
from labs.training_data import Draft

PASSAGE = Chunk("p1", "handbook", "The Curlew 60 has a hub height of 80 m.")
OTHER = Chunk("p2", "handbook", "The key hangs in the van of the crew.")
GOOD = "Question: How high is the hub?\nAnswer: 80 m"


@dataclass(frozen=True)
class Asked:
    question: str
    answer: str


class Replies:
    """A model that gives these replies, and remembers what it was asked."""

    def __init__(self, *texts: str) -> None:
        self.texts, self.asked = list(texts), []

    def generate(self, prompts, max_new_tokens=64):
        self.asked += prompts
        return [self.texts.pop(0) for _ in prompts]


class Finds:
    """An index that finds the same passages whatever is asked."""

    def __init__(self, *passages: Chunk) -> None:
        self.passages = list(passages)

    def search(self, questions, k):
        return [self.passages[:k] for _ in questions]


# Written questions --------------------------------------------------------------------


def test_drafts_say_why_they_are_dropped() -> None:
    model = Replies(GOOD, "I cannot.", GOOD)
    found = training_data.drafts([PASSAGE, PASSAGE, OTHER], model, Finds(PASSAGE))
    assert [draft.dropped for draft in found] == [
        "",
        "no question and answer",
        "answer not in the passage",
    ]
    assert found[0] == Draft(PASSAGE, "How high is the hub?", "80 m")
    assert found[1] == Draft(PASSAGE, "", "", "no question and answer")
    assert "80 m" in model.asked[0][0]["content"]


def test_a_passage_that_is_not_found_again_drops_the_draft() -> None:
    [found] = training_data.drafts([PASSAGE], Replies(GOOD), Finds(OTHER))
    assert found.dropped == "passage not found again"


def test_only_what_is_answered_alike_is_kept() -> None:
    drafts = [
        Draft(PASSAGE, "How high is the hub?", "80 m"),
        Draft(PASSAGE, "How high is it?", "80 m"),
        Draft(OTHER, "Where?", "in the hut", "answer not in the passage"),
    ]
    model = Replies("80 m [1]", "I do not know.")
    again = training_data.answered_again(drafts, model)
    assert again[0] == drafts[0]
    assert again[1].dropped == training_data.NOT_ANSWERED
    assert again[2] == drafts[2]
    assert len(model.asked) == 2  # what is dropped already costs no call


def test_nothing_left_asks_nothing() -> None:
    drafts = [Draft(OTHER, "", "", "no question and answer")]
    assert training_data.answered_again(drafts, Replies()) == drafts


# Doubles ------------------------------------------------------------------------------


def test_names_are_capitals_and_figures_but_not_the_first_word() -> None:
    assert training_data.names_in("What is the Curlew 60's height?") == {
        "Curlew",
        "60's",
    }
    assert training_data.names_in("F-2317: what is it?") == {"F-2317"}
    assert training_data.names_in("") == frozenset()


def test_overlap_counts_content_words() -> None:
    # {hub, height, curlew} and {height, curlew}: two of three.
    a, b = "What is the hub height of the Curlew?", "the height of a Curlew"
    assert training_data.overlap(a, b) == pytest.approx(2 / 3)
    assert training_data.overlap("the of", "is") == 0


def test_copies_go_and_siblings_stay() -> None:
    first = Asked("What is the hub height of the Curlew 60?", "80 m")
    copy = Asked("Please, what is the hub height of the Curlew 60?", "80 m.")
    sibling = Asked("What is the hub height of the Curlew 64?", "80 m")
    other_answer = Asked("What is the hub height of the Curlew 60?", "90 m")
    wording = Asked("How far above ground does the rotor of the Curlew 60 turn?", "80m")
    rows = [first, sibling, copy, other_answer, wording]
    kept, doubles = training_data.distinct(rows)
    assert kept == [first, sibling, other_answer, wording]
    assert doubles == [(copy, first)]


def test_the_threshold_decides_and_nothing_gives_nothing() -> None:
    a = Asked("What is the hub height of the mast?", "80 m")  # hub, height, mast
    b = Asked("How is the height of the mast given?", "80 m")  # height, mast, given
    assert training_data.distinct([a, b], 0.5)[1] == [(b, a)]
    assert training_data.distinct([a, b], 0.51)[1] == []
    assert training_data.distinct([]) == ([], [])


# Labels and card ----------------------------------------------------------------------


class Letters:
    """A tokenizer of one letter a token; the template marks who speaks."""

    def apply_chat_template(self, messages, add_generation_prompt=False, **_):
        marks = {"user": "<", "assistant": ">"}
        text = "".join(marks[m["role"]] + m["content"] + "." for m in messages)
        return [ord(c) for c in text + (">" if add_generation_prompt else "")]

    def decode(self, ids):
        return "".join(map(chr, ids))


ROW = row([{"role": "user", "content": "a b\n"}], "c&")


def test_the_page_marks_the_tokens_with_a_label() -> None:
    page = training_data.label_page(Letters(), ROW)
    assert page.count("#CFE8F7") == 3  # c, & and the end
    assert page.count("#EEEEEE") == len("<a b\n.>")
    assert "&amp;</span>" in page and "&lt;</span>" in page
    assert f'title="label {ord("c")}"' in page
    assert ">·</span>" in page and ">⏎</span>" in page


def test_the_card_is_reckoned_from_the_rows() -> None:
    sizes = {"c&": (10, 3), "d": (9, 2)}

    def lengths(example):
        return sizes[example["completion"][0]["content"]]

    rows = [ROW, row(ROW["prompt"], "d")]
    counts = {"origin": Counter(world=2), "seed": 0, "by": Counter()}
    card = training_data.card("toy", rows, lengths, counts)
    for line in (
        "### Dataset card: toy",
        "- **rows**: 2",
        "- **distinct prompts**: 1",
        "- **tokens**: 19, of which 5 have a label",
        "- **tokens a row**: 9 to 10, median 9.5",
        "- **origin**: world (2)",
        "- **seed**: 0",
        "- **by**: none",
    ):
        assert line in card.splitlines()
    other = training_data.card("toy", rows[::-1], lengths, counts)
    assert other != card  # the digest is of the rows in their order
    with pytest.raises(ValueError, match="at least one row"):
        training_data.card("toy", [], lengths, {})
