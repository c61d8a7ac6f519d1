"""Claims: asserted on a built domain, told on a folder of one's own."""

import json

import pytest

from labs import profiles
from labs.claims import claim


def test_a_claim_is_asserted_on_a_built_domain() -> None:
    claim(True, "all is well")
    with pytest.raises(AssertionError, match="words help"):
        claim(0.1 > 0.2, "words help")


def test_a_claim_is_told_on_an_own_folder(tmp_path, monkeypatch, capsys) -> None:
    rows = (profiles.ROOT / "data/wind/questions.jsonl").read_text().splitlines()[:3]
    own = [json.loads(row) for row in rows]
    written = [own[0], *(row | {"written_by": "pocket"} for row in own[1:])]
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, written)))
    monkeypatch.setenv("LABS_DATA", str(tmp_path))
    claim(1 > 0, "this holds")
    claim(0 > 1, "this does not")
    assert capsys.readouterr().out.strip().endswith("so few questions: this does not")
