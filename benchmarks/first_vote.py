"""Where AutoAL's vote should start, how the batch should follow it, and whether it should move.

Run: python benchmarks/first_vote.py [--seeds 6] [--first 200] [--workers 2] [--out results/first_vote] [--data-dir DIR]

It compares votes that stay as they start with votes that learn on the user's labels, all with AutoAL's batch stage; the
last of either kind start with the worst favourite there is, one of three bad candidates beside the seven good. No
table of this repository has the seeds. It prints points of AUBC against UHerding, the mean over tasks with its standard
error, for the tasks of `dev` on frozen features, and for tasks with 500 labels and more. The same command goes on where
it was stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import tyro
from rich.console import Console

from autoal import AutoAL, strategies, tasks
from autoal.bench.cell import Cell
from autoal.bench.local import Local
from autoal.bench.runner import run_cells
from autoal.bench.scores import Scores
from autoal.bench.statistics import mean_known
from autoal.bench.store import FILE, Store
from autoal.search.variants import misled
from autoal.strategies.base import Strategy
from autoal.tasks.suites import SUITES

REFERENCE = "u_herding"
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

    seeds: int = 6
    """of each task"""
    first: int = 200
    """the first of the seeds"""
    workers: int = 2
    """cells that run at one time"""
    out: Path = Path("results/first_vote")
    """folder for the file of results"""
    data_dir: Path | None = None
    """where data sets are; default: $AUTOAL_DATA, or ~/.cache/autoal"""


def contenders() -> dict[str, Strategy]:
    """Three strategies without a vote, votes that stay, and votes that learn."""
    still, bad = partial(AutoAL, search_steps=0), misled()
    return {
        **{name: strategies.get(name)() for name in (REFERENCE, "diversified", "margin")},
        "uniform": still(favourite=None),
        **{f"margin has {favour}": still(favour=favour) for favour in (0.5, 0.7, 0.85, 0.95)},
        "margin alone": still(["margin"]),
        "entropy has 0.85": still(favourite="entropy"),
        "margin has 0.85, to the power 1": still(sharpness=1.0),
        "margin has 0.85, to the power 3": still(sharpness=3.0),
        "margin has 0.85, 2,000 references": still(references=2000),
        "confident of ten has 0.85": bad["bad_favourite_kept"],
        "learned": AutoAL(),
        "learned, for all samples alike": AutoAL(per_sample=False),
        "learned from margin has 0.7": AutoAL(favour=0.7),
        "learned from confident of ten": bad["bad_favourite"],
    }


def cells(options: Options) -> list[Cell]:
    """Every contender on every task and seed."""
    found = [tasks.get(name) for name in TASKS]
    configs = {name: strategies.to_config(strategy) for name, strategy in contenders().items()}
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
    large = [task in MID for task in scores.tasks]
    print(f"{len(scores.tasks)} tasks, {scores.present.sum()} runs; points above {REFERENCE}")
    for name in contenders():
        few, many = (
            f"{gain.mean():+.2f} ± {gain.std(ddof=1) / len(gain) ** 0.5:.2f} ({(gain > 0).sum()} of {len(gain)} tasks)"
            for gain in ((points[name] - points[REFERENCE])[[flag is size for flag in large]] for size in (False, True))
        )
        print(f"  {name:32s} {few:32s} 500 labels and more: {many}")


if __name__ == "__main__":
    main(tyro.cli(Options))
