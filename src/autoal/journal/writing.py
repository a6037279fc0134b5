"""Writing to a run's tables: each row with its checksum, and the head beside them, in one transaction of the caller."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence

from autoal.journal import checksums, schema
from autoal.journal.checksums import Rows
from autoal.journal.head import Head
from autoal.journal.schema import FORMAT, HEAD, RUN, TABLES, Table


def begin(db: sqlite3.Connection, facts: dict[str, str]) -> tuple[Head, str]:
    """Make the tables of a run that has nothing but facts, given as JSON; its head, and what tells it from others."""
    schema.create(db)
    run = f'"{secrets.token_hex(8)}"'
    head = Head({table.name: checksums.first(run, table.name) for table in TABLES})
    for key, text in {**facts, RUN: run, "format": str(FORMAT)}.items():
        head = put_fact(db, head, run, key, text)
    put_head(db, head, run)
    return head, run


def put_fact(db: sqlite3.Connection, head: Head, run: str, key: str, text: str) -> Head:
    """Note a fact, in place of an earlier one of that key; the new head."""
    checksum = checksums.of_fact("" if key == RUN else run, key, text)
    db.execute("INSERT OR REPLACE INTO about VALUES (?, ?, ?)", (key, text, checksum))
    return head.with_fact(key, checksum)


def put_head(db: sqlite3.Connection, head: Head, run: str) -> None:
    """Note the head, which comes last."""
    put_fact(db, head, run, HEAD, head.to_text())


def put_memory(db: sqlite3.Connection, head: Head, run: str, entry: int, round: int, text: str) -> Head:
    """Note what the strategy remembers; it takes the place of the memory before, as it holds all that one did."""
    checksum = checksums.of_memory(run, entry, round, text)
    db.execute("DELETE FROM memories")
    db.execute("INSERT INTO memories VALUES (?, ?, ?, ?)", (entry, round, text, checksum))
    return head.with_memory((entry, checksum))


def add_rows(db: sqlite3.Connection, head: Head, table: Table, rows: Rows, texts: Sequence[str] = ()) -> Head:
    """Add rows, numbered from the end of their table on; `texts` are those whose checksums the rows have."""
    if len(rows) == 0:
        return head
    end = head.tables[table.name]
    found = checksums.chained(rows, end.last)
    columns = [rows[name].tolist() for name in ("entry", "time", *table.numbers)]
    values = [*columns, *([] if table.text is None else [texts]), found]
    db.executemany(table.insert, zip(*values, strict=True))
    return head.with_rows(table.name, checksums.after(end, rows, found))
