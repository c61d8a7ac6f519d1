"""Colours that stand beside each other are told apart by colour-blind eyes, too.

Full protanopia and deuteranopia after Machado, Oliveira and Fernandes (2009, table 1),
applied to linear RGB; distances in CIE Lab (1976), where about 2 is just seen.
"""

from itertools import combinations

import matplotlib
import numpy as np
import pytest

from labs import error_plots, explore_arms, explore_chunks, graph_draw, plots

_EYES = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}
_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)
_LEAST = 15  # matplotlib's own first six come down to 5
PALETTES = {
    "plots": plots.COLOURS,
    "what a cell plots": matplotlib.rcParams["axes.prop_cycle"].by_key()["color"],
    "errors": [colour for colour, _ in error_plots._STYLES.values()],
    "graph": [look[0] for look in graph_draw._LOOKS],
    "arms": [*explore_arms._COLOURS.values(), explore_arms._WRONG],
    "passages": explore_chunks._TINTS,
}


def _linear(colour: str) -> np.ndarray:
    own = np.array(matplotlib.colors.to_rgb(colour))
    return np.where(own <= 0.04045, own / 12.92, ((own + 0.055) / 1.055) ** 2.4)


def _lab(rgb: np.ndarray) -> np.ndarray:
    white = _XYZ.sum(axis=1)
    own = _XYZ @ np.clip(rgb, 0, 1) / white
    x, y, z = np.where(own > 0.008856, np.cbrt(own), 7.787 * own + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def nearest(colours, eyes: str) -> float:
    """The distance of the two that are the most alike."""
    seen = [_lab(_EYES[eyes] @ _linear(colour)) for colour in colours]
    return min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2))


@pytest.mark.parametrize("eyes", _EYES)
@pytest.mark.parametrize("name", PALETTES)
def test_neighbours_are_told_apart(name: str, eyes: str) -> None:
    assert nearest(PALETTES[name], eyes) > _LEAST


def test_the_measure_finds_red_and_green_alike() -> None:
    assert nearest(["white", "black"], "usual") == pytest.approx(100, abs=0.1)
    red_green = ["#2ca02c", "#d62728"]
    assert (
        nearest(red_green, "usual") > 100 > _LEAST > nearest(red_green, "deuteranopia")
    )
