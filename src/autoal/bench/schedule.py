"""Which job a free worker does next."""

from __future__ import annotations

from collections.abc import Sequence

from autoal.bench.engine import Job

Pool = tuple[str, int, int | None]


class Schedule:
    """Hands out jobs. A worker stays with a pool that it has read; of a pool's jobs, the longest come first.

    How long a job takes is learned from the strategy's earlier ones; what is not known yet counts as longest, and among
    equals the order given decides. So the last jobs to end are short ones, and no worker waits long for another.
    """

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._waiting: dict[Pool, list[Job]] = {}
        for job in jobs:
            self._waiting.setdefault(job.pool, []).append(job)
        self._begun: set[Pool] = set()
        self._seconds: dict[str, float] = {}

    def next(self, last: Pool | None = None) -> Job | None:
        """The next job for a worker that has read the pool `last`, or None if there is none left."""
        if not self._waiting:
            return None
        pool = last if last in self._waiting else self._other()
        jobs = self._waiting[pool]
        job = max(jobs, key=lambda job: self._seconds.get(job.cell.label, float("inf")))
        jobs.remove(job)
        if not jobs:
            del self._waiting[pool]
        self._begun.add(pool)
        return job

    def learn(self, label: str, seconds: float) -> None:
        """Note how long a cell of a strategy took."""
        self._seconds[label] = seconds

    def _other(self) -> Pool:
        """A pool that nobody has begun, or else the one with most jobs left."""
        fresh = (pool for pool in self._waiting if pool not in self._begun)
        return next(fresh, None) or max(self._waiting, key=lambda pool: len(self._waiting[pool]))
