"""Rows of a kernel matrix that were asked for lately, each computed once as long as it is kept."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

KEPT = 2**24  # entries that are kept: 64 MiB of single precision, whatever the number of references
LEAST = 64  # rows that are kept at least
AT_ONCE = 2**23  # entries that are computed at one time: enough rows that reading x is not what takes the time


class KernelRows:
    """k(c, x) of the candidates c asked for lately and all references x; the longest unused make room for new ones.

    Args:
        kernel: computes rows (k, r) at positions (k,).
        n: the number of candidates.
        x: the references (r, ...), for their number and precision.
    """

    def __init__(self, kernel: Callable[[Tensor], Tensor], n: int, x: Tensor) -> None:
        self.kernel = kernel
        self.room = min(max(KEPT // max(len(x), 1), LEAST), n)  # how many rows are kept, and may be asked for at once
        self.kept = x.new_empty(self.room, len(x))
        self._slot = torch.full((n,), -1)  # of each candidate; -1: not kept
        self._held = torch.full((self.room,), -1)  # the candidate in each slot
        self._used = torch.full((self.room,), -1)  # when each slot was last asked for
        self._clock = 0
        self._step = max(AT_ONCE // max(len(x), 1), 1)

    def slots(self, rows: Tensor) -> Tensor:
        """Where in `kept` the rows (k,) of these distinct candidates are, k at most `room`."""
        self._clock += 1
        known = self._slot[rows]
        self._used[known[known >= 0]] = self._clock
        missing = rows[known < 0]
        if len(missing):
            self._take(missing)
        return self._slot[rows]

    def _take(self, rows: Tensor) -> None:
        slots = self._used.topk(len(rows), largest=False).indices
        left = self._held[slots]
        self._slot[left[left >= 0]] = -1
        for some, into in zip(rows.split(self._step), slots.split(self._step), strict=True):
            self.kept[into] = self.kernel(some)
        self._slot[rows], self._held[slots], self._used[slots] = slots, rows, self._clock
