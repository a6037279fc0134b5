"""Batch active learning by diverse gradient embeddings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.draws import exponential, topped_up
from autoal.strategies.nearest import k_means_pp
from autoal.strategies.points import CHUNK, Outer, sq_distances


@dataclass(frozen=True)
class Badge(Strategy):
    """k-means++ on the gradient of the loss in the last layer, if the predicted class were right.

    The gradient of x is (p - e_y) h^T, with y the predicted class: long where the model is unsure. Distances come from
    the factors, so that the n x C x D gradients are never formed. The first pick is the longest gradient.
    """

    name = "badge"
    reference = "Ash et al. 2020"
    needs = frozenset({"log_probs", "embedding"})

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """Rows (n,) in the order drawn."""
        points = Outer(gradient_factor(snapshot.log_probs), snapshot.embedding)
        first = points.sq_norms.argmax(keepdim=True)
        start = torch.cat([sq_distances(points, rows, first)[:, 0] for rows in _slices(len(snapshot))])
        start[first] = -torch.inf
        picks = k_means_pp(points, n - 1, start, lambda: exponential(snapshot, rng))
        return topped_up(torch.cat([first, picks]), n, snapshot, rng)


def gradient_factor(log_probs: Tensor) -> Tensor:
    """p - e_y (n, C), with y the most probable class."""
    a = log_probs.exp()
    a[torch.arange(len(a)), a.argmax(dim=1)] -= 1
    return a


def _slices(n: int) -> list[slice]:
    return [slice(start, start + CHUNK) for start in range(0, n, CHUNK)]
