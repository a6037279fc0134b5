"""Pickles of arrays as every version of Python and numpy writes them, and pickles that mean harm."""

from __future__ import annotations

import codecs
import pickle
import tracemalloc
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


def long_binput(index: int) -> bytes:
    return b"\x80\2}r" + index.to_bytes(4, "little") + b"."


BOMBS = {
    "memo": long_binput(2**26),
    "memo by text": b"}p67108864\n.",
    "frame": b"\x80\4\x95" + (2**60).to_bytes(8, "little") + b"}.",  # its size is not believed: an empty dictionary
    "bytes": b"\x80\4\x8e" + (2**40).to_bytes(8, "little") + b".",
    "text": b"\x80\4\x8d" + (2**40).to_bytes(8, "little") + b".",
    "bytearray": b"\x80\5\x96" + (2**40).to_bytes(8, "little") + b".",
    "integer": b"\x80\2\x8b" + (2**31 - 1).to_bytes(4, "little") + b".",
    "digits": b"L" + b"9" * 10_000 + b"L\n.",
    "marks": b"(" * 300_000 + b".",
    "nested": b"\x80\2}(" + text("a") + b"]" * 100_000 + b"a" * 99_999 + b"u.",
    "nested key": b"\x80\2}(" + b")" + b"\x85" * 100_000 + b"Nu.",
    "laughs": b"\x80\2}(" + text("a") + b"]q\0" + b"](" + b"h\0" * 9 + b"e" + b"u.",
    "shape": dictionary_2(array_2((255, 255), dtype_2("u1"), b"\x89", b"xx")),
    "encoded": b"\x80\2}(K\1c_codecs\nencode\nq\0X\x1a\0\0\0abcdefghijklmnopqrstuvwxyzq\1X\6\0\0\0latin1\x86q\2R"
    + b"K\1h\0h\2R" * 99
    + b"u.",
    "codec": b"\x80\2}(" + text("a") + b"c_codecs\nencode\n(X\1\0\0\0aX\5\0\0\0rot13tRu.",
    "after the end": pickle.dumps({}) + b"x",
    "no end": pickle.dumps({})[:-1],
    "state of a function": b"\x80\2}(" + text("a") + b"c_codecs\nencode\n}bu.",
    "extension": b"\x80\2}(" + text("a") + b"\x82\1u.",
    "persistent": b"\x80\2}(" + text("a") + b"P1\nu.",
}


@pytest.mark.parametrize("name", [name for name in BOMBS if name != "frame"])
def test_sizes_that_a_few_bytes_announce_are_not_believed(name: str, tmp_path: Path) -> None:
    """Memory is that of the file: of 8 bytes, 2 GB were taken once."""
    tracemalloc.start()
    with pytest.raises(InputError, match=r"a pickle of plain data at .*batch; got"):
        read(BOMBS[name], tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 * 2**20


def test_a_frame_is_as_long_as_the_file(tmp_path: Path) -> None:
    assert read(BOMBS["frame"], tmp_path) == {}


def test_strings_of_python_2_come_back_in_every_protocol(tmp_path: Path) -> None:
    binary = b"}(" + text("data") + text(b"\xff\0") + b"T\2\0\0\0ab" + text("x") + b"u."
    assert read(binary, tmp_path) == {b"data": b"\xff\0", b"ab": b"x"}
    assert read(b"(dp0\nS'data'\np1\nS'\\xff\\x00'\np2\ns.", tmp_path) == {b"data": b"\xff\0"}


def test_flipped_bits_give_plain_data_or_our_error(tmp_path: Path) -> None:
    rng, outcomes = np.random.default_rng(0), set()
    whole = pickle.dumps({b"data": np.arange(12, dtype=np.uint8).reshape(3, 4), b"labels": [1, 2, 3]}, 2)
    for _ in range(500):
        content = bytearray(whole)
        content[rng.integers(len(content))] ^= 1 << rng.integers(8)
        try:
            outcomes.add(type(read(bytes(content), tmp_path)))
        except InputError:
            outcomes.add(InputError)
    assert outcomes == {dict, InputError}
