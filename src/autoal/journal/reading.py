"""Reading a run's tables into arrays, each row checked as it is read."""

from __future__ import annotations

import json
import math
import sqlite3
import warnings
from typing import Any

import numpy as np

from autoal.arrays import IntArray
from autoal.journal import checksums
from autoal.journal.checksums import End, Rows, row_type, rows_of
from autoal.journal.head import Head, damaged
from autoal.journal.schema import FORMAT, HEAD, RUN, Table

BATCH = 20_000  # rows that SQLite puts into one text; a million rows one by one take it three times as long


def checked_pages(db: sqlite3.Connection) -> None:
    """Refuse a file whose pages do not fit together."""
    said = [str(row[0]) for row in db.execute("PRAGMA quick_check(3)").fetchall()]
    if said != ["ok"]:
        raise damaged("; ".join(said))


def read_head(db: sqlite3.Connection) -> str:
    """The head as the file holds it; it is the same as long as nothing was written."""
    found = db.execute("SELECT value FROM about WHERE key = ?", (HEAD,)).fetchall()
    return str(found[0][0]) if found else ""


def read_facts(db: sqlite3.Connection) -> tuple[dict[str, str], Head]:
    """All facts of the run as JSON, by key, and the head among them."""
    found = db.execute("SELECT key, value, checksum FROM about").fetchall()
    if not all(type(key) is str and type(value) is str for key, value, _ in found):
        raise damaged("a fact about the run is no text")
    facts = {key: value for key, value, _ in found}
    run = facts.get(RUN, "")
    wrong = [key for key, value, told in found if told != checksums.of_fact("" if key == RUN else run, key, value)]
    if wrong:
        raise damaged(f"the fact {wrong[0]!r} has another checksum")
    head = Head.from_text(facts.pop(HEAD, ""))
    if {key: told for key, _, told in found if key != HEAD} != head.facts or facts.get("format") != str(FORMAT):
        raise damaged("facts about the run are missing")
    return facts, head


def read_memory(db: sqlite3.Connection, run: str, end: tuple[int, int]) -> str | None:
    """The memory of the strategy as JSON; None: there is none."""
    found = db.execute("SELECT entry, round, memory, checksum FROM memories").fetchall()
    if not found and end == (0, 0):
        return None
    if len(found) != 1 or [type(value) for value in found[0]] != [int, int, str, int]:
        raise damaged("the memory of the strategy is missing")
    entry, round_, memory, told = found[0]
    if (entry, told) != end or told != checksums.of_memory(run, entry, round_, memory):
        raise damaged("the memory of the strategy has another checksum")
    return str(memory)


def read_rows(db: sqlite3.Connection, table: Table, end: End, until: End) -> Rows:
    """The rows after one end until another, which must be the last.

    Raises:
        StateError: rows are missing, changed, exchanged, or more than the head knows.
    """
    parts = [np.empty(0, row_type(table))]
    while end.entry < until.entry:
        rows, told = _batch(db, table, end.entry, min(end.entry + BATCH, until.entry))
        end, before = checksums.after(end, rows, told), end
        if end.last != told[-1]:
            found = checksums.chained(rows, before.last)
            raise damaged(
                f"row {before.entry + 1 + int(np.argmax(found != told))} of {table.name} has another checksum"
            )
        parts.append(rows)
    if (last := db.execute(f"SELECT MAX(entry) FROM {table.name}").fetchone()[0] or 0) != until.entry:
        raise damaged(f"{table.name} ends at row {last}, and not at row {until.entry}")
    if end != until:
        raise damaged(f"the checksums of {table.name} are others")
    return np.concatenate(parts)


def require_no_more(db: sqlite3.Connection, table: Table, until: End) -> None:
    """Refuse rows that have no place, as before the first."""
    if db.execute(f"SELECT COUNT(*) FROM {table.name}").fetchone()[0] != until.entry:
        raise damaged(f"{table.name} has other rows than it should")


