"""Cluster-Margin: samples with small margins, spread over the clusters of the pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.cluster.hierarchy import fcluster, linkage
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy, top_rows
from autoal.strategies.clusters import assigned
from autoal.strategies.draws import shuffled
from autoal.strategies.kernels import CHUNK, unit_norm
from autoal.strategies.limit import sampled
from autoal.strategies.log_space import log_closeness
from autoal.strategies.settings import require_positive, require_whole

HAC_ROWS = 5000  # rows of the hierarchical clustering, which needs their squared number of distances


@dataclass(frozen=True)
class ClusterMargin(Strategy):
    """Take the samples with the smallest margins in turn from their clusters, from the smallest cluster to the largest.

    Clusters come from average linkage on unit features; of a pool of more than 5,000 on a random sample, with a
    warning, and each candidate belongs to the cluster with the nearest mean.

    Args:
        oversample: samples with small margins that are considered, as a multiple of the batch.
        clusters: their number; default: the size of the batch.

    Source: Citovsky et al., NeurIPS 2021.
    """

    name = "cluster_margin"
    reference = "Citovsky et al. 2021"
    needs = frozenset({"log_probs", "embedding"})

    oversample: float = 10.0
    clusters: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        require_positive(self, "oversample")
        require_whole(self, "clusters")

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """Rows (n,) in the order of the turns."""
        rows = top_rows(log_closeness(snapshot.log_probs), max(round(self.oversample * n), n), snapshot, rng)
        cluster = self._clusters(snapshot, rows, n, rng)
        turns = round_robin(cluster, n)
        return rows[turns]

    def _clusters(self, snapshot: Snapshot, rows: Tensor, n: int, rng: np.random.Generator) -> Tensor:
        """The cluster of each of the rows."""
        large = len(snapshot) > HAC_ROWS
        sample = sampled(snapshot, HAC_ROWS, rng, "ClusterMargin clusters") if large else shuffled(snapshot, rng)
        x = unit_norm(snapshot.embedding[sample])
        owner = average_linkage(x, self.clusters or n)
        if not large:
            return torch.empty_like(owner).index_copy_(0, sample, owner)[rows]
        sums = torch.zeros(int(owner.max()) + 1, x.shape[1], dtype=x.dtype).index_add_(0, owner, x)
        return assigned(unit_norm(snapshot.embedding[rows]), sums / owner.bincount()[:, None]).assignment


def average_linkage(x: Tensor, k: int) -> Tensor:
    """The cluster 0 .. k - 1 of each row, by average linkage cut at `k` clusters."""
    if len(x) < 2:
        return torch.zeros(len(x), dtype=torch.int64)
    tree = linkage(distances(x.double()).numpy(), method="average")
    return torch.from_numpy(np.unique(fcluster(tree, k, criterion="maxclust"), return_inverse=True)[1]).long()


def distances(x: Tensor) -> Tensor:
    """|x_i - x_j| of all pairs i < j, in the order of scipy's pdist and many times as fast by matrix products."""
    n, sq = len(x), x.square().sum(dim=1)
    found = x.new_empty(n * (n - 1) // 2)
    at = 0
    for start in range(0, n, CHUNK):
        block = torch.addmm(sq[start:], x[start : start + CHUNK], x[start:].T, alpha=-2)
        block += sq[start : start + CHUNK, None]
        some = block[torch.ones(block.shape, dtype=torch.bool).triu_(1)]
        found[at : at + len(some)] = some
        at += len(some)
    return found.clamp_min_(0).sqrt_()


def round_robin(cluster: Tensor, n: int) -> Tensor:
    """Positions (n,) taken one from each cluster in turn, smallest cluster first, each cluster in its given order."""
    sizes = cluster.bincount()
    rank = torch.empty_like(cluster)  # within the cluster
    order = cluster.argsort(stable=True)
    starts = sizes.cumsum(dim=0) - sizes
    rank[order] = torch.arange(len(cluster)) - starts[cluster[order]]
    turn = torch.from_numpy(np.lexsort((cluster.numpy(), sizes[cluster].numpy(), rank.numpy())))
    return turn[:n]
