"""Reading arrays of numbers from MATLAB files of version 5, packed or not.

SciPy's reader is not used, as damaged files make it crash the whole process.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

HEADER = 128  # bytes before the first element; the last two tell the order of bytes
ORDERS = {b"IM": "<", b"MI": ">"}
MATRIX, PACKED = 14, 15
NAME_TYPES = (1, 16)  # bytes, UTF-8
NUMBERS = {  # types of data elements
    1: "i1",
    2: "u1",
    3: "i2",
    4: "u2",
    5: "i4",
    6: "u4",
    7: "f4",
    9: "f8",
    12: "i8",
    13: "u8",
}
CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
COMPLEX = 0x0800  # among the flags of a matrix


@dataclass(frozen=True)
class Element:
    """A part of the file: its type, and its bytes."""

    kind: int
    data: memoryview


def read_mat(data: bytes, limit: int) -> dict[str, npt.NDArray[np.generic]]:
    """The arrays of real numbers in a file, by name; what else it holds is left out.

    Args:
        data: the whole file.
        limit: bytes that a packed array may unpack to.

    Raises:
        ValueError: the file is damaged, or of another version.
        zlib.error: what is packed is damaged.
    """
    order = ORDERS.get(data[HEADER - 2 : HEADER])
    if order is None:
        raise ValueError("it is no MATLAB file of version 5")
    found: dict[str, npt.NDArray[np.generic]] = {}
    for element in _elements(memoryview(data)[HEADER:], order):
        if element.kind == PACKED:
            element = _single(_unpacked(element.data, limit), order)
        if element.kind == MATRIX and (named := _matrix(element.data, order)) is not None:
            found[named[0]] = named[1]
    return found


def _unpacked(data: memoryview, limit: int) -> memoryview:
    unpacker = zlib.decompressobj()
    unpacked = unpacker.decompress(data, limit)
    if not unpacker.eof:
        raise ValueError(f"an array that ends early, or of more than {limit:,} bytes")
    return memoryview(unpacked)


def _single(data: memoryview, order: str) -> Element:
    for element in _elements(data, order):
        return element
    raise ValueError("an array without contents")


def _elements(data: memoryview, order: str) -> Iterator[Element]:
    """The parts that follow each other; those of up to four bytes have their size beside their type."""
    while len(data):
        if len(data) < 8:
            raise ValueError("a part that ends early")
        kind, size = (int(number) for number in np.frombuffer(data[:8], dtype=f"{order}u4"))
        start, step = 8, 8 + size + (0 if kind == PACKED else -size % 8)
        if kind >> 16:
            kind, size, start, step = kind & 0xFFFF, kind >> 16, 4, 8
        if (start == 4 and size > 4) or start + size > len(data):
            raise ValueError(f"a part of {size} bytes where {len(data) - start} are left")
        yield Element(kind, data[start : start + size])
        data = data[step:]


def _matrix(data: memoryview, order: str) -> tuple[str, npt.NDArray[np.generic]] | None:
    """The name and the values of an array; None if they are no real numbers."""
    parts = _elements(data, order)
    flags, shape, name = (_part(parts) for _ in range(3))
    (kind,) = np.frombuffer(flags.data[:4], dtype=f"{order}u4") if len(flags.data) >= 4 else (0,)
    if int(kind) & 0xFF not in CLASSES or int(kind) & COMPLEX:
        return None
    sizes = [int(size) for size in np.frombuffer(shape.data, dtype=f"{order}i4")]
    if name.kind not in NAME_TYPES or len(sizes) < 2 or min(sizes) < 0:
        raise ValueError(f"an array of shape {tuple(sizes)}, or without a name")
    values = _part(parts)
    if values.kind not in NUMBERS:
        raise ValueError(f"numbers of type {values.kind}")
    numbers = np.frombuffer(values.data, dtype=order + NUMBERS[values.kind])
    if len(numbers) != math.prod(sizes):
        raise ValueError(f"{len(numbers)} numbers of an array of shape {tuple(sizes)}")
    array = numbers.reshape(sizes, order="F")
    with np.errstate(invalid="ignore"):
        return bytes(name.data).decode(), array.astype(CLASSES[int(kind) & 0xFF], copy=False)


def _part(parts: Iterator[Element]) -> Element:
    for element in parts:
        return element
    raise ValueError("an array that ends early")
