"""Paths as people give them, checked before anything is opened."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from autoal.errors import InputError


def as_path(path: Any, what: str = "the path of a file") -> Path:
    """The path as a `Path`.

    Raises:
        InputError: it is no text and no path, it is empty, or no file system can hold it.
    """
    if not isinstance(path, str | os.PathLike):
        raise InputError(what, f"a {type(path).__name__}", "a text or a pathlib.Path; os.fsdecode(path) of bytes")
    text = os.fspath(path)
    if not isinstance(text, str):  # a path object may stand for bytes
        raise InputError(what, f"a {type(path).__name__} of bytes", "os.fsdecode(path)")
    try:
        encoded = os.fsencode(text)
    except UnicodeEncodeError as error:
        raise InputError(what, f"{text!r}, which is no text", "the path without such characters") from error
    if not encoded or b"\0" in encoded:
        raise InputError(what, f"{text!r}", "a path of one or more characters, none of which is NUL")
    return Path(path)
