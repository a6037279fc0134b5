"""What each of AutoAL's candidates is worth alone, with its batch stage, against the plain vote of all seven.

Run: python benchmarks/alone.py [--seeds 4] [--first 200] [--workers 2] [--out results/alone] [--data-dir DIR]

No table of this repository has the seeds. It prints points of AUBC, the mean over tasks with its standard error, and
how many tasks the candidate wins. The same command goes on where it was stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro
from rich.console import Console

from autoal import strategies, tasks
from autoal.adaptive import UniformWeights
from autoal.bench.cell import Cell
from autoal.bench.local import Local
from autoal.bench.runner import run_cells
from autoal.bench.scores import Scores
from autoal.bench.statistics import mean_known
from autoal.bench.store import FILE, Store
from autoal.tasks.suites import SUITES

VOTE = "vote"
MID = (
    "letter/linear/mid",
    "cifar10/linear/mid",
    "trec/linear/mid",
    "fashion-mnist/linear/mid",
    "fashion-mnist/mlp/mid",
)
TASKS = (*(name for name in SUITES["dev"] if "/cnn/" not in name), *MID)


@dataclass(frozen=True)
class Options:
    """What is run."""

    seeds: int = 4
    """of each task"""
    first: int = 200
    """the first of the seeds"""
    workers: int = 2
    """cells that run at one time"""
    out: Path = Path("results/alone")
    """folder for the file of results"""
    data_dir: Path | None = None
    """where data sets are; default: $AUTOAL_DATA, or ~/.cache/autoal"""


def votes() -> dict[str, UniformWeights]:
    """The vote of all, and of each candidate alone."""
    names = [candidate.name for candidate in strategies.paper_candidates()]
    return {VOTE: UniformWeights(), **{name: UniformWeights(candidates=(name,)) for name in names}}


def cells(options: Options) -> list[Cell]:
    """Every vote on every task and seed."""
    found = [tasks.get(name) for name in TASKS]
    configs = {name: strategies.to_config(vote) for name, vote in votes().items()}
    return [
        Cell(task.name, config, seed, task.budget, name=name)
        for seed in range(options.first, options.first + options.seeds)
        for task in found
        for name, config in configs.items()
    ]


def main(options: Options) -> None:
    """Run what is missing, and print what was found."""
    wanted = cells(options)
    with Store(options.out / FILE) as store:
        run_cells(wanted, store, Local(options.workers), options.data_dir, Console(stderr=True))
        scores = Scores.of(store.results(wanted))
    points = dict(zip(scores.strategies, mean_known(100 * scores.area(), axis=2).T, strict=True))  # each (tasks,)
    print(f"{len(scores.tasks)} tasks, {scores.present.sum()} runs")
    for name in votes():
        gain = points[name] - points[VOTE]
        error, above = gain.std(ddof=1) / len(gain) ** 0.5, (gain > 0).sum()
        if name != VOTE:
            print(
                f"  {name:18s} {gain.mean():+.2f} ± {error:.2f}, median {np.median(gain):+.2f}, above on {above} tasks"
            )


if __name__ == "__main__":
    main(tyro.cli(Options))
