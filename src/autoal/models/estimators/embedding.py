"""Embeds what a classifier reads in single precision, in a way that can be turned back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from autoal.models.estimators.table import as_table, dense, names_of

SINGLE = 2.0**-24  # relative error of a number in single precision
LOST = 1e-4  # share of a feature's range that rounding may cost


@dataclass(frozen=True)
class Embedding:
    """The float32 embedding of what a classifier reads, and the way back.

    A feature whose differences single precision would lose, as a time in seconds, is moved by its mean over the
    labelled samples; any other stays as it is.
    """

    means: Tensor  # (D,) over the labelled samples, in the precision of what is read
    offset: npt.NDArray[np.float64]  # (D,), which the embedding leaves out
    columns: tuple[str, ...] | None  # names that the classifier was fitted with

    @classmethod
    def of(cls, read: Any) -> Self:
        """Learn from what the classifier reads (m, D) of the labelled samples."""
        values = dense(read)
        if values.dtype == np.float32:
            return cls(torch.from_numpy(values).mean(dim=0), np.zeros(values.shape[1]), names_of(read))
        exact = values.astype(np.float64)
        means, spread = exact.mean(axis=0), np.ptp(exact, axis=0)
        lost = np.abs(exact).max(axis=0) * SINGLE > LOST * np.where(spread > 0, spread, 1)
        return cls(torch.from_numpy(means), np.where(lost, means, 0.0), names_of(read))

    def encode(self, read: Any) -> Tensor:
        """Embed what the classifier reads (n, D)."""
        values = dense(read)
        moved = values - self.offset if self.offset.any() else values
        return torch.from_numpy(moved.astype(np.float32))

    def decode(self, embedding: Tensor) -> Tensor:
        """Turn it back into what the classifier reads (n, D), in the precision of that."""
        return embedding.to(self.means.dtype) + torch.from_numpy(self.offset).to(self.means.dtype)

    def table(self, values: Tensor) -> Any:
        """Bring numbers (n, D) into the form that the classifier reads."""
        return as_table(values.numpy(), self.columns)
