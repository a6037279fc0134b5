"""Contrastive active learning: samples predicted unlike the labelled samples next to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.log_space import FLOOR
from autoal.strategies.points import CHUNK
from autoal.strategies.settings import require_whole

CELLS = 2**23  # distances that exist at one time


@dataclass(frozen=True)
class Contrastive(Strategy):
    """The mean divergence KL(p_l || p_x) over the k labelled samples l whose embeddings are nearest to x.

    O(n m (D + log k)) time for m labelled samples. Log-probabilities are taken to be at least `FLOOR`, so that a class
    that x rules out counts heavily and not infinitely. Without labels all scores are 0.

    Args:
        k: labelled neighbours of each row; all of them where they are fewer.

    Source: Margatina et al., EMNLP 2021 (CAL).
    """

    name = "contrastive"
    reference = "Margatina et al. 2021"
    needs = frozenset({"log_probs", "embedding"})

    k: int = 10

    def __post_init__(self) -> None:
        super().__post_init__()
        require_whole(self, "k")

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """Mean KL divergence in nats (n,), in double."""
        x, log_p = snapshot.embedding, snapshot.log_probs
        anchors, log_q = snapshot.labelled_embedding.to(x.dtype), snapshot.labelled_log_probs.double().clamp_min(FLOOR)
        scores = torch.zeros(len(x), dtype=torch.float64)
        if len(anchors) == 0:
            return scores
        centre = anchors.mean(dim=0)  # distances come from norms, which are least rounded around it
        anchors, k = anchors - centre, min(self.k, len(anchors))
        step = max(min(CHUNK, CELLS // len(anchors)), 1)
        for start in range(0, len(x), step):
            rows = slice(start, start + step)
            near = nearest(x[rows] - centre, anchors, k)
            scores[rows] = mean_divergence(log_q, near, log_p[rows].double().clamp_min(FLOOR))
        return scores


def nearest(x: Tensor, anchors: Tensor, k: int) -> Tensor:
    """The k nearest anchors (m, D) of each row of x (n, D), by Euclidean distance, as indices (n, k)."""
    norms = anchors.square().sum(dim=1)
    return torch.addmm(norms, x, anchors.T, alpha=-2).topk(k, dim=1, largest=False, sorted=False).indices


def mean_divergence(log_q: Tensor, near: Tensor, log_p: Tensor) -> Tensor:
    """mean_j KL(q_j || p) (n,) of neighbours `near` (n, k) in log_q (m, C) and log_p (n, C).

    It is mean_j sum_c q_jc log q_jc - sum_c (mean_j q_jc) log p_c, so that no n x k x C is needed.
    """
    q = log_q.exp()
    mean_q = torch.zeros_like(log_p)
    for j in range(near.shape[1]):
        mean_q += q[near[:, j]]
    mean_q /= near.shape[1]
    return (q * log_q).sum(dim=1)[near].mean(dim=1) - (mean_q * log_p).sum(dim=1)
