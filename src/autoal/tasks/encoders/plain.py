"""Encoders that learn nothing from elsewhere: values as they are, or standardised."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.preprocessing import StandardScaler

from autoal.tasks.data import DataSet


@dataclass(frozen=True)
class AsTheyAre:
    """The samples themselves: pixels for a network that learns from pixels, or features that somebody else made."""

    costly: ClassVar[bool] = False

    def __call__(self, data: DataSet) -> DataSet:
        """`data` itself."""
        return data


@dataclass(frozen=True)
class Kept:
    """The samples themselves, kept on disk as arrays because reading their many files takes long."""

    costly: ClassVar[bool] = True

    def __call__(self, data: DataSet) -> DataSet:
        """`data` itself."""
        return data


@dataclass(frozen=True)
class Flattened:
    """Values in one row a sample, bytes scaled to [0, 1]."""

    costly: ClassVar[bool] = False

    def __call__(self, data: DataSet) -> DataSet:
        """Samples as (n, D) float32."""
        return replace(data, x_train=_flat(data.x_train), x_test=_flat(data.x_test))


@dataclass(frozen=True)
class Standardised:
    """Each column with mean 0 and variance 1 over the training part; a constant column becomes 0."""

    costly: ClassVar[bool] = True  # not itself, but reading a large table of text is

    def __call__(self, data: DataSet) -> DataSet:
        """Samples as (n, D) float32."""
        scaler = StandardScaler().fit(_wide(data.x_train))
        x_train, x_test = (scaler.transform(_wide(x)) for x in (data.x_train, data.x_test))
        return replace(data, x_train=x_train.astype(np.float32), x_test=x_test.astype(np.float32))


def _flat(x: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    flat: npt.NDArray[np.float32] = x.reshape(len(x), -1).astype(np.float32)
    return flat / np.float32(255) if x.dtype == np.uint8 else flat


def _wide(x: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """In float64, also what float32 would round, such as times in seconds."""
    return x.reshape(len(x), -1) if x.dtype == np.float64 else _flat(x).astype(np.float64)
