"""Run what is missing of many cells on an engine, and write down each round as it ends."""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from autoal.bench.cell import Cell
from autoal.bench.engine import Engine, Event, Failed, Finished, Job, Round, Started
from autoal.bench.environment import machine, versions
from autoal.bench.progress import Watch
from autoal.bench.results import Line
from autoal.bench.store import Store, overhead
from autoal.errors import AutoALWarning, StateError
from autoal.undecoded import printable


@dataclass(frozen=True)
class Summary:
    """How a call of `run_cells` went."""

    cells: int  # that were wanted
    done: int  # of these, complete now
    failed: int
    wall_seconds: float
    start_seconds: float  # of these, until the first cell began
    cell_seconds: float  # of work within the cells that ended in this call
    workers: int

    def text(self) -> str:
        """In words."""
        said = f"{self.done} of {self.cells} cells done, {self.failed} failed"
        if not self.cell_seconds:
            return said
        time = f"{self.wall_seconds:.1f} s with {self.workers} workers, {self.cell_seconds:.1f} s within the cells"
        if self.overhead > 1:  # a share of next to nothing says nothing
            return f"{said}; {time}"
        return f"{said}; {time}: the harness cost {self.overhead:.1%}, {self.start_share:.1%} of it to start"

    @property
    def overhead(self) -> float:
        """What the workers' time was more than that of their cells, as a share of the latter."""
        return overhead(self.wall_seconds, self.workers, self.cell_seconds)

    @property
    def start_share(self) -> float:
        """The part of the overhead that does not grow with the number of cells."""
        return self.start_seconds * self.workers / self.cell_seconds if self.cell_seconds else 0.0


def run_cells(
    cells: Sequence[Cell],
    store: Store,
    engine: Engine,
    data_dir: Path | None = None,
    console: Console | None = None,
    hear: Callable[[Cell, Line], None] = lambda cell, line: None,
) -> Summary:
    """Run the cells that the store does not have complete, those that failed included.

    Args:
        cells: what is wanted; one that is given twice is run once.
        store: where the rounds are and come to be; nobody else may be writing to its folder.
        engine: runs them.
        data_dir: where data sets are.
        console: shows the progress; default: the standard error.
        hear: is called with each round, once it is written.

    Raises:
        StateError: the store has a cell with other settings, or another process writes there.
    """
    with alone(store.path.parent):
        store.plan(cells)
        cells = list({cell.key: cell for cell in cells}.values())  # which are the same where their keys are
        states = store.states()
        open_ = [cell for cell in cells if states[cell.key] != "finished"]
        jobs = [Job(cell, store.rounds(cell), data_dir) for cell in open_]
        _warn_of_other_versions(store)
        call = store.open_call(_command(), engine.name, engine.workers, {**versions(), "machine": machine()})
        started, began, spent = time.perf_counter(), None, 0.0
        with (
            Watch(jobs, len(cells) - len(jobs), engine.workers, console) as watch,
            closing(engine.run(jobs)) as events,
        ):
            for event in events:
                began = began or time.perf_counter() - started
                record(store, event)
                watch.show(event)
                if isinstance(event, Round):
                    hear(event.cell, event.line)
                elif isinstance(event, Finished | Failed):
                    spent += event.seconds
        wall = time.perf_counter() - started
        store.close_call(call, wall, spent)
        return Summary(len(cells), watch.done, watch.failed, wall, began or 0.0, spent, engine.workers)


def record(store: Store, event: Event) -> None:
    """Write down what happened."""
    if isinstance(event, Started):
        store.start(event.cell, event.environment)
    elif isinstance(event, Round):
        store.append(event.cell, event.line)
    elif isinstance(event, Finished):
        store.finish(event.cell, event.seconds)
    else:
        store.fail(event.cell, event.error, event.traceback, event.seconds)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep out a second process that would run the same cells; the system lets go when this one ends."""
    if sys.platform == "win32":  # which has no locks of this kind
        yield
        return
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            hint = "wait until it has ended, or another --out"
            raise StateError(f"{folder} for this run alone", "another one that is running", hint) from error
        yield
    finally:
        os.close(descriptor)


def _warn_of_other_versions(store: Store) -> None:
    """Results of different versions may differ in more than what is compared."""
    for text, count in store.environments().items():
        found = json.loads(text)
        found = {name: found.get(name, "unknown") for name in versions()}
        differing = [f"{name} {found[name]}" for name, version in versions().items() if found[name] != version]
        if differing:
            said = f"{count} cells in {store.path} were run with {', '.join(differing)}"
            warnings.warn(f"{said}; another --out keeps them apart", AutoALWarning, stacklevel=3)


def _command() -> str:
    """The command line, without the folders that the program lies in."""
    program = Path(sys.argv[0])
    name = program.parent.name if program.name == "__main__.py" else program.name  # of python -m autoal
    return printable(shlex.join([name, *sys.argv[1:]]))
