"""Cells an hour on each engine, the cost of the harness, and whether all of them find the same.

The same cells are run by one process, by processes and by a Ray cluster. The start of an engine counts.

Run: python benchmarks/engines.py [--workers 2] [--seeds 4] [--strategies NAME ...]
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import tyro
from rich.console import Console
from rich.table import Table

from autoal.bench.bench import Bench, bench_cells
from autoal.bench.cluster import Cluster
from autoal.bench.engine import Engine
from autoal.bench.environment import machine
from autoal.bench.local import Local
from autoal.bench.results import Results
from autoal.bench.runner import Summary, run_cells
from autoal.bench.store import FILE, Store


@dataclass(frozen=True)
class Options:
    """What is run."""

    workers: int = 2
    """of each engine that has more than one"""
    seeds: int = 4
    """of each strategy"""
    rounds: int = 10
    """of each cell"""
    tasks: tuple[str, ...] = ("digits",)
    """on which tasks"""
    strategies: tuple[str, ...] = ("random", "margin", "badge", "uniform_weights", "autoal")
    """which strategies"""


def measure(engine: Engine, options: Options, folder: Path) -> tuple[Summary, Results]:
    """Run all cells from the start."""
    wanted = Bench(tasks=options.tasks, strategies=options.strategies, seeds=options.seeds, rounds=options.rounds)
    with Store(folder / FILE) as store:
        return run_cells(bench_cells(wanted), store, engine), store.results()


def found(results: Results) -> dict[tuple[str, str, int], list[tuple[list[int], float]]]:
    """The ids and accuracies of each run."""
    return {
        (run.task, run.strategy, run.seed): [(line["ids"], line["accuracy"]) for line in run.rounds]
        for run in results.runs
    }


def main(options: Options) -> int:
    """Measure and print; 1 if two engines differ in an id or an accuracy."""
    engines: dict[str, Engine] = {
        "one process": Local(1),
        f"local, {options.workers} processes": Local(options.workers),
        f"ray, {options.workers} actors": Cluster(options.workers),
    }
    columns = ("engine", "cells", "wall s", "within cells s", "harness", "of it to start", "throughput")
    table = Table(*columns, title=machine())
    base, same = 0.0, True
    first: dict[tuple[str, str, int], list[tuple[list[int], float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, engine in engines.items():
            summary, results = measure(engine, options, Path(folder) / name)
            rate = summary.done / summary.wall_seconds
            base, first = base or rate, first or found(results)
            same &= found(results) == first
            shares = (f"{summary.overhead:.1%}", f"{summary.start_share:.1%}")
            seconds = (f"{summary.wall_seconds:.1f}", f"{summary.cell_seconds:.1f}")
            table.add_row(name, f"{summary.done}", *seconds, *shares, f"{rate / base:.2f} times")
    Console(width=120).print(table)
    print(f"ids and accuracies {'are the same' if same else 'DIFFER'} on all engines")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(tyro.cli(Options)))
