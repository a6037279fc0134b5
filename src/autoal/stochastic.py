"""Statistics of stochastic passes, kept instead of the passes: O(n C) numbers for any number of passes T."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

AT_ONCE = 2**18  # numbers that are worked on at one time
LEAST = -1e4  # stands for log 0, where p log p = 0


@dataclass(frozen=True)
class StochasticStatistics:
    """What T stochastic passes said of n samples and C classes."""

    mean_probs: Tensor  # (n, C) mean over the passes of p
    votes: Tensor  # (n, C) share of the passes whose most probable class this is
    mutual_information: Tensor  # (n,) H(mean p) - mean H(p), in nats
    mean_std: Tensor  # (n,) mean over the classes of the standard deviation over the passes of p
    passes: int  # T

    @classmethod
    def empty(cls, n: int, n_classes: int, passes: int) -> Self:
        """Room for n samples, to be filled chunk by chunk."""
        return cls(torch.empty(n, n_classes), torch.empty(n, n_classes), torch.empty(n), torch.empty(n), passes)

    def subset(self, rows: Tensor) -> Self:
        """The statistics of these rows alone."""
        return type(self)(
            self.mean_probs[rows], self.votes[rows], self.mutual_information[rows], self.mean_std[rows], self.passes
        )

    def fill(self, rows: slice, log_probs: Tensor) -> None:
        """Reduce the passes (T, c, C) over one chunk of c samples, a few at a time: it takes several copies of them."""
        step = max(AT_ONCE // (log_probs.shape[0] * log_probs.shape[2]), 1)
        start = rows.indices(len(self.votes))[0]
        for few in log_probs.split(step, dim=1):
            self._fill(slice(start, start + few.shape[1]), few)
            start += few.shape[1]

    def _fill(self, rows: slice, log_probs: Tensor) -> None:
        """In double, as differences of entropies cancel."""
        log_p = log_probs.double()
        p = log_p.exp()
        mean = p.mean(dim=0)
        entropy_of_mean = torch.special.entr(mean).sum(dim=1)
        mean_entropy = -(p * log_p.clamp_min(LEAST)).sum(dim=(0, 2)) / len(p)
        variance = p.square().mean(dim=0) - mean.square()
        self.mean_probs[rows] = mean.float()
        winners = log_p.argmax(dim=2).T  # (c, T)
        self.votes[rows] = torch.zeros_like(mean).scatter_add_(1, winners, torch.ones_like(winners, dtype=mean.dtype))
        self.votes[rows] /= len(p)
        self.mutual_information[rows] = (entropy_of_mean - mean_entropy).clamp_min(0).float()
        self.mean_std[rows] = variance.clamp_min(0).sqrt().mean(dim=1).float()
