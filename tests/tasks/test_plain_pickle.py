"""Pickles of arrays as every version of Python and numpy writes them, and pickles that mean harm."""

from __future__ import annotations

import codecs
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoal.errors import InputError
from autoal.tasks.plain_pickle import read_plain_pickle


def text(value: str | bytes) -> bytes:
    """A short string of Python 2, an opcode that Python 3 reads but never writes."""
    raw = value.encode() if isinstance(value, str) else value
    return b"U" + bytes([len(raw)]) + raw


def dtype_2(code: str, order: str = "|") -> bytes:
    return (
        b"cnumpy\ndtype\n(" + text(code) + b"K\0K\1tR(K\3" + text(order) + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"
    )


def array_2(shape: tuple[int, int], dtype: bytes, by_column: bytes, data: bytes) -> bytes:
    empty = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\0\x85" + text("b") + b"tR"
    return (
        empty
        + b"(K\1K"
        + bytes([shape[0]])
        + b"K"
        + bytes([shape[1]])
        + b"\x86"
        + dtype
        + by_column
        + text(data)
        + b"tb"
    )


def dictionary_2(value: bytes) -> bytes:
    return b"\x80\2}" + text("data") + value + b"s."


def read(content: bytes, folder: Path) -> Any:
    (folder / "batch").write_bytes(content)
    return read_plain_pickle(folder / "batch")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("code", ["u1", ">i4", "<f8", "?"])
def test_arrays_of_python_3_come_back(protocol: int, code: str, tmp_path: Path) -> None:
    array = np.arange(6).reshape(2, 3).astype(code)
    content = {b"rows": array, b"columns": np.asfortranarray(array), b"labels": [3, 4]}
    found = read(pickle.dumps(content, protocol), tmp_path)
    assert found[b"labels"] == [3, 4]
    for key in (b"rows", b"columns"):
        assert found[key].dtype == array.dtype
        assert found[key].tolist() == array.tolist()


def test_arrays_of_python_2_come_back(tmp_path: Path) -> None:
    raw = bytes(range(6))
    for by_column, order in ((b"\x89", "C"), (b"\x88", "F")):
        found = read(dictionary_2(array_2((2, 3), dtype_2("u1"), by_column, raw)), tmp_path)
        assert found[b"data"].tolist() == np.frombuffer(raw, np.uint8).reshape(2, 3, order=order).tolist()  # type: ignore[call-overload]
    found = read(dictionary_2(array_2((1, 3), dtype_2("i2", ">"), b"\x89", raw)), tmp_path)
    assert found[b"data"].tolist() == [[1, 0x203, 0x405]]


ADDRESS = b"A" * 8  # where numpy would look for an object, and end the process
NDARRAY_OF_OBJECTS = b"cnumpy\nndarray\n(K\1\x85" + text("O") + text(ADDRESS) + b"tR"
FIELDS = b"(X\1\0\0\0at}X\1\0\0\0a(" + b"cnumpy\ndtype\n(" + text("O8") + b"K\0K\1tR" + b"K\0ts"
FORGED_DTYPE = b"cnumpy\ndtype\n(" + text("V8") + b"K\0K\1tR(K\3" + text("|") + b"N" + FIELDS + b"K\10K\1K\0tb"


@pytest.mark.parametrize(
    "value",
    [
        NDARRAY_OF_OBJECTS,
        array_2((1, 1), FORGED_DTYPE, b"\x89", ADDRESS),
        array_2((1, 1), dtype_2("O"), b"\x89", ADDRESS),
        array_2((2, 3), dtype_2("u1"), b"\x89", b"short"),
        b"cos\nsystem\n(" + text("true") + b"tR",
        b"cbuiltins\neval\n(" + text("1") + b"tR",
        b"cnumpy\nload\n(" + text("x") + b"tR",
        b"\x8c\x05numpy\x8c\x0endarray.tofile\x93",
    ],
)
def test_whatever_runs_code_or_points_into_memory_is_refused(value: bytes, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a pickle of plain data at .*batch; got"):
        read(dictionary_2(value), tmp_path)


def test_reading_leaves_numpy_as_it_was(tmp_path: Path) -> None:
    """A pickle can set attributes of whatever object it is given."""
    for name in ("numpy._core.numeric\n_frombuffer", "numpy\ndtype", "_codecs\nencode"):
        content = dictionary_2(b"c" + name.encode() + b"\n(N}X\7\0\0\0__doc__Nstb")
        with pytest.raises(InputError):
            read(content, tmp_path)
    assert np.dtype.__doc__
    assert codecs.encode.__doc__
