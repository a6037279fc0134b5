"""What a classifier reads, as an embedding in single precision that can be turned back into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from autoal.errors import ModelError
from autoal.models.estimators.table import as_table, columns_of, dense

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
        """By what the classifier reads (m, D) of the labelled samples."""
        values = _matrix(read)
        if values.dtype == np.float32:
            return cls(torch.from_numpy(values).mean(dim=0), np.zeros(values.shape[1]), columns_of(read))
        exact = values.astype(np.float64)
        means, spread = exact.mean(axis=0), np.ptp(exact, axis=0)
        lost = np.abs(exact).max(axis=0) * SINGLE > LOST * np.where(spread > 0, spread, 1)
        return cls(torch.from_numpy(means), np.where(lost, means, 0.0), columns_of(read))

    def encode(self, read: Any) -> Tensor:
        """The embedding (n, D) of what the classifier reads."""
        values = _matrix(read)
        moved = values - self.offset if self.offset.any() else values
        return torch.from_numpy(moved.astype(np.float32))

    def decode(self, embedding: Tensor) -> Tensor:
        """What the classifier reads (n, D), as numbers in its precision."""
        return embedding.to(self.means.dtype) + torch.from_numpy(self.offset).to(self.means.dtype)

    def table(self, values: Tensor) -> Any:
        """Numbers (n, D) in the form that the classifier reads."""
        return as_table(values.numpy(), self.columns)


def _matrix(read: Any) -> npt.NDArray[Any]:
    try:
        values = dense(read)
    except (TypeError, ValueError) as error:
        hint = "a step before it that makes numbers of them, as OrdinalEncoder()"
        raise ModelError("a classifier that reads numbers, as its embedding", str(error), hint) from error
    if values.ndim != 2:
        hint = "transformers that return a row for each sample"
        raise ModelError("a classifier that reads a table (n, D)", f"shape {values.shape}", hint)
    return values
