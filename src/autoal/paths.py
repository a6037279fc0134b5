"""Paths as people give them, checked before anything is opened."""

from __future__ import annotations

import os
from collections.abc import Callable
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


def is_there(path: Path) -> bool:
    """Tell whether there is something at the path; False if no file system can hold such a name."""
    return _asked(path.exists)


def is_file(path: Path) -> bool:
    """Tell whether there is a file at the path."""
    return _asked(path.is_file)


def is_folder(path: Path) -> bool:
    """Tell whether there is a folder at the path."""
    return _asked(path.is_dir)


def _asked(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except (OSError, ValueError):  # of a name that is too long, or has a NUL
        return False
