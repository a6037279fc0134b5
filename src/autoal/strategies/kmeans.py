"""One sample from each of n clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.clusters import k_means
from autoal.strategies.draws import topped_up


@dataclass(frozen=True)
class KMeans(Strategy):
    """Cluster the embedding into as many clusters as samples are wanted, and take the one nearest to each centre.

    Clusters come in order of size, largest first. Where fewer distinct rows than clusters exist, the rest is random.
    """

    name = "kmeans"
    reference = "Lloyd 1957; Xu et al. 2003"
    needs = frozenset({"embedding"})

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """The nearest row to the centre of each cluster (n,)."""
        clusters = k_means(snapshot, snapshot.embedding, n, rng)
        return topped_up(clusters.nearest_rows(snapshot.ids), n, snapshot, rng)
