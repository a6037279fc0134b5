"""Which references each candidate could still cover, and how well: sparse rows that are computed once."""

from __future__ import annotations

import torch
from torch import Tensor

PER_CANDIDATE = 256  # entries, of eight bytes in single precision: the memory that is there for all of them


class Reach:
    """k(c, x) of candidates c and those references x that c covers better than they were covered at the time.

    Coverage only grows, so whatever c may still add lies within. With m anchors spread like the n candidates, a row has
    about n / m entries. Rows that do not fit are not kept.

    Args:
        n: the number of candidates.
        like: for the precision.
    """

    def __init__(self, n: int, like: Tensor) -> None:
        self.room = n * PER_CANDIDATE
        self._x = torch.empty(self.room, dtype=torch.int32)  # pages that are never written take no memory
        self._k = like.new_empty(self.room)
        self._start = torch.full((n,), -1)  # of each candidate's row; -1: not kept
        self._length = torch.zeros(n, dtype=torch.int64)
        self._used = 0

    def known(self, candidates: Tensor) -> Tensor:
        """Whether the row of each candidate (c,) is kept."""
        return self._start[candidates] >= 0

    def keep(self, candidates: Tensor, lengths: Tensor, x: Tensor, k: Tensor) -> None:
        """Keep the rows of some candidates (c,), if need be in place of all others, unless they are too long for that.

        Args:
            candidates: (c,) whose rows are not kept yet.
            lengths: (c,) of their rows.
            x: the references, row after row.
            k: how well each would be covered.
        """
        if len(x) > self.room:
            return
        if self._used + len(x) > self.room:
            self._start.fill_(-1)  # what is asked for again comes back shorter
            self._used = 0
        here = slice(self._used, self._used + len(x))
        self._x[here], self._k[here] = x.int(), k
        self._start[candidates] = self._used + lengths.cumsum(0) - lengths
        self._length[candidates] = lengths
        self._used = here.stop

    def row(self, candidate: int) -> tuple[Tensor, Tensor]:
        """The references and kernels of one candidate that is kept."""
        start = int(self._start[candidate])
        here = slice(start, start + int(self._length[candidate]))
        return self._x[here].long(), self._k[here]

    def gain(self, candidates: Tensor, m: Tensor, u: Tensor) -> Tensor:
        """sum_x u(x) max(k(c, x) - m(x), 0) (c,) of candidates whose rows are kept."""
        lengths, starts = self._length[candidates], self._start[candidates]
        number = torch.arange(len(candidates)).repeat_interleave(lengths)
        place = torch.arange(len(number)) + (starts - lengths.cumsum(0) + lengths)[number]
        x = self._x[place].long()
        each = (self._k[place] - m[x]).relu_() * u[x]
        return m.new_zeros(len(candidates)).index_add_(0, number, each)
