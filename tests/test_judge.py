"""A judge asked in both orders; stand-ins for the model that have known habits."""

import pytest

from labs import judge
from labs.judge import Verdict
from labs.votes import Pair

PAIRS = [Pair(f"Q{i}?", f"good {i}", "bad", f"It is good {i}.") for i in range(4)]


class Stub:
    """Stands for a Generator: replies by a rule on the two answers."""

    def __init__(self, rule) -> None:
        self.rule, self.asked = rule, []

    def generate(self, prompts, max_new_tokens=64):
        self.asked += prompts
        texts = [p[0]["content"].rsplit("\nA: ", 1)[1] for p in prompts]
        return [self.rule(*text.split("\nB: ")) for text in texts]


def _fair(a, b):
    return "A, it is told." if a.startswith("good") else "B, it is told."


def test_a_fair_judge_is_heard() -> None:
    judged = judge.verdicts(Stub(_fair), PAIRS)
    assert [v.choice for v in judged] == ["first"] * 4
    bias = judge.position_bias(judged)
    assert (bias.mean, bias.low, bias.high) == (0.5, 0.5, 0.5)


def test_a_judge_of_places_decides_nothing() -> None:
    judged = judge.verdicts(Stub(lambda a, b: "A"), PAIRS)
    assert [v.choice for v in judged] == ["tie"] * 4
    assert judge.position_bias(judged).mean == 1


@pytest.mark.parametrize(
    ("said", "choice", "share"),
    [
        (("A", "B"), "first", 0.5),
        (("B", "A"), "second", 0.5),
        (("B", "B"), "tie", 0.0),
        (("", "A"), "tie", 1.0),
        (("", ""), "tie", 0.5),
    ],
)
def test_verdicts_by_hand(said, choice, share) -> None:
    assert (Verdict(*said).choice, Verdict(*said).share_of_a) == (choice, share)


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        ("A", "A"),
        ("**B**, because", "B"),
        ("answer a.", "A"),
        ("Answer B", "B"),
        ("Both are right.", ""),
        ("Although", ""),
        ("", ""),
    ],
)
def test_letters(reply: str, letter: str) -> None:
    assert judge.letter(reply) == letter


def test_the_prompt_holds_rubric_passage_and_the_order_asked() -> None:
    text = judge.question_for(PAIRS[0], "Be short.", swapped=True)[0]["content"]
    assert "It is good 0.\nRules: Be short." in text
    assert text.endswith("A: bad\nB: good 0")
    assert "Rules" not in judge.question_for(PAIRS[0], "")[0]["content"]


def test_best_of_finds_the_good_reply_wherever_it_stands() -> None:
    questions = [("Q?", "told")] * 3
    replies = [["good", "bad", "bad"], ["bad", "good", "bad"], ["bad", "bad", "good"]]
    assert judge.best_of(Stub(_fair), questions, replies) == [0, 1, 2]


def test_best_of_keeps_the_first_in_doubt() -> None:
    doubtful = Stub(lambda a, b: "B")
    assert judge.best_of(doubtful, [("Q?", "told")], [["x", "y", "z"]]) == [0]
    assert len(doubtful.asked) == 4  # two heats, two orders
    assert judge.best_of(doubtful, [], []) == []
