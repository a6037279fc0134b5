"""k-means++ seeding on the embedding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.draws import exponential, shuffled, topped_up
from autoal.strategies.nearest import k_means_pp, sq_distance_to_nearest
from autoal.strategies.points import Plain


@dataclass(frozen=True)
class KMeansPlusPlus(Strategy):
    """Draw each next row in proportion to its squared distance to what is labelled or drawn so far."""

    name = "kmeans_pp"
    reference = "Arthur and Vassilvitskii 2007"
    needs = frozenset({"embedding"})

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """Rows (n,) in the order drawn; without labels the first is uniform."""
        x, anchors = snapshot.embedding, snapshot.labelled_embedding
        first = shuffled(snapshot, rng)[: 0 if len(anchors) else 1]
        start = sq_distance_to_nearest(x, anchors if len(anchors) else x[first])
        start[first] = -torch.inf
        picks = k_means_pp(Plain(x), n - len(first), start, lambda: exponential(snapshot, rng))
        return topped_up(torch.cat([first, picks]), n, snapshot, rng)
