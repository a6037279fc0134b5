"""The space in which the search sees embeddings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor


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
        variance, mean = torch.var_mean(embedding, dim=0, correction=0)
        return cls(mean, variance.mean().sqrt().clamp_min(1e-12))

    def __call__(self, embedding: Tensor) -> Tensor:
        """The rows (n, D) in this space, float32."""
        return ((embedding - self.mean) / self.scale).float()
