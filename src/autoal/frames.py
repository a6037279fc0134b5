"""Data frames of any library, and lists of numbers, as arrays with the names of their columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any

import numpy as np

from autoal.arrays import DATES, date_error, refuse_dates, some
from autoal.column_names import Names, Numbers, require_distinct_names, without_row_numbers
from autoal.errors import InputError

NO_NUMBERS = (np.datetime64, np.timedelta64, np.complexfloating)  # though they have a float()


def is_frame(X: Any) -> bool:
    """Tell whether X is a data frame, a column of one, an Arrow table, or a structured array."""
    if isinstance(X, np.ndarray):
        return X.dtype.names is not None
    return any(hasattr(type(X), name) for name in ("to_numpy", "__arrow_c_stream__", "__arrow_c_array__"))


def frame_numbers(X: Any) -> tuple[Numbers, Names | None]:
    """Read a data frame as numbers (n, D), or one column of it as (n,), and the names of its columns.

    Numbers of at most 16 bits, yes or no, and float32 become float32, which holds them exactly; all others float64.

    Raises:
        InputError: a column holds something else than numbers, or two have one name.
    """
    X = _known(X)
    names = _names(X)
    if names == ():
        raise InputError("a table of numbers", "no column", "check where X was read from")
    array = _numbers(X, names)
    return (array, None) if names is None else without_row_numbers(array, names, "X")


def _known(X: Any) -> Any:
    """X, or as an Arrow table what has no other way to be read, as results of DuckDB."""
    if isinstance(X, np.ndarray) or any(hasattr(type(X), name) for name in ("to_numpy", "column_names")):
        return X
    try:
        from pyarrow import table
    except ImportError as error:
        raise InputError("a data frame", f"a {type(X).__name__} without pyarrow", "pip install pyarrow") from error
    return table(X)


def _numbers(X: Any, names: Names | None) -> Numbers:
    if hasattr(type(X), "to_numpy") and (whole := _plain(X)).dtype.kind in "biuf" and whole.dtype.itemsize <= 8:
        return whole.astype(_exact(whole.dtype), copy=False)
    columns = [_column(values, name) for values, name in zip(_columns(X), names or repeat(None), strict=False)]
    if names is None and len(columns) == 1 and _plain(X).ndim == 1:
        return columns[0]
    table = np.empty((len(columns[0]), len(columns)), np.result_type(*columns))
    for index, column in enumerate(columns):
        table[:, index] = column
    return table


def list_numbers(rows: Sequence[Sequence[Any]]) -> Numbers:
    """Read lists of numbers, of equal length each, as float64 (n, D).

    Raises:
        InputError: one is longer than another, or holds something else.
    """
    try:
        if not all(_is_number(value) for row in rows for value in row):
            raise TypeError("something else among numbers")
        return np.asarray(rows, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        odd = next((value for row in rows for value in row if not _is_number(value)), None)
        if isinstance(odd, DATES):
            raise date_error(f"dates, as {odd!r}") from error
        hint = "encode text columns as numbers; equal numbers a row"
        raise InputError("a table of numbers", str(error) if odd is None else some([odd]), hint) from error


def _names(X: Any) -> Names | None:
    """The names of the columns, as text; None of what has no columns."""
    if isinstance(X, np.ndarray):
        given: Iterable[Any] = X.dtype.names or ()
    else:
        found = next((name for name in ("column_names", "columns") if hasattr(type(X), name)), None)
        if found is None:
            return None
        given = getattr(X, found)
    names = tuple(str(name) for name in given)
    require_distinct_names(names, "X")
    return names


def _columns(X: Any) -> Iterator[Any]:
    if isinstance(X, np.ndarray):
        return (X[name] for name in X.dtype.names or ())
    if hasattr(X, "iloc") and hasattr(X, "columns"):  # pandas
        return (X.iloc[:, index] for index in range(X.shape[1]))
    if hasattr(X, "get_columns"):  # polars
        return iter(X.get_columns())
    if hasattr(X, "column_names"):  # pyarrow
        return (X.column(index) for index in range(len(X.column_names)))
    whole = _plain(X)
    return iter(whole.T) if whole.ndim == 2 else iter([whole])


def _column(values: Any, name: str | None) -> Numbers:
    """One column (n,) as float32 or float64."""
    column, where = _plain(values), "" if name is None else f" in column {name!r}"
    refuse_dates(column.dtype, where)
    if column.ndim != 1:
        raise InputError(f"one number a row{where}", f"an array of shape {column.shape}", "a column for each number")
    if column.dtype.kind in "biuf":
        return column.astype(_exact(column.dtype), copy=False)
    try:
        if not all(map(_is_number, column.flat)):  # dates of NumPy and complex numbers would be converted
            raise TypeError("something else among numbers")
        return column.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        odd = next((value for value in column.tolist() if not _is_number(value)), str(error))
        if isinstance(odd, DATES):
            raise date_error(f"dates, as {odd!r}", where) from error
        hint = "encode text columns as numbers, and take columns of labels or names out"
        if isinstance(odd, list | tuple | np.ndarray):
            hint = "numpy.stack(X[...]) of a column of vectors"
        raise InputError(f"a table of numbers{where}", some([odd]), hint) from error


def _plain(values: Any) -> Numbers:
    """A column, or a whole frame, as NumPy has it."""
    if isinstance(values, np.ndarray):
        return values
    try:
        return np.asarray(values.to_numpy())
    except ValueError:  # an Arrow array with nulls, which must be copied
        return np.asarray(values.to_numpy(zero_copy_only=False))


def _exact(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The type, of float32 and float64, that holds all numbers of another as they are."""
    return np.dtype(np.float32 if np.result_type(dtype, np.float32) == np.float32 else np.float64)


def _is_number(value: Any) -> bool:
    if isinstance(value, NO_NUMBERS):
        return False
    try:
        float(value)
    except (TypeError, ValueError, OverflowError):
        return value is None  # a missing number, which is NaN
    return True
