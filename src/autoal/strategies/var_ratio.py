"""Votes of stochastic passes against the winning class."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.points import by_chunks


@dataclass(frozen=True)
class VarRatio(Strategy):
    """Label first where most stochastic passes vote against the majority's class, 1 - f_mode / T.

    T passes give at most T different ratios, so samples with the same ratio are ordered by the entropy of the mean
    prediction, scaled to less than half a vote.
    """

    name = "var_ratio"
    reference = "Freeman 1965; Gal et al. 2017"
    needs = frozenset({"stochastic"})

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """Variation ratio (n,) in [0, 1), plus the tie-breaker."""
        statistics = self.stochastic(snapshot)
        half_a_vote = 1 / (2 * statistics.passes * math.log(max(snapshot.n_classes, 2)))

        def ratio(votes: Tensor, p: Tensor) -> Tensor:
            tie_breaker = torch.special.entr(p.double()).sum(dim=1) * half_a_vote
            return torch.as_tensor(1 - votes.amax(dim=1).double() + tie_breaker)

        return by_chunks(ratio, statistics.votes, statistics.mean_probs)
