"""Statistics of stochastic passes, kept instead of the passes: O(n C) numbers for any number of passes T."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor


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
        """Reduce the passes (T, c, C) over one chunk of c samples; in double, as differences of entropies cancel."""
        probs = log_probs.double().exp()
        mean = probs.mean(dim=0)
        entropy_of_mean = torch.special.entr(mean).sum(dim=1)
        mean_entropy = torch.special.entr(probs).sum(dim=2).mean(dim=0)
        winners = torch.nn.functional.one_hot(log_probs.argmax(dim=2), log_probs.shape[2])
        self.mean_probs[rows] = mean.float()
        self.votes[rows] = winners.float().mean(dim=0)
        self.mutual_information[rows] = (entropy_of_mean - mean_entropy).clamp_min(0).float()
        self.mean_std[rows] = probs.std(dim=0, correction=0).mean(dim=1).float()
