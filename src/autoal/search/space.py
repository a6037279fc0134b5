"""The space in which the search sees embeddings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from autoal.strategies.kernels import magnitude

LEAST = 1e-12  # of the scale: what divides is not zero


@dataclass(frozen=True)
class Standardised:
    """Shifts and scales an embedding by the pool's mean (D,) and root mean square.

    Distances keep their proportions; angles, by which some candidates measure, are those seen from the mean.
    """

    mean: Tensor
    scale: Tensor

    @classmethod
    def of(cls, embedding: Tensor) -> Self:
        """The space in which the rows of `embedding` (n, D) have mean zero and mean square one."""
        space = cls._measured(embedding)
        if LEAST < float(space.scale) < math.inf:
            return space
        unit = float(magnitude(embedding.reshape(1, -1)))  # of a size whose squares are neither lost nor infinite
        space = cls._measured(embedding / unit)
        tiny = torch.finfo(embedding.dtype).tiny
        return cls(space.mean * unit, (space.scale * unit).clamp_min(tiny))

    @classmethod
    def _measured(cls, embedding: Tensor) -> Self:
        variance, mean = torch.var_mean(embedding, dim=0, correction=0)
        return cls(mean, variance.mean().sqrt().clamp_min(LEAST))

    def __call__(self, embedding: Tensor) -> Tensor:
        """The rows (n, D) in this space, float32."""
        return ((embedding - self.mean) / self.scale).float()
