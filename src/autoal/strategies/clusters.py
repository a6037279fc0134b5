"""k-means on rows of any number: seeded by k-means++, then Lloyd's steps, a chunk of rows at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.draws import exponential
from autoal.strategies.limit import sampled
from autoal.strategies.nearest import k_means_pp, sq_distance_to_nearest
from autoal.strategies.origin import near_origin
from autoal.strategies.points import CHUNK, Plain

ROWS = 200_000  # rows that take part in Lloyd's steps; of larger pools a random sample, and then all rows are assigned
STEPS = 20
LEAST = 1e-3  # by which a step must lower the sum of squared distances for another to follow
SAME = 1e-4  # relative difference of squared distances that rounding may have made


@dataclass(frozen=True)
class Clusters:
    """A partition of n rows into k clusters."""

    centres: Tensor  # (k, D)
    assignment: Tensor  # (n,) int64, the cluster of each row
    sq_distance: Tensor  # (n,) squared distance of each row to the centre of its cluster

    @property
    def sizes(self) -> Tensor:
        """Rows in each cluster (k,)."""
        return self.assignment.bincount(minlength=len(self.centres))

    def nearest_rows(self, ids: Tensor) -> Tensor:
        """The row nearest to each centre, of each cluster that has rows; the cluster with most rows comes first.

        Of rows as near as each other but for rounding, like the two of a pair, the one with the lowest id.
        """
        least = self.sq_distance.new_full((len(self.centres),), torch.inf)
        least = least.scatter_reduce_(0, self.assignment, self.sq_distance, "amin")[self.assignment]
        near = (self.sq_distance <= least * (1 + SAME)).nonzero().squeeze(1)
        order = np.lexsort((ids[near].numpy(), self.assignment[near].numpy()))
        _, first = np.unique(self.assignment[near].numpy()[order], return_index=True)
        nearest = near[torch.from_numpy(order[first])]
        return nearest[self.sizes[self.assignment[nearest]].argsort(descending=True, stable=True)]


def k_means(
    snapshot: Snapshot, x: Tensor, k: int, rng: np.random.Generator, weights: Tensor | None = None, steps: int = STEPS
) -> Clusters:
    """Cluster the rows of x (n, D), one for each row of the snapshot, into at most `k` clusters.

    Args:
        snapshot: whose ids the random draws belong to.
        x: what is clustered.
        k: the number of clusters; fewer where fewer rows are distinct.
        rng: draws the seeds.
        weights: (n,) how much each row counts; default: ones.
        steps: of Lloyd, at most; they end where one lowers the sum of squared distances by less than a thousandth.
    """
    if len(x) > ROWS:
        rows = sampled(snapshot, ROWS, rng, "k-means moves its centres by").sort().values
        part = k_means(snapshot.subset(rows), x[rows], k, rng, None if weights is None else weights[rows], steps)
        return assigned(x, part.centres)
    weights = x.new_ones(len(x)) if weights is None else weights.to(x.dtype)
    weights = weights.clamp_min(1e-20 * float(weights.max()) or 1.0)  # a draw needs odds above zero
    clusters = assigned(x, x[_seeds(snapshot, x, k, weights, rng)])
    for _ in range(steps):
        before = float(weights @ clusters.sq_distance)
        clusters = assigned(x, _centres(x, clusters, weights))
        if float(weights @ clusters.sq_distance) >= (1 - LEAST) * before:
            break
    return clusters


def _seeds(snapshot: Snapshot, x: Tensor, k: int, weights: Tensor, rng: np.random.Generator) -> Tensor:
    """Rows (<= k,) of k-means++; with weights w_i drawn in proportion to w_i d_i^2."""
    first = (weights / exponential(snapshot, rng)).argmax(keepdim=True)
    start = sq_distance_to_nearest(x, x[first])
    start[first] = -torch.inf
    more = k_means_pp(Plain(x), min(k, len(x)) - 1, start, lambda: exponential(snapshot, rng) / weights)
    return torch.cat([first, more])


def _centres(x: Tensor, clusters: Clusters, weights: Tensor) -> Tensor:
    """The weighted mean of each cluster; a cluster without weight keeps its centre."""
    total = torch.zeros(clusters.centres.shape, dtype=torch.float64)
    for rows in torch.arange(len(x)).split(CHUNK):
        total.index_add_(0, clusters.assignment[rows], (x[rows] * weights[rows, None]).double())
    mass = torch.zeros(len(total), dtype=torch.float64).index_add_(0, clusters.assignment, weights.double())
    means = (total / mass.clamp_min(torch.finfo(torch.float64).tiny)[:, None]).to(x.dtype)
    return torch.where(mass[:, None] > 0, means, clusters.centres)


def assigned(x: Tensor, centres: Tensor) -> Clusters:
    """Each row in the cluster with the nearest centre."""
    at = centres
    x, centres = near_origin(x, centres)
    assignment, nearest = torch.empty(len(x), dtype=torch.int64), x.new_empty(len(x))
    norms, step = centres.square().sum(dim=1), max(2**22 // len(centres), 1)
    for start in range(0, len(x), step):
        rows = slice(start, start + step)
        closest = torch.addmm(norms, x[rows], centres.T, alpha=-2).min(dim=1)
        assignment[rows] = closest.indices
        nearest[rows] = (closest.values + x[rows].square().sum(dim=1)).clamp_min(0)
    return Clusters(at, assignment, nearest)
