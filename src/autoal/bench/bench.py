"""The command `bench`: strategies on tasks with paired seeds, as far as they are not known yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

from autoal import strategies, tasks
from autoal.bench.cell import Cell
from autoal.bench.engine import Engine
from autoal.bench.entries import expanded
from autoal.bench.local import Local
from autoal.bench.runner import Summary, run_cells
from autoal.bench.store import FILE, Store
from autoal.errors import AutoALError, InputError
from autoal.tasks.names import readable

SUITES = ("smoke", "dev", "paper")
SEEDS, ROUNDS = {"smoke": 1}, {"smoke": 2}  # where a suite has defaults of its own


@dataclass(frozen=True)
class Bench:
    """Compare strategies on tasks with paired seeds. The same command goes on where it was stopped."""

    suite: Literal["smoke", "dev", "paper"] = "smoke"
    """the tasks: smoke tries every code path in minutes, dev takes hours, paper needs a GPU"""
    tasks: tuple[str, ...] = ()
    """these instead of a suite, such as digits or cifar10/linear/low/imbalance=10"""
    strategies: tuple[str, ...] = ("all",)
    """names that `autoal strategies` lists, or all; ablations, decoys, sensitivity: AutoAL without each part, with bad
    candidates, with other numbers; boss, an oracle; NAME:SETTING=VALUE"""
    seeds: int | None = None
    """how many paired seeds, 0 and up; default: 10, but 1 of the suite smoke"""
    rounds: int | None = None
    """rounds of labelling; default: each task's own, but 2 of the suite smoke"""
    engine: Literal["local", "ray"] = "local"
    """processes of this machine, or a Ray cluster"""
    workers: int | None = None
    """cells that run at one time, one thread each; default: 2, or all cores of the cluster at --address"""
    address: str | None = None
    """of a Ray cluster that is running; default: one is started on this machine"""
    out: Path = Path("results/bench")
    """folder for the file of results"""
    data_dir: Path | None = None
    """where data sets are; default: $AUTOAL_DATA, or ~/.cache/autoal"""
    list: bool = False
    """run nothing; show the data sets, which of them are found, and the suites"""
    dry_run: bool = False
    """run nothing; say how many cells there are and how many of them are known"""


def bench_cells(options: Bench) -> list[Cell]:
    """All that is asked for: whole seeds of a task stand together.

    Raises:
        InputError: a task, a strategy or a number is wrong.
    """
    suite = None if options.tasks else options.suite
    seeds = _positive("seeds", options.seeds, SEEDS.get(suite or "", 10))
    configs = {name: strategies.to_config(strategy) for name, strategy in expanded(options.strategies).items()}
    found = [tasks.get(name) for name in options.tasks or tasks.suite(options.suite)]
    cells = []
    for task in dict.fromkeys(task.name for task in found):
        budget = next(each.budget for each in found if each.name == task)
        budget = replace(budget, rounds=_positive("rounds", options.rounds, ROUNDS.get(suite or "", budget.rounds)))
        cells += [Cell(task, configs[name], seed, budget, name=name) for seed in range(seeds) for name in configs]
    return cells


def run_bench(options: Bench, console: Console) -> Summary | None:
    """Run what is missing; None if nothing was to be run."""
    if options.list:
        show_tasks(options.data_dir, console)
        return None
    cells = bench_cells(options)
    if options.dry_run:
        show_plan(cells, options.out, console)
        return None
    engine = make_engine(options)
    prepare([cell.task for cell in cells], options.data_dir)
    with Store(options.out / FILE) as store:
        summary = run_cells(cells, store, engine, options.data_dir)
    console.print(f"{summary.text()}; results in {options.out / FILE}", markup=False, highlight=False, soft_wrap=True)
    return summary


def prepare(names: Sequence[str], data_dir: Path | None) -> None:
    """Download data and compute features here, once, rather than in every worker; what fails will fail in its cells."""
    for name in dict.fromkeys(names):
        with suppress(AutoALError):
            tasks.get(name).load(data_dir)


def make_engine(options: Bench) -> Engine:
    """The engine that the options name."""
    if options.engine == "ray":
        from autoal.bench.cluster import Cluster  # an extra, imported only where it is used

        workers = None if options.workers is None else _positive("workers", options.workers, 1)
        return Cluster(workers, options.address)
    if options.address is not None:
        raise InputError("--address with --engine ray only", f"--engine {options.engine}", "--engine ray")
    return Local(_positive("workers", options.workers, 2))


def show_plan(cells: Sequence[Cell], out: Path, console: Console) -> None:
    """How many cells there are, by task, and how many of them are known."""
    states: dict[tuple[str, str, int], str] = {}
    if (out / FILE).exists():
        with Store.of(out) as store:
            states = store.states()
    table = Table("task", "cells", "finished", "failed", "rounds each")
    for task in dict.fromkeys(cell.task for cell in cells):
        own = [cell for cell in cells if cell.task == task]
        count = Counter(states.get(cell.key) for cell in own)
        table.add_row(readable(task), *map(str, (len(own), count["finished"], count["failed"], own[0].budget.rounds)))
    console.print(table)
    known = sum(states.get(cell.key) == "finished" for cell in cells)
    console.print(f"{len(cells)} cells, {len(cells) - known} to run", highlight=False)


def show_tasks(data_dir: Path | None, console: Console) -> None:
    """The data sets, and the tasks of each suite."""
    rows = tasks.listing(data_dir)
    table = Table("data set", "found", "samples", "classes", "arms", "regimes")
    for row in rows:
        found = {True: "yes", False: "no", None: ""}[row.found]
        numbers = ("" if value is None else f"{value:,}" for value in (row.samples, row.classes))
        table.add_row(row.name, found, *numbers, " ".join(row.arms), " ".join(row.regimes))
    console.print(table)
    lines = [f"{row.name}: {row.summary}; files: {row.format}; {row.origin}" for row in rows]
    for line in (*lines, "", *(f"suite {name}: {' '.join(tasks.suite(name))}" for name in SUITES)):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _positive(name: str, given: int | None, default: int) -> int:
    value = default if given is None else given
    if value < 1:
        raise InputError(f"--{name} of at least 1", str(value), f"--{name} {default}")
    return value
