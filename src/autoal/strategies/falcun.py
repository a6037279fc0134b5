"""FALCUN: uncertain, and unlike the picks in what the model predicts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.draws import gumbel
from autoal.strategies.log_space import log_closeness
from autoal.strategies.settings import require_not_negative


@dataclass(frozen=True)
class Falcun(Strategy):
    """Draw rows one by one with odds r^gamma, where the relevance r = u + d adds uncertainty and diversity.

    u = 1 - (p_(1) - p_(2)). d starts as u, and falls to the L1 distance between the row's probabilities and those of
    the nearest pick; for r it is scaled to [0, 1] over the rows not yet picked. O(n_rows C) a pick.

    Args:
        gamma: at least 0; 0 draws uniformly, and more comes nearer to the highest relevance.

    Source: Gilhuber et al., ECML PKDD 2024.
    """

    name = "falcun"
    reference = "Gilhuber et al. 2024"

    gamma: float = 10.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require_not_negative(self, "gamma")

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """Rows (n,) in the order drawn."""
        p = snapshot.log_probs.exp()
        u = log_closeness(snapshot.log_probs).exp()
        d, left = u.clone(), torch.ones(len(p), dtype=torch.bool)
        picks: list[int] = []
        while len(picks) < n:
            rows = left.nonzero().squeeze(1)
            keys = self.gamma * log_relevance(u[rows], d[rows]) + gumbel(snapshot, rng)[rows]
            picks.append(int(rows[keys.argmax()]))  # argmax log w + G draws in proportion to w
            left[picks[-1]] = False
            d = torch.minimum(d, torch.cdist(p, p[picks[-1:]], p=1).squeeze(1))
        return torch.tensor(picks, dtype=torch.int64)


def log_relevance(u: Tensor, d: Tensor) -> Tensor:
    """log(u + d) (n,) with d (n,) scaled to [0, 1]; finite, and d counts nothing where it is the same everywhere."""
    low, high = d.aminmax()
    scaled = (d - low) / (high - low) if bool(high > low) else torch.zeros_like(d)
    return (u + scaled).clamp_min(torch.finfo(u.dtype).tiny).log()
