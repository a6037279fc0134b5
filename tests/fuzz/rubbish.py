"""Whatever a caller may pass by mistake: odd values, arrays, tables, lists of labels and of ids."""

from __future__ import annotations

import datetime
import decimal
import fractions
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import scipy.sparse
import torch
from hypothesis import strategies as st

NUMPY = (
    "?",
    "i1",
    "u1",
    "i2",
    "i8",
    "u8",
    "f2",
    "f4",
    "f8",
    "f16",
    "c8",
    "c16",
    ">f4",
    ">i2",
    "U3",
    "S3",
    "M8[D]",
    "m8[s]",
)
TORCH = (
    torch.bool,
    torch.uint8,
    torch.int8,
    torch.int64,
    torch.float16,
    torch.bfloat16,
    torch.float64,
    torch.complex64,
)
NUMBERS = (
    0,
    1,
    -1,
    -2,
    2,
    3,
    2**31,
    2**63 - 1,
    2**63,
    -(2**63),
    2**64,
    10**40,
    0.0,
    -0.0,
    0.5,
    1.0,
    1e-320,
    1e18,
    1e39,
    1e308,
)
UNREAL = (
    float("nan"),
    float("inf"),
    -float("inf"),
    1j,
    np.float32("nan"),
    np.datetime64("NaT"),
    np.timedelta64(3, "s"),
    pd.NA,
    pd.NaT,
)
TEXTS = ("", " ", "a", "cat", "nan", "-1", "NA", "0", "None", "é", "\0", "\ud800", "x" * 5000, b"a", b"\xff", Path("a"))
OTHERS = (
    *(
        None,
        True,
        False,
        np.True_,
        [],
        (),
        {},
        set(),
        [[]],
        [None],
        {"a": 1},
        {1, 2},
        range(3),
        ...,
        object(),
        int,
        len,
    ),
    *(decimal.Decimal("1.5"), fractions.Fraction(1, 3), datetime.date(2020, 1, 1), datetime.timedelta(1), slice(3)),
    *(np.array(1), np.array([]), np.array([[1, 2]]), np.ma.masked, torch.tensor(1), torch.empty(0), memoryview(b"ab")),
)


def scalars() -> st.SearchStrategy[Any]:
    """One value of any kind."""
    fresh = st.integers() | st.floats() | st.text(max_size=4)
    return st.sampled_from(NUMBERS) | st.sampled_from(UNREAL) | st.sampled_from(TEXTS) | fresh


def anything() -> st.SearchStrategy[Any]:
    """One value, or a small container of some; iterators come fresh for each example."""
    lists = st.lists(scalars() | st.sampled_from(OTHERS), max_size=4)
    made = lists | lists.map(tuple) | lists.map(lambda values: (value for value in values)) | lists.map(iter)
    return st.sampled_from(OTHERS) | scalars() | made | arrays() | st.builds(object)


@st.composite
def arrays(draw: st.DrawFn, n: int | None = None) -> Any:
    """An array or tensor of any type and shape, often with `n` rows; also strided, masked, sparse and read-only."""
    rows = draw(st.integers(0, 7) if n is None else st.just(n) | st.just(n) | st.integers(0, 7))
    shape = draw(
        st.sampled_from([(rows, 3), (rows, 3), (rows,), (rows, 1), (rows, 0), (rows, 2, 2), (rows, 3, 8, 8), ()])
    )
    values = np.array(draw(st.lists(st.integers(-3, 5), min_size=1, max_size=6)), dtype=np.float64)
    with np.errstate(all="ignore"):
        array = np.resize(values, shape).astype(draw(st.sampled_from(NUMPY)))
        if array.dtype.kind == "f" and array.size and draw(st.booleans()):
            odd = draw(st.sampled_from([np.nan, np.inf, -np.inf, 6e4, 1e30]))
            array.flat[draw(st.integers(0, array.size - 1))] = odd
    return draw(st.sampled_from(FORMS))(array)


def _tensor(array: Any) -> Any:
    kind = TORCH[array.size % len(TORCH)]
    return (
        torch.zeros(array.shape, dtype=kind)
        if array.dtype.kind not in "iuf"
        else torch.from_numpy(array.astype("f4")).to(kind)
    )


def _masked(array: Any) -> Any:
    return np.ma.masked_array(array, mask=np.arange(array.size).reshape(array.shape) == 0)


def _sparse(array: Any) -> Any:
    return scipy.sparse.csr_matrix(array.astype("f4")) if array.ndim == 2 and array.dtype.kind in "iuf" else array


def _frozen(array: Any) -> Any:
    array = array.copy()
    array.flags.writeable = False
    return array


def _strided(array: Any) -> Any:
    return array[::-1] if array.ndim else array


FORMS = (
    *(lambda array: array, lambda array: array, lambda array: array, _strided, _frozen, _masked, _sparse, _tensor),
    *(lambda array: array.tolist(), lambda array: array.astype(object), lambda array: np.asfortranarray(array)),
    *(
        lambda array: list(array) if array.ndim else array,
        lambda array: tuple(array.tolist()) if array.ndim else (),
    ),
)


