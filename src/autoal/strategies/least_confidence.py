"""Confidence in the most probable class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.log_space import log_doubt


@dataclass(frozen=True)
class LeastConfidence(Strategy):
    """Label first where the most probable class is least probable, 1 - max_c p_c."""

    name = "least_confidence"
    reference = "Lewis and Gale 1994"
    log_scale = True

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """log(1 - max p) (n,)."""
        return log_doubt(snapshot.log_probs)
