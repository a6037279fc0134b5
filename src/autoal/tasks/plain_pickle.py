"""Reading a publisher's pickle that may hold plain data and arrays of numbers, and nothing that runs code."""

from __future__ import annotations

import codecs
import pickle
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from autoal.errors import InputError

NUMBERS = "biuf"  # kinds of dtype: booleans, integers and floats


class PlainDtype:
    """Stands in for `numpy.dtype`, which believes a pickle that calls eight bytes an object's address."""

    def __init__(self, code: str | bytes, *flags: object) -> None:
        self.dtype = np.dtype(code.decode() if isinstance(code, bytes) else str(code))
        if self.dtype.kind not in NUMBERS:
            raise pickle.UnpicklingError(f"it holds an array of {self.dtype}, not of numbers")

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        order: Any = state[1]  # of the bytes: <, > or |; the rest of the state describes structures
        if isinstance(order, bytes):
            order = order.decode()
        self.dtype = self.dtype.newbyteorder(order)


class PlainArray:
    """Stands in for `numpy.ndarray`, which makes an array of any type out of any bytes."""

    def __init__(self, *arguments: object) -> None:
        self.array: npt.NDArray[Any] = np.zeros(0)  # `_reconstruct` makes an empty array, and the state fills it

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _version, shape, dtype, by_column, data = state
        self.array = np.frombuffer(data, dtype.dtype).reshape(shape, order="F" if by_column else "C")

    @classmethod
    def from_buffer(cls, data: bytes, dtype: PlainDtype, shape: tuple[int, ...], order: Any) -> Self:
        """As `_frombuffer`, which newer pickles call."""
        self = cls()
        self.array = np.frombuffer(data, dtype.dtype).reshape(shape, order=order)
        return self


ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): PlainArray,  # the name up to numpy 1
    ("numpy._core.multiarray", "_reconstruct"): PlainArray,
    ("numpy._core.numeric", "_frombuffer"): PlainArray.from_buffer,
    ("numpy", "ndarray"): "numpy.ndarray",  # a mere argument of _reconstruct, never to be called
    ("numpy", "dtype"): PlainDtype,
    ("_codecs", "encode"): codecs.encode,  # how Python 3 pickles bytes for Python 2
}


class PlainUnpickler(pickle.Unpickler):
    """Knows no functions but the stand-ins for those that rebuild arrays."""

    def find_class(self, module: str, name: str) -> Any:
        """The stand-in for the object of that name."""
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is not plain data")
        return ALLOWED[module, name]


def read_plain_pickle(path: Path) -> dict[Any, Any]:
    """The dictionary in the file: arrays of numbers and plain data, with the strings of Python 2 as bytes.

    Raises:
        InputError: the file is damaged, or holds anything else.
    """
    try:
        with open(path, "rb") as file:
            content = PlainUnpickler(file, encoding="bytes").load()
        return {key: value.array if isinstance(value, PlainArray) else value for key, value in content.items()}
    except Exception as error:  # a damaged pickle can raise anything
        raise InputError(f"a pickle of plain data at {path}", str(error), "get the file again") from error
