"""Signs of life of long work: bars on a terminal; in a file, a pipe or a notebook a line now and then."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

T = TypeVar("T")
PATIENCE = 2.0  # seconds of work before a bar is worth showing
FIRST, EVERY = 5.0, 30.0  # seconds before the first line and between two, where there is no terminal for a bar


def progress_bar(console: Console | None = None, transient: bool = True) -> Progress:
    """A bar with count, time spent and time left; silent where the output is not a terminal."""
    console = console or Console(stderr=True)
    return Progress(
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=transient,
        disable=not console.is_terminal,
    )


@contextmanager
def working(description: str, show: bool, console: Console | None = None) -> Iterator[None]:
    """A sign of life, with the time spent, for work that cannot be counted; from `PATIENCE` seconds on."""
    console = console or Console(stderr=True)
    if not show or not console.is_terminal:
        yield
        return
    columns = (TextColumn("[bold]{task.description}"), SpinnerColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=console, transient=True)
    bar.add_task(description, total=None)
    timer = threading.Timer(PATIENCE, bar.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        bar.stop()


def track(items: Iterable[T], total: int, description: str, show: bool) -> Iterator[T]:
    """Yield `items`, with a bar once the work has lasted `PATIENCE` seconds, or lines where there is no terminal."""
    if not show:
        yield from items
        return
    started, due = time.monotonic(), FIRST
    bar = progress_bar()
    task = bar.add_task(description, total=total)
    try:
        for done, item in enumerate(items, start=1):
            yield item
            bar.advance(task)
            passed = time.monotonic() - started
            if not bar.disable and not bar.live.is_started and passed > PATIENCE:
                bar.start()
            elif bar.disable and passed > due and done < total:
                time_spent = timedelta(seconds=round(passed))
                said = f"{description}: {done:,} of {total:,} after {time_spent}"
                bar.console.print(said, markup=False, highlight=False, soft_wrap=True)
                due = passed + EVERY
    finally:
        bar.stop()
