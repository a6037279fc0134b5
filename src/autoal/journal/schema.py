"""The tables of a run's file, and the check that the file holds these and nothing else."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from autoal.arrays import some
from autoal.errors import StateError

FORMAT = 2
HEAD = "head"  # the fact that says how many rows each table has, and their last checksums
RUN = "run"  # the fact that tells the rows of one run from those of another


@dataclass(frozen=True)
class Table:
    """A table to which rows are added, numbered by `entry` from 1, each with the time in seconds."""

    name: str
    numbers: tuple[str, ...]
    text: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Of a row, without its checksum."""
        return ("entry", "time", *self.numbers, *([] if self.text is None else [self.text]))

    @property
    def insert(self) -> str:
        """The statement that adds a row and its checksum."""
        return f"INSERT INTO {self.name} VALUES ({', '.join('?' * (len(self.columns) + 1))})"


QUERIES = Table("queries", ("round", "id"))
LABELS = Table("labels", ("round", "id", "label"), "who")
RELEASED = Table("released", ("id",))
TABLES = (QUERIES, LABELS, RELEASED)

MEMORIES_1 = "CREATE TABLE memories (entry INTEGER PRIMARY KEY, round INTEGER, memory TEXT)"
FORMAT_1 = {  # of earlier versions; the first of them had no memories
    "CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE queries (entry INTEGER PRIMARY KEY, time REAL, round INTEGER, id INTEGER)",
    "CREATE TABLE labels (entry INTEGER PRIMARY KEY, time REAL, round INTEGER, id INTEGER, label INTEGER, who TEXT)",
    "CREATE TABLE released (entry INTEGER PRIMARY KEY, time REAL, id INTEGER)",
}
ABOUT = "CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL, checksum INTEGER) WITHOUT ROWID"
FORMAT_2 = {
    ABOUT,
    "CREATE TABLE queries (entry INTEGER PRIMARY KEY, time REAL, round INTEGER, id INTEGER, checksum INTEGER)",
    "CREATE TABLE labels"
    " (entry INTEGER PRIMARY KEY, time REAL, round INTEGER, id INTEGER, label INTEGER, who TEXT, checksum INTEGER)",
    "CREATE TABLE released (entry INTEGER PRIMARY KEY, time REAL, id INTEGER, checksum INTEGER)",
    "CREATE TABLE memories (entry INTEGER PRIMARY KEY, round INTEGER, memory TEXT, checksum INTEGER)",
}
OWN_INDEX = ("index", "sqlite_autoindex_about_1", "about", None)  # SQLite makes it for the keys of format 1


def create(db: sqlite3.Connection) -> None:
    """Make the tables, which must not be there."""
    for statement in sorted(FORMAT_2):
        db.execute(statement)


def is_new(db: sqlite3.Connection) -> bool:
    """Tell whether the file is empty."""
    return not db.execute("SELECT name FROM sqlite_master").fetchall()


def checked_format(db: sqlite3.Connection, path: Path | None) -> int:
    """The format of the file, 1 or 2, by its tables; no table is read but the one that says what the format is.

    Raises:
        StateError: it has other tables, or anything that could run: a view, a trigger, a virtual table.
    """
    found = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    statements = {_plain(sql) for kind, _, _, sql in found if kind == "table"}
    others = [row for row in found if row[0] != "table" and row != OWN_INDEX]
    hint = "the path that was given to save()"
    if not found:
        raise StateError("the file of a saved run", f"{path}, which is empty: nothing was saved yet", hint)
    if not others and statements == FORMAT_2 and len(found) == len(FORMAT_2):
        return FORMAT
    if not others and statements in (FORMAT_1, FORMAT_1 | {MEMORIES_1}):
        return 1
    if (said := _said_format(db, statements)) not in (None, 1, FORMAT):
        got = f"{path} of format {said}"
        raise StateError(f"a journal of format {FORMAT} or 1", got, "the version that wrote it")
    known = FORMAT_1 | FORMAT_2 | {MEMORIES_1}
    strange = [name for kind, name, _, sql in found if kind != "table" or _plain(sql) not in known]
    got = f"{path}, which has {some(strange)}" if strange else f"{path}, in which tables are missing"
    raise StateError("the file of a saved run, with its own tables and nothing else", got, f"a copy of it, or {hint}")


def _plain(sql: object) -> str:
    return " ".join(str(sql).split())


def _said_format(db: sqlite3.Connection, statements: set[str]) -> object:
    """The format that a file of another version says it has; None if it does not."""
    if not any(sql.startswith("CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL") for sql in statements):
        return None
    rows = db.execute("SELECT value FROM about WHERE key = 'format'").fetchall()
    try:
        return json.loads(rows[0][0])
    except (IndexError, TypeError, ValueError):
        return None
