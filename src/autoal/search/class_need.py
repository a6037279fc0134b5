"""How much a label of a sample's class is needed: more where the model expects the class to be rare."""

from __future__ import annotations

import torch
from torch import Tensor

from autoal.strategies.points import CHUNK, by_chunks

EVEN = 5.0  # labels of each class that the expectation of even shares counts for


def class_need(log_probs: Tensor, m: int) -> Tensor:
    """v (n,) = sum_j P(j | x) / pi_j, scaled to mean one, with pi_j the share of class j that the model expects.

    pi_j is proportional to m mean_x P(j | x) + 5: with few labels m the model knows little of shares, and all classes
    are needed alike. Dividing by the share asks for a model that is right as often on rare classes as on others.

    Args:
        log_probs: (n, C) natural-log probabilities of the pool.
        m: the number of labels that the model has seen.
    """
    expected = sum((part.exp().sum(dim=0, dtype=torch.float64) for part in log_probs.split(CHUNK)), torch.zeros(()))
    share = m * expected / max(len(log_probs), 1) + EVEN
    need = by_chunks(lambda part: part.double().exp() @ (1 / share), log_probs)
    return need / need.mean().clamp_min(torch.finfo(need.dtype).tiny)
