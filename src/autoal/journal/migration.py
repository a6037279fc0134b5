"""Bringing a run of format 1, which had no checksums, up to date: in place, and wholly or not at all."""

from __future__ import annotations

import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from autoal.errors import StateError
from autoal.journal import reading, schema, writing
from autoal.journal.connection import WAIT, connect, transaction


def migrate(path: Path) -> None:
    """Bring the file up to date; nothing happens if another process has done so.

    A process that is killed meanwhile leaves the old file or the new one.

    Raises:
        StateError: another process has the file open by an earlier version.
    """
    waited = time.monotonic() + WAIT / 2
    while True:
        try:
            with closing(connect(path)) as db:
                return _convert(db, path)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) and "busy" not in str(error):
                raise
            if time.monotonic() > waited:
                hint = "close the other process, which has the file open by an earlier version, or a copy of the file"
                raise StateError(f"to be alone with {path}, to bring it up to date", str(error), hint) from error
        time.sleep(random.SystemRandom().uniform(0.02, 0.1))  # two that do so at once get out of each other's way


def _convert(db: sqlite3.Connection, path: Path) -> None:
    if schema.checked_format(db, path) != 1:
        return
    db.execute("PRAGMA busy_timeout = 0")  # while it waits, it would keep the file from another that waits
    db.execute("PRAGMA journal_mode = DELETE")  # what is in a -wal of format 1 is moved over
    with transaction(db, "EXCLUSIVE"):
        if schema.checked_format(db, path) != 1:
            return
        facts, memory = reading.facts_of_format_1(db), reading.memory_of_format_1(db)
        tables = {table: reading.read_format_1(db, table) for table in schema.TABLES}
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            db.execute(f"DROP TABLE {name}")
        head, run = writing.begin(db, facts)
        for table, (rows, texts) in tables.items():
            head = writing.add_rows(db, head, table, rows, texts)
        if memory is not None:
            head = writing.put_memory(db, head, run, *memory)
        writing.put_head(db, head, run)
