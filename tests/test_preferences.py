"""From votes to preferences, on cases computed by hand; styles of answers."""

import math
from collections import Counter

import pytest
import torch

from labs import preferences, styles, training_rows
from labs.corpus import Evidence, Fact, Question
from labs.errors import LabsError
from labs.votes import SCRIPTED, Pair, Store, vote_on

PAIRS = [Pair(f"Q{i}", f"one {i}", f"two {i}") for i in range(400)]
QUESTION = Question(
    "q1",
    "How tall is the Merlin 60?",
    "92 m",
    ("92 m", "92 metres"),
    "lookup",
    "train",
    ("f1",),
    (Evidence("d", "The hub of the Merlin 60 stands at 92 m."),),
    1,
)
FACTS = {"f1": Fact("f1", "Merlin 60", "hub_height", "92 m", "d", 1)}

# The loss -----------------------------------------------------------------------------


def test_dpo_loss_is_that_of_a_coin_before_anything_moved() -> None:
    logs = torch.tensor([-5.0, -9.0])
    loss = preferences.dpo_loss(logs, logs - 3, logs, logs - 3)
    assert loss.item() == pytest.approx(math.log(2))


def test_dpo_loss_by_hand() -> None:
    """Chosen three times as likely, and in the second pair a third: log(4/3), log 4."""
    moved = torch.tensor([math.log(3), -math.log(3)])
    zero = torch.zeros(2)
    loss = preferences.dpo_loss(moved, zero, zero, zero, beta=1.0)
    assert loss.item() == pytest.approx((math.log(4 / 3) + math.log(4)) / 2)
    half = preferences.dpo_loss(2 * moved, zero, zero, zero, beta=0.5)
    assert half.item() == pytest.approx(loss.item())


def test_dpo_loss_does_not_overflow_and_has_a_gradient() -> None:
    chosen = torch.tensor([-2000.0], requires_grad=True)
    zero = torch.zeros(1)
    loss = preferences.dpo_loss(chosen, zero, zero, zero, beta=1.0)
    loss.backward()
    assert loss.item() == pytest.approx(2000) and chosen.grad.item() == -1


# Raters -------------------------------------------------------------------------------


def test_points_become_votes() -> None:
    by_points = preferences.by_points
    assert by_points(3, 2) == "first" and by_points(1, 2) == "second"
    assert by_points(2, 2) == "tie" and by_points(0, 0) == "both_bad"


def test_a_scripted_rater_is_labelled_seeded_and_errs_as_stated() -> None:
    def rated(error_rate, name="script", seed=0):
        points = {p.id: (2, 1) for p in PAIRS}
        return preferences.scripted_rater(
            PAIRS, lambda p: points[p.id], error_rate, name, seed
        )

    def choices(votes):
        return [v.choice for v in votes]

    assert {v.source for v in rated(0.1)} == {SCRIPTED}
    assert set(choices(rated(0.0))) == {"first"}
    assert set(choices(rated(1.0))) == {"second"}
    assert choices(rated(0.3)) == choices(rated(0.3))
    assert choices(rated(0.3)) != choices(rated(0.3, name="other"))
    slips = choices(rated(0.1)).count("second")
    assert 20 <= slips <= 60  # 40 expected


def test_a_slip_presses_the_neighbouring_button() -> None:
    slipped = preferences.scripted_rater(PAIRS[:1], lambda _: (0, 0), 1.0, "s")
    assert slipped[0].choice == "tie"


def test_people_are_used_where_there_are_enough(tmp_path) -> None:
    people, scripted = Store(tmp_path / "p.sqlite"), Store(tmp_path / "s.sqlite")
    scripted.add(vote_on(PAIRS[0], "tie", "script", source=SCRIPTED))
    people.add(vote_on(PAIRS[0], "first", "ada"))
    people.add(vote_on(PAIRS[1], "first", "bo"))

    def raters(at_least: int) -> list[str]:
        found = preferences.usable(people, scripted, PAIRS[:1], at_least)
        return [vote.rater for vote in found]

    assert raters(2) == ["script"]  # of two votes, one is on another pair
    assert raters(1) == ["ada"]


# Agreement ----------------------------------------------------------------------------


def test_kappa_by_hand() -> None:
    """20 and 15 of 50 alike; yes 25 and 30 times: kappa is 0.4."""
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert preferences.kappa(first, second) == pytest.approx(0.4)


