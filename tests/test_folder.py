"""A folder of one's own files: what is read of it, and what is said of the rest."""

import json
import os
import sys
from pathlib import Path

import bs4
import pytest
from files import heading, paragraph, table, write_docx, write_pdf
from typer.testing import CliRunner

from labs import cli, corpus, folder, profiles
from labs.errors import LabsError
from labs.folder import read_folder
from labs.folder_documents import Import

HTML = """<!DOCTYPE html><html><head><title>Site: Merlin</title>
<style>p {color: red}</style></head><body><!-- draft -->
<h1>Merlin <em>64</em></h1><p>Starts at
   3 m/s.<br>Stops at 25 m/s.</p><script>track()</script>
<ul><li>oil</li><li>grease</li></ul>
<table><tr><th>Part</th><th>Mass</th></tr>
<tr><td>Rotor</td><td><p>31 t</p></td></tr></table></body></html>"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with one good file, so that a bad one beside it is the only trouble."""
    path = tmp_path / "own"
    path.mkdir()
    (path / "good.md").write_text("# Good\n\nIt has nine turbines.", encoding="utf-8")
    return path


def _texts(found: Import) -> dict[str, str]:
    return {document.id: document.text for document in found.documents}


def _only_warning(own: Path) -> str:
    """The one line that is said; the good file was read all the same."""
    found = read_folder(own)
    assert _texts(found)["good"] == "# Good\n\nIt has nine turbines."
    [line] = found.warnings()
    return line


# What is read -------------------------------------------------------------------------


def test_markdown_with_and_without_front_matter(own: Path) -> None:
    (own / "notes").mkdir()
    (own / "notes" / "Old Plan.md").write_text(
        "---\ntitle: The plan\ndate: 2030-02-01\nid: plan-1\n---\n# Plan\nAll of it.\n"
    )
    os.utime(own / "good.md", (0, 0))
    good, plan = read_folder(own).documents
    assert (good.id, good.title, good.type) == ("good", "Good", "document")
    assert (good.date, good.edition, good.supersedes) == ("1970-01-01", 1, None)
    assert (plan.id, plan.title, plan.type) == ("plan-1", "The plan", "notes")
    assert (plan.date, plan.text) == ("2030-02-01", "# Plan\nAll of it.")


def test_html_keeps_headings_lists_and_tables(own: Path) -> None:
    (own / "merlin.html").write_text(HTML, encoding="utf-8")
    merlin = read_folder(own).documents[1]
    assert merlin.title == "Merlin 64"
    assert merlin.text == (
        "# Merlin 64\n\nStarts at 3 m/s.\nStops at 25 m/s.\n\n- oil\n- grease\n\n"
        "| Part | Mass |\n| --- | --- |\n| Rotor | 31 t |"
    )


def test_html_tables_that_lay_out_a_page_are_no_rows(own: Path) -> None:
    inner = "<table><tr><td>Rotor</td><td>31 t</td></tr></table>"
    page = f"<table><tr><td>Menu</td><td><h1>Merlin</h1>{inner}</td></tr></table>"
    (own / "page.htm").write_text(page)
    text = _texts(read_folder(own))["page"]
    assert text == "Menu\n\n# Merlin\n\n| Rotor | 31 t |\n| --- | --- |"


def test_docx_keeps_headings_and_tables(own: Path) -> None:
    blocks = [heading("Merlin 64"), paragraph("Fine &amp; new."), paragraph(" ")]
    blocks += [table([["Part", "Mass"], ["Rotor|hub", "31 t"]]), paragraph("End.")]
    write_docx(own / "merlin.docx", *blocks)
    merlin = read_folder(own).documents[1]
    assert merlin.title == "Merlin 64"
    assert merlin.text == (
        "# Merlin 64\n\nFine & new.\n\n| Part | Mass |\n| --- | --- |\n"
        "| Rotor\\|hub | 31 t |\n\nEnd."
    )


def test_pdf_and_plain_text(own: Path) -> None:
    write_pdf(own / "sheet.pdf", "It starts at 3 m/s.", "It stops at 25 m/s.")
    (own / "note.txt").write_bytes("\ufeffTür\r\n\r\n\r\n\r\nzu\x00".encode()[:-1])
    found = read_folder(own)
    assert _texts(found)["sheet"] == "It starts at 3 m/s.\nIt stops at 25 m/s."
    assert _texts(found)["note"] == "Tür\n\nzu"
    assert found.warnings() == []
    assert [d.title for d in found.documents] == ["Good", "note", "sheet"]


