"""The connection to a run's file.

The file is in SQLite's rollback mode, not in WAL mode. In WAL mode, labels that were acknowledged are in a second file,
`-wal`, until they are moved over: whoever removes or damages that one loses them, and SQLite drops all that comes after
a damaged frame in silence. In rollback mode all that was acknowledged is in the file itself, where checksums look after
it, and the `-journal` beside it is only there while something is written. A write costs several times as much, and
a copy of the file is a copy of the run.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from autoal.errors import StateError

WAIT = 60.0  # seconds for another process that writes to the same file
SAFETY = ("trusted_schema = OFF", "cell_size_check = ON", "synchronous = EXTRA")


def connect(path: Path | None, *, new: bool = False) -> sqlite3.Connection:
    """A connection that begins no transaction by itself; None: to a data base in memory.

    Args:
        path: the file.
        new: whether it may be made.
    """
    name = ":memory:" if path is None else f"{path.resolve().as_uri()}?mode={'rwc' if new else 'rw'}"  # in quotes
    db = sqlite3.connect(name, timeout=WAIT, isolation_level=None, check_same_thread=False, uri=path is not None)
    if sys.version_info >= (3, 12):
        db.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
    try:
        for setting in SAFETY:
            db.execute(f"PRAGMA {setting}")
    except BaseException:  # of a file that is no data base
        db.close()
        raise
    return db


@contextmanager
def reached(path: Path | None) -> Iterator[None]:
    """An error of the file, which may be gone or on a full disk, as one of ours."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:  # SQLite's own message may repeat a damaged text
        hint = "the file in its place and room on the disk, then ActiveLearner.load(): what was answered is in it"
        raise StateError(f"to reach {path or 'the journal in memory'}", str(error), hint) from error


@contextmanager
def transaction(db: sqlite3.Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    """All that is executed inside, or nothing."""
    try:
        db.execute(f"BEGIN {kind}")
        yield
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def file_of(path: Path) -> tuple[int, int] | None:
    """Identify a file, to tell it from another one in its place; None if there is none."""
    with suppress(OSError):
        found = os.stat(path)
        return found.st_dev, found.st_ino
    return None
