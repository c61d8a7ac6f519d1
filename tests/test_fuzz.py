"""Whatever stands in a file: it is read, or one LabsError names it. Nothing else.

Hypothesis writes the files: bytes of its own, right files with some bytes changed, and
right rows with a value of another kind. What it found once stands below as a case.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from files import heading, paragraph, table, write_docx, write_pdf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labs import corpus, folder, price_table, profiles, readers
from labs.errors import LabsError
from labs.readers import Unreadable
from labs.votes import Pair, Store, vote_on

pytestmark = pytest.mark.filterwarnings("ignore")  # libraries on what they read

few = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of data that is right, for one file of it to be written over."""
    monkeypatch.setenv("LABS_DATA", str(tmp_path / "data"))
    (tmp_path / "data" / "documents").mkdir(parents=True)
    (tmp_path / "data" / "edition2").mkdir()
    return tmp_path / "data"


def loads_or_tells(load: Callable[[], object], path: Path, line: bool = True) -> bool:
    """Whether it loads; if not, the error is the one that names the file."""
    try:
        load()
    except LabsError as error:
        place = re.escape(str(path)) + (r":\d+: " if line else ": ")
        assert re.match(place, str(error)), str(error)
        assert len(str(error)) < 2_000  # for people to read
        return False
    return True


