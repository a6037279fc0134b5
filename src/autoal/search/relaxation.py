"""The differentiable selection: weighted scores above a threshold, gated, summed and counted softly."""

from __future__ import annotations

import torch
from torch import Tensor

LAMBDA = 2.0  # lambda of the paper: a gate with Theta = 0 then multiplies by one


def gated_weights(W: Tensor, Theta: Tensor) -> Tensor:
    """lambda sigma(Theta) W (n, K): how much each candidate counts for each sample."""
    return LAMBDA * torch.sigmoid(Theta) * W


def integrated_score(S: Tensor, theta: Tensor, W: Tensor, Theta: Tensor) -> Tensor:
    """S-bar (n,) = sum_kappa lambda sigma(Theta_kappa) (S_kappa - theta_kappa) W_kappa.

    Args:
        S: standardised scores (n, K).
        theta: thresholds (K,).
        W: non-negative weights (n, K), each row summing to one.
        Theta: gates (n, K).
    """
    return (gated_weights(W, Theta) * (S - theta)).sum(dim=1)


def soft_count(S_bar: Tensor, tau: float) -> Tensor:
    """alpha, the number of selected samples: sum_j sigma(S-bar_j / tau), with tau in the scores' spread."""
    return torch.sigmoid(S_bar / tau).sum()


def annealed(step: int, steps: int, start: float, end: float) -> float:
    """Geometric path of the temperature from `start` at step 0 to `end` at the last step."""
    return float(start * (end / start) ** (step / max(steps - 1, 1)))
