"""Core-set: k-center greedy on the embedding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.draws import topped_up
from autoal.strategies.nearest import beginning, k_center
from autoal.strategies.points import Plain


@dataclass(frozen=True)
class CoreSet(Strategy):
    """Label next what is farthest from everything labelled or picked so far, by Euclidean distance of embeddings.

    Without labels the first pick is random. O(n_rows D) a pick at most, and O(n_rows) memory.
    """

    name = "core_set"
    reference = "Sener and Savarese 2018"
    needs = frozenset({"embedding"})

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """argmax_x min_c |x - c| over what is labelled or picked, again and again (n,)."""
        first, start = beginning(snapshot, rng)
        picks = torch.cat([first, k_center(Plain(snapshot.embedding), n - len(first), start)])
        return topped_up(picks, n, snapshot, rng)
