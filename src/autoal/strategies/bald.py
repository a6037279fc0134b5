"""Bayesian active learning by disagreement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy


@dataclass(frozen=True)
class Bald(Strategy):
    """Label first where stochastic passes are each sure but disagree, H(mean p) - mean H(p)."""

    name = "bald"
    reference = "Houlsby et al. 2011; Gal et al. 2017"
    needs = frozenset({"stochastic"})

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """Mutual information of prediction and pass (n,), in nats."""
        return self.stochastic(snapshot).mutual_information
