"""Samples as estimators read them: an array of the pool's own numbers, or a data frame with its columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

HALF = (torch.float16, torch.bfloat16)  # which few estimators, and NumPy only in part, can read


def matrix(batch: Tensor) -> npt.NDArray[Any]:
    """A batch (n, ...) flattened to (n, d), in its own precision, as a copy that an estimator may overwrite."""
    flat = batch.detach().cpu()
    flat = flat.flatten(1) if flat.ndim > 1 else flat[:, None]
    return np.array((flat.float() if flat.dtype in HALF else flat).numpy())


def as_table(X: npt.NDArray[Any], columns: Sequence[str] | None) -> Any:
    """X (n, d) as a data frame with these columns, or as it is where there are none or no library of frames."""
    if columns is None or len(columns) != X.shape[1]:
        return X
    try:
        import pandas
    except ImportError:
        return _polars(X, columns)
    return pandas.DataFrame(X, columns=list(columns))


def _polars(X: npt.NDArray[Any], columns: Sequence[str]) -> Any:
    try:
        import polars
    except ImportError:
        return X
    return polars.DataFrame(X, schema=list(columns), orient="row")


def columns_of(table: Any) -> tuple[str, ...] | None:
    """The names of the columns of a data frame; None for an array or a sparse matrix."""
    return tuple(table.columns) if hasattr(table, "columns") else None


def dense(table: Any) -> npt.NDArray[Any]:
    """The numbers (n, D) of an array, a sparse matrix or a data frame, as an own copy."""
    if hasattr(table, "toarray"):
        table = table.toarray()
    array = np.array(table.to_numpy() if hasattr(table, "to_numpy") else table)
    return array.astype(np.float64) if array.dtype.kind not in "biuf" else array
