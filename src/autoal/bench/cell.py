"""One cell of a benchmark: a task, a strategy and a seed, run from the first label to the last."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

import autoal
from autoal.bench.store import Line, Lines
from autoal.learner import ActiveLearner
from autoal.pool import Pool
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

    def header(self) -> Line:
        """The first line of the results file."""
        return {**asdict(self), "name": self.label, "autoal": autoal.__version__, "torch": torch.__version__}


def run(cell: Cell, path: Path, data_dir: Path | None = None) -> Iterator[Line]:
    """Run a cell, appending each round to the file at `path`; rounds that are there already are not run again.

    Yields every round, old or new. Round 0 is the initial set, drawn at random and the same for every strategy.
    """
    lines = Lines(path, cell.header())
    assert lines.rounds is not None
    yield from lines.rounds
    if len(lines.rounds) > cell.budget.rounds:
        return
    task, data = _data(cell, data_dir)
    learner, oracle = _learner(cell, task, data)
    for line in lines.rounds:
        learner.teach(line["ids"], oracle[line["ids"]])
    for number in range(len(lines.rounds), cell.budget.rounds + 1):
        started = time.perf_counter()
        ids = _initial(cell, len(data.x_train)) if number == 0 else learner.query(cell.budget.batch)
        seconds = {"query": time.perf_counter() - started, **learner.seconds}
        learner.teach(ids, oracle[ids])
        line = {"round": number, "labels": len(learner.labels), "ids": ids.tolist(), **_scores(learner, data)}
        lines.append({**line, "seconds": seconds, "weights": _weights(learner) if number else {}})
        yield lines.rounds[-1]


def _data(cell: Cell, data_dir: Path | None) -> tuple[Task, DataSet]:
    task = get(cell.task)
    return task, task.split(data_dir, SeedTree(cell.seed), cell.pool_size)


def _learner(cell: Cell, task: Task, data: DataSet) -> tuple[ActiveLearner, np.ndarray[Any, np.dtype[np.int64]]]:
    """A learner that knows no label, and the labels that the simulated oracle gives."""
    pool = Pool(data.x_train, classes=len(data.classes))
    strategy = from_config(cell.strategy)
    return ActiveLearner(pool, task.make_model(data), strategy, seed=cell.seed, progress=False), data.y_train


def _initial(cell: Cell, n: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return SeedTree(cell.seed).child("initial").generator().permutation(n)[: cell.budget.initial]


def _scores(learner: ActiveLearner, data: DataSet) -> Line:
    """How well the model trained on all labels so far does on the test set."""
    log_probs, truth = learner.predict(data.x_test), torch.from_numpy(data.y_test)
    accuracy = float((log_probs.argmax(dim=1) == truth).double().mean())
    return {"accuracy": accuracy, "log_loss": float(torch.nn.functional.nll_loss(log_probs, truth))}


def _weights(learner: ActiveLearner) -> dict[str, float]:
    if not isinstance(learner.strategy, Ensemble):
        return {}
    report = learner.strategy.report_
    return dict(zip(report.candidates, report.mean_weights, strict=True))
