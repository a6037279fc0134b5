"""Uncertainty in log space: exact where p underflows to 0 or rounds to 1, so that sure samples still have an order."""

from __future__ import annotations

import torch
from torch import Tensor

FLOOR = -1e4  # stands for log 0, so that every score is a finite number


def log_doubt(log_probs: Tensor) -> tuple[Tensor, Tensor]:
    """log(1 - max p) (n,) and the log-probabilities of the other classes (n, C - 1), highest first.

    1 - max p is the sum of the other classes, which keeps its precision when max p rounds to 1.
    """
    others = log_probs.double().clamp_min(FLOOR).sort(dim=1, descending=True).values[:, 1:]
    if others.shape[1] == 0:
        others = others.new_full((len(log_probs), 1), FLOOR)
    return others.logsumexp(dim=1), others


def log_entropy(log_probs: Tensor) -> Tensor:
    """log of the entropy in nats, (n,).

    With s = 1 - max p, the top class adds -(1 - s) log(1 - s); the others add -p log p each, summed as logarithms.
    """
    log_s, others = log_doubt(log_probs)
    log_terms = others + (-others).clamp_min(torch.finfo(others.dtype).tiny).log()
    s = log_s.exp().clamp_max(1)
    # for tiny s, -(1 - s) log(1 - s) = s up to s^2, and s itself may underflow: keep its logarithm
    top = torch.where(s < 1e-8, log_s, (-(1 - s) * torch.log1p(-s)).clamp_min(0).log().clamp_min(FLOOR))
    return torch.logaddexp(log_terms.logsumexp(dim=1), top)
