"""Reading a publisher's pickle that may hold plain data and arrays of numbers, and nothing that runs code.

The file is run by a small machine of its own. It knows the opcodes of plain data and calls nothing but stand-ins for
the functions that rebuild arrays. `pickletools` reads the operands; they never are longer than the file.
"""

from __future__ import annotations

import codecs
import io
import math
import pickletools
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import numpy.typing as npt

from autoal.reading import read_limited, reading

BY_CODE = {opcode.code: opcode for opcode in pickletools.opcodes}
BYTES, OPCODES = 1 << 29, 2_000_000  # of a file; CIFAR-100 has 154 million bytes and 200,000 opcodes
DTYPE = re.compile(r"[<>=|]?[biuf][1248]|[<>=|]?[?]")  # booleans, integers and floats
PLAIN = (bool, int, float, bytes, str, type(None))
MARK = object()

Array = npt.NDArray[Any]


class PlainDtype:
    """Stands in for `numpy.dtype`, which believes a pickle that calls eight bytes an object's address."""

    def __init__(self, code: str | bytes, *flags: object) -> None:
        text = code.decode() if isinstance(code, bytes) else code
        if not isinstance(text, str) or not DTYPE.fullmatch(text):
            raise UnpicklingError(f"it holds an array of {text!r}, not of numbers")
        self.dtype = np.dtype(text)

    def set(self, state: tuple[Any, ...]) -> None:
        """Take the order of the bytes, <, > or |; the rest of the state describes structures."""
        order: Any = state[1]
        order = order.decode() if isinstance(order, bytes) else order
        self.dtype = self.dtype.newbyteorder(order)


class PlainArray:
    """Stands in for `numpy.ndarray`, which makes an array of any type out of any bytes."""

    def __init__(self, *arguments: object) -> None:
        self.array: Array = np.zeros(0)  # `_reconstruct` makes an empty array, and the state fills it

    def set(self, state: tuple[Any, ...]) -> None:
        """Take version, shape, type, order and bytes."""
        _version, shape, dtype, by_column, data = state
        self.array = _array(data, dtype, shape, "F" if by_column else "C")


def _from_buffer(data: bytes, dtype: PlainDtype, shape: tuple[int, ...], order: Any) -> PlainArray:
    """As `_frombuffer`, which newer pickles call."""
    made = PlainArray()
    made.array = _array(data, dtype, shape, order)
    return made


def _array(data: bytes, dtype: PlainDtype, shape: tuple[int, ...], order: Any) -> Array:
    """An array over the bytes of the file, which are as many as its shape says."""
    sizes = [int(size) for size in shape]
    if min(sizes, default=0) < 0 or math.prod(sizes) * dtype.dtype.itemsize != len(data):
        raise UnpicklingError(f"it holds {len(data)} bytes for an array {tuple(sizes)} of {dtype.dtype}")
    return np.frombuffer(data, dtype.dtype).reshape(sizes, order=order)


def _latin_1(text: str, encoding: str | bytes = "latin1") -> bytes:
    """As `codecs.encode`, by which Python 3 pickles bytes for Python 2."""
    if encoding not in ("latin1", "latin-1", b"latin1", b"latin-1"):
        raise UnpicklingError(f"it asks for the encoding {encoding!r}")
    return text.encode("latin-1")


REBUILD: dict[str, Callable[..., Any] | str] = {
    "numpy.core.multiarray _reconstruct": PlainArray,  # the name up to numpy 1
    "numpy._core.multiarray _reconstruct": PlainArray,
    "numpy._core.numeric _frombuffer": _from_buffer,
    "numpy ndarray": "numpy.ndarray",  # a mere argument of _reconstruct, never to be called
    "numpy dtype": PlainDtype,
    "_codecs encode": _latin_1,
}


