"""How several workers share the jobs of an engine, and what happens when one of them dies."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

from autoal.bench.engine import Event, Failed, Finished, Job
from autoal.bench.schedule import Schedule

ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}


class Death(Exception):
    """A worker has died; the message says how."""


class Worker(Protocol):
    """A process somewhere that works on one job at a time."""

    def give(self, job: Job) -> None:
        """Let it begin a job; it must be free."""
        ...

    def receive(self) -> Event:
        """The next event of its job.

        Raises:
            Death: it will not tell any more.
        """
        ...

    def stop(self) -> None:
        """End it, whatever it does."""
        ...


W = TypeVar("W", bound=Worker)


class Crew(ABC, Generic[W]):
    """An engine of several workers. One that dies fails its own cell, and another takes its place."""

    name: str
    workers: int

    @abstractmethod
    def hire(self) -> W:
        """A new worker."""

    @abstractmethod
    def wait(self, busy: Sequence[W]) -> Sequence[W]:
        """Those that have something to tell; returns as soon as there is one."""

    def run(self, jobs: Sequence[Job]) -> Generator[Event, None, None]:
        """Keep the workers busy until every job has ended; closing the iterator stops them all."""
        schedule = Schedule(jobs)
        busy: dict[W, tuple[Job, float]] = {}
        try:
            while len(busy) < self.workers and (job := schedule.next()):
                _begin(self.hire(), job, busy)
            while busy:
                for worker in self.wait(list(busy)):
                    yield from self._heard(worker, busy, schedule)
        finally:
            for worker in busy:
                worker.stop()

    def _heard(self, worker: W, busy: dict[W, tuple[Job, float]], schedule: Schedule) -> Iterator[Event]:
        """What a worker tells; if that was the end of its job, it gets the next one."""
        job, since = busy[worker]
        alive = True
        try:
            event = worker.receive()
        except Death as death:
            alive, event = False, Failed(job.cell, str(death), "", time.perf_counter() - since)
        if not isinstance(event, Finished | Failed):
            yield event
            return
        schedule.learn(job.cell.label, event.seconds)
        del busy[worker]
        following = schedule.next(job.pool)
        if not alive or following is None:
            worker.stop()
        if following is not None:
            _begin(worker if alive else self.hire(), following, busy)
        yield event  # only now, so that the worker need not wait while the event is written down


def _begin(worker: W, job: Job, busy: dict[W, tuple[Job, float]]) -> None:
    busy[worker] = job, time.perf_counter()
    worker.give(job)
