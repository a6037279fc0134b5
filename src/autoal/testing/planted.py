"""Planted problems: which candidate is worth trusting, and where, is known beforehand.

Two classes follow feature 0, except that labels are drawn at random where a sample is difficult. A candidate is
informative if it scores by what makes samples difficult.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy

N_FEATURES = 6


@dataclass(frozen=True)
class Feature(Strategy):
    """Scores a sample by one of its features."""

    column: int
    name = "feature"
    reference = "a planted problem"
    needs = frozenset({"embedding"})

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """The feature (n,)."""
        return snapshot.embedding[:, self.column]


@dataclass(frozen=True)
class Noise(Strategy):
    """Scores that mean nothing, and that are drawn anew each time."""

    number: int
    name = "noise"
    reference = "a planted problem"

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """Uniform numbers (n,)."""
        return torch.from_numpy(rng.random(len(snapshot)))


def planted_informative(n: int, m: int, seed: int) -> Snapshot:
    """n unlabelled and m labelled samples that are difficult where feature 1 is positive."""
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(n + m, N_FEATURES, generator=g)
    return _snapshot(x, x[:, 1] > 0, n, g)


def planted_regions(n: int, m: int, seed: int) -> Snapshot:
    """The same, but what makes a sample difficult is feature 1 where feature 3 is positive, and feature 2 elsewhere."""
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(n + m, N_FEATURES, generator=g)
    return _snapshot(x, torch.where(x[:, 3] > 0, x[:, 1], x[:, 2]) > 0, n, g)


def _snapshot(x: Tensor, difficult: Tensor, n: int, g: torch.Generator) -> Snapshot:
    y = torch.where(difficult, torch.randint(2, (len(x),), generator=g), (x[:, 0] > 0).long())
    return Snapshot.from_arrays(torch.full((n, 2), 0.5).log(), x[:n], x[n:], y[n:])
