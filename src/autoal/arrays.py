"""Arrays as people have them, checked and in a form that torch reads."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Iterable
from datetime import date, time, timedelta
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from autoal.errors import InputError

T = TypeVar("T", bound=Hashable)
IntArray = npt.NDArray[np.int64]
READ_OBJECTS = 100  # of an array that are looked at to say what they are
DATES = (date, time, timedelta, np.datetime64, np.timedelta64)


def to_tensor(values: Any) -> Tensor:
    """Numbers as a tensor on the processor, copied only if torch cannot read them where they are."""
    require_dense(values)
    if isinstance(values, Tensor):
        return values.detach().cpu()
    array = as_torch_reads(numbers(as_array(values)))
    with warnings.catch_warnings():  # of memory maps that are read-only, but nobody writes here
        warnings.filterwarnings("ignore", "The given NumPy array is not writable")
        return torch.from_numpy(array)


def as_array(values: Any) -> npt.NDArray[Any]:
    """Convert values to a NumPy array; a tensor of a float type that NumPy lacks becomes float32.

    Raises:
        InputError: it makes no array of them, as of rows that differ in length.
    """
    require_dense(values)
    if isinstance(values, Tensor):
        plain = values.detach().cpu()
        return np.asarray(plain.float() if plain.dtype.itemsize < 4 and plain.is_floating_point() else plain)
    try:
        return np.asarray(values)
    except Exception as error:  # whatever an object of the caller's raises
        got = f"a {type(values).__name__}: {error}"
        raise InputError("values that NumPy makes an array of", got, "rows of one length, of numbers") from error


def as_torch_reads(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """In the byte order of this machine, no axis backwards, and no C type beside the one of the same size."""
    array = array.view(array.dtype.str)
    if array.dtype.isnative and all(stride >= 0 and stride % array.itemsize == 0 for stride in array.strides):
        return np.asarray(array)
    return np.array(array, array.dtype.newbyteorder("="), order="C")  # a copy, also of a single row read backwards


def require_dense(values: Any) -> None:
    """Refuse sparse, masked, complex, nested and quantized numbers, which NumPy or torch would misread."""
    if isinstance(values, Tensor):
        if values.is_nested:
            raise InputError("a dense tensor", "a nested one", "samples of one shape, torch.stack(list(X))")
        if values.layout is not torch.strided:
            raise InputError("a dense tensor", f"one of layout {values.layout}", "X.to_dense()")
        if values.is_complex():
            raise InputError("a tensor of real numbers", f"one of {values.dtype}", "X.real, or X.abs()")
        if values.is_quantized or values.device.type == "meta":
            got = "one on the device meta, without data" if values.device.type == "meta" else f"one of {values.dtype}"
            raise InputError("a tensor of plain numbers", got, "X.dequantize(), or a tensor on the CPU")
    if hasattr(values, "toarray"):
        raise InputError("a dense array", f"a sparse {type(values).__name__}", "X.toarray()")
    if isinstance(values, list | tuple) and any(value is np.ma.masked for value in values):
        raise InputError("values that are there", "a masked one among them", "a value in its place, or none of it")
    if np.ma.is_masked(values):
        hint = "X.filled(VALUE) with a value that may stand there, or leave such samples out"
        raise InputError("an array without masked values", f"{int(np.ma.getmaskarray(values).sum())} masked", hint)


def numbers(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The array itself, if torch has such numbers."""
    refuse_dates(array.dtype)
    if array.dtype == object:
        _refuse_objects(array)
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:  # torch has no longer ones
        raise InputError(
            "numbers of at most 64 bits", f"an array of {array.dtype}", "X.astype(numpy.float32), texts encoded"
        )
    return array


def _refuse_objects(array: npt.NDArray[Any]) -> None:
    """Refuse an array of objects of which the first are no numbers, with the hint that fits them."""
    shown = array.ravel()[:READ_OBJECTS].tolist()
    if any(isinstance(value, DATES) for value in shown):
        raise date_error(f"dates, as {next(value for value in shown if isinstance(value, DATES))!r}")
    if shown and all(isinstance(value, np.ndarray | Tensor | list | tuple) for value in shown):
        got = f"an array of objects that are each a {type(shown[0]).__name__}"
        raise InputError("an array of numbers", got, "numpy.stack([numpy.asarray(x) for x in X]), all of one shape")


def refuse_dates(dtype: np.dtype[Any], where: str = "") -> None:
    """Refuse dates and spans of time, as their unit as numbers is arbitrary."""
    if dtype.kind in "mM":
        raise date_error(f"{'dates' if dtype.kind == 'M' else 'spans of time'} ({dtype})", where)


def date_error(got: str, where: str = "") -> InputError:
    """The error that says how to make numbers of dates."""
    hint = "numbers of a unit that you choose, such as days: (X - X.min()) / numpy.timedelta64(1, 'D')"
    return InputError(f"numbers{where}", got, hint)


def integers(values: Any, what: str, hint: str = "whole numbers below 2**63, in one dimension") -> IntArray:
    """One or more integers as an array (n,)."""
    require_dense(values)
    try:
        array = np.atleast_1d(np.asarray(values.detach().cpu() if isinstance(values, Tensor) else values))
    except Exception as error:  # ragged lists, tensors of types that NumPy lacks, whatever an object's own code raises
        got = f"a {type(values).__name__} that is no array: {error}"
        raise InputError(f"{what} as a list of integers", got, hint) from error
    if isinstance(values, list | tuple) and any(isinstance(value, bool | np.bool_) for value in values):
        raise InputError(f"{what} as a list of integers", "True or False among them", hint)
    if array.size == 0:
        return np.empty(0, dtype=np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise InputError(f"{what} as a list of integers", f"{array.dtype} of shape {array.shape}", hint)
    if int(array.max()) > np.iinfo(np.int64).max:
        raise InputError(f"{what} as a list of integers", f"{array.max()}", hint)
    return array.astype(np.int64)


def repeated(values: Iterable[T]) -> list[T]:
    """The values that come more than once, in the order of their second time."""
    seen, twice = set[T](), dict[T, None]()
    for value in values:
        if value in seen:
            twice[value] = None
        seen.add(value)
    return list(twice)


def require_distinct(ids: IntArray) -> None:
    """Refuse ids (n,) of which one comes twice."""
    distinct, counts = np.unique(ids, return_counts=True)
    if len(distinct) < len(ids):
        raise InputError("each id once", f"repeated {some(distinct[counts > 1].tolist())}", "numpy.unique(ids)")


def some(values: Iterable[Any], limit: int = 8) -> str:
    """The first of many values, for a message."""
    shown = [repr(value) for value in values]
    return ", ".join(shown[:limit]) + (f" and {len(shown) - limit} more" if len(shown) > limit else "")
