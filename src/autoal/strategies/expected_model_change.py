"""Expected gradient length: what would change the last layer most, whatever the label turns out to be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.log_space import FLOOR, others_than_top
from autoal.strategies.points import by_chunks


@dataclass(frozen=True)
class ExpectedModelChange(Strategy):
    """The length of the gradient of the loss at the last layer, in expectation over the label.

    With label c the gradient in the weights is (p - e_c) h^T and in the bias p - e_c, together of length
    |p - e_c| sqrt(|h|^2 + 1), so that no gradient is ever formed: O(n (C + D)). The paper takes the gradient of all
    parameters of a conditional random field; here it is that of a linear layer with bias on the embedding.

    Source: Settles, Craven and Ray, NeurIPS 2007.
    """

    name = "expected_model_change"
    reference = "Settles et al. 2007"
    needs = frozenset({"log_probs", "embedding"})
    log_scale = True

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """log(sum_c p_c |p - e_c| sqrt(|h|^2 + 1)) (n,), in double."""
        return by_chunks(log_gradient_length, snapshot.log_probs, snapshot.embedding)


def log_gradient_length(log_probs: Tensor, h: Tensor) -> Tensor:
    """log of the expected length (n,), of log-probabilities (n, C) and embeddings (n, D)."""
    return log_residual(log_probs) + 0.5 * h.double().square().sum(dim=1).log1p()


def log_residual(log_probs: Tensor) -> Tensor:
    """log(sum_c p_c |p - e_c|) (n,), in double and finite.

    |p - e_c|^2 = sum p^2 - 2 p_c + 1. For the most probable class that rounds to 0 where p rounds to 1; with
    s = 1 - max p, summed from the others, it is s^2 plus the squares of the others, in logarithms.
    """
    log_p, others = log_probs.double().clamp_min(FLOOR), others_than_top(log_probs)
    log_top = log_p.amax(dim=1)
    log_s = others.logsumexp(dim=1)
    top_term = log_top + 0.5 * torch.logaddexp(2 * log_s, (2 * others).logsumexp(dim=1))
    p = log_p.exp()
    sq_lengths = p.square().sum(dim=1, keepdim=True) - 2 * others.exp() + 1  # of the others: at least 1/4
    terms = (others + 0.5 * sq_lengths.log()).logsumexp(dim=1)
    return torch.logaddexp(top_term, terms).clamp_min(FLOOR)
