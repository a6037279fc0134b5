"""A pool in which half of the samples teach something: which candidate is worth asking is known beforehand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal import Snapshot, Strategy
from autoal.adaptive import Adaptive

N, CLASSES, DIMENSIONS, BEGUN, BATCH = 3000, 20, 300, 20, 40


@dataclass(frozen=True)
class Parity(Strategy):
    """Takes ids of this remainder by two, at random; those of the other while the model is sure, if it swings."""

    name = "parity"
    reference = "tests"

    remainder: int = 0
    swings: bool = False

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """At least one for these, and less than one for others."""
        sure = self.swings and float(snapshot.log_probs.exp().max(dim=1).values.mean()) > 0.5
        wanted = snapshot.ids % 2 == (self.remainder + sure) % 2
        return wanted.double() + torch.from_numpy(rng.random(len(snapshot)))


@dataclass(frozen=True)
class World:
    """Even ids are of many classes, so that each label helps; odd ids are all alike."""

    x: Tensor
    y: Tensor

    @classmethod
    def of(cls, seed: int) -> World:
        g, even = torch.Generator().manual_seed(seed), torch.arange(N) % 2 == 0
        y = torch.where(even, torch.arange(N) // 2 % CLASSES, 0)
        centres = 5 * torch.nn.functional.normalize(torch.randn(CLASSES, DIMENSIONS, generator=g), dim=1)
        x = centres[y] + torch.randn(N, DIMENSIONS, generator=g)
        return cls(torch.where(even[:, None], x, 1.0), y)

    def snapshot(self, asked: list[int], sure: bool = False) -> Snapshot:
        """A model that is as sure of every sample, or knows nothing."""
        free = torch.tensor(sorted(set(range(N)) - set(asked)))
        known = torch.tensor(asked, dtype=torch.int64)
        logits = torch.zeros(len(free), CLASSES)
        logits[:, 0] = 6.0 * sure
        log_probs = logits.log_softmax(dim=1)
        return Snapshot.from_arrays(log_probs, self.x[free], self.x[known], self.y[known], ids=free, labelled_ids=known)


def shares_of_good(
    strategy: Adaptive, rounds: int, seed: int, sure: Callable[[int], bool] = lambda round_: False
) -> list[float]:
    """The share of even ids in each batch of a loop in which every answer comes at once."""
    world, rng, asked, shares = World.of(seed), np.random.default_rng(seed), list(range(BEGUN)), list[float]()
    memory = None
    for round_ in range(rounds):
        snapshot = world.snapshot(asked, sure(round_))
        rows, memory = strategy.remember(memory, snapshot, BATCH, rng)
        ids = snapshot.ids[rows]
        shares.append(float((ids % 2 == 0).double().mean()))
        asked += ids.tolist()
    return shares
