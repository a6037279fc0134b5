"""Reading files that are not trusted: regular files alone, and one error whatever damaged bytes give."""

from __future__ import annotations

import os
import stat
from io import BufferedReader
from pathlib import Path
from typing import Literal, Protocol

from autoal.errors import AutoALError, InputError

BLOCK = 1 << 20  # bytes read at one time
EXPANSION = 1032  # DEFLATE makes at most so many bytes out of one
AGAIN = "remove it and get it again"


class Readable(Protocol):
    """An open file, perhaps one that unpacks."""

    def read(self, size: int, /) -> bytes:
        """At most so many of the next bytes."""
        ...


class reading:  # it is used like a function
    """Turn every error of the parsers inside into one of `kind`, which names the file; errors of ours keep their words.

    It is a class, as `contextlib.contextmanager` takes a RuntimeError that comes of a StopIteration for its own.

    Args:
        expected: what the file should be, as in "a gzip file".
        path: the file.
        hint: what to try.
        kind: the error raised.

    Raises:
        AutoALError: of `kind`; the parsers of damaged bytes raise almost anything, and so all is caught.
    """

    def __init__(
        self, expected: str, path: str | Path, hint: str = AGAIN, kind: type[AutoALError] = InputError
    ) -> None:
        self.expected, self.hint, self.kind = f"{expected} at {path}", hint, kind

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> Literal[False]:
        if isinstance(error, InputError) and not issubclass(self.kind, InputError):  # of a size or a kind of file
            raise self.kind(*error.args) from error
        if isinstance(error, Exception) and not isinstance(error, AutoALError):
            got = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            raise self.kind(self.expected, got, self.hint) from error
        return False


def open_regular(path: str | Path) -> BufferedReader:
    """Open a regular file for reading; a pipe, a device or a folder is refused at once, and never waited for.

    Raises:
        InputError: it is no regular file.
        OSError: it cannot be opened.
    """
    file = open(path, "rb", opener=_at_once)  # noqa: SIM115  # the caller closes it
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise InputError("a regular file", f"{path}, which is none", "a file, or a link to one")
    return file


def _at_once(path: str, flags: int) -> int:
    """Open without waiting for the other end of a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_limited(path: str | Path, limit: int) -> bytes:
    """The bytes of a regular file of at most `limit` of them.

    Raises:
        InputError: it is no regular file, or larger.
        OSError: it cannot be read.
    """
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        require_size(size, limit, path)
        return read_all(file, limit, path)


def read_all(file: Readable, limit: int, path: str | Path) -> bytes:
    """The rest of an open file of at most `limit` bytes, perhaps unpacked; memory grows with what comes.

    Raises:
        InputError: there is more.
    """
    data = bytearray()
    while block := file.read(BLOCK):
        data += block
        require_size(len(data), limit, path)
    return bytes(data)


def require_size(size: int, limit: int, path: str | Path) -> None:
    """Refuse a file that holds, or says that it holds, more than `limit` bytes.

    Raises:
        InputError: it does.
    """
    if size > limit:
        raise InputError(f"at most {limit:,} bytes in {path}", f"{size:,}", AGAIN)
