"""CPU time of this process, in seconds that a slow machine and a busy one have in common."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from threadpoolctl import threadpool_limits

REFERENCE = 0.05  # seconds of `_yardstick` on the machine that the limits were set on


@dataclass
class CpuTime:
    """Seconds that all threads of this process worked; time in which others had the processor does not count."""

    seconds: float = 0.0

    def below(self, limit: float) -> bool:
        """Return whether it is less than `limit` seconds of the reference machine.

        A machine that is slower, also because others use its caches or its host, is given as much more time.
        """
        return self.seconds < limit or self.seconds < limit * _yardstick() / REFERENCE


@contextmanager
def cpu_time() -> Iterator[CpuTime]:
    """Measure the CPU time of what runs inside, on one thread: threads that wait for each other would count."""
    spent, threads = CpuTime(), torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            started = time.process_time()
            yield spent
            spent.seconds = time.process_time() - started
    finally:
        torch.set_num_threads(threads)


def _yardstick() -> float:
    """CPU seconds of work like that of a strategy: products, element-wise functions, sorting and Python."""
    x = torch.linspace(-1, 1, 20_000 * 32).reshape(20_000, 32)
    with cpu_time() as spent:
        for _ in range(4):
            ((x @ x[:100].T).exp().sum(dim=1)).sort()
        sum(i * i for i in range(200_000))
    return spent.seconds
