"""Embeddings where their distances can be told: single precision keeps seven digits of a norm."""

from __future__ import annotations

import torch
from torch import Tensor

from autoal.snapshot import Snapshot

FAR = 1000.0  # times as far from the origin as from their mean, in squares


def near_origin(snapshot: Snapshot) -> tuple[Tensor, Tensor]:
    """The embeddings (n, D) and (m, D) of the pool and of the labelled samples; less the pool's mean, if it is far.

    Squared distances come from norms and inner products, which cancel but for their last digits where all rows have
    much in common: years, or places in one town. Embeddings that lie well are handed on as they are.
    """
    x, anchors = snapshot.embedding, snapshot.labelled_embedding
    variance, mean = torch.var_mean(x, dim=0, correction=0)
    if float(mean.square().sum()) <= FAR * float(variance.sum()):
        return x, anchors
    return x - mean, anchors - mean
