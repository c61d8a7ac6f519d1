"""The reranker: its arithmetic by hand, its training on six short groups."""

import json
from pathlib import Path

import pytest
import torch

from labs import reranker_training, reranking
from labs.corpus import Evidence, Question
from labs.errors import LabsError
from labs.reranker_training import Group
from labs.reranking import Recipe, Reranked, Reranker
from labs.retrieval import Chunk

SMALL = Recipe(layers=1, rank=2, negatives=1, groups_per_step=2, learning_rate=0.01)
GROUPS = [Group(f"Which mast {i}?", (f"Mast {i}.", "Oil.")) for i in range(6)]


def test_as_read() -> None:
    passage = Chunk("a#1", "a", "| 3 m/s |")
    assert reranking.as_read(passage, {"a": "Merlin 64"}) == "Merlin 64: | 3 m/s |"
    assert reranking.as_read(passage, {}) == "| 3 m/s |"


def test_match_by_hand() -> None:
    states = torch.tensor([[[1.0, 0], [0, 2.0], [3.0, 0], [1.0, 0]]])
    question = torch.tensor([[True, True, False, False]])
    importance = torch.zeros(1, 4)
    assert reranking.match(states, question, ~question, importance).item() == 10
    importance[0, 0] = 99.0
    assert reranking.match(states, question, ~question, importance).item() == 20


def test_match_ignores_padding_and_survives_nothing_to_read() -> None:
    states = torch.tensor([[[1.0, 0], [1.0, 0], [0, 1.0]]])
    question = torch.tensor([[True, False, False]])
    passage = torch.tensor([[False, False, True]])  # the second token is padding
    importance = torch.zeros(1, 3)
    assert reranking.match(states, question, passage, importance).item() == 0
    nothing = torch.zeros_like(passage)
    assert reranking.match(states, question, nothing, importance).item() == -20
    assert reranking.match(states, nothing, passage, importance).isfinite().all()


def test_listwise_loss_is_cross_entropy_of_the_first() -> None:
    scores = torch.tensor([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0]])
    expected = torch.nn.functional.cross_entropy(scores, torch.tensor([0, 0]))
    assert torch.isclose(reranker_training.listwise_loss(scores), expected)


class _Finds:
    def __init__(self, rows: list[Chunk]) -> None:
        self.rows = rows

    def search(self, questions, k=4):
        return [self.rows[:k] for _ in questions]


def test_groups_take_no_negative_that_holds_the_evidence() -> None:
    texts = ["The mast is 9 m.", "Oil it.", "The mast is 9 m.", "Paint it."]
    rows = [Chunk(f"{d}#1", d, t) for d, t in zip("abcd", texts, strict=True)]
    evidence = (Evidence("a", "The mast is 9 m."),)
    question = Question(
        "q", "How high?", "9 m", ("9 m",), "lookup", "train", (), evidence, 1
    )
    recipe = Recipe(negatives=2)
    made = reranker_training.groups([question], rows, _Finds(rows), {"a": "A"}, recipe)
    [group] = made
    assert group.texts[0] == "A: The mast is 9 m."
    assert set(group.texts[1:]) == {"Oil it.", "Paint it."}
    missed = reranker_training.groups([question], rows, _Finds(rows[1:]), {}, recipe)
    assert missed == []


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trained for three steps; what must move has moved, and nothing else."""
    before = reranking.with_lora(reranking.build(SMALL)[1], SMALL).state_dict()
    before = {name: tensor.clone() for name, tensor in before.items()}
    _, model = reranker_training.train(GROUPS, SMALL)
    for name, parameter in model.named_parameters():
        moved = not torch.equal(before[name], parameter)
        assert moved == parameter.requires_grad, name
    directory = tmp_path_factory.mktemp("reranker")
    reranker_training.save(model, SMALL, directory)
    return directory


def test_saved_is_what_was_trained(adapter: Path) -> None:
    pairs = [(group.question, text) for group in GROUPS for text in group.texts]
    tokenizer, model = reranker_training.train(GROUPS, SMALL)
    with torch.inference_mode():
        expected = reranking.scores_of(tokenizer, model, pairs)
    read = [(question, Chunk(text, text, text)) for question, text in pairs]
    found = Reranker({}, adapter).score(read)
    assert found == pytest.approx(expected.numpy(), abs=0.05)  # kept in half precision
    config = json.loads((adapter / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "all-MiniLM-L6-v2"


def test_reranked_orders_the_first_and_leaves_the_rest_as_it_is(adapter: Path) -> None:
    rows = [Chunk(str(i), "d", text) for i, text in enumerate(["Oil.", "Mast 3."] * 2)]
    reranker = Reranker({}, adapter)
    searcher = Reranked(_Finds(rows), reranker, depth=2)
    [found] = searcher.search(["Which mast 3?"], k=2)
    assert [passage.text for passage in found] == ["Mast 3.", "Oil."]
    [found] = searcher.search(["Which mast 3?"], k=4)
    assert [passage.id for passage in found] == ["1", "0", "2", "3"]
    assert reranker.rank([], []) == []
    assert reranker.rank(["Which?"], [[]]) == [[]]


def test_a_missing_adapter_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(LabsError, match="no adapter_config.json.*labs reranker"):
        Reranker({}, tmp_path)
