"""How far to trust the vote at all: whether the samples that it prefers are those that others are learned from.

A sample with a high loss need not be worth a label: where classes are many and labels few, all is uncertain, and what
is most uncertain lies between classes that nothing tells apart yet. What a label is worth shows in the other samples.
"""

from __future__ import annotations

import torch
from torch import Tensor

from autoal.search.space import Standardised
from autoal.strategies.ranks import percentile_ranks

USUAL = 0.2  # agreement at which a vote deserves its usual sharpness
EVIDENCE = 100.0  # labels whose evidence equals the expectation that it does


def first_order_gain(log_probs: Tensor, embedding: Tensor, labels: Tensor) -> Tensor:
    """<g_j, sum_(i != j) g_i> (h,): by how much a step on sample j lowers the losses of all the others, to first order.

    g_j = (p_j - y_j) [x_j, 1]^T is the gradient of the cross-entropy in the last layer, x the standardised embedding.
    O(h C D), as the sum over i is one matrix.

    Args:
        log_probs: (h, C) of samples that the model has not been trained on.
        embedding: (h, D).
        labels: (h,).

    Source: Pruthi et al., "Estimating training data influence by tracing gradient descent", NeurIPS 2020.
    """
    error = log_probs.float().exp()
    error[torch.arange(len(labels)), labels] -= 1
    x = Standardised.of(embedding.float())(embedding)
    x = torch.cat([x, x.new_ones(len(x), 1)], dim=1)
    total = error.T @ x
    return ((error @ total) * x).sum(dim=1) - error.square().sum(dim=1) * x.square().sum(dim=1)


def rank_correlation(a: Tensor, b: Tensor) -> float:
    """Spearman's correlation of two vectors (h,); 0 if one of them is constant."""
    a, b = (ranks - ranks.mean() for ranks in (percentile_ranks(a), percentile_ranks(b)))
    return float(a @ b / (a.norm() * b.norm()).clamp_min(1e-12))


def trusted(sharpness: float, agreement: float, m: int) -> float:
    """The sharpness that a vote deserves whose rank correlation with the gain is `agreement` on m labelled samples.

    It is proportional to the agreement, which is drawn towards the usual one as if that had been seen on 100 labels,
    and at least a tenth of the usual sharpness.
    """
    share = (m * agreement / USUAL + EVIDENCE) / (m + EVIDENCE)
    return sharpness * max(share, 0.1)
