"""Arrays on disk, of h5py, zarr and the like, read by slices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset

from autoal.arrays import IntArray, as_torch_reads, numbers
from autoal.errors import InputError

GAP = 4  # rows between two that are wanted, which are read as well, since one long slice is faster than two short ones


def is_sliced(X: Any) -> bool:
    """Tell whether X has a shape, a type of numbers, and slices, as an array on disk has."""
    parts = all(hasattr(X, name) for name in ("shape", "dtype", "__getitem__"))
    return parts and not isinstance(X, Dataset) and isinstance(X.shape, tuple)


class SlicedInputs:
    """Rows of an array on disk; rows that are near each other are read as one slice.

    Args:
        array: with `shape`, `dtype`, and slices that NumPy can read.
    """

    def __init__(self, array: Any) -> None:
        if not len(array.shape):
            raise InputError("an array of samples", f"a {type(array).__name__} of one value", "one with a row a sample")
        if isinstance(array.dtype, np.dtype):
            numbers(np.empty(0, array.dtype))
        self.array = array

    def __len__(self) -> int:
        return int(self.array.shape[0])

    def take(self, rows: IntArray) -> Tensor:
        """The samples at `rows`, stacked.

        Raises:
            InputError: they cannot be read.
        """
        distinct, place = np.unique(rows, return_inverse=True)
        if not len(distinct):
            return torch.empty(0, *self.array.shape[1:])
        parts = [self._slice(int(run[0]), int(run[-1]) + 1)[run - run[0]] for run in _runs(distinct)]
        return torch.from_numpy(as_torch_reads(np.concatenate(parts)[place]))

    def _slice(self, start: int, stop: int) -> npt.NDArray[Any]:
        try:
            read = np.asarray(self.array[start:stop])
        except MemoryError:
            raise
        except Exception as error:  # whatever the library that reads the file raises
            got, hint = f"{type(error).__name__}: {error}", "keep its file open, and whole"
            expected = f"samples in rows {start} to {stop - 1} of the {type(self.array).__name__}"
            raise InputError(expected, got, hint) from error
        return numbers(read)


def _runs(rows: IntArray) -> Iterator[IntArray]:
    """Rows (n,), ascending, in parts without wide gaps."""
    yield from np.split(rows, np.flatnonzero(np.diff(rows) > GAP) + 1)
