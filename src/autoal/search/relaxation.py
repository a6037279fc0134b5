"""The differentiable selection: weighted scores above a threshold, gated, summed and counted softly."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

LAMBDA = 2.0  # lambda of the paper: a gate with Theta = 0 then multiplies by one


def gated_weights(W: Tensor, Theta: Tensor, *, normalised: bool = True) -> Tensor:
    """lambda sigma(Theta) W (n, K): how much each candidate counts for each sample.

    Args:
        W: non-negative weights (n, K), each row summing to one.
        Theta: gates (n, K).
        normalised: whether the rows are scaled to sum to one again, so that gates share out the vote. The paper's do
            not: weight and gate of one candidate then raise each other, until it drowns all others.
    """
    if normalised:  # in logarithms, as gates that are all but closed would leave 0 / 0
        log_W = torch.where(W > 0, W, 1.0).log().masked_fill(W <= 0, -torch.inf)
        return torch.softmax(log_W + logsigmoid(Theta), dim=1)
    return LAMBDA * torch.sigmoid(Theta) * W


def integrated_score(S: Tensor, theta: Tensor, gated: Tensor) -> Tensor:
    """S-bar (n,) = sum_kappa lambda sigma(Theta_kappa) W_kappa (S_kappa - theta_kappa).

    Args:
        S: standardised scores (n, K).
        theta: thresholds (K,).
        gated: lambda sigma(Theta) W (n, K); see `gated_weights`.
    """
    return (gated * (S - theta)).sum(dim=1)


def soft_count(S_bar: Tensor, tau: float) -> Tensor:
    """alpha, the number of selected samples: sum_j sigma(S-bar_j / tau), with tau in the scores' spread."""
    return torch.sigmoid(S_bar / tau).sum()


def annealed(step: int, steps: int, start: float, end: float) -> float:
    """Geometric path of the temperature from `start` at step 0 to `end` at the last step."""
    return float(start * (end / start) ** (step / max(steps - 1, 1)))
