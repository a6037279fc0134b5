"""Results as arrays: what every statistic of a report is computed from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

import numpy as np
import numpy.typing as npt

from autoal.bench.results import Results, Run
from autoal.bench.statistics import FloatArray, areas
from autoal.errors import StateError

METRICS = ("accuracy", "balanced_accuracy", "log_loss", "calibration")
LOWER_IS_BETTER = frozenset({"log_loss", "calibration"})


@dataclass(frozen=True)
class Scores:
    """Complete runs by task, strategy and seed; NaN where there is no run.

    Curves are kept by metric and task, since tasks differ in their rounds; all other arrays are (tasks, s, seeds).
    """

    tasks: tuple[str, ...]
    strategies: tuple[str, ...]
    seeds: tuple[int, ...]
    labels: tuple[npt.NDArray[np.int64], ...]  # a task's numbers of labels (rounds,)
    curves: Mapping[str, tuple[FloatArray, ...]]  # a task's (s, seeds, rounds)
    seconds: Mapping[str, FloatArray]  # mean seconds a query, by stage
    memory: FloatArray  # peak, in MiB
    weights: Mapping[tuple[str, str], Mapping[str, FloatArray]]  # task, strategy, candidate: (seeds, rounds - 1)

    @classmethod
    def of(cls, results: Results) -> Self:
        """Group the runs; their order does not matter.

        Raises:
            StateError: there is no run, one cell comes twice, or runs of one task differ in their budgets.
        """
        runs = sorted(results.runs, key=lambda run: (run.task, run.strategy, run.seed))
        _check(runs)
        tasks, strategies, seeds = (tuple(sorted({getattr(r, key) for r in runs})) for key in _AXES)
        labels = {run.task: np.array([line["labels"] for line in run.rounds]) for run in runs}
        shape = (len(tasks), len(strategies), len(seeds))
        curves = {m: tuple(np.full((*shape[1:], len(labels[task])), np.nan) for task in tasks) for m in METRICS}
        stages = sorted({stage for run in runs for line in run.rounds[1:] for stage in line.get("seconds", {})})
        seconds = {stage: np.full(shape, np.nan) for stage in stages}
        memory = np.full(shape, np.nan)
        for run in runs:
            t, s, k = tasks.index(run.task), strategies.index(run.strategy), seeds.index(run.seed)
            for metric in METRICS:
                curves[metric][t][s, k] = [line.get(metric, np.nan) for line in run.rounds]
            for stage in stages:
                seconds[stage][t, s, k] = _mean(line.get("seconds", {}).get(stage) for line in run.rounds[1:])
            memory[t, s, k] = max((line["peak_memory"] for line in run.rounds if "peak_memory" in line), default=np.nan)
        budgets = tuple(labels[task] for task in tasks)
        return cls(tasks, strategies, seeds, budgets, curves, seconds, memory, _weights(runs))

    @property
    def present(self) -> npt.NDArray[np.bool_]:
        """Which runs there are (tasks, s, seeds)."""
        return np.stack([~np.isnan(curves[:, :, -1]) for curves in self.curves["accuracy"]])

    def area(self, metric: str = "accuracy") -> FloatArray:
        """Area under the budget curve (tasks, s, seeds)."""
        return np.stack([areas(labels, c) for labels, c in zip(self.labels, self.curves[metric], strict=True)])

    def final(self, metric: str = "accuracy") -> FloatArray:
        """The last value of each run (tasks, s, seeds)."""
        return np.stack([curves[:, :, -1] for curves in self.curves[metric]])

    def complete(self) -> Self:
        """The part in which every strategy has the same seeds of every task, for what compares all of them at once.

        A strategy counts as missing from a task where it has fewer than half of the task's seeds. Tasks and
        strategies with the largest share missing are left out until none is; then seeds that one strategy lacks.
        """
        present = self.present
        enough = present.sum(axis=2) * 2 >= present.any(axis=1).sum(axis=1)[:, None]
        tasks, strategies = _without_holes(enough & present.any(axis=2))
        part = self._part(tasks, strategies)
        shared = np.asarray(part.present.all(axis=1))  # (tasks, seeds)
        return part._only(shared)._part(np.flatnonzero(shared.any(axis=1)), np.arange(len(strategies)))

    def task(self, name: str) -> Self:
        """One task alone, with the strategies that have runs on it."""
        t = self.tasks.index(name)
        return self._part(np.array([t]), np.flatnonzero(self.present[t].any(axis=1)))

    def _part(self, tasks: npt.NDArray[np.intp], strategies: npt.NDArray[np.intp]) -> Self:
        def cut(values: FloatArray) -> FloatArray:
            return values[np.ix_(tasks, strategies)]

        names = tuple(self.tasks[t] for t in tasks)
        kept = tuple(self.strategies[s] for s in strategies)
        return replace(
            self,
            tasks=names,
            strategies=kept,
            labels=tuple(self.labels[t] for t in tasks),
            curves={metric: tuple(curves[t][strategies] for t in tasks) for metric, curves in self.curves.items()},
            seconds={stage: cut(values) for stage, values in self.seconds.items()},
            memory=cut(self.memory),
            weights={key: value for key, value in self.weights.items() if key[0] in names and key[1] in kept},
        )

    def _only(self, seeds: npt.NDArray[np.bool_]) -> Self:
        """The same with the runs of other seeds (tasks, seeds) taken out."""

        def blank(values: FloatArray) -> FloatArray:
            return np.where(seeds[:, None], values, np.nan)

        curves = {
            metric: tuple(np.where(keep[:, None], c, np.nan) for keep, c in zip(seeds, by_task, strict=True))
            for metric, by_task in self.curves.items()
        }
        seconds = {stage: blank(values) for stage, values in self.seconds.items()}
        return replace(self, curves=curves, seconds=seconds, memory=blank(self.memory))


_AXES = ("task", "strategy", "seed")


def _check(runs: Sequence[Run]) -> None:
    if not runs:
        raise StateError("at least one complete run", "none", "let `autoal bench` end at least one cell")
    for before, run in pairwise(runs):
        cell = f"{run.strategy} on {run.task}, seed {run.seed}"
        if (before.task, before.strategy, before.seed) == (run.task, run.strategy, run.seed):
            raise StateError("one run a cell", f"two of {cell}", "distinct names for differing settings")
        if before.task == run.task and _budget(before) != _budget(run):
            raise StateError(f"one budget for {run.task}", f"another for {cell}", "another folder for another budget")


def _budget(run: Run) -> list[int]:
    return [line["labels"] for line in run.rounds]


def _mean(values: Iterable[float | None]) -> float:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else np.nan


def _weights(runs: Sequence[Run]) -> dict[tuple[str, str], dict[str, FloatArray]]:
    by_strategy: dict[tuple[str, str], list[Run]] = defaultdict(list)
    for run in runs:
        if len(run.rounds) > 1 and all(line.get("weights") for line in run.rounds[1:]):
            by_strategy[run.task, run.strategy].append(run)
    return {
        key: {
            candidate: np.array([[line["weights"].get(candidate, np.nan) for line in r.rounds[1:]] for r in alike])
            for candidate in alike[0].rounds[1]["weights"]
        }
        for key, alike in by_strategy.items()
    }


def _without_holes(present: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows and columns of a complete part: the one with the largest share of holes leaves, until there is none."""
    rows, columns = np.arange(present.shape[0]), np.arange(present.shape[1])
    while not (part := present[np.ix_(rows, columns)]).all():
        by_row, by_column = (~part).mean(axis=1), (~part).mean(axis=0)
        if by_row.max() > by_column.max():
            rows = np.delete(rows, by_row.argmax())
        else:
            columns = np.delete(columns, by_column.argmax())
    return rows, columns
