"""Every practice has its cell; without it, there is an error and no advice."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs import practices
from labs.errors import LabsError
from labs.practices import Practice
from labs.stats import Interval

PRACTICES = practices.load()
TOY = Practice("brush", "morning", "clean teeth", "1_toy/01_toy", "brushed minus not")
PAGE = (
    "<table><tr><th>what</th><th>mean</th><th>minus not</th></tr>"
    "<tr><td>brushed</td><td>0.90 [0.80, 0.95], n = 40</td>"
    "<td>0.30 [0.20, 0.40], n = 40</td></tr></table>"
)


@pytest.mark.parametrize("practice", PRACTICES, ids=lambda practice: practice.name)
def test_every_practice_was_measured(practice: Practice) -> None:
    found = practices.find(practice)
    assert found.advice in ("do", "do not", "spare it")
    assert (found.measured is None) == bool(practice.claim)


def test_no_practice_comes_twice() -> None:
    places = [(p.notebook, p.row, p.column, p.claim) for p in PRACTICES]
    assert len(set(places)) == len(places) == len({p.name for p in PRACTICES})


def test_what_did_not_help_is_told() -> None:
    advice = {practices.find(practice).advice for practice in PRACTICES}
    assert advice == {"do", "do not", "spare it"}


@pytest.fixture
def toy(tmp_path: Path) -> Callable[..., Path]:
    def write(*outputs: dict, source: str = "") -> Path:
        path = tmp_path / "1_toy" / "01_toy.ipynb"
        path.parent.mkdir(exist_ok=True)
        text = {"cell_type": "markdown", "source": "Words."}
        cell = {"cell_type": "code", "source": [source], "outputs": list(outputs)}
        path.write_text(json.dumps({"cells": [text, cell]}))
        practices._cells.cache_clear()
        return tmp_path

    return write


def _printed(text: str) -> dict:
    return {"output_type": "stream", "text": [text]}


def test_a_printed_line(toy) -> None:
    folder = toy(_printed("other\nbrushed minus not: -0.30 [-0.40, -0.20], n = 40\n"))
    found = practices.find(TOY, folder)
    assert found.measured == Interval(-0.3, -0.4, -0.2, 40)
    assert (found.advice, found.cell) == ("do not", 1)
    assert practices.find(replace(TOY, good="low"), folder).advice == "do"


def test_a_column_of_a_table(toy) -> None:
    folder = toy(_printed("brushed: 9"), {"data": {"text/html": [PAGE]}})
    own = replace(TOY, row="brushed", column="minus not")
    assert practices.find(own, folder).measured == Interval(0.3, 0.2, 0.4, 40)
    assert practices.find(replace(own, column="mean"), folder).measured.mean == 0.9


def test_what_a_cell_asserts(toy) -> None:
    folder = toy(source='claim(x, "teeth\\n    are clean")\nassert "teeth are clean"')
    own = replace(TOY, row="", claim="teeth are clean")
    assert practices.find(own, folder).advice == "do"


@pytest.mark.parametrize(
    "output", [_printed("nothing"), _printed("brushed minus not: 0.3"), {}]
)
def test_what_is_gone_is_an_error(toy, output: dict) -> None:
    with pytest.raises(LabsError, match="brush"):
        practices.find(TOY, toy(output))


def test_a_claim_that_is_gone(toy) -> None:
    with pytest.raises(LabsError, match="clean teeth"):
        practices.find(replace(TOY, row="", claim="clean teeth"), toy())


def test_a_notebook_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(LabsError, match="no notebook"):
        practices.find(replace(TOY, notebook="1_toy/02_other"), tmp_path)


def test_a_broken_table(tmp_path: Path) -> None:
    path = tmp_path / "practices.toml"
    for text in ("practice = [", "[[practice]]\nname = 'a'", "[[other]]\na = 1"):
        path.write_text(text)
        with pytest.raises(LabsError, match="practices.toml"):
            practices.load(path)


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 1))
def test_turning_what_is_good_turns_the_verdict(mean, below, above) -> None:
    own = Interval(mean, mean - below, mean + above, 9)
    turned = {"better": "worse", "worse": "better"}
    high, low = (practices.verdict(own, good) for good in ("high", "low"))
    assert low == turned.get(high, high)
    assert (high == "not distinguishable") == (own.low <= 0 <= own.high)


def test_an_interval_is_read_as_it_is_written() -> None:
    own = Interval(-0.25, -0.5, 0.0, 12)
    assert practices.interval_in(f"x: {own}, worse") == own
    assert practices.interval_in("0.25") is None
