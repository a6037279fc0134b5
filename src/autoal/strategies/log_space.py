"""Uncertainty in log space: exact where p underflows to 0 or rounds to 1, so that sure samples still have an order."""

from __future__ import annotations

import torch
from torch import Tensor

from autoal.strategies.points import by_chunks

FLOOR = -1e4  # stands for log 0, so that every score is a finite number


def log_doubt(log_probs: Tensor) -> Tensor:
    """log(1 - max p) (n,), in double."""
    return by_chunks(lambda part: others_than_top(part).logsumexp(dim=1), log_probs)


def log_closeness(log_probs: Tensor) -> Tensor:
    """log(1 - (p_(1) - p_(2))) (n,) of the two most probable classes, as the sum of 1 - p_(1) and p_(2), in double."""

    def closeness(part: Tensor) -> Tensor:
        others = others_than_top(part)
        return torch.logaddexp(others.logsumexp(dim=1), others.amax(dim=1))

    return by_chunks(closeness, log_probs)


def log_entropy(log_probs: Tensor) -> Tensor:
    """log of the entropy in nats (n,), in double."""
    return by_chunks(_log_entropy, log_probs)


def others_than_top(log_probs: Tensor) -> Tensor:
    """Log-probabilities of all classes but the most probable (n, C - 1), in double and finite.

    1 - max p is their sum, which keeps its precision when max p rounds to 1.
    """
    n, n_classes = log_probs.shape
    if n_classes == 1:
        return log_probs.new_full((n, 1), FLOOR, dtype=torch.float64)
    others = log_probs.double().clamp_min(FLOOR)  # a copy, also of doubles
    return others.scatter_(1, others.argmax(dim=1, keepdim=True), -torch.inf)


def _log_entropy(log_probs: Tensor) -> Tensor:
    """With s = 1 - max p, the top class adds -(1 - s) log(1 - s); the others add -p log p each, as logarithms."""
    others = others_than_top(log_probs)
    log_s = others.logsumexp(dim=1)
    log_terms = others + (-others).clamp(torch.finfo(others.dtype).tiny, -FLOOR).log()
    s = log_s.exp().clamp_max(1)
    # for tiny s, -(1 - s) log(1 - s) = s up to s^2, and s itself may underflow: keep its logarithm
    top = torch.where(s < 1e-8, log_s, (-(1 - s) * torch.log1p(-s)).clamp_min(0).log().clamp_min(FLOOR))
    return torch.logaddexp(log_terms.logsumexp(dim=1), top)
