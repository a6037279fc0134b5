"""Planted problems: which candidate is worth trusting, and where, is known beforehand.

Two classes follow feature 0, except that a difficult sample is of one of many small groups, whose class only the label
of another of its group tells. A candidate is informative if it scores by what makes samples difficult.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy

N_FEATURES = 6
GROUPS = 200  # of difficult samples; a feature for each says who belongs to it


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
    x, g = _features(n + m, seed)
    return _snapshot(*_grouped(x, x[:, 1] > 0, g), n)


def planted_regions(n: int, m: int, seed: int) -> Snapshot:
    """The same, but what makes a sample difficult is feature 1 where feature 3 is positive, and feature 2 elsewhere."""
    x, g = _features(n + m, seed)
    return _snapshot(*_grouped(x, torch.where(x[:, 3] > 0, x[:, 1], x[:, 2]) > 0, g), n)


def planted_unlearnable(n: int, m: int, seed: int) -> Snapshot:
    """As `planted_informative`; where feature 2 is positive, other labels are drawn at random, and teach nothing."""
    x, g = _features(n + m, seed)
    x, y = _grouped(x, x[:, 1] > 0, g)
    chance = (x[:, 2] > 0) & (x[:, 1] <= 0)
    return _snapshot(x, torch.where(chance, torch.randint(2, (len(x),), generator=g), y), n)


def _features(n: int, seed: int) -> tuple[Tensor, torch.Generator]:
    g = torch.Generator().manual_seed(seed)
    return torch.randn(n, N_FEATURES, generator=g), g


def _grouped(x: Tensor, difficult: Tensor, g: torch.Generator) -> tuple[Tensor, Tensor]:
    """Features (n, 6 + groups) and classes (n,) of samples x (n, 6)."""
    group = torch.randint(GROUPS, (len(x),), generator=g)
    of_group = torch.randint(2, (GROUPS,), generator=g)[group]
    member = torch.nn.functional.one_hot(group, GROUPS) * difficult[:, None]
    y = torch.where(difficult, of_group, x[:, 0] > 0)
    x = torch.cat([x, member], dim=1)
    x[difficult, 0] = 0  # which says nothing of them
    return x, y


def _snapshot(x: Tensor, y: Tensor, n: int) -> Snapshot:
    return Snapshot.from_arrays(torch.full((n, 2), 0.5).log(), x[:n], x[n:], y[n:])
