"""Pipelines ranked: what is worth its cost, and what cannot be told apart."""

from collections.abc import Mapping

from labs.stats import Scores, paired_bootstrap


def pareto_front(points: Mapping[str, tuple[float, float]]) -> list[str]:
    """The names that no other one beats, the cheapest first.

    One beats another if it costs no more and is no worse, and differs in one of both.
    First shown in notebooks/1_rag/08_leaderboard.

    Args:
        points: cost (lower is better) and quality (higher is better) by name.
    """
    order = sorted(points, key=lambda name: (points[name][0], -points[name][1]))
    front: list[str] = []
    for name in order:
        above = not front or points[name][1] > points[front[-1]][1]
        same = bool(front) and points[name] == points[front[-1]]
        if above or same:
            front.append(name)
    return front


def cheapest_as_good(
    scores: Mapping[str, Scores], costs: Mapping[str, float], best: str
) -> str:
    """The cheapest of those that the 95% interval does not tell from the best.

    Of equally cheap ones the first named. First shown in
    notebooks/1_rag/08_leaderboard.

    Args:
        scores: of each pipeline on the same questions.
    """
    as_good = [
        name
        for name in scores
        if name == best or paired_bootstrap(scores[name], scores[best]).high >= 0
    ]
    return min(as_good, key=costs.__getitem__)
