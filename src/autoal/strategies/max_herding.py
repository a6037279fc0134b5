"""Greedy coverage of the pool by radial kernels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.coverage import cover
from autoal.strategies.kernels import rbf
from autoal.strategies.settings import require_positive, require_whole


@dataclass(frozen=True)
class MaxHerding(Strategy):
    """Label next what adds most to E_x max_c exp(-|x - c|^2 / h^2), with c labelled or picked and features of norm one.

    Args:
        h: width of the kernel.
        references: pool rows x whose coverage is counted; see `cover`.
    """

    name = "max_herding"
    reference = "Bae et al. 2024"
    needs = frozenset({"embedding"})

    h: float = 1.0
    references: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        require_positive(self, "h")
        require_whole(self, "references")

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """Rows (n,) in the order of their gain."""
        return cover(snapshot, None, rbf(self.h), n, rng, self.references)
