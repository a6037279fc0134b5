"""The published method from pixels, beside its controls on the same batch stage, and beside `AutoAL()`.

Pools of 1,000 images and a small convolutional network; 60 labels at first and 20 a round. `paper` is
`AutoAL.paper()`, with fewer steps if so asked. The controls take the top of the integrated score as it does, with the
same thresholds and gates, but with uniform or random weights, or its own weights shuffled over the samples. The same
command goes on where it was stopped; `autoal report OUT` makes the table.

Run: python benchmarks/paper.py [--out DIR] [--data-dir DIR] [--seeds 3] [--rounds 3] [--fit-steps 200] [...]
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path

import tyro

from autoal import AutoAL, Strategy, strategies, tasks
from autoal.adaptive import RandomWeights, ShuffledWeights, UniformWeights
from autoal.bench.bench import prepare
from autoal.bench.cell import Cell
from autoal.bench.local import Local
from autoal.bench.runner import run_cells
from autoal.bench.store import FILE, Store
from autoal.tasks import Budget


@dataclass(frozen=True)
class Options:
    """The task that is run."""

    tasks: tuple[str, ...] = ("digits/cnn", "fashion-mnist/cnn", "cifar10/cnn")
    """each with its pool cut to `pool_size`"""
    out: Path = Path("results/paper")
    """folder for the file of results"""
    data_dir: Path | None = None
    """where data sets are; default: $AUTOAL_DATA, or ~/.cache/autoal"""
    seeds: int = 3
    """paired seeds, 0 and up"""
    rounds: int = 3
    """of 20 labels each"""
    pool_size: int = 1000
    """images of each pool"""
    fit_steps: int = 200
    """in which FitNet is trained before the turns; the published number is the default"""
    search_steps: int = 400
    """turns; the published number is the default"""
    workers: int = 2
    """processes, one thread each"""


def entrants(options: Options) -> dict[str, Strategy]:
    """Strategies by the name that tables show."""
    paper = replace(AutoAL.paper(), fit_steps=options.fit_steps, search_steps=options.search_steps)
    shuffled = ShuffledWeights(**{field.name: getattr(paper, field.name) for field in fields(paper) if field.init})
    batch, normalised, scaled = paper.batch, paper.normalised, paper.scaled_thresholds
    return {
        "paper": paper,
        "paper_uniform": UniformWeights(batch=batch, normalised=normalised, scaled_thresholds=scaled),
        "paper_random": RandomWeights(batch=batch, normalised=normalised, scaled_thresholds=scaled),
        "paper_shuffled": shuffled,
        "autoal": AutoAL(),
        "random": strategies.get("random")(),
    }


def cells(options: Options) -> list[Cell]:
    """All cells; the seeds of a task stand together."""
    configs = {name: strategies.to_config(strategy) for name, strategy in entrants(options).items()}
    budget = Budget(60, 20, options.rounds)
    return [
        Cell(tasks.get(task).name, config, seed, budget, options.pool_size, name)
        for task in options.tasks
        for seed in range(options.seeds)
        for name, config in configs.items()
    ]


def main() -> None:
    """Run what is missing."""
    options = tyro.cli(Options)
    every = cells(options)
    prepare([cell.task for cell in every], options.data_dir)
    with Store(options.out / FILE) as store:
        print(run_cells(every, store, Local(options.workers), options.data_dir).text())


if __name__ == "__main__":
    main()
