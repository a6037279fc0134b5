"""One sample from each of n clusters."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from sklearn.cluster import KMeans as FullKMeans
from sklearn.cluster import MiniBatchKMeans
from sklearn.exceptions import ConvergenceWarning
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy, top

Array = npt.NDArray[Any]
FULL_SIZE = 2e7  # rows x clusters x features up to which all rows are used in every step


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
        n = min(n, len(snapshot))
        if n == 0:
            return torch.empty(0, dtype=torch.int64)
        assignment, distance = _cluster(snapshot.embedding.numpy(), n, rng)
        sizes = np.bincount(assignment, minlength=n)
        closest = np.lexsort((distance, -sizes[assignment], assignment))  # by cluster, the nearest row first
        _, first = np.unique(assignment[closest], return_index=True)
        nearest = closest[first]
        by_size = nearest[np.argsort(-sizes[assignment[nearest]], kind="stable")]
        return _topped_up(torch.from_numpy(by_size), n, len(snapshot), rng)


def _cluster(x: Array, k: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Cluster index (n,) of each row of x (n, D), and its squared distance (n,) to that cluster's centre."""
    kind = FullKMeans if x.shape[0] * x.shape[1] * k <= FULL_SIZE else MiniBatchKMeans
    kmeans = kind(k, n_init=1, random_state=int(rng.integers(2**31)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct rows than clusters
        assignment = kmeans.fit_predict(x)
    return assignment, ((x - kmeans.cluster_centers_[assignment]) ** 2).sum(axis=1)


def _topped_up(picks: Tensor, n: int, n_rows: int, rng: np.random.Generator) -> Tensor:
    """`picks`, and random other rows until there are n."""
    scores = torch.from_numpy(rng.random(n_rows))
    scores[picks] = -1
    return torch.cat([picks, top(scores, n - len(picks), rng)])
