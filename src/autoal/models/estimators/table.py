"""Samples as estimators read them: an array of the pool's own numbers, or a data frame with its columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    """Give X (n, d) these columns, as a data frame; as it is where there are none or no library of frames."""
    if columns is None or len(columns) != X.shape[1]:
        return X
    make = frame_maker()
    return X if make is None else make(X, list(columns))


def frame_maker() -> Callable[[npt.NDArray[Any], list[str]], Any] | None:
    """Find a library that makes a data frame of numbers and names; None: neither pandas nor polars is installed."""
    try:
        import pandas
    except ImportError:
        pass
    else:
        return lambda X, columns: pandas.DataFrame(X, columns=columns)
    try:
        import polars
    except ImportError:
        return None
    return lambda X, columns: polars.DataFrame(X, schema=columns, orient="row")


def names_of(table: Any) -> tuple[str, ...] | None:
    """Give the names of the columns of a data frame; None for an array or a sparse matrix."""
    return tuple(table.columns) if hasattr(table, "columns") else None


def dense(table: Any) -> npt.NDArray[Any]:
    """Copy the numbers of an array, a sparse matrix or a data frame into a dense array."""
    if hasattr(table, "toarray"):
        table = table.toarray()
    return np.array(table.to_numpy() if hasattr(table, "to_numpy") else table)


def is_numeric(table: Any) -> bool:
    """Tell whether it holds a row of numbers for each sample, and neither texts, categories nor images."""
    values = table if hasattr(table, "toarray") else dense(table)
    return values.dtype.kind in "biuf" and values.ndim == 2
