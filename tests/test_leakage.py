"""The gate lets a clean split through and catches planted leaks of each sort."""

from dataclasses import replace

import numpy as np
import pytest

from labs import leakage
from labs.corpus import Question


def row(id, split, question, answer, facts):
    return {
        "id": id, "split": split, "question": question, "answer": answer,
        "accepted": [answer], "facts": facts,
    }  # fmt: skip


@pytest.fixture
def clean():
    """Trained fact f1 in other words, an unseen fact f3, a fact of dev's own."""
    return [
        row("a1", "train", "What is the hub height of the Corvane 92?", "98 m", ["f1"]),
        row("a2", "train", "Who leads the Heron crew?", "Ida Lund", ["f2"]),
        row("a3", "dev", "Where is the Heron crew based?", "Moskbridge", ["f4"]),
        row("a4", "train", "What colour is the Corvane 92?", "The documents do not "
            "tell.", []),
        row("b1", "test_seen_facts", "How far above ground is the rotor centre of a "
            "Corvane 92?", "98 m", ["f1"]),
        row("b2", "test_unseen_facts", "What is the hub height of the Corvane 96?",
            "98 m", ["f3"]),
        row("b3", "test_unseen_facts", "What colour is the Corvane 96?",
            "The documents do not tell.", []),
    ]  # fmt: skip


def test_a_clean_split_passes(clean):
    assert leakage.find_leaks(clean) == []
    leakage.assert_no_leaks(clean)


def test_siblings_are_not_paraphrases(clean):
    """b2 is a1 but for one number, even with the same answer; so is b3 to a4."""
    found = leakage.find_leaks(clean, embed=lambda texts: np.ones((len(texts), 1)))
    assert {leak.test_id for leak in found} == {"b1"}  # b1 and a1 ask for one fact


def test_equal_but_for_case_and_punctuation(clean):
    clean.append(
        row("x", "test_unseen_facts", "who leads the heron crew", "Ida Lund", ["f9"])
    )
    (leak,) = leakage.find_leaks(clean)
    assert leak == leakage.Leak("x", "a2", "same question", 1.0)


def test_equal_to_a_dev_question(clean):
    clean.append(
        row("x", "test_seen_facts", "Where is the Heron crew based?", "M", ["f4"])
    )
    assert [(k.test_id, k.train_id) for k in leakage.find_leaks(clean)] == [("x", "a3")]


def test_paraphrase_in_the_same_words(clean):
    """Content words {hub, height, corvane, 92} of {.., today}: 4/5."""
    text = "The hub height of the Corvane 92 today is what?"
    clean.append(row("x", "test_seen_facts", text, "98 m", ["f1"]))
    (leak,) = leakage.find_leaks(clean)
    assert (leak.test_id, leak.train_id) == ("x", "a1")
    assert leak.reason == "paraphrase: same words"
    assert leak.similarity == pytest.approx(4 / 5)


def test_paraphrase_of_a_fact_under_another_id(clean):
    """No fact in common, but the same names, words and answer."""
    text = "What's the hub height of the Corvane 92?"
    clean.append(row("x", "test_unseen_facts", text, "98 m", ["f77"]))
    assert [leak.train_id for leak in leakage.find_leaks(clean)] == ["a1"]


def test_paraphrase_of_an_unanswerable_question(clean):
    text = "Which colour is the Corvane 92, please?"
    clean.append(row("x", "test_seen_facts", text, "The documents do not tell.", []))
    assert [leak.train_id for leak in leakage.find_leaks(clean)] == ["a4"]


def test_another_question_about_the_same_fact_is_no_paraphrase(clean):
    """Almost the same words and a fact in common, but another answer."""
    text = "What is the hub diameter of the Corvane 92?"
    clean.append(row("x", "test_seen_facts", text, "4 m", ["f1"]))
    assert leakage.find_leaks(clean) == []


def test_paraphrase_by_embedding(clean):
    """b1 shares only the name with a1; the vectors say that they mean the same."""
    close = np.array([1.0, 0.1]) / np.hypot(1.0, 0.1)

    def embed(texts):
        vectors = np.tile([0.0, 1.0], (len(texts), 1))
        for n, text in enumerate(texts):
            if text == clean[0]["question"]:
                vectors[n] = [1.0, 0.0]
            if text == clean[4]["question"]:
                vectors[n] = close
        return vectors

    (leak,) = leakage.find_leaks(clean, embed)
    assert (leak.test_id, leak.train_id) == ("b1", "a1")
    assert leak.reason == "paraphrase: same meaning"
    assert leak.similarity == pytest.approx(close[0])


def test_embedding_of_the_wrong_shape(clean):
    with pytest.raises(ValueError, match="expected one vector for each of 7"):
        leakage.find_leaks(clean, embed=lambda texts: np.ones((2, 3)))


@pytest.mark.parametrize("split", ["train", "dev"])
def test_unseen_fact_touched_as_one_of_several(clean, split):
    clean.append(row("x", split, "Which is taller, A or B?", "A", ["f8", "f3"]))
    (leak,) = leakage.find_leaks(clean)
    assert (leak.test_id, leak.train_id) == ("b2", "x")
    assert leak.reason == f"fact seen in {split}: f3"


def test_the_error_shows_the_worst_three(clean):
    for n in range(5):
        clean.append(row(f"x{n}", "train", f"Number {n}?", str(n), ["f3"]))
    with pytest.raises(leakage.LeakageError) as caught:
        leakage.assert_no_leaks(clean)
    message = str(caught.value)
    assert message.startswith("5 leak(s)")
    assert message.count("fact seen in train: f3") == 3
    assert "What is the hub height of the Corvane 96?" in message


def test_questions_of_the_corpus(clean):
    """The gate reads `labs.corpus.Question` as it reads dicts."""
    questions = [
        Question(kind="lookup", evidence=(), edition=1, **one) for one in clean
    ]
    assert leakage.find_leaks(questions) == []
    leaking = [*questions, replace(questions[1], id="x", split="test_seen_facts")]
    with pytest.raises(leakage.LeakageError, match="same question"):
        leakage.assert_no_leaks(leaking)


def test_nothing_to_compare():
    assert leakage.find_leaks([]) == []
    only = [row("a", "train", "What?", "x", [])]
    assert leakage.find_leaks(only) == []


def test_overlap_by_hand():
    """{torque, blade, bolt, take} and {tight, blade, bolt}: two of five."""
    first, second = "What torque do blade bolts take?", "How tight is a blade bolt?"
    assert leakage.content_words(first) == {"torque", "blade", "bolt", "take"}
    test, seen = ([leakage._Row("", "", q, "", (), ())] for q in (first, second))
    pairs = np.array([[0, 0]])
    assert leakage._overlaps(test, seen, pairs) == pytest.approx([2 / 5])


def test_join_by_hand():
    pairs = leakage._join([["p", "q"], [], ["q"]], [["q"], ["p", "q"], ["r"]])
    assert pairs.tolist() == [[0, 0], [0, 1], [2, 0], [2, 1]]
