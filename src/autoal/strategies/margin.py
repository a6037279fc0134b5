"""Margin between the two most probable classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.log_space import log_doubt


@dataclass(frozen=True)
class Margin(Strategy):
    """Label first where the two most probable classes are closest, 1 - (p_(1) - p_(2))."""

    name = "margin"
    reference = "Scheffer et al. 2001"

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """log(1 - (p_(1) - p_(2))) (n,), as the sum of 1 - p_(1) and p_(2)."""
        doubt, others = log_doubt(snapshot.log_probs)
        return torch.logaddexp(doubt, others[:, 0])
