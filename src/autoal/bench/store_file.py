"""The SQLite file of results: opened with care, made whole or not at all, with a checksum in each row.

It is in SQLite's rollback mode, in which all that was written is in the file itself. A row's checksum is the CRC-32 of
its values, its key among them. SQLite's own check of the file and the numbers of the rows tell where a row is missing.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from zlib import crc32

from autoal.errors import StateError

APPLICATION, FORMAT = 0x6175746F, 2  # in the header of the file: what it is, and the version of the schema
WAIT = 60.0  # seconds for another process that reads or writes
BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a file
COLUMNS = {  # of each table, without the checksum
    "cells": (
        *("cell", "task", "strategy", "seed", "configuration", "state", "attempts", "environment", "seconds"),
        *("error", "traceback"),
    ),
    "rounds": ("cell", "round", "line"),
    "calls": ("call", "time", "command", "engine", "workers", "environment", "wall_seconds", "cell_seconds"),
}
NUMBERS = ("attempts", "seconds", "workers", "wall_seconds", "cell_seconds")  # that are calculated with
TABLES_1 = """
CREATE TABLE cells (
    cell INTEGER PRIMARY KEY, task TEXT NOT NULL, strategy TEXT NOT NULL, seed INTEGER NOT NULL,
    configuration TEXT NOT NULL,              -- JSON: the strategy's settings, the budget, the pool's size, own data
    state TEXT NOT NULL DEFAULT 'waiting',    -- then started, and finished or failed
    attempts INTEGER NOT NULL DEFAULT 0, environment TEXT,  -- JSON: versions and machine of the last attempt
    seconds REAL NOT NULL DEFAULT 0, error TEXT, traceback TEXT,
    UNIQUE (task, strategy, seed)
);
CREATE TABLE rounds (
    cell INTEGER NOT NULL REFERENCES cells, round INTEGER NOT NULL, line TEXT NOT NULL,  -- JSON
    PRIMARY KEY (cell, round)
);
CREATE TABLE calls (
    call INTEGER PRIMARY KEY, time REAL NOT NULL, command TEXT NOT NULL, engine TEXT NOT NULL, workers INTEGER NOT NULL,
    environment TEXT NOT NULL, wall_seconds REAL, cell_seconds REAL  -- both NULL if it was stopped
);
"""  # of format 1, which had no checksums
TABLES = (
    TABLES_1.replace("traceback TEXT,\n", "traceback TEXT, checksum INTEGER,\n")
    .replace("line TEXT NOT NULL,  -- JSON", "line TEXT NOT NULL, checksum INTEGER,  -- JSON")
    .replace("cell_seconds REAL  --", "cell_seconds REAL, checksum INTEGER  --")
)
SCHEMA = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {FORMAT};"


def checksum(table: str, values: Sequence[Any]) -> int:
    """The checksum of a row."""
    return crc32(json.dumps([table, *values]).encode())


@contextmanager
def reached(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and of the disk into a `StateError`."""
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning, OSError, UnicodeError, OverflowError) as error:
        hint = "a copy of the file if it is damaged, room on the disk, or another --out"
        raise StateError("a file of results that can be read and written", f"{path}: {error}", hint) from error


def damaged(path: Path, what: str) -> StateError:
    """The error of a file whose contents are not what was written."""
    hint = "a copy of the file from before, or another --out"
    return StateError("results as they were written", f"{path}, which is damaged: {what}", hint)


def opened(path: Path) -> sqlite3.Connection:
    """A connection that begins no transaction by itself, to a file of today's format; one that is missing is made.

    Raises:
        StateError: the file is something else, damaged, or of a newer version of this package.
    """
    with reached(path):
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _create(path)
        if path.stat().st_size == 0:
            raise damaged(path, "it is empty")
        db = _connect(path)
        try:
            _check(db, path)
        except BaseException:
            db.close()
            raise
        return db


