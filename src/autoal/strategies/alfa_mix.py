"""ALFA-Mix: samples whose prediction changes when a little of a labelled class is mixed into their features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.clusters import k_means
from autoal.strategies.draws import topped_up
from autoal.strategies.head import linear_head
from autoal.strategies.points import by_chunks
from autoal.strategies.settings import require_positive


@dataclass(frozen=True)
class AlfaMix(Strategy):
    """Cluster the samples whose predicted class flips towards some class anchor, and label one of each cluster.

    An anchor is the mean embedding of a labelled class. With the paper's closed form of the mixing ratio, the features
    h move by eps |anchor - h| along the gradient of the loss, so that the farthest anchor decides. The head is taken to
    be linear (`linear_head`).

    Args:
        eps: how much is mixed in, as a multiple of 1 / sqrt(D).

    Source: Parvaneh et al., CVPR 2022, Eq. 5.
    """

    name = "alfa_mix"
    reference = "Parvaneh et al. 2022"
    needs = frozenset({"log_probs", "embedding"})

    eps: float = 0.2

    def __post_init__(self) -> None:
        super().__post_init__()
        require_positive(self, "eps")

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """The row nearest to the centre of each of n clusters of those that flip (n,); the rest is random."""
        rows = self.flipping(snapshot, rng).nonzero().squeeze(1)
        if len(rows) == 0:
            return topped_up(rows, n, snapshot, rng)
        part = snapshot.subset(rows)
        picks = rows[k_means(part, part.embedding, n, rng).nearest_rows(part.ids)]
        return topped_up(picks, n, snapshot, rng)

    def flipping(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """Whether the most probable class of each row changes (n,)."""
        anchors = class_means(snapshot.labelled_embedding, snapshot.labels)
        if len(anchors) == 0:
            return torch.zeros(len(snapshot), dtype=torch.bool)
        step = self.eps / snapshot.embedding.shape[1] ** 0.5
        W = linear_head(snapshot, rng)
        columns = (snapshot.embedding, snapshot.log_probs)
        return by_chunks(lambda h, log_probs: flips(h.double(), log_probs.double(), W, anchors, step), *columns)


def flips(h: Tensor, log_probs: Tensor, W: Tensor, anchors: Tensor, eps: float) -> Tensor:
    """Whether argmax f(h + eps |anchor - h| g) differs from y = argmax f(h) for some anchor (n,).

    g is the unit gradient of -log f_y at h. The logits move by eps |anchor - h| W g, in proportion to the distance, and
    y leads at distance 0: a class that overtakes it for some anchor does so for the farthest.
    """
    y = log_probs.argmax(dim=1, keepdim=True)
    gradient = (log_probs.exp() - torch.zeros_like(log_probs).scatter_(1, y, 1.0)) @ W  # (n, D)
    direction = torch.nn.functional.normalize(gradient, dim=1) @ W.T  # (n, C)
    distance = torch.cdist(h, anchors).amax(dim=1, keepdim=True)
    moved = log_probs.clamp_min(torch.finfo(h.dtype).min) + eps * distance * direction
    return moved.argmax(dim=1) != y.squeeze(1)


def class_means(h: Tensor, labels: Tensor) -> Tensor:
    """The mean of each class that has a label (<= C, D), in double."""
    return torch.stack([h[labels == c].double().mean(dim=0) for c in labels.unique()]) if len(labels) else h.double()
