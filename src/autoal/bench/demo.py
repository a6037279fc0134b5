"""The demonstration: AutoAL, its controls, its candidates and Random on real data, with the same seeds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from autoal.adaptive import RandomWeights, UniformWeights
from autoal.bench.cell import Cell
from autoal.bench.comparison import Comparison
from autoal.bench.plots import learning_curves, strategy_weights
from autoal.bench.results import Results, Run
from autoal.bench.runner import cell_path, run_cells
from autoal.errors import InputError
from autoal.search import AutoAL
from autoal.strategies import Random, paper_candidates, to_config
from autoal.tasks import get


@dataclass(frozen=True)
class Demo:
    """Compare AutoAL with its candidates and controls on real data, with the same seeds, and draw the curves."""

    task: str = "digits"
    """digits, fashion-mnist or cifar10"""
    seeds: int = 10
    """how many paired seeds"""
    rounds: int | None = None
    """rounds of labelling; default: the task's own"""
    workers: int = 2
    """processes, of one thread each"""
    out: Path = Path("results/demo")
    """folder for the rounds of every run and the two pictures"""
    data_dir: Path | None = None
    """where data sets are; default: $AUTOAL_DATA, or ~/.cache/autoal"""
    resume: bool = False
    """keep the runs that the folder already holds, instead of starting afresh"""


def demo_cells(options: Demo) -> list[Cell]:
    """Every strategy of the demonstration with every seed; the seeds of one strategy stand together."""
    for name in ("seeds", "workers"):
        if getattr(options, name) < 1:
            raise InputError(f"--{name} of at least 1", str(getattr(options, name)), f"--{name} 1")
    budget = get(options.task).budget
    if options.rounds is not None:
        budget = type(budget)(budget.initial, budget.batch, options.rounds)
    strategies = (AutoAL(), UniformWeights(), RandomWeights(), *paper_candidates(), Random())
    configs = [to_config(strategy) for strategy in strategies]
    return [Cell(options.task, config, seed, budget) for config in configs for seed in range(options.seeds)]


def run_demo(options: Demo, console: Console) -> Comparison:
    """Run all cells, print the table and the verdict, and write the pictures."""
    cells, runs = demo_cells(options), options.out / "runs"
    get(options.task).load(options.data_dir)  # fails early, and downloads once rather than in every process
    if not options.resume:
        for cell in cells:
            cell_path(runs, cell).unlink(missing_ok=True)
    order = sorted(range(len(cells)), key=lambda i: cells[i].seed)  # whole seeds end together
    ended = run_cells([cells[i] for i in order], runs, options.workers, options.data_dir)
    found = [
        Run(cells[i].task, cells[i].label, cells[i].seed, tuple(rounds)) for i, rounds in zip(order, ended, strict=True)
    ]
    comparison = Comparison.of(Results(tuple(found)))
    console.print(comparison.table())
    for sentence in comparison.verdict():
        console.print(sentence)
    curves, weights = options.out / "learning_curves.png", options.out / "strategy_weights.png"
    learning_curves(comparison, curves)
    strategy_weights(comparison, weights)
    (options.out / "summary.md").write_text(comparison.markdown(), encoding="utf-8")
    console.print(f"Pictures: {curves} and {weights}")
    return comparison
