"""The journal: an append-only SQLite file of what was asked and what was answered."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from autoal.errors import InputError, StateError
from autoal.paths import as_path

FORMAT = 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS queries (entry INTEGER PRIMARY KEY, time REAL, round INTEGER, id INTEGER);
CREATE TABLE IF NOT EXISTS labels
    (entry INTEGER PRIMARY KEY, time REAL, round INTEGER, id INTEGER, label INTEGER, who TEXT);
CREATE TABLE IF NOT EXISTS released (entry INTEGER PRIMARY KEY, time REAL, id INTEGER);
"""  # of two that make the same file, each makes what the other has not
MEMORIES = "CREATE TABLE IF NOT EXISTS memories (entry INTEGER PRIMARY KEY, round INTEGER, memory TEXT)"


class Journal:
    """Rows of queries and labels are added and never changed; the current label of a sample is its last.

    A method that returns has written to disk (if the journal is a file): what it wrote survives the process being
    killed. Until a path is given, the journal lives in memory. Any thread may call it.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self._lock = threading.RLock()
        self._attach(None if path is None else Path(path))
        with self._db:
            self._db.executescript(SCHEMA)
        self._set_default("format", FORMAT)
        if self.about("format") != FORMAT:
            self._refuse(f"a journal of format {FORMAT}", f"format {self.about('format')}", "the version that wrote it")
        with self._written():
            self._db.execute(MEMORIES)  # files of earlier versions have none

    @classmethod
    def open(cls, path: str | Path) -> Journal:
        """The journal at `path`, which must exist.

        Raises:
            StateError: there is no such file, or it is not a journal.
        """
        path = as_path(path)
        if not _is_file(path):
            raise StateError("the file of a saved run", f"no file {path}", "the path that was given to save()")
        if not os.access(path.parent, os.W_OK):
            raise StateError("a run in a folder that can be written to", f"{path}", "a copy of the file in one")
        try:
            db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)  # which quotes what a path may hold
            try:
                db.execute("SELECT value FROM about WHERE key = 'format'").fetchone()
            finally:
                db.close()
        except sqlite3.DatabaseError as error:
            raise StateError(
                "the file of a saved run", f"{path}: {error}", "the path that was given to save()"
            ) from error
        return cls(path)

    def describe(self, **facts: Any) -> None:
        """Write down facts about the run, once; they cannot be changed."""
        for key, value in facts.items():
            self._set_default(key, value)

    def note(self, **facts: Any) -> None:
        """Write down facts that may change; the last counts."""
        noted = _rows(facts)
        with self._written():
            _note(self._db, noted)

    def about(self, key: str) -> Any:
        """A fact about the run, or None."""
        rows = self._read("SELECT value FROM about WHERE key = ?", key)
        return json.loads(rows[0][0]) if rows else None

    def add_query(self, round: int, ids: Sequence[int], memory: Any = None, version: int = 0) -> bool:
        """Note that these ids were asked for, and what the strategy remembers of it, as plain data; both or neither.

        False, and nothing is noted, if another process that writes to the same file has asked for one of them already,
        or has its label; or if the memory comes of another than the last, which had `version`.
        """
        now = time.time()
        with self._written():
            self._db.execute("BEGIN IMMEDIATE")  # nobody else writes from here on
            if not {*self.pending(), *self.labels()}.isdisjoint(ids):
                return False
            if memory is not None and self.memory_version != version:
                return False
            self._db.executemany(
                "INSERT INTO queries (time, round, id) VALUES (?, ?, ?)", [(now, round, i) for i in ids]
            )
            if memory is not None:
                self._insert_memory(round, memory)
        return True

    def add_memory(self, round: int, memory: Any) -> None:
        """Note what a strategy remembers, as plain data."""
        with self._written():
            self._insert_memory(round, memory)

    def memory(self) -> Any:
        """What the strategy remembered last, or None."""
        rows = self._read("SELECT memory FROM memories ORDER BY entry DESC LIMIT 1")
        return json.loads(rows[0][0]) if rows else None

    @property
    def memory_version(self) -> int:
        """Which of all memories ever noted is the last; 0: there is none."""
        return int(self._read("SELECT COALESCE(MAX(entry), 0) FROM memories")[0][0])

    def add_labels(self, round: int, ids: Sequence[int], labels: Sequence[int], who: str) -> None:
        """Note the class index of each id, or that it is outside of all; all of them or, if that fails, none."""
        now = time.time()
        rows = [(now, round, i, label, who) for i, label in zip(ids, labels, strict=True)]
        with self._written():
            self._db.executemany("INSERT INTO labels (time, round, id, label, who) VALUES (?, ?, ?, ?, ?)", rows)

    def release(self, ids: Sequence[int]) -> None:
        """Note that those of these ids that are pending need not be answered any more."""
        now = time.time()
        with self._written():
            self._db.execute("BEGIN IMMEDIATE")  # else another process could release them too, and once too often
            freed = set(self.pending()).intersection(ids)
            self._db.executemany("INSERT INTO released (time, id) VALUES (?, ?)", [(now, i) for i in sorted(freed)])

    def labels(self) -> dict[int, int]:
        """The current label of each answered id, in the order in which they were first labelled."""
        return dict(self._read("SELECT id, label FROM labels ORDER BY entry"))

    def label_rows(self) -> list[tuple[int, int, int]]:
        """Round, id and class index of each label ever written, in order; the round is the number of queries before."""
        return self._read("SELECT round, id, label FROM labels ORDER BY entry")

    def pending(self) -> list[int]:
        """Ids that were asked for and neither answered nor released since, in the order asked."""
        sql = """
        SELECT asked.id FROM (SELECT id, COUNT(*) AS times, MAX(entry) AS last FROM queries GROUP BY id) AS asked
        LEFT JOIN (SELECT id, COUNT(*) AS times FROM released GROUP BY id) AS freed ON freed.id = asked.id
        WHERE asked.times > COALESCE(freed.times, 0) AND asked.id NOT IN (SELECT id FROM labels)
        ORDER BY asked.last
        """
        return [id_ for (id_,) in self._read(sql)]

    @property
    def entries(self) -> int:
        """Number of labels ever written, corrections included: the version of what is known."""
        return int(self._read("SELECT COUNT(*) FROM labels")[0][0])

    @property
    def unanswered(self) -> int:
        """How often an id was asked for that has no label; it grows with each query and falls with answers alone."""
        return int(self._read("SELECT COUNT(*) FROM queries WHERE id NOT IN (SELECT id FROM labels)")[0][0])

    @property
    def rounds(self) -> int:
        """Number of queries so far."""
        return int(self._read("SELECT COALESCE(MAX(round), 0) FROM queries")[0][0])

    def move_to(self, path: str | Path, **facts: Any) -> None:
        """Copy everything to `path`, note `facts` there, and write there from now on.

        Raises:
            StateError: something else is there; a run is never overwritten.
        """
        path = as_path(path)
        if self.path is not None and path.resolve() == self.path.resolve() and path.exists():
            return self.note(**facts)
        _require_free(path)
        noted = _rows(facts)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")  # nobody else's
        try:
            self._copy_to(draft, noted)
            _publish(draft, path)
        finally:
            _remove(draft, "", "-wal", "-shm", "-journal")
        self.close()
        self._attach(path)

    def _copy_to(self, draft: Path, noted: list[tuple[str, str]]) -> None:
        with self._lock, self._reached(), closing(sqlite3.connect(draft)) as target:
            self._db.backup(target)
            with target:
                _note(target, noted)
            target.execute("PRAGMA journal_mode = WAL")  # now, as whoever opens it next may not be alone

    def close(self) -> None:
        """Close the file; nothing is lost if this is never called."""
        self._db.close()

    def _attach(self, path: Path | None) -> None:
        self.path, self._db = path, _connect(path)
        self._opened = None if path is None else _file(path)

    def _read(self, sql: str, *values: Any) -> list[Any]:
        """The rows that `sql` finds."""
        with self._lock, self._reached():
            return self._db.execute(sql, values).fetchall()

    @contextmanager
    def _written(self) -> Iterator[None]:
        """All that is executed inside, or nothing."""
        if self.path is not None and _file(self.path) != self._opened:  # what is written would be lost with it
            hint = "save() to another path, which gets all that is known so far"
            raise StateError(f"the file of the run at {self.path}", "none, or another one", hint)
        with self._lock, self._reached(), self._db:
            yield

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """An error of the file, which may be gone or on a full disk, as one of ours."""
        try:
            yield
        except sqlite3.Error as error:
            hint = "the file in its place and room on the disk, then ActiveLearner.load(): what was answered is in it"
            raise StateError(f"to reach {self.path or 'the journal in memory'}", str(error), hint) from error

    def _insert_memory(self, round: int, memory: Any) -> None:
        row = (round, _text(memory))
        entry = self._db.execute("INSERT INTO memories (round, memory) VALUES (?, ?)", row).lastrowid
        self._db.execute("DELETE FROM memories WHERE entry < ?", (entry,))  # each holds all that the last one did

    def _set_default(self, key: str, value: Any) -> None:
        with self._written():
            self._db.execute("INSERT OR IGNORE INTO about VALUES (?, ?)", (key, _text(value)))

    def _refuse(self, expected: str, got: str, hint: str) -> None:
        self.close()
        raise StateError(expected, got, hint)


def _note(db: sqlite3.Connection, rows: list[tuple[str, str]]) -> None:
    db.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", rows)


def _rows(facts: dict[str, Any]) -> list[tuple[str, str]]:
    return [(key, _text(value)) for key, value in facts.items()]


def _text(value: Any) -> str:
    try:
        return json.dumps(value)
    except (TypeError, ValueError) as error:
        hint = "numbers, text, lists and dicts with text as keys; .item() or .tolist() of what is NumPy's"
        raise InputError("plain data, as JSON can hold", str(error), hint) from error


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # of a name that is too long
        return False


def _require_free(path: Path) -> None:
    try:
        if not path.parent.is_dir():
            raise StateError("a path in a folder that exists", f"{path}", f"mkdir {path.parent}, or another path")
        if path.exists():
            raise _taken(path)
    except OSError as error:
        raise StateError("a path that can be written to", str(error), "a shorter name") from error
    if not os.access(path.parent, os.W_OK):
        raise StateError("a path in a folder that can be written to", f"{path}", "another path")


def _taken(path: Path) -> StateError:
    hint = "ActiveLearner.load to go on with that run, or another path"
    return StateError("a path that is free", f"{path}, which exists", hint)


def _publish(draft: Path, path: Path) -> None:
    """Give the draft its name, unless another process, perhaps just now, has made a file of that name.

    An empty file takes the name first: only who has made it may remove a -wal, which may be another's by now.
    """
    try:
        path.open("xb").close()
    except FileExistsError as error:
        raise _taken(path) from error
    try:
        _remove(path, "-wal", "-shm")  # left behind by a file that was removed; SQLite would read its -wal
        draft.replace(path)
    except BaseException:
        _remove(path, "")
        raise


def _remove(path: Path, *suffixes: str) -> None:
    for suffix in suffixes:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _file(path: Path) -> tuple[int, int] | None:
    """What tells a file from another one that has taken its place; None if there is none."""
    with suppress(OSError):
        found = path.stat()
        return found.st_dev, found.st_ino
    return None


def _connect(path: Path | None) -> sqlite3.Connection:
    db = sqlite3.connect(":memory:" if path is None else path, check_same_thread=False)  # the journal has a lock
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    return db
