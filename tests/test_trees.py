"""A tree of summaries over points in the plane."""

import warnings

import numpy as np
import pytest

from labs.retrieval import Chunk
from labs.trees import TREE, Collapsed, Tree, clusters, grow

ANGLES = {"a": 0.0, "b": 0.1, "c": 1.4, "d": 1.5}  # two by two


def _embed(texts) -> np.ndarray:
    """A text is as many letters as it has, their angles averaged."""
    angles = [np.mean([ANGLES[letter] for letter in text]) for text in texts]
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _joined(passages) -> str:
    return "".join(sorted(passage.text for passage in passages))


def _tree(letters: str = "abcd", **options) -> Tree:
    passages = [Chunk(f"{x}#{i}", x, x) for i, x in enumerate(letters)]
    return grow(passages, _embed(letters), _embed, _joined, **options)


def test_like_vectors_share_a_cluster() -> None:
    assert sorted(clusters(_embed("abcd"), size=2)) == [[0, 1], [2, 3]]
    assert clusters(_embed("ab"), size=8) == [[0, 1]]


def test_equal_vectors_are_one_cluster_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        groups = clusters(np.ones((6, 2)), size=2)
    assert sorted(i for group in groups for i in group) == list(range(6))
    assert all(groups)


def test_levels_go_up_to_the_top() -> None:
    tree = _tree(size=2, top=1)
    assert [[node.text for node in level] for level in tree.levels[2:]] == [["abcd"]]
    assert sorted(node.text for node in tree.levels[1]) == ["ab", "cd"]
    assert {node.document for level in tree.levels[1:] for node in level} == {TREE}
    [root] = tree.levels[-1]
    assert sorted(leaf.text for leaf in tree.leaves(root)) == list("abcd")
    assert tree.leaves(tree.levels[0][0]) == [tree.levels[0][0]]


def test_node_ids_are_unique() -> None:
    tree = _tree("abcdabcd", size=2, top=1)
    ids = [chunk.id for level in tree.levels for chunk in level]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("letters", ["a", "ab"])
def test_few_passages_need_no_node(letters: str) -> None:
    tree = _tree(letters)
    assert len(tree.levels) == 1 and tree.children == {}
    found = Collapsed.build(tree, _embed, opened=2).search(["a"], 1)
    assert [chunk.text for chunk in found[0]] == ["a"]


def test_collapsed_finds_nodes_and_passages() -> None:
    [found] = Collapsed.build(_tree(size=2, top=2), _embed).search(["ab"], 3)
    assert found[0].text == "ab" and found[0].document == TREE
    assert {chunk.text for chunk in found[1:]} == {"a", "b"}


def test_opened_reads_only_passages_once() -> None:
    opened = Collapsed.build(_tree(size=2, top=2), _embed, opened=2)
    [found] = opened.search(["b"], 9)
    assert [chunk.text for chunk in found] == ["b", "a", "c", "d"]
    narrow = Collapsed.build(_tree(size=2, top=2), _embed, opened=1)
    assert [chunk.text for chunk in narrow.search(["ab"], 1)[0]] in (["a"], ["b"])