@st.composite
def frames(draw: st.DrawFn, n: int) -> Any:
    """A table of pandas, polars or Arrow with odd columns."""
    columns = {}
    for name in draw(st.lists(st.sampled_from(["a", "b", "", "label", "Unnamed: 0", "é"]), max_size=3, unique=True)):
        columns[name] = draw(st.sampled_from(COLUMNS))(n)
    make = draw(
        st.sampled_from([pd.DataFrame, pl.DataFrame, pa.table, _odd_names, _typed, lambda c: pl.DataFrame(c).lazy()])
    )
    try:
        return make(columns)
    except Exception:  # a library that refuses such a table
        return pd.DataFrame({name: list(column) for name, column in columns.items()})


COLUMNS = (
    *(lambda n: list(range(n)), lambda n: [0.5] * n, lambda n: [0.5] * n, lambda n: [None] * n, lambda n: [True] * n),
    *(lambda n: ["x"] * n, lambda n: [float("nan")] * n, lambda n: [2**63 - 1] * n, lambda n: [[1, 2]] * n),
    *(lambda n: [datetime.date(2020, 1, 1)] * n, lambda n: [b"x"] * n, lambda n: [{"k": 1}] * n, lambda n: [1e30] * n),
)


def _odd_names(columns: dict[str, Any]) -> Any:
    frame = pd.DataFrame(columns)
    frame.columns = pd.Index(
        [0, "a", ("x", 1), None][: len(columns)] if len(columns) < 4 else range(len(columns)), dtype=object
    )
    return frame


def _typed(columns: dict[str, Any]) -> Any:
    return pd.DataFrame(columns).convert_dtypes()


def mostly(fine: st.SearchStrategy[Any], odd: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Two of three are fine, so that what comes after the first check is reached too."""
    return st.sampled_from([fine, fine, odd]).flatmap(lambda either: either)


def samples(n: int) -> st.SearchStrategy[Any]:
    """Draw values that somebody may take for `n` samples."""
    ragged = st.lists(st.lists(st.sampled_from([*NUMBERS, None, "a"]), max_size=3), min_size=n, max_size=n)
    odd = arrays(n) | frames(n) | anything() | ragged | st.lists(scalars(), min_size=n, max_size=n)
    return mostly(st.sampled_from(FINE).map(lambda make: make(np.arange(3.0 * n).reshape(n, 3))), odd)


FINE = (
    *(np.asarray, np.float32, np.uint8, torch.from_numpy, np.ndarray.tolist, lambda X: list(torch.from_numpy(X))),
    *(
        lambda X: pd.DataFrame(X, columns=["a", "b", "c"]),
        lambda X: pa.table({"a": X[:, 0], "b": X[:, 1]}),
        pl.DataFrame,
    ),
)


def labels(n: int) -> st.SearchStrategy[Any]:
    """Draw values that somebody may take for `n` labels."""
    odd_names = ["cat", "dog", "cow", 0, 1, 2, 1.0, "1", None, "", -1, -2, float("nan"), np.nan, True, "NA"]
    names = mostly(st.sampled_from(["cat", "dog", "cow"]), st.sampled_from(odd_names))
    lists = st.lists(names, min_size=n, max_size=n)
    forms = st.sampled_from([list, tuple, iter, pd.Series, _array, pd.DataFrame, pl.Series, _objects])
    made = st.builds(_formed, forms, lists)
    odd = arrays(n) | st.lists(scalars(), min_size=n, max_size=n) | anything() | frames(n)
    return mostly(made, odd)


def _formed(form: Any, values: list[Any]) -> Any:
    try:
        return form(values)
    except Exception:  # a library that holds no such values
        return values


def _objects(values: list[Any]) -> Any:
    return pd.Series(values, dtype="object")


def _array(values: list[Any]) -> Any:
    try:
        return np.array(values)
    except (ValueError, OverflowError):
        return np.array(values, dtype=object)


def ids(n: int) -> st.SearchStrategy[Any]:
    """Draw values that somebody may take for `n` ids."""
    fine = st.lists(st.integers(0, 20), min_size=n, max_size=n, unique=True)
    odd = arrays(n) | anything() | st.lists(scalars(), min_size=n, max_size=n)
    return mostly(st.builds(_formed, st.sampled_from([list, tuple, np.array, torch.tensor]), fine), odd)


def classes() -> st.SearchStrategy[Any]:
    """Draw values that somebody may take for the names of classes."""
    names = ["cat", "dog", "cow", 0, 1, 2, 1.5, None, -1, -2, "", "1", True, "NA"]
    lists = st.lists(st.sampled_from(names), max_size=4)
    odd = lists | lists.map(tuple) | lists.map(_array) | anything()
    return mostly(st.sampled_from([["cat", "dog", "cow"], ("cow", "dog", "cat"), np.array(["cat", "cow", "dog"])]), odd)
