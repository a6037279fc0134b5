"""Candidates that nobody should listen to, to find out whether a search stops listening."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.density_weighted import density
from autoal.strategies.entropy import Entropy


@dataclass(frozen=True)
class Confident(Strategy):
    """What the model is surest of, first: the entropy, reversed."""

    name = "confident"
    reference = "a decoy"
    needs = frozenset({"log_probs"})

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """The negative entropy (n,), in nats."""
        return -Entropy().scores(snapshot, rng)


@dataclass(frozen=True)
class Dense(Strategy):
    """What is most like the rest of the pool, first, known or not."""

    name = "dense"
    reference = "a decoy"
    needs = frozenset({"embedding"})

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """The mean similarity (n,) to all rows, see `density`."""
        return density(snapshot.embedding)
