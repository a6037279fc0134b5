"""The IDX format of MNIST and its kin: arrays of bytes with a header of big-endian sizes."""

from __future__ import annotations

import gzip
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt

from autoal.errors import InputError
from autoal.reading import open_regular, read_all, reading

LIMIT = 1 << 28  # bytes of a file, unpacked; the largest that is published has 47 million


def read_bytes(path: Path) -> bytes:
    """The contents of a file, unpacked if its name ends in .gz.

    Raises:
        InputError: it cannot be read, or holds more than `LIMIT` bytes.
    """
    packed = path.suffix == ".gz"
    with reading("a gzip file" if packed else "an IDX file", path), open_regular(path) as file:
        return read_all(gzip.GzipFile(fileobj=file) if packed else file, LIMIT, path)


def parse_idx(data: bytes, path: Path) -> npt.NDArray[np.uint8]:
    """The array of an IDX file of unsigned bytes; `path` is named in errors.

    The file begins with two zeros, the type 8 and the number of dimensions, then each size in four bytes.
    """
    if len(data) < 4 or data[:3] != b"\0\0\x08":
        raise InputError(f"an IDX file of bytes at {path}", f"one that begins with {data[:4]!r}", "get the file again")
    start = 4 + 4 * data[3]
    if len(data) < start:
        raise InputError(f"a whole IDX file at {path}", f"a header of {len(data)} bytes", "remove it and get it again")
    shape = [int(size) for size in np.frombuffer(data[4:start], dtype=">u4")]
    if len(data) != start + math.prod(shape):  # Python's integers, as numpy's product wraps around
        got = f"{len(data) - start} bytes of the {math.prod(shape)} that its header announces"
        raise InputError(f"a whole IDX file at {path}", got, "remove it and get it again")
    with reading("an IDX file of at most 64 dimensions", path):
        return np.frombuffer(data, dtype=np.uint8, offset=start).reshape(shape)
