"""Signs that a search has diverged, so that an ensemble falls back to its first vote."""

from __future__ import annotations

import torch
from torch import Tensor

LEAST_SUM = 1e-8  # of the gated weights of a sample; rounding decides the order of smaller scores


class Diverged(ArithmeticError):
    """A search left the finite numbers; the message completes the sentence "as ..."."""


def weight_fault(W: Tensor, Theta: Tensor, gated: Tensor) -> str:
    """Say why a query cannot use these weights, gates and gated weights, each (n, K); empty if it can.

    All must be finite, no weight negative, and each sample's gated weights large enough to divide by their sum.
    """
    if not all(bool(torch.isfinite(values).all()) for values in (W, Theta, gated)):
        return "its weights are not finite"
    if bool((W < 0).any()):
        return "some of its weights are negative"
    if bool((gated.sum(dim=1) < LEAST_SUM).any()):
        return "all weights of a sample are zero, or all gates closed"
    return ""
