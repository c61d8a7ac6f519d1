"""Arms before a change, on its day and after their update; and which one pays.

First shown in notebooks/3_benchmarking/05_freshness.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from labs import freshness, metrics
from labs.freshness import GROUPS, Ageing, Item
from labs.roi import Plan, Prices, Usage

STATES = ("before", "after")  # an arm's own update
STAGES = ("before", "the day", "after")
CHANGED = GROUPS[:2]
NONE_PAYS = "none pays"


@dataclass(frozen=True)
class Asked:
    """What each arm said to the questions of all groups, before and after its update.

    Args:
        said: by arm and one of `STATES`, in the order of the groups' questions.
    """

    groups: Mapping[str, Sequence[Item]]
    said: Mapping[tuple[str, str], Sequence[str]]

    @cached_property
    def items(self) -> list[Item]:
        """All questions, group after group."""
        return [item for own in self.groups.values() for item in own]

    @cached_property
    def arms(self) -> list[str]:
        """The names of the arms."""
        return list(dict.fromkeys(arm for arm, _ in self.said))

    @cached_property
    def outcomes(self) -> dict[tuple[str, str], list[str]]:
        """New, old or neither, for each answer."""
        return {
            key: [i.outcome(text) for i, text in zip(self.items, own, strict=True)]
            for key, own in self.said.items()
        }

    def places(self, group: str) -> range:
        """Where the questions of a group stand."""
        sizes = {name: len(own) for name, own in self.groups.items()}
        start = sum(sizes[name] for name in list(sizes)[: list(sizes).index(group)])
        return range(start, start + sizes[group])

    def right_at(self, arm: str, stage: str, *groups: str) -> list[float]:
        """1 for each answer that is right at one of `STAGES`, else 0.

        Before the change the old answer is right; on its day the same answers are held
        against the second edition.
        """
        own = self.outcomes[arm, _state(stage)]
        return [
            float(own[i] == ("old" if stage == "before" and g in CHANGED else "new"))
            for g in groups
            for i in self.places(g)
        ]

    def wrong_at(self, arm: str, stage: str, *groups: str) -> list[float]:
        """1 for each answer that is neither right nor a refusal."""
        texts = self.said[arm, _state(stage)]
        tried = [
            not metrics.is_refusal(texts[i]) for g in groups for i in self.places(g)
        ]
        right = self.right_at(arm, stage, *groups)
        return [float(t and not r) for t, r in zip(tried, right, strict=True)]

    def told(self, *groups: str) -> Any:
        """Shares of new, old and neither in each state: for `outcome_bars`."""
        import pandas as pd

        rows = []
        for (arm, state), own in self.outcomes.items():
            for group in groups:
                here = [own[i] for i in self.places(group)]
                row = {"arm": f"{arm}, {state}", "group": group, "n": len(here)}
                shares = {o: here.count(o) / len(here) for o in freshness.OUTCOMES}
                rows.append(row | shares)
        return pd.DataFrame(rows)

    def over_time(self, *groups: str) -> Any:
        """Right answers with their intervals at each stage: for `over_time`."""
        import pandas as pd

        rows = [
            {"arm": arm, "group": group, "stage": stage}
            | asdict(metrics.bootstrap_mean(self.right_at(arm, stage, group)))
            for group in groups
            for arm in self.arms
            for stage in STAGES
        ]
        return pd.DataFrame(rows)

    def stale_first(self, arm: str, kind: str) -> list[int]:
        """Places of changed questions of a kind, those it told of old first."""
        own = [i for g in CHANGED for i in self.places(g)]
        own = [i for i in own if self.items[i].question.kind == kind]
        return sorted(own, key=lambda i: self.outcomes[arm, "before"][i] != "old")

    def ageing(self, arm: str, fresh: str, seed: int | None = None) -> Ageing:
        """How the arm ages: all groups when fresh, the changed ones on the day.

        Each group counts as much as another.

        Args:
            fresh: the stage at which nothing is stale, "before" or "after".
            seed: draw the questions anew, the same ones for every arm.
        """
        rng = None if seed is None else np.random.default_rng(seed)
        rows = {}
        for group, own in self.groups.items():
            n = len(own)
            rows[group] = np.arange(n) if rng is None else rng.integers(n, size=n)
        shares = []
        for stage, groups in ((fresh, GROUPS), ("the day", CHANGED)):
            for measure in (self.right_at, self.wrong_at):
                each = [
                    np.array(measure(arm, stage, g))[rows[g]].mean() for g in groups
                ]
                shares.append(float(np.mean(each)))
        return Ageing(*shares)


def _state(stage: str) -> str:
    return "after" if stage == "after" else "before"


# Which one pays -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """An arm with what it uses, and how many updates a month it may choose from."""

    usage: Usage
    updates: tuple[float, ...]  # 0 is never


def best_net(
    kept: Kept, ageing: Ageing, prices: Prices, plan: Plan, rate: float
) -> float:
    """What it earns over the plan at the number of updates that suits it best."""
    plans = [replace(plan, updates_per_month=n) for n in kept.updates]
    return max(freshness.net(ageing, kept.usage, prices, p, rate) for p in plans)


def nets(
    arms: Mapping[str, Kept],
    ages: Mapping[str, Ageing],
    prices: Prices,
    plan: Plan,
    rates: Sequence[float],
    volumes: Sequence[float],
) -> np.ndarray:
    """What each of `ages` earns: money, (arms, volumes, rates)."""
    plans = [replace(plan, questions_per_month=float(v)) for v in volumes]
    return np.array(
        [
            [[best_net(arms[name], own, prices, p, r) for r in rates] for p in plans]
            for name, own in ages.items()
        ]
    )


def winners(earned: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """The name of what earns most, or `NONE_PAYS`: (volumes, rates)."""
    best = np.array(list(names), dtype=object)[earned.argmax(axis=0)]
    return np.where(earned.max(axis=0) > 0, best, NONE_PAYS)