@contextmanager
def transaction(db: sqlite3.Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    """All that is executed inside, or nothing; what is read is of one moment."""
    try:
        db.execute(f"BEGIN {kind}")
        yield
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def insert(db: sqlite3.Connection, table: str, values: Sequence[Any]) -> None:
    """Add a row with its checksum."""
    marks = ", ".join("?" * (len(values) + 1))
    db.execute(f"INSERT INTO {table} VALUES ({marks})", (*values, checksum(table, values)))


def update(db: sqlite3.Connection, table: str, values: Sequence[Any]) -> None:
    """Write a row anew; its first column is its key."""
    key, *names = COLUMNS[table]
    wanted = ", ".join(f"{name} = ?" for name in (*names, "checksum"))
    db.execute(f"UPDATE {table} SET {wanted} WHERE {key} = ?", (*values[1:], checksum(table, values), values[0]))


def rows(db: sqlite3.Connection, path: Path, table: str, where: str = "", *values: Any) -> list[dict[str, Any]]:
    """The rows of a table by column, each compared with its checksum, in the order of their keys.

    Raises:
        StateError: a row is not what was written.
    """
    names = COLUMNS[table]
    order = "cell, round" if table == "rounds" else names[0]
    found = db.execute(f"SELECT {', '.join(names)}, checksum FROM {table} {where} ORDER BY {order}", values)
    checked = []
    for *row, written in found:
        try:
            right = written == checksum(table, row)
        except TypeError:  # bytes, which no column holds
            right = False
        if not right:
            raise damaged(path, f"a row of {table} has another checksum")
        checked.append(dict(zip(names, row, strict=True)))
        if not _has_numbers(checked[-1]):
            raise damaged(path, f"a row of {table} has something else where a number should be")
    return checked


def _has_numbers(row: dict[str, Any]) -> bool:
    """Tell whether calculations have the numbers they need; a call that was stopped lacks both."""
    given = {name: row[name] for name in NUMBERS if name in row}
    stopped = "call" in row and given["wall_seconds"] is None and given["cell_seconds"] is None
    return all(isinstance(value, int | float) or (stopped and value is None) for value in given.values())


def remove(path: Path, *beside: str) -> None:
    """Delete a file of results, with what SQLite keeps beside it."""
    for suffix in beside or ("", *BESIDE):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _create(path: Path) -> None:
    """The file appears whole under its name, unless another process is quicker."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with closing(sqlite3.connect(draft, isolation_level=None)) as db:
            db.executescript(f"PRAGMA synchronous = EXTRA; {SCHEMA} BEGIN; {TABLES} COMMIT;")
        remove(path, *BESIDE)  # left by a file that was removed; SQLite would take it for this one's
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        remove(draft)


def _connect(path: Path) -> sqlite3.Connection:
    mode = "rw" if _is_writable(path) else "ro&immutable=1"
    if mode != "rw" and any(path.with_name(path.name + suffix).exists() for suffix in ("-wal", "-journal")):
        raise OSError(f"it is read-only, and {path.name}-wal or -journal holds a part of it")
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", timeout=WAIT, isolation_level=None, uri=True)
    for setting in ("trusted_schema = OFF", "cell_size_check = ON", "synchronous = EXTRA"):
        db.execute(f"PRAGMA {setting}")
    return db


def _is_writable(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _check(db: sqlite3.Connection, path: Path) -> None:
    """Refuse what is not ours, or damaged, before anything is written; bring an earlier format to today's."""
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION or version not in (1, FORMAT):
        ours = application == APPLICATION
        got = f"{path} of format {version}" if ours else f"{path}, which is something else"
        hint = "the version of autoal that wrote it" if ours else "another --out"
        raise StateError(f"results of format {FORMAT}", got, hint)
    wanted = _statements(TABLES if version == FORMAT else TABLES_1)
    found = {
        (kind, name, None if sql is None else _plain(sql))
        for kind, name, sql in db.execute("SELECT type, name, sql FROM sqlite_master")
    }
    if found != wanted:
        raise damaged(path, f"it has {', '.join(sorted(str(name) for _, name, _ in found ^ wanted))}, or lacks them")
    if (said := db.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
        raise damaged(path, str(said))
    if _is_writable(path):
        with suppress(sqlite3.OperationalError):  # another process has it open, perhaps of an earlier version
            db.execute("PRAGMA journal_mode = DELETE").fetchone()
    if version == 1:
        _migrate(db)


def _migrate(db: sqlite3.Connection) -> None:
    """Give each row of format 1 its checksum."""
    with transaction(db, "EXCLUSIVE"):
        if db.execute("PRAGMA user_version").fetchone()[0] != 1:  # another process has been quicker
            return
        for table in COLUMNS:
            db.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
        for statement in TABLES.split(";"):
            db.execute(statement)
        for table, names in COLUMNS.items():
            for row in db.execute(f"SELECT {', '.join(names)} FROM old_{table}").fetchall():
                insert(db, table, row)
        for table in reversed(COLUMNS):
            db.execute(f"DROP TABLE old_{table}")
        db.execute(f"PRAGMA user_version = {FORMAT}")


def _statements(tables: str) -> set[tuple[str, str, str | None]]:
    """Return the list of tables that a file with these tables has."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(tables)
        found = db.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    return {(kind, name, None if sql is None else _plain(sql)) for kind, name, sql in found}


def _plain(sql: str) -> str:
    return "".join(re.sub(r"--[^\n]*", "", str(sql)).split())