def test_the_bundled_documents_come_out_as_they_are() -> None:
    given = corpus.load_documents()
    found = read_folder(profiles.data_dir() / "documents")
    assert {d.id: d for d in found.documents} == {d.id: d for d in given}
    assert found.warnings() == []


def test_ids_come_from_paths_and_are_unique(own: Path) -> None:
    names = ["a/b.md", "a-b.txt", "A/Über uns.md", "资料.md", f"{'long' * 40}.md"]
    for name in names:
        (own / name).parent.mkdir(exist_ok=True)
        (own / name).write_text(f"Text of {name}.", encoding="utf-8")
    ids = {name: id_ for id_, name in read_folder(own).files.items()}
    assert len(set(map(str.lower, ids.values()))) == len(names) + 1
    assert ids["a/b.md"].startswith("a-b-") and ids["a-b.txt"].startswith("a-b-")
    assert ids["A/Über uns.md"].startswith("a-uber-uns-")
    assert all(len(id_) <= 100 and id_.isascii() for id_ in ids.values())
    (own / "a-b.txt").unlink()  # others come and go: ids do not pass on
    again = {name: id_ for id_, name in read_folder(own).files.items()}
    assert again["a/b.md"] == "a-b"
    assert {n: again[n] for n in names[2:]} == {n: ids[n] for n in names[2:]}


def test_two_files_that_claim_one_id(own: Path) -> None:
    for name in ("x", "y"):
        (own / f"{name}.md").write_text(f"---\nid: good\n---\nText of {name}.")
    found = read_folder(own)
    assert len({d.id for d in found.documents}) == 3
    notes = [note for note in found.notes if "claim the id good" in note.said]
    assert [note.file for note in notes] == ["x.md", "y.md"]


# What cannot be read ------------------------------------------------------------------


def test_a_folder_that_is_not_there_or_empty(own: Path) -> None:
    with pytest.raises(LabsError, match="nowhere is not there, expected a folder"):
        read_folder(own / "nowhere")
    with pytest.raises(LabsError, match="good.md is a file, expected a folder"):
        read_folder(own / "good.md")
    (own / "good.md").unlink()
    with pytest.raises(LabsError, match=r"is empty, expected files of .*\.docx, \.pdf"):
        read_folder(own)
    (own / "photo.jpg").touch()
    with pytest.raises(LabsError, match="(?s)nothing in it can be read.*photo.jpg"):
        read_folder(own)


def test_a_scan_is_told_and_what_to_do(own: Path) -> None:
    write_pdf(own / "scan.pdf", None, None)
    line = _only_warning(own)
    assert line.startswith("left out: scan.pdf: 2 page(s) and no text in them")
    assert "ocrmypdf" in line


def test_scanned_pages_among_others_are_told(own: Path) -> None:
    write_pdf(own / "half.pdf", "It has ten turbines.", None)
    assert _only_warning(own) == "note: half.pdf: no text on 1 of 2 pages (2)"
    assert _texts(read_folder(own))["half"] == "It has ten turbines."


@pytest.mark.parametrize("name", ["broken.pdf", "broken.docx"])
@pytest.mark.parametrize("content", [b"", b"%PDF-1.4\nhalf a", b"PK\x03\x04 no zip"])
def test_a_broken_file(own: Path, name: str, content: bytes) -> None:
    (own / name).write_bytes(content)
    line = _only_warning(own)
    assert line.startswith(f"left out: {name}: the file is broken or of another type")


