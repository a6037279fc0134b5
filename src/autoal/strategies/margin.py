"""Margin between the two most probable classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.log_space import log_closeness


@dataclass(frozen=True)
class Margin(Strategy):
    """Label first where the two most probable classes are closest, 1 - (p_(1) - p_(2))."""

    name = "margin"
    reference = "Scheffer et al. 2001"
    log_scale = True

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """log(1 - (p_(1) - p_(2))) (n,)."""
        return log_closeness(snapshot.log_probs)
