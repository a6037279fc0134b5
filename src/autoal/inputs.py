"""Samples held by reference: an array, a memory map, a data set or files, read a few rows at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from autoal.arrays import IntArray, as_torch_reads, numbers, require_dense, some, to_tensor
from autoal.errors import AutoALError, InputError
from autoal.frames import frame_numbers, is_frame, list_numbers
from autoal.image_files import image_tensor
from autoal.items import is_row, sample_of
from autoal.sample_kinds import SAMPLES, named_values_error, refuse_other_kinds
from autoal.sliced_inputs import SlicedInputs, is_sliced

LARGEST = 1e18  # feature: the squares of larger ones, and so distances, are more than a float32 holds
READ = 64  # samples that are read at one time where some may be damaged; so many large ones are never there at once


class Inputs(Protocol):
    """A sequence of samples that can stack any of its rows into one tensor."""

    def __len__(self) -> int: ...

    def take(self, rows: IntArray) -> Tensor:
        """The samples at `rows` (n,), stacked to (n, ...)."""
        ...


class ArrayInputs:
    """Rows of a numpy array, a memory map or a tensor, never copied as a whole; `columns` are names of theirs."""

    def __init__(self, array: npt.NDArray[Any] | Tensor, columns: tuple[str, ...] | None = None) -> None:
        require_dense(array)
        if array.ndim == 0:
            raise InputError("an array of samples", f"the single value {array}", "an array with one row a sample")
        self.array = array.detach() if isinstance(array, Tensor) else numbers(array)
        self.columns = columns

    def __len__(self) -> int:
        return len(self.array)

    def take(self, rows: IntArray) -> Tensor:
        """The samples at `rows`, stacked."""
        if isinstance(self.array, Tensor):
            return self.array[torch.from_numpy(rows)]
        return torch.from_numpy(as_torch_reads(self.array[rows]))


class SequenceInputs:
    """Items of anything with `len` and an integer index: a torch `Dataset`, a list.

    Args:
        items: where `items[i]` is a sample, or a tuple or list that begins with one; see `sample_of`.
        load: turns an item into an array or tensor; all results must have one shape.
    """

    def __init__(self, items: Any, load: Callable[[Any], Any] | None = None) -> None:
        self.items, self.load = items, load

    def __len__(self) -> int:
        return len(self.items)

    def take(self, rows: IntArray) -> Tensor:
        """The samples at `rows`, stacked.

        Raises:
            InputError: one cannot be read, or has another shape.
        """
        return stacked([self._sample(int(row)) for row in rows])

    def _sample(self, row: int) -> Tensor:
        try:
            return self._read(row)
        except (AutoALError, ImportError, MemoryError, NameError):
            raise  # no fault of the sample
        except Exception as error:  # whatever a data set of the user's raises
            got = f"{type(error).__name__}: {error}"
            hint = "repair it, or teach its id as autoal.OUTSIDE; pool.damaged() finds every such sample"
            raise InputError(f"a sample in row {row} of the {type(self.items).__name__}", got, hint) from error

    def _read(self, row: int) -> Tensor:
        item = self.items[row]
        item = sample_of(item) if self.load is None else self.load(item)
        if isinstance(item, Mapping):
            raise named_values_error(item)
        return image_tensor(item) if hasattr(item, "convert") else to_tensor(item)


class Subset:
    """Some rows of other inputs, in the given order."""

    def __init__(self, inputs: Inputs, rows: IntArray) -> None:
        self.inputs, self.rows, self.columns = inputs, rows, columns_of(inputs)

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, rows: IntArray) -> Tensor:
        """The samples at `rows` of this subset, stacked."""
        return self.inputs.take(self.rows[rows])


class Reordered:
    """Inputs (n, D) with their columns in another order."""

    def __init__(self, inputs: Inputs, order: IntArray, columns: tuple[str, ...]) -> None:
        self.inputs, self.order, self.columns = inputs, torch.from_numpy(order), columns

    def __len__(self) -> int:
        return len(self.inputs)

    def take(self, rows: IntArray) -> Tensor:
        """The samples at `rows`, stacked."""
        return self.inputs.take(rows)[:, self.order]


def columns_of(inputs: Inputs) -> tuple[str, ...] | None:
    """The names (D,) of the columns of inputs (n, D), if they have names."""
    return getattr(inputs, "columns", None)


def aligned(inputs: Inputs, columns: tuple[str, ...] | None) -> Inputs:
    """The same samples, their columns in the order of `columns`; without names on both sides, as they are.

    Raises:
        InputError: a column is missing, or there is one more.
    """
    theirs = columns_of(inputs)
    if columns is None or theirs is None or theirs == columns:
        return inputs
    place = {name: index for index, name in enumerate(theirs)}
    if place.keys() == set(columns):
        return Reordered(inputs, np.array([place[name] for name in columns], dtype=np.int64), columns)
    numbered = tuple(str(index) for index in range(len(columns)))  # the default names of pandas
    if len(theirs) == len(columns) and numbered in (theirs, columns):
        return inputs
    missing = [name for name in columns if name not in place]
    extra = [name for name in theirs if name not in set(columns)]
    got = " and ".join(f"{what} {some(names)}" for what, names in (("no", missing), ("also", extra)) if names)
    hint = "X[list(pool.columns)]; X.to_numpy() to go by position"
    raise InputError(f"the {len(columns)} columns of the pool", got, hint)


def as_inputs(X: Any) -> Inputs:
    """Wrap whatever the user has; see `autoal.Pool` for what is accepted."""
    if is_frame(X):
        return ArrayInputs(*frame_numbers(X))
    if isinstance(X, np.ndarray | Tensor):
        return ArrayInputs(X)
    require_dense(X)
    refuse_other_kinds(X)
    if isinstance(X, list | tuple) and X and is_row(X[0]):
        return ArrayInputs(list_numbers(X))
    if is_sliced(X):
        return SlicedInputs(X)
    if hasattr(X, "take") and not hasattr(X, "__getitem__"):
        return X  # type: ignore[no-any-return]  # already Inputs
    if hasattr(X, "__len__") and hasattr(X, "__getitem__"):
        return SequenceInputs(X)
    hint = "numpy.asarray(X), or an object with __len__ and __getitem__"
    raise InputError(SAMPLES, f"an object of type {type(X).__name__}", hint)


def chunks(inputs: Inputs, size: int) -> Iterator[tuple[slice, Tensor]]:
    """All samples in order, `size` at a time, each chunk with the slice of rows it holds.

    Raises:
        InputError: a chunk holds NaN or infinite values.
    """
    for start in range(0, len(inputs), size):
        stop = min(start + size, len(inputs))
        batch = inputs.take(np.arange(start, stop))
        require_finite(batch, inputs.rows[start:stop] if isinstance(inputs, Subset) else range(start, stop))
        yield slice(start, stop), batch


def readable(
    inputs: Inputs, rows: IntArray, prepare: Callable[[Tensor], Tensor] = lambda samples: samples
) -> tuple[IntArray, Tensor]:
    """Those of `rows` (n,) that can be read and are finite, and their samples, prepared as they are read.

    Raises:
        InputError: they have several shapes.
    """
    few = np.array_split(rows, max(-(-len(rows) // READ), 1))
    parts = [(found, prepare(samples)) for part in few for found, samples in _readable_parts(inputs, part)]
    if not parts:
        return rows[:0], torch.empty(0)
    _require_one_shape([tuple(samples.shape[1:]) for _, samples in parts])
    return np.concatenate([found for found, _ in parts]), _together(torch.cat, [samples for _, samples in parts])


def _readable_parts(inputs: Inputs, rows: IntArray) -> Iterator[tuple[IntArray, Tensor]]:
    """Rows and samples, halved until what cannot be read is alone."""
    try:
        samples = inputs.take(rows)
        require_finite(samples, rows)
    except InputError:
        if len(rows) > 1:
            for half in np.array_split(rows, 2):
                yield from _readable_parts(inputs, half)
    else:
        yield rows, samples


def stacked(samples: list[Tensor]) -> Tensor:
    """Samples of one shape as one tensor (n, ...).

    Raises:
        InputError: they have several shapes, or types of numbers that torch does not mix.
    """
    _require_one_shape([tuple(sample.shape) for sample in samples])
    if torch.uint8 in (kinds := {sample.dtype for sample in samples}) and len(kinds) > 1:
        raise _mixed_error(samples, "all as bytes, or all as numbers of one scale")  # a network reads bytes as x / 255
    return _together(torch.stack, samples) if samples else torch.empty(0)


def _together(join: Callable[[list[Tensor]], Tensor], parts: list[Tensor]) -> Tensor:
    try:
        return join(parts)
    except RuntimeError as error:  # of unsigned integers among others
        raise _mixed_error(parts, "X as float32 or float64") from error


def _mixed_error(parts: list[Tensor], hint: str) -> InputError:
    return InputError("samples of one type of numbers", some(sorted({str(part.dtype) for part in parts})), hint)


def _require_one_shape(shapes: Sequence[tuple[int, ...]]) -> None:
    distinct = sorted(set(shapes))
    if len(distinct) > 1:
        hint = "size=(height, width) of Pool.from_folder, or samples of one shape"
        raise InputError("samples of one shape", f"{distinct[0]} and {distinct[-1]}", hint)


def require_finite(batch: Tensor, rows: Sequence[int] | IntArray) -> None:
    """Refuse features that are no number, infinite or too large, naming the first such of `rows` of the whole."""
    if not batch.is_floating_point():
        return
    fine = torch.isfinite(batch) & (batch.abs() <= LARGEST)  # both, as half precision holds no such number
    if bool(fine.all()):
        return
    row = int((~fine.reshape(len(batch), -1)).any(dim=1).nonzero()[0, 0])
    value = float(batch[row][~fine[row]][0])
    expected, hint = "finite features", "numpy.nan_to_num(X), or leave such samples out"
    if math.isfinite(value):
        expected = f"features of at most {LARGEST:g}"
        hint = f"if {value:g} stands for a missing value, another in its place, or leave such samples out"
    raise InputError(expected, f"{value:g} in row {rows[row]}", hint)
