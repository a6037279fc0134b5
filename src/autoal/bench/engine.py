"""Where cells are run: what an engine is given, and what it tells."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autoal.bench.cell import Cell, run
from autoal.bench.environment import machine, versions
from autoal.bench.results import Line


@dataclass(frozen=True)
class Job:
    """A cell, and its rounds that are known already."""

    cell: Cell
    done: tuple[Line, ...] = ()
    data_dir: Path | None = None

    @property
    def pool(self) -> tuple[str, int, int | None]:
        """The data that it reads; a worker keeps those of its last job."""
        return self.cell.task, self.cell.seed, self.cell.pool_size


@dataclass(frozen=True)
class Started:
    """A worker has begun a cell."""

    cell: Cell
    environment: dict[str, str]  # versions and machine
    process: int  # its id, on that machine


@dataclass(frozen=True)
class Round:
    """A round of a cell has ended."""

    cell: Cell
    line: Line


@dataclass(frozen=True)
class Finished:
    """A cell is complete, after so many seconds of work."""

    cell: Cell
    seconds: float


@dataclass(frozen=True)
class Failed:
    """A cell has ended with an error, after so many seconds of work."""

    cell: Cell
    error: str
    traceback: str
    seconds: float


Event = Started | Round | Finished | Failed


class Engine(Protocol):
    """Runs jobs somewhere; only the process that asks for the events writes them down."""

    name: str
    workers: int

    def run(self, jobs: Sequence[Job]) -> Generator[Event, None, None]:
        """What happens, as it happens; every job ends with `Finished` or `Failed`. Closing the iterator stops all."""
        ...


def work(job: Job) -> Iterator[Event]:
    """Run one job in this process."""
    started = time.perf_counter()
    yield Started(job.cell, {**versions(), "machine": machine()}, os.getpid())
    try:
        for line in run(job.cell, job.done, job.data_dir):
            yield Round(job.cell, line)
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        yield Failed(job.cell, said, traceback.format_exc(), time.perf_counter() - started)
    else:
        yield Finished(job.cell, time.perf_counter() - started)


class InProcess:
    """An engine that is this process itself: one cell after another."""

    name, workers = "in process", 1

    def run(self, jobs: Sequence[Job]) -> Generator[Event, None, None]:
        """Run the jobs in the order given."""
        for job in jobs:
            yield from work(job)
