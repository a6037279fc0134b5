"""Controls that stand beside AutoAL in every table: the same vote and batch stage without anything learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.search.ensemble import Ensemble
from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.draws import assigned


@dataclass(frozen=True)
class UniformWeights(Ensemble):
    """Every candidate counts the same for every sample."""

    name = "uniform_weights"
    reference = "control: a plain vote"
    needs = frozenset({"log_probs", "embedding"})

    def weigh(
        self, snapshot: Snapshot, candidates: Sequence[Strategy], n: int, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        """W = 1 / K and open gates."""
        shape = (len(snapshot), len(candidates))
        return torch.full(shape, 1 / len(candidates)), torch.zeros(shape)


@dataclass(frozen=True)
class RandomWeights(Ensemble):
    """Each sample weighs the candidates at random, evenly on the simplex.

    This is what an untrained network computes, and so what the released AutoAL, whose search has no gradient, does.
    """

    name = "random_weights"
    reference = "control: an untrained search"
    needs = frozenset({"log_probs", "embedding"})

    def weigh(
        self, snapshot: Snapshot, candidates: Sequence[Strategy], n: int, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        """W ~ Dirichlet(1, ..., 1) for each sample, and open gates."""
        W = torch.from_numpy(rng.dirichlet(np.ones(len(candidates)), len(snapshot))).float()
        return assigned(snapshot, W), torch.zeros_like(W)
