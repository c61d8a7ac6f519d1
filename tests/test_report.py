"""The report: what a notebook ends with, its pictures, its error, on one page."""

import base64

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from labs import contents, report
from labs.contents import Lab
from labs.errors import LabsError

PNG = base64.b64encode(b"picture").decode() + "\n"


def lab(path: str = "1_rag/toy.ipynb", title: str = "Toy") -> Lab:
    return Lab(path, title, "A goal.", "beginner", {"pocket": 1}, "")


def shown(**data: str):
    by_type = {name.replace("_", "/"): text for name, text in data.items()}
    return new_code_cell("", outputs=[new_output("display_data", by_type)])


def test_the_tables_of_the_last_section_that_has_any_are_taken():
    cells = [
        new_markdown_cell("# Title"),
        shown(text_html="<table>first</table>"),
        new_markdown_cell("text\n\n## One\n\nmore"),
        shown(text_html="<table>a</table>"),
        shown(text_html="<b>no table</b>"),
        shown(text_html="<table>b</table>"),
        new_markdown_cell("## Two"),
        shown(image_png=PNG),
    ]
    assert report.tables(cells) == ["<table>a</table>", "<table>b</table>"]
    assert report.pictures(cells) == [PNG]
    assert report.tables(cells[:1]) == []


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A notebook that runs and one that stops, in an index of their own."""
    monkeypatch.setattr(report, "NOTEBOOKS", tmp_path)
    code = "from IPython.display import HTML\nHTML(f'<table>{6 * 7}</table>')"
    for name, source in (("good", code), ("bad", "print(1)\n1 / 0")):
        notebook = new_notebook(cells=[new_code_cell(source)])
        nbformat.write(notebook, tmp_path / f"{name}.ipynb")
    monkeypatch.setattr(
        contents, "load_index", lambda: [lab("good.ipynb"), lab("bad.ipynb", "B & D")]
    )
    return tmp_path


def test_a_report_is_one_file_with_results_minutes_and_errors(folder, tmp_path):
    before = {path: path.read_bytes() for path in folder.glob("*.ipynb")}
    file = report.run(tmp_path / "out")
    text = file.read_text(encoding="utf-8")
    assert "<table>42</table>" in text
    assert "ZeroDivisionError: division by zero" in text and "B &amp; D" in text
    assert "2, 1 stopped by an error" in text and "torch" in text
    assert "http" not in text  # opens without a network
    assert before == {path: path.read_bytes() for path in folder.glob("*.ipynb")}


def test_only_some_notebooks(folder, tmp_path):
    text = report.run(tmp_path / "out", only="good").read_text(encoding="utf-8")
    assert "1, 0 stopped by an error" in text


def test_no_such_notebook_is_refused_before_any_runs(folder, tmp_path):
    with pytest.raises(LabsError, match="9_none"):
        report.run(tmp_path / "out", only="9_none")


def test_pictures_are_inside_the_page():
    own = report.Shown(lab(title='A "b"'), 61.0, [], [PNG])
    text = report.as_html([own])
    assert f'src="data:image/png;base64,{PNG.strip()}"' in text
    assert "picture 1 of A &quot;b&quot;" in text
