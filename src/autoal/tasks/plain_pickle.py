"""Reading a publisher's pickle that may hold plain data and numpy arrays, and nothing that runs code."""

from __future__ import annotations

import codecs
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from autoal.errors import InputError

# numpy's own ways to rebuild an array
_reconstruct = np.zeros(1).__reduce__()[0]
_frombuffer = np.zeros(1).__reduce_ex__(5)[0]
ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,  # the name up to numpy 1
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.numeric", "_frombuffer"): _frombuffer,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("_codecs", "encode"): codecs.encode,  # how Python 3 pickles bytes for Python 2
}


class PlainUnpickler(pickle.Unpickler):
    """Knows no functions but those that rebuild arrays."""

    def find_class(self, module: str, name: str) -> Any:
        """The allowed object of that name."""
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is not plain data")
        return ALLOWED[module, name]


def read_plain_pickle(path: Path) -> Any:
    """The contents of the file, with the strings of Python 2 as bytes.

    Raises:
        InputError: the file is damaged, or holds anything but plain data and arrays.
    """
    try:
        with open(path, "rb") as file:
            return PlainUnpickler(file, encoding="bytes").load()
    except Exception as error:  # a damaged pickle can raise anything
        raise InputError(f"a pickle of plain data at {path}", str(error), "get the file again") from error
