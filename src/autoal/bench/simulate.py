"""One simulated run from the command line: labels come from the data set instead of a person."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console

from autoal.bench.cell import Cell, run
from autoal.bench.statistics import aubc
from autoal.progress import progress_bar
from autoal.search import Ensemble, SearchSettings
from autoal.search.settings import VoteSettings
from autoal.strategies import get as get_strategy
from autoal.strategies import to_config
from autoal.tasks import Budget, get


@dataclass(frozen=True)
class Simulate:
    """Run one strategy on one task with one seed; a later call with the same options goes on where this one stopped."""

    task: str = "digits"
    """digits, fashion-mnist or cifar10"""
    strategy: str = "autoal"
    """a name that `autoal strategies` lists"""
    seed: int = 0
    """decides every random choice"""
    initial: int | None = None
    """labels to begin with, drawn at random; default: the task's own"""
    batch: int | None = None
    """labels a round; default: the task's own"""
    rounds: int | None = None
    """rounds of labelling; default: the task's own"""
    pool_size: int | None = None
    """samples in the pool, drawn at random; default: the task's own"""
    out: Path | None = None
    """file of results, one line a round; default: results/TASK-STRATEGY-SEED.jsonl"""
    data_dir: Path | None = None
    """where data sets are; default: $AUTOAL_DATA, or ~/.cache/autoal"""
    candidates: tuple[str, ...] = ()
    """of autoal and its controls; default: the paper's seven"""
    vote: VoteSettings = field(default_factory=VoteSettings)
    """of autoal and its controls"""
    search: SearchSettings = field(default_factory=SearchSettings)
    """of autoal"""


def simulated_cell(options: Simulate) -> Cell:
    """What the options ask for."""
    task, kind = get(options.task), get_strategy(options.strategy)
    arguments = {}
    if issubclass(kind, Ensemble):
        arguments = {"candidates": options.candidates or None, **asdict(options.vote)}
    if issubclass(kind, SearchSettings):
        arguments |= asdict(options.search)
    given = (options.initial, options.batch, options.rounds)
    own = (task.budget.initial, task.budget.batch, task.budget.rounds)
    budget = Budget(*(default if value is None else value for value, default in zip(given, own, strict=True)))
    return Cell(task.name, to_config(kind(**arguments)), options.seed, budget, options.pool_size)


def run_simulation(options: Simulate, console: Console) -> None:
    """Run it, printing each round as it ends."""
    cell = simulated_cell(options)
    out = options.out or Path("results") / f"{cell.task}-{cell.label}-{cell.seed}.jsonl"
    labels, accuracy = [], []
    with progress_bar(console) as bar:
        task = bar.add_task(f"{cell.label} on {cell.task}", total=cell.budget.rounds + 1)
        for line in run(cell, out, options.data_dir):
            labels.append(line["labels"])
            accuracy.append(line["accuracy"])
            bar.advance(task)
            seconds = line["seconds"]["query"]
            bar.console.print(
                f"round {line['round']:3d}  {labels[-1]:6d} labels  {accuracy[-1]:7.2%}  {seconds:8.3f} s"
            )
    console.print(f"AUBC {aubc(labels, accuracy):.2%}, final accuracy {accuracy[-1]:.2%}; results in {out}")
