"""Damaged .npz files: one error of ours whatever the bytes, and no memory that a header announces."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from autoal.errors import InputError
from autoal.tasks.npz import read, read_arrays

NAMES = ("x_train", "y_train", "x_test", "y_test")


def header(shape: str, descr: str = "'<f8'") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (64 - (10 + len(text) + 1) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def pack(path: Path, array: bytes, compression: int = zipfile.ZIP_STORED) -> bytearray:
    with zipfile.ZipFile(path, "w", compression) as file:
        for name in NAMES:
            file.writestr(f"{name}.npy", array)
    return bytearray(path.read_bytes())


def everywhere(content: bytearray, offset: int, value: int) -> bytearray:
    """With one byte of each entry of the directory changed."""
    place = content.find(b"PK\x01\x02")
    while place >= 0:
        content[place + offset] = value
        place = content.find(b"PK\x01\x02", place + 1)
    return content


ONE = header("(1,)") + b"\0" * 8


@pytest.mark.parametrize(("offset", "value"), [(8, 1), (10, 99), (6, 99), (24, 0xFF), (27, 0x7F)], ids=str)
def test_entries_that_cannot_be_read_are_refused(offset: int, value: int, tmp_path: Path) -> None:
    """Encrypted, packed in an unknown way, of a later version, and with other sizes."""
    path = tmp_path / "a.npz"
    path.write_bytes(everywhere(pack(path, ONE), offset, value))
    with pytest.raises(InputError, match=r"an \.npz file of plain arrays at .*a\.npz"):
        read((path,))


@pytest.mark.parametrize(
    "array",
    [
        header("(1000000000000,)") + b"\0" * 8,
        header("(-1,)") + b"\0" * 8,
        header("(2, 10**12)") + b"\0" * 8,
        header("(1,)", "'|O'") + b"\0" * 8,
        header("(1,)", "'<f9'") + b"\0" * 8,
        ONE[:-1],
        ONE + b"x",
        ONE.replace(b"\x01\x00", b"\x03\x00", 1),
        b"nothing",
        b"",
    ],
    ids=["large", "negative", "no number", "objects", "no type", "short", "long", "version 3", "text", "empty"],
)
def test_headers_that_do_not_fit_are_refused(array: bytes, tmp_path: Path) -> None:
    pack(tmp_path / "a.npz", array)
    with pytest.raises(InputError, match=r"an \.npz file of plain arrays at .*a\.npz"):
        read((tmp_path / "a.npz",))


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_flipped_bits_change_nothing_in_silence(compression: int, tmp_path: Path) -> None:
    rng, path = np.random.default_rng(compression), tmp_path / "a.npz"
    values = rng.normal(size=20)
    data = io.BytesIO()
    np.save(data, values)
    whole = pack(path, data.getvalue(), compression)
    for _ in range(150):
        content = bytearray(whole)
        content[rng.integers(len(content))] ^= 1 << rng.integers(8)
        path.write_bytes(content)
        try:
            found = read_arrays(path, NAMES)
        except InputError:
            continue
        assert all(np.array_equal(array, values) for array in found)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    content = pack(path, header("(1000,)") + b"\0" * 8000, zipfile.ZIP_DEFLATED)
    assert read_arrays(path, NAMES)[0].shape == (1000,)
    large = pack(path, header("(1000000000000,)") + b"\0" * 8000, zipfile.ZIP_DEFLATED)
    size = (len(header("(1000000000000,)")) + 8 * 10**12).to_bytes(8, "little")
    place = large.find(b"PK\x01\x02")
    while place >= 0:  # the size that fits the header is not that of the bytes; 4 bytes cannot hold it
        large[place + 24 : place + 28] = size[:4]
        place = large.find(b"PK\x01\x02", place + 1)
    path.write_bytes(large)
    with pytest.raises(InputError, match="its header announces"):
        read_arrays(path, NAMES)
    assert len(content) < 2000


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.npz")
    for path in (tmp_path / "a.npz", tmp_path):
        with pytest.raises(InputError):
            read((path,))


def test_values_beyond_float32_and_other_kinds_are_refused(tmp_path: Path) -> None:
    y = np.array([0, 1])
    for x, message in ((np.array([1e39, 0.0]), "finite samples"), (np.array([1j, 0]), "numbers; got complex128")):
        np.savez(tmp_path / "a.npz", x_train=x, y_train=y, x_test=x, y_test=y)
        with pytest.raises(InputError, match=message):
            read((tmp_path / "a.npz",))
