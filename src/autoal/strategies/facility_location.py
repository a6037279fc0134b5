"""Facility location on any embedding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.coverage import cover
from autoal.strategies.kernels import angular
from autoal.strategies.settings import require_whole


@dataclass(frozen=True)
class FacilityLocation(Strategy):
    """Label next what adds most to sum_x max_c s(x, c), with c labelled or picked and s = (1 + cosine) / 2.

    Args:
        references: pool rows x that are served; see `cover`.
    """

    name = "facility_location"
    reference = "Nemhauser et al. 1978; Wei et al. 2015"
    needs = frozenset({"embedding"})

    references: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        require_whole(self, "references")

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """Rows (n,) in the order of their gain."""
        return cover(snapshot, None, angular(), n, rng, self.references)