class PlainPickle:
    """A machine with a stack and a memo; each opcode makes at most one object, and there is a limit to their number."""

    def __init__(self, data: bytes) -> None:
        self.file, self.size = io.BytesIO(data), len(data)
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.done = 0  # opcodes
        self.encoded = 0  # bytes that were made out of text

    def load(self) -> Any:
        """The object that the pickle holds."""
        for self.done in range(OPCODES):
            code = self.file.read(1).decode("latin-1")
            opcode = BY_CODE.get(code)
            if opcode is None:
                raise UnpicklingError(f"{code!r} is no opcode" if code else "it ends early")
            if opcode.name == "STOP":
                if self.file.read(1):
                    raise UnpicklingError("it goes on after its end")
                return self.stack.pop()
            self._run(opcode.name, self._operand(opcode))
        raise UnpicklingError(f"more than {OPCODES:,} opcodes")

    def _operand(self, opcode: pickletools.OpcodeInfo) -> Any:
        if opcode.name == "STRING":  # of Python 2, which may be of any bytes
            return codecs.escape_decode(pickletools.read_stringnl(self.file, decode=False))[0]
        operand: Any = opcode.arg.reader(self.file) if opcode.arg else None
        if opcode.name in ("BINSTRING", "SHORT_BINSTRING"):  # of Python 2, and read as if they were Latin-1
            return operand.encode("latin-1")
        return operand

    def _run(self, name: str, operand: Any) -> None:
        if name in ("PROTO", "FRAME"):
            return
        if name in CONSTANTS:
            self.stack.append(CONSTANTS[name])
        elif name in VALUES:
            self.stack.append(operand)
        elif name in ("PUT", "BINPUT", "LONG_BINPUT"):
            if not 0 <= operand <= self.done:  # each object that is numbered has an opcode
                raise UnpicklingError(f"it calls the object of opcode {self.done} number {operand}")
            self.memo[operand] = self.stack[-1]
        elif name == "MEMOIZE":
            self.memo[len(self.memo)] = self.stack[-1]
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            self.stack.append(self.memo[operand])
        elif name in COLLECTIONS:
            self._collect(name)
        elif name in ("GLOBAL", "STACK_GLOBAL"):
            self._global(operand)
        elif name == "REDUCE":
            self._reduce()
        elif name == "BUILD":
            state = self.stack.pop()
            if not isinstance(self.stack[-1], PlainArray | PlainDtype):
                raise UnpicklingError(f"it sets the state of a {type(self.stack[-1]).__name__}")
            self.stack[-1].set(state)
        else:
            raise UnpicklingError(f"the opcode {name}, which plain data do not need")

    def _collect(self, name: str) -> None:
        """Lists, tuples and dictionaries."""
        stack = self.stack
        if name in MAKERS:
            stack.append(MAKERS[name]())
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            n = int(name[-1])
            stack[-n:] = [tuple(stack[-n:])] if len(stack) >= n else [stack[n]]  # the latter raises
        elif name == "TUPLE":
            stack.append(tuple(self._marked()))
        elif name == "LIST":
            stack.append(self._marked())
        elif name == "APPEND":
            value = stack.pop()
            _of(list, stack[-1]).append(value)
        elif name == "APPENDS":
            values = self._marked()
            _of(list, stack[-1]).extend(values)
        else:
            values = [stack.pop(-2), stack.pop()] if name == "SETITEM" else self._marked()
            if name == "DICT":
                stack.append({})
            found = _of(dict, stack[-1])
            for key, value in zip(values[::2], values[1::2], strict=True):
                found[_of(PLAIN, key)] = value

    def _marked(self) -> list[Any]:
        """Take the last mark and all above it off the stack, and return the latter."""
        place = len(self.stack) - 1
        while self.stack[place] is not MARK:
            place -= 1
            if place < 0:
                raise UnpicklingError("no mark where there should be one")
        values = self.stack[place + 1 :]
        del self.stack[place:]
        return values

    def _global(self, operand: str | None) -> None:
        if operand is None:
            name, module = self.stack.pop(), self.stack.pop()
            operand = f"{module} {name}"
        if operand not in REBUILD:
            raise UnpicklingError(f"it asks for {operand.replace(' ', '.')}, which is not plain data")
        self.stack.append(REBUILD[operand])

    def _reduce(self) -> None:
        arguments, function = _of(tuple, self.stack.pop()), self.stack.pop()
        if not any(function is known for known in REBUILD.values() if callable(known)):
            raise UnpicklingError(f"it calls a {type(function).__name__}")
        made = function(*arguments)
        if isinstance(made, bytes):
            self.encoded += len(made)
            if self.encoded > self.size:  # text that is encoded once is in the file
                raise UnpicklingError("the same text is encoded again and again")
        self.stack.append(made)


CONSTANTS: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "MARK": MARK}
MAKERS: dict[str, Callable[[], Any]] = {"EMPTY_LIST": list, "EMPTY_TUPLE": tuple, "EMPTY_DICT": dict}
COLLECTIONS = {*MAKERS, "TUPLE1", "TUPLE2", "TUPLE3", "TUPLE", "LIST", "DICT"} | {
    *("APPEND", "APPENDS", "SETITEM", "SETITEMS")
}
VALUES = {
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
    *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
}


def _of(kind: Any, value: Any) -> Any:
    if not isinstance(value, kind):
        raise UnpicklingError(f"a {type(value).__name__} where it must not be")
    return value


def read_plain_pickle(path: Path) -> dict[Any, Any]:
    """The dictionary in the file: arrays of numbers, plain values and lists of these, with Python 2's strings as bytes.

    Raises:
        InputError: the file is damaged, or holds anything else.
    """
    with reading("a pickle of plain data", path, "get the file again"), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of escapes in names that are damaged
        content = _of(dict, PlainPickle(read_limited(path, BYTES)).load())
        return {key: _plain(value) for key, value in content.items()}


def _plain(value: Any) -> Any:
    """A value of the dictionary; lists in lists could be a few that stand for billions."""
    if isinstance(value, PlainArray):
        return value.array
    if isinstance(value, list | tuple) and all(isinstance(each, PLAIN) for each in value):
        return value
    return _of((*PLAIN, bytearray), value)
