"""Spread of the class probabilities over stochastic passes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy


@dataclass(frozen=True)
class MeanStd(Strategy):
    """Label first where probabilities vary most from pass to pass, mean_c std_t p_tc."""

    name = "mean_std"
    reference = "Kampffmeyer et al. 2016"
    needs = frozenset({"stochastic"})

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """Mean standard deviation (n,), between 0 and 1/2."""
        return self.stochastic(snapshot).mean_std
