"""What a benchmark's scores say: one computation of every number that the verdict, the tables and the pictures show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from autoal.bench import significance
from autoal.bench.penalties import column_means, matrix, penalties
from autoal.bench.scores import LOWER_IS_BETTER, Scores
from autoal.bench.statistics import ALPHA, Difference, FloatArray, mean_known, paired, share_won, summary

RANDOM, ENTROPY, OURS = "random", "entropy", "autoal"
CONTROLS = ("uniform_weights", "random_weights")


@dataclass(frozen=True)
class Gain:
    """What a strategy adds to another on one task, paired by seed, in points."""

    difference: Difference
    p: float  # adjusted by Holm for all strategies of the task; NaN if nothing can be tested

    @property
    def verdict(self) -> int:
        """1 above, -1 below, 0 not told apart."""
        return int(np.sign(self.difference.mean)) if self.p < ALPHA else 0


def gains(scores: Scores, task: str, over: str = RANDOM, metric: str = "accuracy") -> dict[str, Gain]:
    """What each strategy of a task adds to the strategy `over`, by area, in points; empty where that did not run."""
    part = scores.task(task)
    if over not in part.strategies:
        return {}
    area = part.area(metric)[0] * (-100 if metric in LOWER_IS_BETTER else 100)
    base = area[part.strategies.index(over)]
    differences = {name: paired(area[s], base) for s, name in enumerate(part.strategies) if name != over}
    adjusted = significance.holm(np.array([difference.p for difference in differences.values()]))
    return {name: Gain(d, float(p)) for (name, d), p in zip(differences.items(), adjusted, strict=True)}


def level_with_best(scores: Scores, task: str, values: FloatArray, lower: bool = False) -> tuple[str, set[str]]:
    """The best strategy by mean of a task's values (s, seeds), and those that a paired t-test with Holm leaves level.

    Nothing is level where nothing can be tested.
    """
    values = -values if lower else values
    means = mean_known(values, axis=1)
    best = int(np.nanargmax(means))
    others = [s for s in range(len(means)) if s != best and not np.isnan(means[s])]
    adjusted = significance.holm(np.array([paired(values[best], values[s]).p for s in others]))
    return scores.strategies[best], {scores.strategies[s] for s, p in zip(others, adjusted, strict=True) if p >= ALPHA}


@dataclass(frozen=True)
class Overall:
    """All strategies against each other, on the part of the scores in which none is missing."""

    scores: Scores

    @cached_property
    def area(self) -> FloatArray:
        """AUBC in points (tasks, s, seeds)."""
        return self.scores.area() * 100

    @cached_property
    def means(self) -> FloatArray:
        """Mean AUBC in points (tasks, s)."""
        return mean_known(self.area, axis=2)

    @cached_property
    def pairs(self) -> FloatArray:
        """AUBC in points by pair of task and seed (pairs, s)."""
        flat = self.area.transpose(0, 2, 1).reshape(-1, len(self.scores.strategies))
        return flat[~np.isnan(flat).any(axis=1)]

    @property
    def by_seed(self) -> bool:
        """Whether tests are over the seeds of the only task, and so say nothing about other tasks."""
        return len(self.scores.tasks) == 1

    @property
    def blocks(self) -> FloatArray:
        """What tests are made over (blocks, s): the means of tasks, or the seeds of the only task."""
        return self.pairs if self.by_seed else self.means

    @cached_property
    def ranks(self) -> FloatArray:
        """Mean rank (s,) over all pairs of task and seed."""
        return significance.mean_ranks(self.pairs)

    @cached_property
    def order(self) -> list[str]:
        """Strategies by mean rank, best first."""
        return [self.scores.strategies[s] for s in np.argsort(self.ranks, kind="stable")]

    @cached_property
    def friedman(self) -> float:
        """p-value of Friedman's test over blocks; NaN if there is too little to test."""
        return significance.friedman(self.blocks)

    @cached_property
    def p(self) -> FloatArray:
        """Wilcoxon p-values with Holm's correction (s, s) over blocks."""
        return significance.wilcoxon_holm(self.blocks)

    def against(self, name: str) -> dict[str, float]:
        """Wilcoxon p-values of one strategy against each other, with Holm's correction for these comparisons alone."""
        p = significance.wilcoxon_against(self.blocks, self.index(name))
        return {other: float(p[s]) for s, other in enumerate(self.scores.strategies) if other != name}

    @property
    def powerless(self) -> bool:
        """Whether there are too few blocks for any pair to be told apart."""
        return significance.smallest_p(len(self.blocks), len(self.scores.strategies)) >= ALPHA

    @cached_property
    def groups(self) -> list[tuple[str, ...]]:
        """Neighbours by rank that are not told apart."""
        return [tuple(self.scores.strategies[s] for s in g) for g in significance.groups(self.ranks, self.p)]

    @cached_property
    def penalties(self) -> FloatArray:
        """Penalty matrix (s, s), summed over tasks."""
        return matrix(np.stack([penalties(curves) for curves in self.scores.curves["accuracy"]]))

    @cached_property
    def penalty(self) -> FloatArray:
        """Mean penalty (s,) from the others; lower is better."""
        return column_means(self.penalties)

    @cached_property
    def won(self) -> FloatArray:
        """Share of pairs of task and seed (s, s) in which row beats column."""
        return share_won(self.pairs)

    def index(self, name: str) -> int:
        """The column of a strategy."""
        return self.scores.strategies.index(name)

    def told_apart(self, name: str, other: str) -> bool:
        """Whether Wilcoxon-Holm separates two strategies."""
        return bool(self.p[self.index(name), self.index(other)] < ALPHA)

    def difference(self, name: str, other: str) -> Difference:
        """Mean difference in points over blocks, with its t-interval: tasks, or the seeds of the only task."""
        return summary(self.blocks[:, self.index(name)] - self.blocks[:, self.index(other)])


@dataclass(frozen=True)
class Findings:
    """Scores, and what they say."""

    scores: Scores

    @cached_property
    def overall(self) -> Overall | None:
        """None if no task has a seed that two strategies share."""
        part = self.scores.complete()
        return Overall(part) if part.tasks and len(part.strategies) > 1 else None

    @cached_property
    def order(self) -> list[str]:
        """All strategies: those compared overall by mean rank, then the others by mean AUBC."""
        ranked = self.overall.order if self.overall else []
        mean = mean_known(self.scores.area(), axis=(0, 2))
        others = [s for s, name in enumerate(self.scores.strategies) if name not in ranked]
        return ranked + [self.scores.strategies[s] for s in sorted(others, key=lambda s: -mean[s])]

    @cached_property
    def gains(self) -> dict[str, dict[str, Gain]]:
        """By task and strategy, over Random."""
        return {task: gains(self.scores, task) for task in self.scores.tasks}

    @cached_property
    def ensembles(self) -> list[str]:
        """Strategies that weigh others, in order."""
        return [name for name in self.order if any(key[1] == name for key in self.scores.weights)]

    def candidates(self, ensemble: str) -> list[str]:
        """The strategies that an ensemble weighs, as far as they were run too, in order."""
        weighed = self.weighed(ensemble)
        return [name for name in self.order if name in weighed]

    def weighed(self, ensemble: str) -> set[str]:
        """The strategies that an ensemble weighs, whether they were run by themselves or not."""
        return {c for (_, name), weights in self.scores.weights.items() if name == ensemble for c in weights}
