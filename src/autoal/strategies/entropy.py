"""Entropy of the predicted class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.log_space import log_entropy


@dataclass(frozen=True)
class Entropy(Strategy):
    """Label first where the predicted distribution has the highest entropy, H = -sum_c p_c log p_c."""

    name = "entropy"
    reference = "Shannon 1948; Settles 2009"
    log_scale = True

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """log H (n,), H in nats."""
        return log_entropy(snapshot.log_probs)