def test_a_pdf_cut_off_in_the_middle_is_told_or_read(own: Path) -> None:
    write_pdf(own / "cut.pdf", "It has ten turbines.")
    whole = (own / "cut.pdf").read_bytes()
    (own / "cut.pdf").write_bytes(whole[: len(whole) * 2 // 3])
    found = read_folder(own)
    told = [note.file for note in found.left_out]
    assert told == ["cut.pdf"] or "ten turbines" in _texts(found)["cut"]


def test_a_locked_pdf(own: Path) -> None:
    import pypdf

    write_pdf(own / "secret.pdf", "It has ten turbines.")
    locked = pypdf.PdfWriter(clone_from=own / "secret.pdf")
    locked.encrypt("password", algorithm="RC4-128")
    locked.write(own / "secret.pdf")
    assert "locked by a password" in _only_warning(own)


def test_50_mb_are_left_out_at_once(own: Path) -> None:
    resource = pytest.importorskip("resource")  # Windows has none
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with (own / "log.txt").open("wb") as file:
        file.truncate(50_000_000)
    line = _only_warning(own)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 30_000
    assert line == (
        "left out: log.txt: 50 MB, and the limit is 20; split it, or take it whole "
        "with --max-mb 51"
    )


def test_a_small_zip_that_unfolds_to_much_is_left_out(own: Path) -> None:
    write_docx(own / "bomb.docx", paragraph("a" * 30_000_000))
    assert (own / "bomb.docx").stat().st_size < 100_000
    assert "its text is larger than the limit" in _only_warning(own)


def test_another_encoding_is_read_and_told(own: Path) -> None:
    (own / "alt.txt").write_bytes("Zwei\nGrüße – Ende".encode("cp1252"))
    line = _only_warning(own)
    assert line.startswith("note: alt.txt: line 2 is not UTF-8; read as Windows-1252")
    assert _texts(read_folder(own))["alt"] == "Zwei\nGrüße – Ende"
    (own / "alt.txt").write_text("Grüße", encoding="utf-16")
    assert _texts(read_folder(own))["alt"] == "Grüße"
    (own / "alt.txt").write_bytes(b"\x00\x01binary\xff")
    assert "alt.txt: this is no text" in _only_warning(own)


def test_html_is_parsed_with_void_tags_that_end_by_themselves(
    own: Path, monkeypatch
) -> None:
    """BeautifulSoup searches all the others at each end of a tag: many take minutes."""
    parsed: list[bytes] = []

    class Spy(bs4.BeautifulSoup):
        def __init__(self, content: bytes, features: str) -> None:
            parsed.append(content)
            super().__init__(content, features)

    monkeypatch.setattr(bs4, "BeautifulSoup", Spy)
    page = "Line.<br>Next.<BR class='x'><img src='a'/><hr>End."
    (own / "log.html").write_text(page)
    assert _texts(read_folder(own))["log"] == "Line.\nNext.\n\nEnd."
    assert parsed == [b"Line.<br/>Next.<BR class='x'/><img src='a'/><hr/>End."]


def test_html_in_its_own_encoding(own: Path) -> None:
    page = '<meta charset="iso-8859-1"><p>Grüße</p>'
    (own / "alt.html").write_bytes(page.encode("latin-1"))
    assert _texts(read_folder(own))["alt"] == "Grüße"


def test_front_matter_that_is_no_yaml_stays(own: Path) -> None:
    (own / "odd.md").write_text("---\ntitle: a: b\n---\nText.\n")
    assert "odd.md: its front matter is no YAML" in _only_warning(own)
    assert _texts(read_folder(own))["odd"] == "---\ntitle: a: b\n---\nText."
    (own / "odd.md").write_text("---\nA rule.\n\n---\nText.\n")  # no front matter
    assert read_folder(own).warnings() == []


def test_duplicates_are_kept_once(own: Path) -> None:
    (own / "zopy.md").write_text("# Good\nIt  has nine turbines.\n")
    line = _only_warning(own)
    assert line == "left out: zopy.md: the same text as good.md, which is kept once"


def test_one_title_with_two_dates_is_told_unless_one_supersedes(own: Path) -> None:
    def put(name: str, year: int, more: str = "") -> None:
        head = f"---\ntitle: Hours\ndate: {year}-01-01\n{more}---\n"
        (own / name).write_text(f"{head}Open at {year % 24}.")

    put("a.md", 2030)
    put("b.md", 2031)
    line = _only_warning(own)
    assert line.startswith("note: a.md: (2030-01-01) has the same title as b.md (2031")
    assert "supersedes" in line
    for named in ("a", "a.md"):  # by id or by path
        put("b.md", 2031, f"supersedes: {named}\n")
        found = read_folder(own)
        assert found.warnings() == []
        assert {d.id: d.supersedes for d in found.documents}["b"] == "a"


def test_supersedes_follows_a_duplicate_and_names_who_is_there(own: Path) -> None:
    (own / "hopy.md").write_text("# Good\nIt has nine turbines.")
    (own / "new.md").write_text("---\nsupersedes: hopy\n---\nIt has ten.")
    (own / "old.md").write_text("---\nsupersedes: nobody\n---\nIt has two.")
    found = read_folder(own)
    links = {d.id: d.supersedes for d in found.documents}
    assert links == {"good": None, "new": "good", "old": None}
    assert [str(n) for n in found.notes] == [
        "old.md: `supersedes: nobody` names no other document here; left out"
    ]


def test_unknown_types_and_hidden_files_are_listed(own: Path) -> None:
    (own / ".git").mkdir()
    for name in (".git/x.md", ".env", "~$good.docx", "a.png", "b.xlsx", "noname"):
        (own / name).touch()
    assert read_folder(own).warnings() == [
        "left out: 3 hidden: .git/, .env, ~$good.docx",
        "left out: 3 of other types: a.png, b.xlsx, noname",
    ]


def test_an_empty_file_holds_no_text(own: Path) -> None:
    (own / "empty.txt").write_text(" \n\n — \n")
    assert _only_warning(own) == "left out: empty.txt: it holds no text"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_do_not_lead_round_in_circles(own: Path) -> None:
    (own / "sub").mkdir()
    (own / "sub" / "up").symlink_to(own, target_is_directory=True)
    (own / "self.md").symlink_to(own / "self.md")
    (own / "gone.md").symlink_to(own / "nowhere.md")
    (own / "other.md").symlink_to(own / "good.md")
    found = read_folder(own)
    assert list(_texts(found)) == ["good"]
    told = {note.file: note.said for note in found.left_out}
    assert told.keys() == {"sub/up", "self.md", "gone.md", "other.md"}
    assert "link to a folder, not followed" in told["sub/up"]
    assert "a link to nowhere" in told["self.md"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_a_pipe_does_not_hang(own: Path) -> None:
    os.mkfifo(own / "pipe.txt")
    assert "pipe.txt: no ordinary file" in _only_warning(own)


# A directory of data ------------------------------------------------------------------


def _import(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(cli.app, ["import", *map(str, arguments)])
    if isinstance(done.exception, LabsError):
        raise done.exception
    return done.exit_code, done.output


def test_import_makes_what_the_labs_load(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own / "x.md").write_text("---\ntitle: 'Yes: 1'\n---\n---\nText.\n---\nMore.")
    out = tmp_path / "data"
    code, said = _import(own, "--out", out)
    assert code == 0 and f"Wrote {out}: 2 documents, 10 words; 0 files left" in said
    monkeypatch.setenv("LABS_DATA", str(out))
    assert corpus.load_documents() == read_folder(own).documents
    assert corpus.load_facts() == []
    with pytest.raises(LabsError, match="python -m labs questions"):
        corpus.load_questions()
    record = json.loads((out / "import.json").read_text())
    assert record["documents"] == {"good": "good.md", "x": "x.md"}


def test_import_again_replaces_documents_and_keeps_questions(
    own: Path, tmp_path: Path
) -> None:
    out = own / "data"  # within the folder: not taken for a file of it
    _import(own, "--out", out)
    evidence = [{"document": "good", "quote": "It has nine turbines."}]
    row = json.dumps({"id": "mine", "evidence": evidence})
    (out / "questions.jsonl").write_text(row + "\n")
    assert "rest on sentences" not in _import(own, "--out", out)[1]
    (own / "good.md").write_text("# Good\n\nIt has ten turbines.")
    (own / "new.md").write_text("New.")
    _, said = _import(own, "--out", out)
    assert "note: 1 questions in" in said and "2 documents" in said
    assert (out / "questions.jsonl").read_text() == row + "\n"
    assert sorted(p.name for p in (out / "documents").iterdir()) == [
        "good.md",
        "new.md",
    ]
    assert "ten" in (out / "documents" / "good.md").read_text()


def test_import_overwrites_nothing_of_others(own: Path, tmp_path: Path) -> None:
    with pytest.raises(LabsError, match="not empty and holds no import.json"):
        _import(own, "--out", own)
    with pytest.raises(LabsError, match="good.md, a file; expected a folder"):
        _import(own, "--out", own / "good.md")
    assert sorted(p.name for p in own.iterdir()) == ["good.md"]
    assert folder.MAX_MB == 20
