"""How sharply herding prefers what the vote prefers: as much as the model says that samples differ."""

from __future__ import annotations

from torch import Tensor

from autoal.strategies.log_space import log_closeness

LEAST, MOST = 0.01, 0.99  # the mean uncertainty is held between these, so that the power is between 0.01 and 99


def matched_sharpness(log_probs: Tensor) -> float:
    """s = 1 / u - 1, with u the mean over the pool of the uncertainty 1 - (p_(1) - p_(2)).

    Percentile ranks to the power s have the mean 1 / (s + 1) = u. A rank has no scale: where the model is unsure of
    nearly everything, as with few labels and many classes, the batch then covers the pool almost evenly, and where it
    is sure of most, the batch covers the little that it doubts.

    Args:
        log_probs: (n, C) of the pool.
    """
    u = float(log_closeness(log_probs).exp().mean().clamp(LEAST, MOST))
    return 1 / u - 1
