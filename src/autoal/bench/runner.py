"""Run many cells on all cores, each in a process of its own with one thread, with live progress."""

from __future__ import annotations

import multiprocessing
import os
import re
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from rich.console import Console

from autoal.bench.cell import Cell, run
from autoal.bench.store import Line
from autoal.progress import progress_bar

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def cell_path(folder: Path, cell: Cell) -> Path:
    """Where a cell's rounds are written."""
    return folder / f"{cell.task}-{re.sub(r'[^A-Za-z0-9_.-]', '_', cell.label)}-{cell.seed}.jsonl"


def run_cells(
    cells: Sequence[Cell], folder: Path, workers: int, data_dir: Path | None = None, console: Console | None = None
) -> list[list[Line]]:
    """The rounds of each cell, in the order given; cells that the folder already holds are not run again.

    The first error of a cell is raised once the cells that are running have ended.
    """
    for variable in ONE_THREAD:
        os.environ.setdefault(variable, "1")  # inherited by the workers, before they import anything that reads it
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, ProcessPoolExecutor(workers, context, initializer=_one_thread) as pool:
        ticks: Queue[int] = manager.Queue()  # one entry a round
        futures = [pool.submit(_run_cell, cell, cell_path(folder, cell), data_dir, ticks) for cell in cells]
        try:
            _watch(futures, ticks, sum(cell.budget.rounds + 1 for cell in cells), console)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        return [future.result() for future in futures]


def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)


def _run_cell(cell: Cell, path: Path, data_dir: Path | None, ticks: Queue[int]) -> list[Line]:
    rounds = []
    for line in run(cell, path, data_dir):
        rounds.append(line)
        ticks.put(1)
    return rounds


def _watch(futures: Sequence[Future[Any]], ticks: Queue[int], total: int, console: Console | None) -> None:
    """Show rounds as they end, until all cells have ended or one has failed."""
    with progress_bar(console) as bar:
        task = bar.add_task(f"{len(futures)} runs", total=total)
        while True:
            ended, running = wait(futures, timeout=0.2)
            for _ in range(ticks.qsize()):
                try:
                    bar.advance(task, ticks.get_nowait())
                except Empty:
                    break
            done = sum(future.exception() is None for future in ended)
            bar.update(task, description=f"{done} of {len(futures)} runs")
            if not running or done < len(ended):
                return
