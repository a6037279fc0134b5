"""TypiClust: the most typical sample of each cluster that has no label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.clusters import SAME, Clusters, assigned, k_means
from autoal.strategies.draws import topped_up
from autoal.strategies.settings import require_whole

CELLS = 2**23  # distances that exist at one time


@dataclass(frozen=True)
class TypiClust(Strategy):
    """Cluster the pool, and take the most typical of each cluster, from those with fewest labels and most rows first.

    Typical is what has a small mean distance to its nearest neighbours in the cluster. There are as many clusters as
    labels known and wanted; the pool is clustered, and labelled samples belong to the cluster of the nearest centre.

    Args:
        max_clusters: the number of clusters at most.
        neighbours: that typicality is measured by; at most half of the cluster.
        min_size: clusters with fewer samples come last.

    Source: Hacohen, Dekel and Weinshall, ICML 2022.
    """

    name = "typiclust"
    reference = "Hacohen et al. 2022"
    needs = frozenset({"embedding"})

    max_clusters: int = 500
    neighbours: int = 20
    min_size: int = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        require_whole(self, "max_clusters", "neighbours", "min_size")

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """Rows (n,), one of each cluster, then the next of each."""
        x, anchors = snapshot.embedding, snapshot.anchors
        clusters = k_means(snapshot, x, min(len(anchors) + n, self.max_clusters), rng)
        turns = self._turns(clusters, assigned(anchors, clusters.centres).assignment)
        members: dict[int, list[int]] = {}
        picks: list[int] = []
        while len(picks) < n:
            before = len(picks)
            for cluster in turns[: n - len(picks)]:
                if cluster not in members:
                    members[cluster] = self._by_typicality(snapshot, clusters, cluster)
                if members[cluster]:
                    picks.append(members[cluster].pop())
            if len(picks) == before:
                break
        return topped_up(torch.tensor(picks, dtype=torch.int64), n, snapshot, rng)

    def _turns(self, clusters: Clusters, labelled: Tensor) -> list[int]:
        """Clusters in the order in which they are asked: large enough, fewest labels, most rows."""
        sizes, labels = clusters.sizes, labelled.bincount(minlength=len(clusters.centres))
        order = np.lexsort((-sizes.numpy(), labels.numpy(), (sizes < self.min_size).numpy()))
        return [int(cluster) for cluster in order if sizes[cluster] > 0]

    def _by_typicality(self, snapshot: Snapshot, clusters: Clusters, cluster: int) -> list[int]:
        """The rows of a cluster, the most typical last."""
        x, ids = snapshot.embedding, snapshot.ids
        rows = (clusters.assignment == cluster).nonzero().squeeze(1)
        spread = neighbour_distance(x[rows], min(self.neighbours, max(len(rows) // 2, 1)))
        level = (spread / spread.max().clamp_min(1e-12) / SAME).round()  # the two rows of a pair are as typical
        return [int(row) for row in rows[np.lexsort((ids[rows].numpy(), level.numpy()))[::-1].copy()]]


def neighbour_distance(x: Tensor, k: int) -> Tensor:
    """The mean distance of each row to its k nearest other rows (s,); 0 for a single row."""
    if len(x) < 2:
        return x.new_zeros(len(x))
    x, parts = x - x.mean(dim=0), []  # centred, as norms are subtracted from each other
    norms = x.square().sum(dim=1)
    for rows in torch.arange(len(x)).split(max(CELLS // len(x), 1)):
        sq = torch.addmm(norms, x[rows], x.T, alpha=-2) + norms[rows, None]
        sq[torch.arange(len(rows)), rows] = torch.inf
        parts.append(sq.topk(min(k, len(x) - 1), largest=False).values.clamp_min(0).sqrt().mean(dim=1))
    return torch.cat(parts)
