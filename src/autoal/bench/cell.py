"""One cell of a benchmark: a task, a strategy and a seed, run from the first label to the last."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from autoal.adaptive.boss import Boss, Truth
from autoal.arrays import IntArray
from autoal.bench.evaluation import evaluate
from autoal.bench.memory import PeakMemory
from autoal.bench.results import Line
from autoal.errors import AutoALWarning
from autoal.inputs import as_inputs
from autoal.learner import ActiveLearner
from autoal.pool import OUTSIDE, Pool
from autoal.random import SeedTree
from autoal.search import Ensemble
from autoal.strategies import from_config
from autoal.tasks import Budget, DataSet, Task, get


@dataclass(frozen=True)
class Cell:
    """What is run; two equal cells give equal results on one machine."""

    task: str
    strategy: dict[str, Any]  # as strategies.to_config describes it
    seed: int
    budget: Budget
    pool_size: int | None = None  # None: the task's own
    name: str = field(default="", compare=False)  # shown in tables; default: the strategy's name

    @property
    def label(self) -> str:
        """The name of the strategy in tables and pictures."""
        return self.name or str(self.strategy["name"])

    @property
    def key(self) -> tuple[str, str, int]:
        """What tells a cell from the others of a benchmark."""
        return self.task, self.label, self.seed


def run(cell: Cell, done: Sequence[Line] = (), data_dir: Path | None = None) -> Iterator[Line]:
    """The rounds of a cell that are not `done` yet, each as soon as it has ended; nothing is written anywhere.

    Round 0 is the initial set, drawn at random. It and the training of a round depend on the seed and the labels alone,
    so that they are the same for every strategy. Rounds that are done are not run again: their ids are replayed.

    Raises:
        InputError: the pool has fewer samples than the budget has labels.
    """
    if len(done) > cell.budget.rounds:
        return
    stopwatch = Stopwatch()
    with stopwatch.timed("data"):
        task, data = _data(cell.task, cell.seed, cell.pool_size, cell.budget, data_dir)
        learner = _learner(cell, task, data)
    for line in done:
        learner.teach(line["ids"], data.y_train[line["ids"]])
    if done:
        if done[-1].get("memory") is not None:
            learner.memory = done[-1]["memory"]
        learner.fit()  # the model that the next query asks, as if the last round had just ended
    for number in range(len(done), cell.budget.rounds + 1):
        yield _round(cell, number, learner, data, stopwatch)
        stopwatch = Stopwatch()


class Stopwatch:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Note how long the inside takes."""
        started = time.perf_counter()
        yield
        self.seconds[stage] = time.perf_counter() - started


def _round(cell: Cell, number: int, learner: ActiveLearner, data: DataSet, stopwatch: Stopwatch) -> Line:
    """Ask for labels, learn them, train on all of them and test."""
    memory = PeakMemory()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", AutoALWarning)
        with stopwatch.timed("query"):
            ids = learner.query(cell.budget.batch) if number else _initial(cell, data)
        stages = {stage: seconds for stage, seconds in learner.seconds.items() if stage != "training"}
        memory.read()
        learner.teach(ids, data.y_train[ids])
        with stopwatch.timed("training"):
            learner.fit()
        memory.read()
        with stopwatch.timed("evaluation"):
            found = evaluate(learner.predict(data.x_test), data.y_test)
    known = np.array(list(learner.labels))
    return {
        "round": number,
        "labels": len(known) + len(learner.outside),
        "ids": ids.tolist(),
        **found,
        "class_counts": np.bincount(data.y_train[known], minlength=len(data.classes)).tolist(),
        "seconds": {**stages, **stopwatch.seconds},
        "peak_memory": round(memory.read(), 1),
        "weights": _weights(learner) if number else {},
        "memory": learner.memory,
        "warnings": sorted({str(warning.message) for warning in caught}),
    }


@lru_cache(maxsize=1)  # the cells of one pool follow each other, and a second pool may not fit into memory
def _data(task: str, seed: int, pool_size: int | None, budget: Budget, data_dir: Path | None) -> tuple[Task, DataSet]:
    found = get(task)
    return found, found.split(data_dir, SeedTree(seed), pool_size, budget)


def _learner(cell: Cell, task: Task, data: DataSet) -> ActiveLearner:
    """A learner that knows no label."""
    pool = Pool(data.x_train, classes=len(data.classes))
    strategy = from_config(cell.strategy)
    if isinstance(strategy, Boss):
        strategy = strategy.told(
            Truth(torch.from_numpy(data.y_train), as_inputs(data.x_test), torch.from_numpy(data.y_test))
        )
    return ActiveLearner(pool, task.make_model(data), strategy, seed=cell.seed, progress=False)


def _initial(cell: Cell, data: DataSet) -> IntArray:
    """Who asks for labels of some classes has samples of them: none of the first is outside."""
    rows: IntArray = SeedTree(cell.seed).child("initial").generator().permutation(len(data.y_train))
    known: IntArray = rows[data.y_train[rows] != OUTSIDE]
    return known[: cell.budget.initial]


def _weights(learner: ActiveLearner) -> dict[str, float]:
    if not isinstance(learner.strategy, Ensemble):
        return {}
    report = learner.strategy.report_
    return dict(zip(report.candidates, report.mean_weights, strict=True))
