"""k-means++ seeding on the embedding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.draws import exponential, topped_up
from autoal.strategies.nearest import beginning, k_means_pp
from autoal.strategies.points import Plain


@dataclass(frozen=True)
class KMeansPlusPlus(Strategy):
    """Draw each next row in proportion to its squared distance to what is labelled or drawn so far."""

    name = "kmeans_pp"
    reference = "Arthur and Vassilvitskii 2007"
    needs = frozenset({"embedding"})

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """Rows (n,) in the order drawn; without labels the first is uniform."""
        first, start = beginning(snapshot, rng)
        picks = k_means_pp(Plain(snapshot.embedding), n - len(first), start, lambda: exponential(snapshot, rng))
        return topped_up(torch.cat([first, picks]), n, snapshot, rng)