def test_kappa_needs_labels_of_both() -> None:
    for first, second in (([], []), (["a"], ["a", "b"])):
        with pytest.raises(ValueError, match="expected as many"):
            preferences.kappa(first, second)


def test_agreement_is_over_the_shared_pairs_with_an_interval() -> None:
    first = {str(i): "ab"[i % 2] for i in range(100)}
    second = {str(i): "ab"[i % 2] if i % 5 else "a" for i in range(20, 120)}
    found = preferences.agreement(first, second)
    assert found.n == 80
    assert found.low < found.mean < found.high <= 1
    assert preferences.agreement(first, second) == found
    assert preferences.agreement(first, first).low == 1


def test_raters_without_a_pair_in_common() -> None:
    with pytest.raises(LabsError, match="no pair in common"):
        preferences.agreement({"a": "tie"}, {"b": "tie"})


# Preferences --------------------------------------------------------------------------


def _votes(*choices: str, **more: str):
    return [vote_on(PAIRS[0], c, f"r{i}", **more) for i, c in enumerate(choices)]


def test_the_majority_decides() -> None:
    texts = preferences.preferred_texts
    assert texts(_votes("first", "second", "first")) == [("Q0", "one 0", "two 0")]
    assert texts(_votes("second")) == [("Q0", "two 0", "one 0")]
    assert texts(_votes("first", "second")) == []
    assert texts(_votes("tie")) == texts(_votes("both_bad")) == []


def test_an_edited_answer_beats_both() -> None:
    found = preferences.preferred_texts(_votes("both_bad", edited="three"))
    assert found == [("Q0", "three", "one 0"), ("Q0", "three", "two 0")]
    assert preferences.preferred_texts(_votes("tie", edited="one 0")) == []


def test_raters_by_name() -> None:
    votes = _votes("first", "tie")
    found = preferences.by_rater(votes)
    assert found == {"r0": {PAIRS[0].id: "first"}, "r1": {PAIRS[0].id: "tie"}}


# Styles -------------------------------------------------------------------------------

SENTENCE = styles.in_sentence("Merlin 60", "92 m")


def test_a_sentence_must_name_what_was_asked_about() -> None:
    names = styles.names_subject
    assert names(SENTENCE, QUESTION.question)
    assert not names("92 m", QUESTION.question)
    assert not names("For Merlin 64, the answer is 92 m.", QUESTION.question)
    assert not names("For Merlin 60, it is 92 m.", QUESTION.question)


def test_the_content_of_a_sentence() -> None:
    assert styles.content(SENTENCE) == "92 m"
    assert styles.content("For K, the answer is 3.5 m/s.") == "3.5 m/s"
    assert styles.content(" 92 m ") == "92 m"


@pytest.mark.parametrize(
    ("reply", "points"),
    [
        (SENTENCE, 3),
        ("92 metres", 2),
        ("For Merlin 64, the answer is 92 m.", 2),
        ("For Merlin 60, the answer is 94 m.", 1),
        ("94 m", 0),
        ("", 0),
    ],
)
def test_points_put_right_before_named(reply: str, points: int) -> None:
    assert styles.points(reply, QUESTION) == points


def test_the_lesson_has_other_facts_and_prompts_than_recipes_were_chosen_on() -> None:
    tried, ours = training_rows.lesson(32), styles.lesson(32)
    facts_of = [{q.facts for q in own.train} for own in (tried, ours)]
    assert len(facts_of[1]) == 32 and not facts_of[0] & facts_of[1]
    assert {q.facts for q in ours.seen} == facts_of[1]
    assert not {q.id for q in ours.seen} & {q.id for q in ours.train}
    assert ours.unseen and not {*ours.unseen} & {*tried.unseen[:32]}


def test_rows_have_each_question_in_both_styles() -> None:
    replies = [r["completion"][0]["content"] for r in styles.rows([QUESTION], FACTS)]
    assert replies == ["92 m", "For Merlin 60, the answer is 92 m."]


def test_only_replies_that_differ_are_worth_a_vote() -> None:
    drawn = [["92 m", "92 m"], ["92 m", SENTENCE], ["", "92 m"]]
    found = styles.pairs([QUESTION] * 3, drawn)
    [(pair, question)] = found.values()
    assert question is QUESTION and pair.passage == QUESTION.evidence[0].quote
    assert Counter([pair.first, pair.second]) == Counter(["92 m", SENTENCE])
