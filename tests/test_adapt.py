"""Pairs, the contrastive loss, and a few steps of training on the bundled embedder."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from labs import adapt, adapt_record, corpus
from labs.adapt import Course, Pair, batches, info_nce, parse_written, plan, why_not
from labs.corpus import Evidence, Question
from labs.embedding import Embedder
from labs.errors import LabsError
from labs.retrieval import Chunk, DenseIndex, chunk

CHUNKS = [
    Chunk("D#1", "D", "The crane lifts 350 kg."),
    Chunk("D#2", "D", "The rotor stops at 25 m/s."),
    Chunk("D#3", "D", "The key hangs in the van."),
    Chunk("D#4", "D", "The oil is changed in May."),
]


def _pair(text: str, own: int, *others: int) -> Pair:
    gold = frozenset(CHUNKS[i].id for i in (own, *others))
    return Pair(text, CHUNKS[own], gold)


# Pairs --------------------------------------------------------------------------------


def test_a_question_makes_a_pair_with_each_gold_passage() -> None:
    evidence = (Evidence("D", "lifts 350 kg"), Evidence("D", "in the van"))
    question = Question(
        "q", "Why?", "a", ("a",), "multi_hop", "train", (), evidence, edition=1
    )
    pairs = adapt.pairs_of([question], CHUNKS)
    assert [pair.passage.id for pair in pairs] == ["D#1", "D#3"]
    assert all(pair.gold == {"D#1", "D#3"} for pair in pairs)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Question: How much?\nAnswer: 350 kg", ("How much?", "350 kg")),
        ("  Question: How much? \n Answer:350 kg ", ("How much?", "350 kg")),
        ("Question: How much\nAnswer: 350 kg", None),
        ("How much? 350 kg", None),
        ("Question: How much?\nAnswer: ", None),
        ("", None),
    ],
)
def test_written_questions_are_parsed(text: str, expected: object) -> None:
    assert parse_written(text) == expected


class _Finds:
    """Finds the first passages in their order."""

    def search(self, questions: Sequence[str], k: int = 4) -> list[list[Chunk]]:
        return [CHUNKS[:k] for _ in questions]


@pytest.mark.parametrize(
    ("written", "place", "reason"),
    [
        (("How much?", "350 kg"), 0, ""),
        (("How much?", "the 350 KG."), 0, ""),
        (None, 0, "no question and answer"),
        (("How much?", "35"), 0, "answer not in the passage"),
        (("How much are 350 kg?", "350 kg"), 0, "answer in the question"),
        (("When?", "May"), 3, "passage not found again"),
    ],
)
def test_pairs_are_checked(written: object, place: int, reason: str) -> None:
    assert why_not(written, CHUNKS[place], _Finds(), k=2) == reason


# The loss -----------------------------------------------------------------------------


def test_loss_of_those_that_cannot_be_told_apart() -> None:
    same = torch.ones(4, 1)
    assert info_nce(same, same).item() == pytest.approx(math.log(4))


def test_loss_by_hand() -> None:
    questions = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    passages = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    by_hand = (math.log(1 + math.exp(-2)) + math.log(1 + math.exp(2))) / 2
    assert info_nce(questions, passages, scale=2).item() == pytest.approx(by_hand)


def test_hard_negatives_stand_behind() -> None:
    one = torch.tensor([[1.0, 0.0]])
    three = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    assert info_nce(one, one).item() == 0
    assert info_nce(one, three).item() == pytest.approx(math.log(3))


# Batches ------------------------------------------------------------------------------


def test_no_passage_of_a_batch_answers_anothers_question() -> None:
    pairs = [_pair("a", 0, 1), _pair("a", 1, 0), _pair("b", 2), _pair("c", 2)]
    for seed in range(5):
        found = list(batches(pairs, 3, seed))
        assert sorted(p.question for b in found for p in b) == ["a", "a", "b", "c"]
        for batch in found:
            ids = {pair.passage.id for pair in batch}
            assert len(ids) == len(batch) <= 3
            assert all(pair.gold & ids == {pair.passage.id} for pair in batch)


def test_plan_adds_negatives_that_are_wrong() -> None:
    def embed(texts: Sequence[str]) -> np.ndarray:
        return np.ones((len(texts), 1), dtype=np.float32)

    index = DenseIndex.build(CHUNKS, embed)
    pairs = [_pair("a", 0, 1), _pair("b", 2)]
    [(texts, rows)] = plan(pairs, index, Course(epochs=1, hard_negatives=4))
    own = {"a": 0, "b": 2}
    assert [own[text] for text in texts] == rows[:2]
    assert set(rows[2:]) == {3}
    assert plan(pairs, index, Course(hard_negatives=0))[0][1] == rows[:2]


# Training -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[float]]:
    """An adapter that was taught that every colour asks for its own passage."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABS_PROFILE", "pocket")
        patch.setenv("LABS_CACHE", str(tmp_path_factory.mktemp("vectors")))
        embedder = Embedder()
        index = DenseIndex.build(CHUNKS, embedder.embed)
        words = ("blue", "red", "green", "white")
        pairs = [_pair(f"{word}?", i) for i, word in enumerate(words)]
        course = Course(epochs=15, batch_size=4, hard_negatives=0)
        steps = []
        model, losses = adapt.train(
            embedder, pairs, index, course, lambda: steps.append(1)
        )
        assert len(steps) == len(losses) == 15
        folder = tmp_path_factory.mktemp("adapter")
        adapt.save(model, folder)
    return folder, losses


def test_training_teaches(trained: tuple[Path, list[float]]) -> None:
    folder, losses = trained
    assert losses[-1] < losses[0] / 2
    index = DenseIndex.build(CHUNKS, Embedder().embed)
    adapted = DenseIndex(CHUNKS, index.vectors, Embedder(folder).embed)
    found = adapted.search(["blue?", "red?", "green?", "white?"], 1)
    assert [row[0].id for row in found] == [c.id for c in CHUNKS]


def test_adapter_is_small_and_kept_apart_in_the_cache(
    trained: tuple[Path, list[float]],
) -> None:
    folder, _ = trained
    assert sum(path.stat().st_size for path in folder.iterdir()) < 1_000_000
    plain = Embedder().embed(["blue?"])
    adapted = Embedder(folder).embed(["blue?"])
    assert np.linalg.norm(adapted) == pytest.approx(1, abs=1e-5)
    assert not np.allclose(plain, adapted, atol=0.01)
    assert np.array_equal(Embedder().embed(["blue?"]), plain)
    assert np.array_equal(Embedder(folder).embed(["blue?"]), adapted)


def test_missing_adapter_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(LabsError, match="adapter_config.json.*python -m labs adapt"):
        Embedder(tmp_path)


# The record ---------------------------------------------------------------------------


def test_free_passages_hold_no_evidence_of_dev_or_test() -> None:
    chunks = chunk(corpus.load_documents())
    free = adapt_record.free_passages(chunks, 200)
    texts = {passage.id: "".join(passage.text.split()) for passage in free}
    for question in corpus.load_questions():
        for evidence in question.evidence if question.split != "train" else ():
            quote = "".join(evidence.quote.split())
            own = [t for i, t in texts.items() if i.startswith(f"{evidence.document}#")]
            assert not any(quote in text for text in own)
    assert free == adapt_record.free_passages(chunks, 200)
