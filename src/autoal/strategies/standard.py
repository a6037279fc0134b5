"""Embeddings at the scale that the small networks of strategies expect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.draws import shuffled
from autoal.strategies.points import CHUNK

LIMIT = 10.0  # standard deviations that a feature counts for at most, so that no outlier rules a network


@dataclass(frozen=True)
class Standard:
    """Features shifted to mean 0 and scaled to mean square 1, as small networks need them.

    The scale is common to all features, so that distances keep their proportions: a scale for each would blow up
    features that hardly vary.
    """

    mean: Tensor  # (D,), in double
    deviation: Tensor  # (D,), in double; 0 where a feature is constant
    scale: float

    @classmethod
    def of(cls, snapshot: Snapshot, rng: np.random.Generator) -> Standard:
        """That of at most `CHUNK` unlabelled rows, drawn at random, and as many labelled ones, the first."""
        rows = snapshot.embedding[shuffled(snapshot, rng)[:CHUNK]]
        h = torch.cat([rows.double(), snapshot.labelled_embedding[:CHUNK].double()])
        mean = h.mean(dim=0)
        deviation = (h - mean).square_().mean(dim=0).sqrt()
        deviation[deviation <= 1e-9 * mean.abs()] = 0  # so little is rounding
        return cls(mean, deviation, float(deviation.square().mean().sqrt()) or 1.0)

    def __call__(self, h: Tensor) -> Tensor:
        """h (n, D) in the new units, float32; no feature is farther than `LIMIT` deviations from its mean."""
        limit = LIMIT * self.deviation
        return ((h.double() - self.mean).clamp_(-limit, limit) / self.scale).float()
