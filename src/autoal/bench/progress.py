"""What a running benchmark shows: cells done, running and failed, and the time left."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from statistics import mean
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from autoal.bench.engine import Event, Failed, Finished, Job, Round, Started
from autoal.progress import EVERY, FIRST
from autoal.tasks.names import readable

STAGES = ("data", "query", "training", "evaluation")  # that together are a round


class Watch:
    """Counts what happens and shows it: as a bar on a terminal, elsewhere as a line now and then.

    Args:
        jobs: what will be run.
        done: cells that were complete before.
        workers: how many cells run at one time.
        console: where it is shown; default: the standard error.
    """

    def __init__(self, jobs: Sequence[Job], done: int, workers: int, console: Console | None = None) -> None:
        self.done, self.failed, self.cells = done, 0, done + len(jobs)
        self._running: set[tuple[str, str, int]] = set()
        self._left = {job.cell.key: job.cell.budget.rounds + 1 - len(job.done) for job in jobs}  # rounds
        self._seconds: dict[str, list[float]] = defaultdict(list)  # of each round so far, by strategy
        self._workers, self._console, self._began = workers, console or Console(stderr=True), time.monotonic()
        self._due = self._began + FIRST
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, console=self._console, transient=True, disable=not self._console.is_terminal)
        self._task = self._bar.add_task(self.text(), total=sum(self._left.values()))

    def show(self, event: Event) -> None:
        """Count an event."""
        key = event.cell.key
        if isinstance(event, Started):
            self._running.add(key)
        elif isinstance(event, Round):
            self._left[key] -= 1
            self._seconds[event.cell.label].append(sum(event.line["seconds"].get(stage, 0.0) for stage in STAGES))
            self._bar.advance(self._task)
        else:
            self._running.discard(key)
            self.done += isinstance(event, Finished)
            self.failed += isinstance(event, Failed)
            self._bar.advance(self._task, self._left.pop(key))  # what a cell that failed will not do
        if isinstance(event, Failed):
            task, *rest = key
            where = ", ".join(map(str, (readable(task), *rest)))
            self._console.print(f"failed: {where}: {event.error}", markup=False, highlight=False, soft_wrap=True)
        self._update()

    def text(self) -> str:
        """Where it stands."""
        left = self.seconds_left()
        until = "" if left is None or not self._left else f", {timedelta(seconds=round(left))} left"
        return f"{self.done} of {self.cells} cells done, {len(self._running)} running, {self.failed} failed{until}"

    def seconds_left(self) -> float | None:
        """Until the end, by what each strategy's rounds took so far; None while nothing is known.

        A strategy that has not been seen yet counts as the mean of the others.
        """
        if not self._seconds:
            return None
        each = {label: mean(seconds) for label, seconds in self._seconds.items()}
        other = mean(each.values())
        return sum(each.get(label, other) * rounds for (_, label, _), rounds in self._left.items()) / self._workers

    def _update(self) -> None:
        self._bar.update(self._task, description=self.text())
        now = time.monotonic()
        if not self._console.is_terminal and now >= self._due:
            passed = timedelta(seconds=round(now - self._began))
            self._console.print(f"after {passed}: {self.text()}", markup=False, highlight=False, soft_wrap=True)
            self._due = now + EVERY

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()
