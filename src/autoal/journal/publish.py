"""Giving a new run its name: once, whoever else is about to, and never over another run."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from autoal.errors import StateError
from autoal.journal.connection import file_of

BESIDE = ("-wal", "-shm", "-journal")  # what SQLite writes beside a file, and would read as part of it

OLD = 3600.0  # seconds after which nobody writes to a draft any more


def require_free(path: Path) -> None:
    """Refuse a path that cannot be written to, or where something is but an empty file.

    Raises:
        StateError: says which.
    """
    try:
        if not path.parent.is_dir():
            raise StateError("a path in a folder that exists", f"{path}", f"mkdir {path.parent}, or another path")
        if path.is_symlink() or (path.exists() and not is_empty(path)):
            raise _taken(path)
        path.with_name(_draft(path).name + BESIDE[-1]).exists()
    except OSError as error:
        raise StateError("a path that can be written to", str(error), "a shorter name, or another folder") from error
    if not os.access(path.parent, os.W_OK):
        raise StateError("a path in a folder that can be written to", f"{path}", "another path")


def is_empty(path: Path) -> bool:
    """Tell whether it is a file without content, as a `save` that was cut off may have left it."""
    return path.is_file() and path.stat().st_size == 0


@contextmanager
def draft(path: Path) -> Iterator[Path]:
    """A path beside another one that nobody else has, removed in the end."""
    made = _draft(path)
    try:
        yield made
    finally:
        _remove(made, "", *BESIDE)


def publish(made: Path, path: Path) -> None:
    """Give a draft its name, unless another process, perhaps just now, has made a file of that name.

    An empty file takes the name first, and is locked: of several that are about to, one has the lock. A process that is
    killed here leaves the empty file, without a lock, for the next one.

    Raises:
        StateError: the name is taken.
    """
    with _claimed(path):
        _remove(path, *BESIDE)  # left behind by a file that was removed
        made.replace(path)
    _sync(path.parent)
    for other in _old_drafts(path):
        _remove(other, "", *BESIDE)


@contextmanager
def _claimed(path: Path) -> Iterator[None]:
    """Nobody else publishes this path meanwhile."""
    descriptor, ours = _opened(path)
    try:
        known = os.fstat(descriptor)
        if not _locked(descriptor, ours) or known.st_size or file_of(path) != (known.st_dev, known.st_ino):
            raise _taken(path)
        try:
            yield
        except BaseException:
            if ours and file_of(path) == (known.st_dev, known.st_ino):
                _remove(path, "")
            raise
    finally:
        os.close(descriptor)


def _opened(path: Path) -> tuple[int, bool]:
    """The file, made empty if it was not there, and whether it was made."""
    with suppress(FileExistsError):
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666), True
    try:
        return os.open(path, os.O_RDWR), False
    except OSError as error:
        raise _taken(path) from error


def _locked(descriptor: int, ours: bool) -> bool:
    """Return True if no other process had the file locked; without locks, if this one has made it."""
    try:
        import fcntl
    except ImportError:
        return ours
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return ours
    return True


def _taken(path: Path) -> StateError:
    hint = "ActiveLearner.load to go on with that run, or another path"
    return StateError("a path that is free", f"{path}, which exists", hint)


def _draft(path: Path) -> Path:
    return path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")


def _old_drafts(path: Path) -> list[Path]:
    """Drafts of this path that a process left behind when it was killed."""
    named = re.compile(re.escape(path.name) + r"\.[0-9a-f]{8}\.part")
    found = [path.with_name(name) for name in os.listdir(path.parent) if named.fullmatch(name)]
    return [draft for draft in found if draft.stat().st_mtime < time.time() - OLD]


def _sync(folder: Path) -> None:
    """See to it that the names in a folder survive a power cut, where a system can do so."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _remove(path: Path, *suffixes: str) -> None:
    for suffix in suffixes:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
