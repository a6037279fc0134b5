"""The demonstration: AutoAL, its controls, its candidates and Random on real data, with the same seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from autoal.adaptive import RandomWeights, UniformWeights
from autoal.bench.cell import Cell
from autoal.bench.comparison import Comparison
from autoal.bench.local import Local
from autoal.bench.plots import learning_curves, strategy_weights
from autoal.bench.runner import alone, run_cells
from autoal.bench.store import FILE, Store, remove
from autoal.errors import InputError, StateError
from autoal.search import AutoAL
from autoal.strategies import Random, paper_candidates, to_config
from autoal.tasks import get


@dataclass(frozen=True)
class Demo:
    """Compare AutoAL with its candidates and controls on real data. The same command goes on where it was stopped."""

    task: str = "digits"
    """the name of a task, such as digits, fashion-mnist/cnn or cifar10/linear/low; see docs/tasks.md"""
    seeds: int = 10
    """how many paired seeds"""
    rounds: int | None = None
    """rounds of labelling; default: the task's own"""
    workers: int = 2
    """processes, of one thread each"""
    out: Path = Path("results/demo")
    """folder for the file of results, the table and the two pictures"""
    data_dir: Path | None = None
    """where data sets are; default: $AUTOAL_DATA, or ~/.cache/autoal"""
    fresh: bool = False
    """delete the runs that the folder already holds, and start from the beginning"""


def demo_cells(options: Demo) -> list[Cell]:
    """Every strategy of the demonstration with every seed; whole seeds stand together."""
    for name in ("seeds", "workers"):
        if getattr(options, name) < 1:
            raise InputError(f"--{name} of at least 1", str(getattr(options, name)), f"--{name} 1")
    task = get(options.task)
    budget = task.budget if options.rounds is None else replace(task.budget, rounds=options.rounds)
    strategies = (AutoAL(), UniformWeights(), RandomWeights(), *paper_candidates(), Random())
    configs = [to_config(strategy) for strategy in strategies]
    return [Cell(task.name, config, seed, budget) for seed in range(options.seeds) for config in configs]


def run_demo(options: Demo, console: Console) -> Comparison:
    """Run the cells that are not known yet, print the table and the verdict of all, and write the pictures.

    Raises:
        StateError: a run has failed, or the folder has runs of other settings.
    """
    cells, path = demo_cells(options), options.out / FILE
    get(options.task).load(options.data_dir)  # fails early, and downloads once rather than in every process
    if options.fresh and path.exists():
        with alone(path.parent):
            remove(path)
    with Store(path) as store:
        _plan(cells, store, console)
        summary = run_cells(cells, store, Local(options.workers), options.data_dir)
        if summary.failed:
            failure = store.results(cells).failures[0]
            got = f"{summary.failed} that failed; {failure.strategy} with seed {failure.seed}: {failure.error}"
            raise StateError("all runs to end well", got, "the same command, which tries them again")
        comparison = Comparison.of(store.results(cells).readable())
    console.print(comparison.table())
    for sentence in comparison.verdict():
        console.print(sentence, markup=False)
    curves, weights = options.out / "learning_curves.png", options.out / "strategy_weights.png"
    learning_curves(comparison, curves)
    strategy_weights(comparison, weights)
    (options.out / "summary.md").write_text(comparison.markdown(), encoding="utf-8")
    console.print(f"Pictures: {curves} and {weights}", markup=False)
    return comparison


def _plan(cells: Sequence[Cell], store: Store, console: Console) -> None:
    """Say how many runs are known, which may be of an earlier day and of other code."""
    try:
        store.plan(cells)
    except StateError as error:
        raise StateError(
            error.expected, error.got, f"{error.hint}, or --fresh, which deletes the runs of then"
        ) from error
    states = store.states()
    if known := sum(states[cell.key] == "finished" for cell in cells):
        said = f"{known} of {len(cells)} runs are in {store.path} already; --fresh deletes them and runs them again"
        console.print(said, markup=False, highlight=False, soft_wrap=True)
