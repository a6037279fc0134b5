"""The IDX format of MNIST and its kin: arrays of bytes with a header of big-endian sizes."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from autoal.errors import InputError


def read_bytes(path: Path) -> bytes:
    """The contents of a file, unpacked if its name ends in .gz."""
    try:
        return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(f"a gzip file at {path}", str(error), "remove it and get it again") from error


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
    return np.frombuffer(data, dtype=np.uint8, offset=start).reshape(shape)