# What is written ----------------------------------------------------------------------

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["2031-03-01", "lookup", "dev", "\ud800", 10**400]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@st.composite
def broken(draw: st.DrawFn, right: bytes) -> bytes:
    """Bytes of any kind, or the right ones with some of them changed."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=200))
    content = bytearray(right)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 8)))
        content[start:end] = draw(st.binary(max_size=8))
    return bytes(content)


@st.composite
def rows(draw: st.DrawFn, right: dict) -> bytes:
    """A right row, and one in which fields are missing or of another kind."""
    changed = dict(right) | {"id": "another"}
    for name in draw(st.lists(st.sampled_from(sorted(right)), min_size=1, max_size=3)):
        changed[name] = draw(json_values)
    if draw(st.booleans()):
        del changed[draw(st.sampled_from(sorted(changed)))]
    return b"\n".join(json.dumps(row).encode() for row in (right, changed))


EVIDENCE = {"document": "hut", "quote": "The key hangs in the van."}
QUESTION = {
    "id": "q1",
    "question": "Where is the key?",
    "answer": "in the van",
    "accepted": ["in the van"],
    "kind": "lookup",
    "split": "dev",
    "facts": ["f1"],
    "evidence": [EVIDENCE],
    "edition": 1,
}
FACT = {
    "id": "f1",
    "subject": "key",
    "relation": "hangs in",
    "object": "van",
    "document": "hut",
    "edition": 1,
}
CHANGE = {
    "id": "c1",
    "question": "Where is the key?",
    "kind": "lookup",
    "old_answer": "in the van",
    "new_answer": "in the hut",
    "old_accepted": ["in the van"],
    "accepted": ["in the hut"],
    "facts_old": [],
    "facts": [],
    "evidence": [EVIDENCE],
}
JSON_FILES = {
    "questions.jsonl": (QUESTION, corpus.load_questions),
    "facts.jsonl": (FACT, corpus.load_facts),
    "edition2/changes.jsonl": (CHANGE, corpus.load_changes),
}
DOCUMENT = (
    "---\nid: hut\ntitle: The hut\ntype: note\ndate: 2031-03-01\nedition: 1\n---\n\n"
    "# The hut\n\nThe key hangs in the van.\n"
)


# Directories of data ------------------------------------------------------------------


@pytest.mark.parametrize("name", JSON_FILES)
@few
@given(given_data=st.data())
def test_json_lines(data: Path, name: str, given_data: st.DataObject) -> None:
    right, load = JSON_FILES[name]
    bytes_of_it = json.dumps(right).encode()
    content = given_data.draw(rows(right) | broken(bytes_of_it))
    (data / name).write_bytes(content)
    loads_or_tells(load, data / name)


@few
@given(content=broken(DOCUMENT.encode()))
def test_documents(data: Path, content: bytes) -> None:
    path = data / "documents" / "hut.md"
    path.write_bytes(content)
    loads_or_tells(corpus.load_documents, path)


@few
@given(field=st.sampled_from(["id", "date", "edition", "title"]), value=json_values)
def test_front_matter_of_another_kind(data: Path, field: str, value: object) -> None:
    path = data / "documents" / "hut.md"
    line = json.dumps({field: value})[1:-1]  # JSON is YAML
    path.write_text(re.sub(rf"(?m)^{field}: .*", lambda _: line, DOCUMENT))
    loads_or_tells(corpus.load_documents, path)


LAUGHS = "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9) if i else 'x'}]\n" for i in range(30)
)
FRONT_MATTER = {
    "a day that no month has": "date: 2031-02-31",
    "an alias of itself": "title: &a [*a]",
    "a billion laughs": f"{LAUGHS}title: *a29",
    "brackets within brackets": "title: " + "[" * 1_500,
    "a number of 5,000 digits": "edition: " + "9" * 5_000,
    "a tag that runs code": "title: !!python/object/apply:os.getcwd []",
    "a zero byte": "title: \0",
    "half a character": r'title: "\ud800"',
}


@pytest.mark.parametrize("line", FRONT_MATTER.values(), ids=FRONT_MATTER)
def test_front_matter_that_was_made_to_hurt(data: Path, line: str) -> None:
    path = data / "documents" / "hut.md"
    path.write_text(f"---\n{line}\nid: hut\n---\nThe key hangs in the van.\n")
    assert not loads_or_tells(corpus.load_documents, path)


LINES = {
    "brackets within brackets": "[" * 200_000,
    "a number of 5,000 digits": '{"edition": ' + "9" * 5_000 + "}",
    "half a character": json.dumps(QUESTION | {"question": "\ud800"}),
    "a value within values": json.dumps(QUESTION | {"id": [[[[[[[["x" * 9_000]]]]]]]]}),
    "infinity": json.dumps(QUESTION | {"edition": float("inf")}),
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_lines_that_were_made_to_hurt(data: Path, line: str) -> None:
    path = data / "questions.jsonl"
    path.write_text(f"{json.dumps(QUESTION)}\n{line}\n")
    with pytest.raises(LabsError, match=re.escape(f"{path}:2: ")):
        corpus.load_questions()


def test_a_folder_in_the_place_of_a_document(data: Path) -> None:
    (data / "documents" / "hut.md").mkdir()
    with pytest.raises(LabsError, match=r"hut\.md.*cannot be read"):
        corpus.load_documents()


# Files of one's own -------------------------------------------------------------------


def write_samples(directory: Path) -> Iterator[Path]:
    """One right file of each format."""
    docx, pdf = directory / "right.docx", directory / "right.pdf"
    cells = [["park", "key"], ["Heron", "van"]]
    write_docx(docx, heading("The hut"), paragraph("The key."), table(cells))
    write_pdf(pdf, "The key hangs in the van.", None)
    html = "<title>Hut</title><h1>Hut</h1><table><tr><td>key<td>van</table><p>Key&amp;"
    texts = {".html": html, ".htm": html, ".md": DOCUMENT, ".markdown": DOCUMENT}
    yield from (docx, pdf)
    for suffix in sorted(readers.READERS.keys() - {".docx", ".pdf"}):
        path = directory / f"right{suffix}"
        path.write_text(texts.get(suffix, "The key hangs in the van."))
        yield path


@pytest.mark.parametrize("suffix", sorted(readers.READERS))
@few
@given(given_data=st.data())
def test_files_of_ones_own(tmp_path, suffix: str, given_data: st.DataObject) -> None:
    """The reader raises only what an import writes down, in words, on one line."""
    [right] = (path for path in write_samples(tmp_path) if path.suffix == suffix)
    path = tmp_path / f"broken{suffix}"
    path.write_bytes(given_data.draw(broken(right.read_bytes())))
    try:
        page = readers.read(path, 100_000)
    except Unreadable as error:
        assert "\n" not in str(error) and len(str(error)) < 500
    else:
        page.text.encode(), page.title.encode()


@few
@given(given_data=st.data())
def test_what_is_imported_can_be_loaded(
    tmp_path: Path, data: Path, given_data: st.DataObject
) -> None:
    """An import reads something or tells why not; what it wrote, the labs can read."""
    own = tmp_path / "own"
    own.mkdir(exist_ok=True)
    for path in write_samples(own):
        path.write_bytes(given_data.draw(broken(path.read_bytes())))
    try:
        found = folder.read_folder(own, 0.1)
    except LabsError as error:
        assert str(error).startswith(f"{own}: nothing in it can be read")
        return
    told = [*found.files.values(), *(note.file for note in found.left_out)]
    assert sorted(told) == sorted(path.name for path in own.iterdir())
    (data / folder.RECORD).touch()
    folder.write(found, data)
    loaded = {document.id: document.text for document in corpus.load_documents()}
    assert loaded == {document.id: document.text for document in found.documents}


@few
@given(content=rows(QUESTION) | broken(json.dumps(QUESTION).encode()))
def test_questions_of_an_earlier_import(tmp_path: Path, content: bytes) -> None:
    found = folder.Import()
    (tmp_path / "questions.jsonl").write_bytes(content)
    load = partial(folder.n_stale_questions, found, tmp_path)
    loads_or_tells(load, tmp_path / "questions.jsonl")


@pytest.mark.parametrize("line", FRONT_MATTER.values(), ids=FRONT_MATTER)
def test_front_matter_of_ones_own(tmp_path: Path, data: Path, line: str) -> None:
    """It is told, and the text is read."""
    own = tmp_path / "own"
    own.mkdir()
    text = f"---\n{line}\n---\nThe key hangs in the van.\n"
    (own / "hut.md").write_text(text.replace("\0", "%"))
    found = folder.read_folder(own)
    folder.write(found, data / "new")
    assert found.documents[0].text.endswith("The key hangs in the van.")
    assert len(found.documents[0].title) < 1_000


# Votes --------------------------------------------------------------------------------

PAIR = Pair("Where is the key?", "in the van", "in the hut")


@few
@given(given_data=st.data())
def test_an_export_of_votes(tmp_path: Path, given_data: st.DataObject) -> None:
    right = tmp_path / "right.jsonl"
    if not right.exists():
        store = Store(tmp_path / "right.sqlite")
        store.add(vote_on(PAIR, "first", "anna"))
        store.export(right)
    [row] = map(json.loads, right.read_text().splitlines())
    path = tmp_path / "broken.jsonl"
    path.write_bytes(given_data.draw(rows(row) | broken(right.read_bytes())))
    into = Store(tmp_path / "into.sqlite")
    before = into.votes()
    if not loads_or_tells(lambda: into.merge(path), path):
        assert into.votes() == before  # all of it or nothing


@few
@given(given_data=st.data())
def test_a_file_of_votes(tmp_path: Path, given_data: st.DataObject) -> None:
    right = tmp_path / "right.sqlite"
    if not right.exists():
        Store(right).add(vote_on(PAIR, "first", "anna"))
    path = tmp_path / "broken.sqlite"
    path.write_bytes(given_data.draw(broken(right.read_bytes())))
    loads_or_tells(lambda: Store(path).votes(), path, line=False)


# Prices -------------------------------------------------------------------------------


@few
@given(content=broken(price_table.FILE.read_bytes()))
def test_bytes_in_a_price_table(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "prices.toml"
    path.write_bytes(content)
    loads_or_tells(lambda: price_table.load(path), path, line=False)


@few
@given(
    field=st.sampled_from(
        ["value", "low", "high", "unit", "date", "source", "currency"]
    ),
    value=st.sampled_from(
        "1e400 nan -1 true 2031-03-01 '' 'x' [] [[1]] {} {a=1} 00:00:00".split()
        + ["9" * 400, "2031-03-01T00:00:00Z", "[" * 1_500, "1e308"]
    ),
)
def test_a_price_of_another_kind(tmp_path: Path, field: str, value: str) -> None:
    path = tmp_path / "prices.toml"
    right = price_table.FILE.read_text(encoding="utf-8")
    path.write_text(
        re.sub(rf"(?m)^{field} = .*", lambda _: f"{field} = {value}", right, count=1),
        encoding="utf-8",
    )
    loads_or_tells(lambda: price_table.load(path), path, line=False)


def test_the_right_files_load(data: Path) -> None:
    """Else everything above could be an error and nobody would see it."""
    for name, (right, load) in JSON_FILES.items():
        (data / name).write_text(json.dumps(right))
        assert len(load()) == 1
    (data / "documents" / "hut.md").write_text(DOCUMENT)
    assert corpus.load_documents()[0].title == "The hut"
    assert price_table.load(profiles.ROOT / "data" / "prices.toml").currency
    for path in write_samples(data):
        assert readers.read(path, 100_000).text
