"""DropQuery: samples whose predicted class changes under dropout, spread by clustering."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.clusters import k_means
from autoal.strategies.draws import topped_up
from autoal.strategies.kernels import unit_norm
from autoal.strategies.settings import require_whole


@dataclass(frozen=True)
class DropQuery(Strategy):
    """Keep the samples whose predicted class most stochastic passes leave, cluster them, and label one of each cluster.

    Where they are fewer than `enough` a pick, those with fewer such passes join them, level by level.

    Args:
        enough: samples to cluster for each pick, at least.

    Source: Gupte et al., TMLR 2024 (with three passes; here as many as the snapshot has).
    """

    name = "drop_query"
    reference = "Gupte et al. 2024"
    needs = frozenset({"log_probs", "embedding", "stochastic"})

    enough: int = 25

    def __post_init__(self) -> None:
        super().__post_init__()
        require_whole(self, "enough")

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """The row nearest to the centre of each of n clusters, on features of norm one (n,)."""
        votes = self.stochastic(snapshot).votes
        disagreement = 1 - votes.gather(1, snapshot.log_probs.argmax(dim=1, keepdim=True)).squeeze(1)
        rows = (disagreement >= level(disagreement, min(self.enough * n, len(snapshot)))).nonzero().squeeze(1)
        part = snapshot.subset(rows)
        picks = rows[k_means(part, unit_norm(part.embedding), n, rng).nearest_rows(part.ids)]
        return topped_up(picks, n, snapshot, rng)


def level(disagreement: Tensor, enough: int) -> float:
    """The lowest share of passes that counts: just above one half, or less so that at least `enough` rows count."""
    return min(float(disagreement.topk(enough).values[-1]), float(np.nextafter(np.float32(0.5), np.float32(1))))
