"""Random sampling, the baseline that every other strategy must beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.draws import uniform


@dataclass(frozen=True)
class Random(Strategy):
    """Every sample is as likely as any other."""

    name = "random"
    reference = "the baseline"
    needs = frozenset()

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """Independent uniform numbers (n,)."""
        return uniform(snapshot, rng)
