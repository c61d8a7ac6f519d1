"""The rating widget: every press is a vote in the store, whatever stands left."""

import pytest

from labs.errors import LabsError
from labs.rating import rate, stands_left
from labs.votes import Pair, Store

PAIRS = [Pair(f"Question {i}?", f"one {i}", f"two {i}") for i in range(40)]


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "votes.sqlite")


def _pair(left: str) -> Pair:
    return next(pair for pair in PAIRS if stands_left(pair) == left)


def test_either_answer_stands_left_and_always_the_same() -> None:
    sides = [stands_left(pair) for pair in PAIRS]
    assert {"first", "second"} == set(sides)
    assert sides == [stands_left(pair) for pair in PAIRS]
    assert sides != [stands_left(pair, seed=1) for pair in PAIRS]


@pytest.mark.parametrize(
    ("left", "key", "choice"),
    [
        ("first", "l", "first"),
        ("first", "r", "second"),
        ("second", "l", "second"),
        ("second", "r", "first"),
        ("second", "t", "tie"),
        ("second", "b", "both_bad"),
    ],
)
def test_a_key_means_what_stands_there(store, left, key, choice) -> None:
    pair = _pair(left)
    box = rate([pair], store, "ada")
    shown = box.page.value
    first_stands_left = shown.index(pair.first) < shown.index(pair.second)
    assert first_stands_left == (left == "first")
    box.press(key)
    [vote] = store.votes()
    assert (vote.choice, vote.left, vote.rater) == (choice, left, "ada")


def test_typing_and_clicking_do_the_same(store) -> None:
    box = rate(PAIRS, store, "ada")
    box.keys.value = "t"
    assert box.keys.value == ""
    box.buttons["b"].click()
    assert [v.choice for v in store.votes()] == ["tie", "both_bad"]
    assert box.bar.value == 2 and "2 of 40 rated by ada" in box.page.value


def test_undo_brings_the_pair_back(store) -> None:
    box = rate(PAIRS, store, "ada")
    box.press("t")
    assert PAIRS[1].question in box.page.value
    box.keys.value = "u"
    assert PAIRS[0].question in box.page.value and "Taken back." in box.page.value
    box.press("u")
    assert "There is no vote to take back." in box.page.value
    assert store.votes() == [] and box.bar.value == 0


def test_an_edited_answer_goes_with_the_vote_and_the_box_is_empty_again(store) -> None:
    box = rate(PAIRS, store, "ada")
    box.edit.value = "  92 m "
    box.press("b")
    box.press("t")
    assert [v.edited for v in store.votes()] == ["92 m", ""]


def test_it_goes_on_where_a_killed_kernel_stopped(store) -> None:
    rate(PAIRS, store, "ada").press("t")
    again = rate(PAIRS, Store(store.path), "ada")
    assert again.current == PAIRS[1]
    assert rate(PAIRS, store, "bo").current == PAIRS[0]


def test_the_end_and_other_keys(store) -> None:
    box = rate(PAIRS[:1], store, "ada")
    box.press("x")
    assert "is no key here" in box.page.value and store.votes() == []
    box.press("t")
    assert "All pairs are rated" in box.page.value
    box.press("t")
    assert len(store.votes()) == 1


def test_a_store_that_fails_says_so_and_the_pair_stays(store, monkeypatch) -> None:
    box = rate(PAIRS, store, "ada")

    def full(_):
        raise LabsError("The disk is full.")

    monkeypatch.setattr(store, "add", full)
    box.press("t")
    assert "The disk is full." in box.page.value
    assert PAIRS[0].question in box.page.value


def test_texts_are_never_html(store) -> None:
    pair = Pair("<b>Q</b>?", "<i>one</i>", "two & <script>", "<u>told</u>")
    page = rate([pair], store, "<ada>").page.value
    for tag in ("<b>", "<i>one", "<script>", "<u>", "<ada>"):
        assert tag not in page
    assert "&lt;script&gt;" in page


def test_it_is_a_widget_and_without_a_kernel_a_page(store) -> None:
    box = rate(PAIRS, store, "ada")
    bundle = box._repr_mimebundle_()
    view = bundle["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == box.box.model_id
    assert PAIRS[0].first in bundle["text/html"]


@pytest.mark.parametrize("given", [([], "ada"), (PAIRS, "  ")])
def test_nothing_to_rate_and_nobody_to_ask(store, given) -> None:
    with pytest.raises(LabsError, match="expected at least one pair"):
        rate(given[0], store, given[1])
