"""Coverage weighted by uncertainty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.coverage import cover
from autoal.strategies.kernels import nearest_other, rbf, smallest, unit_norm
from autoal.strategies.log_space import log_closeness
from autoal.strategies.settings import require_positive, require_whole


@dataclass(frozen=True)
class UHerding(Strategy):
    """MaxHerding that counts the coverage of x by its uncertainty U(x) = 1 - (p_(1) - p_(2)).

    The kernel narrows as labels come: its width is the smallest distance between two labelled samples.

    Args:
        temperature: the log-probabilities are divided by it first; the paper calibrates it on held-out labels.
        h: width of the kernel; default: as above, and 1 with fewer than two distinct labelled samples.
        references: pool rows x whose coverage is counted; see `cover`.
    """

    name = "u_herding"
    reference = "Bae et al. 2025"
    needs = frozenset({"log_probs", "embedding"})

    temperature: float = 1.0
    h: float | None = None
    references: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        require_positive(self, "temperature", "h")
        require_whole(self, "references")

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """Rows (n,) in the order of their gain."""
        log_probs = snapshot.log_probs
        if self.temperature != 1:
            log_probs = (log_probs.clamp_min(torch.finfo(log_probs.dtype).min) / self.temperature).log_softmax(dim=1)
        width = smallest_spacing(snapshot.labelled_embedding) if self.h is None else self.h
        return cover(snapshot, log_closeness(log_probs).exp(), rbf(width), n, rng, self.references)


def smallest_spacing(anchors: Tensor) -> float:
    """The smallest distance between two different rows, scaled to norm one; 1 where there are none."""
    return smallest(nearest_other(unit_norm(anchors)), otherwise=1.0) if len(anchors) >= 2 else 1.0
