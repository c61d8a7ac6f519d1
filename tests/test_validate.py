"""Validation: notebooks run by nbval, their minutes, what differs, what stops."""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from typer.testing import CliRunner

from labs import cli, contents, execution, profiles, report, validate, validate_changes
from labs.contents import Lab
from labs.errors import LabsError

TABLE = "<table><tr><th>arm</th><th>right</th></tr><tr><td>rag</td><td>{}</td></tr>"
SHOW = f"from IPython.display import HTML\nHTML({TABLE!r}.format(0.5))"


def printed(text: str):
    return new_output("stream", name="stdout", text=text)


def html(text: str):
    return new_output("display_data", {"text/html": text, "text/plain": "<object>"})


def code(source: str, *outputs):
    return new_code_cell(source, outputs=list(outputs), execution_count=1)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two series of toys: one notebook tells other numbers now, one stops."""
    places = "import os\nprint(os.listdir(os.environ['LABS_CACHE']))"
    good = [
        code(places, printed("[]\n")),
        code("print(6 * 7)", printed("41\n")),
        new_markdown_cell("## The end"),
        code(SHOW, html(TABLE.format(0.4))),
    ]
    bad = [code("print(1)", printed("1\n")), code("1 / 0"), code("print(2)")]
    labs = []
    for path, cells in (("1_a/good.ipynb", good), ("2_b/01_bad.ipynb", bad)):
        (tmp_path / path).parent.mkdir()
        nbformat.write(new_notebook(cells=cells), tmp_path / path)
        labs.append(Lab(path, "Toy", "A goal.", "beginner", {"pocket": 3}, ""))
    monkeypatch.setattr(validate, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(contents, "load_index", lambda: labs)
    return tmp_path


def test_minutes_changes_and_errors_are_told(folder, tmp_path):
    before = {path: path.read_bytes() for path in folder.rglob("*.ipynb")}
    done = CliRunner().invoke(cli.app, ["validate", "--out", str(tmp_path / "out")])
    assert done.exit_code == 1  # a notebook stopped
    assert re.search(r"good.ipynb: \d+\.\d min \(recorded: 3\), 2 cells", done.output)
    assert "cells differ, 1 of them at the end" in done.output
    assert "was rag | 0.4\n  is  rag | 0.5" in done.output
    assert "cell [2]: ZeroDivisionError: division by zero" in done.output
    assert "Stopped: 2_b/01_bad.ipynb" in done.output
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "<td>41</td><td>42</td>" in page and "ZeroDivisionError" in page
    assert before == {path: path.read_bytes() for path in folder.rglob("*.ipynb")}


def test_one_series_that_runs_is_a_success(folder, tmp_path):
    [own] = validate.run(1, "pocket", tmp_path / "out", print)
    assert not validate.failed([own])
    assert [change.cell for change in own.changes] == [2, 3]  # the cache was empty
    assert [change.cell for change in own.closing] == [3]


def test_what_cannot_be_is_refused_before_any_notebook_runs(folder, tmp_path):
    with pytest.raises(LabsError, match="no series 3"):
        validate.run(3, None, tmp_path, print)
    with pytest.raises(LabsError, match="'huge'"):
        validate.run(1, "huge", tmp_path, print)
    (tmp_path / "file").touch()
    with pytest.raises(LabsError, match="cannot be written"):
        validate.run(1, None, tmp_path / "file", print)


def test_settings_are_taken_back(folder, tmp_path, monkeypatch):
    monkeypatch.delenv("LABS_PROFILE")
    with execution.environment({"LABS_PROFILE": "pocket"}):
        assert profiles.current().reason == "LABS_PROFILE"
    assert profiles.current().reason != "LABS_PROFILE"


def test_flags_are_those_of_make_test():
    makefile = (profiles.ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.findall(r"--nbval\S+", makefile) == execution.FLAGS


# What differs -------------------------------------------------------------------------


def test_a_table_is_compared_row_by_row():
    assert validate_changes.lines([html(TABLE.format(1))]) == ["arm | right", "rag | 1"]
    style = "<style>td { color: red }</style>"
    assert validate_changes.lines([html(style + "<b>a</b> b")]) == ["a b"]


def test_changed_added_and_lost_lines_are_found():
    old = [code("", printed("a\nb\nc\n")), new_markdown_cell(""), code("", html("x"))]
    new = [code("", printed("a\nB\nc\nd\n")), new_markdown_cell(""), code("")]
    found = validate_changes.find(old, new, closing=[old[2]])
    assert [(c.cell, c.old, c.new, c.closing) for c in found] == [
        (1, ("b",), ("B", "d"), False),
        (2, ("x",), (), True),
    ]


def test_streams_that_came_in_parts_are_the_same():
    old = [code("", printed("a\n"), html("x"), printed("b\n"))]
    new = [code("", printed("a\nb\n"), html("x"))]
    assert validate_changes.find(old, new, []) == []


def test_widgets_and_pictures_are_not_compared():
    widget = {validate_changes.WIDGET: {"model_id": "a"}, "text/plain": "Box()"}
    picture = {"image/png": "aaaa", "text/plain": "<Figure>"}
    for data in (widget, picture):
        old = [code("", new_output("display_data", {"text/plain": "Box(1)"}))]
        new = [code("", new_output("display_data", data))]
        assert bool(validate_changes.find(old, new, [])) is (data is picture)
        assert not validate_changes.lines(new[0].outputs)


def test_a_closing_semicolon_hides_a_result(tmp_path):
    path = tmp_path / "toy.ipynb"
    cells = [code("1 + 1;"), code("1 + 1")]
    nbformat.write(new_notebook(cells=cells), path)
    shown = [cell.outputs for cell in execution.run(path).cells]
    assert shown[0] == [] and shown[1][0]["data"]["text/plain"] == "2"


def test_closing_cells_are_those_of_the_last_tables():
    cells = [code("", html("<table>")), new_markdown_cell("## End"), code("")]
    assert report.closing(cells) == [cells[0]]