def _batch(db: sqlite3.Connection, table: Table, after: int, until: int) -> tuple[Rows, IntArray]:
    """The rows with entries after one and until another, and their checksums as told.

    SQLite joins the values of a column to one text, which takes a third of the time of handing over row by row. The
    time and the text, which are mostly the same in many rows, are read row by row where they are not.
    """
    numbers, same = ("entry", *table.numbers, "checksum"), ("time", *([] if table.text is None else [table.text]))
    wanted = [f"group_concat({name}, ' ')" for name in numbers]
    wanted += [f"{of}({name})" for name in same for of in ("MIN", "MAX", "COUNT")]
    place, n = (after, until), until - after
    range_ = f"FROM {table.name} WHERE entry > ? AND entry <= ?"
    found = db.execute(f"SELECT {', '.join(wanted)} {range_}", place).fetchone()
    columns: dict[str, Any] = {name: _parsed(text, n) for name, text in zip(numbers, found, strict=False)}
    if not np.array_equal(columns["entry"], np.arange(after + 1, until + 1)):
        raise damaged(f"rows of {table.name} are missing")
    for k, (name, kind) in enumerate(zip(same, (float, str), strict=False)):
        least, most, count = found[len(numbers) + 3 * k :][:3]
        values = [least]
        if least != most or count != n:
            values = [row[0] for row in db.execute(f"SELECT {name} {range_} ORDER BY entry", place)]
        if not all(type(value) is kind for value in values):
            raise damaged(f"a row of {table.name} has no {name}")
        columns[name] = values
    return rows_of(table, columns, columns.get(str(table.text), ())), columns["checksum"]


def _parsed(text: Any, n: int) -> IntArray:
    """The whole numbers (n,) in a text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of what is no number NumPy says so by a warning
            values: IntArray = np.fromstring(text or "", dtype=np.int64, sep=" ")
    except (TypeError, ValueError, DeprecationWarning, OverflowError) as error:
        raise damaged("a row holds what is no number") from error
    if len(values) != n:
        raise damaged("rows are missing, or have no checksum")
    return values


def read_format_1(db: sqlite3.Connection, table: Table) -> tuple[Rows, list[str]]:
    """All rows of a table of format 1, which has no checksums, numbered anew, and their texts."""
    kinds = [int, float, *[int] * len(table.numbers), *([] if table.text is None else [str])]
    found = db.execute(f"SELECT {', '.join(table.columns)} FROM {table.name} ORDER BY entry").fetchall()
    for row in found:
        if [type(value) for value in row] != kinds or not math.isfinite(row[1]):
            raise damaged(f"row {row[0]} of {table.name} holds {row[1:]}")
    values = list(zip(*found, strict=True)) or [()] * len(kinds)
    columns = dict(zip(table.columns, values, strict=True)) | {"entry": np.arange(1, len(found) + 1)}
    texts = [] if table.text is None else list(columns[table.text])
    return rows_of(table, columns, texts), texts


def facts_of_format_1(db: sqlite3.Connection) -> dict[str, str]:
    """All facts of a run of format 1 as JSON, by key."""
    found = db.execute("SELECT key, value FROM about NOT INDEXED").fetchall()
    if not all(type(key) is str and type(value) is str for key, value in found) or len({*dict(found)}) < len(found):
        raise damaged("facts about the run are no text, or come twice")
    return dict(found)


def memory_of_format_1(db: sqlite3.Connection) -> tuple[int, int, str] | None:
    """The number, the round and the JSON of the last memory; None: there is none."""
    if db.execute("SELECT COUNT(*) FROM sqlite_master WHERE name = 'memories'").fetchone() == (0,):
        return None  # nor had the first version any
    row = db.execute("SELECT entry, round, memory FROM memories ORDER BY entry DESC LIMIT 1").fetchone()
    if row is not None and [type(value) for value in row] != [int, int, str]:
        raise damaged("the memory of the strategy is none")
    return row  # type: ignore[no-any-return]


def decoded(text: str, what: str) -> Any:
    """Parse a JSON text.

    Raises:
        StateError: it is none.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise damaged(f"{what} cannot be read: {error}") from error
