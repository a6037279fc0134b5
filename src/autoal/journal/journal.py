"""The journal: an append-only SQLite file of what was asked and what was answered."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from autoal.arrays import IntArray, some
from autoal.errors import InputError, StateError
from autoal.journal import reading, schema, writing
from autoal.journal.checksums import Rows, first, row_type, rows_of
from autoal.journal.connection import connect, file_of, reached, transaction
from autoal.journal.head import Head, damaged
from autoal.journal.migration import migrate
from autoal.journal.publish import draft, is_empty, publish, require_free
from autoal.journal.schema import LABELS, QUERIES, RELEASED, RUN, TABLES, Table
from autoal.journal.state import RunState, added_up
from autoal.labels import OUTSIDE
from autoal.paths import as_path

FOUND = "the path that was given to save()"


class Journal:
    """Rows of queries and labels are added and never changed; the current label of a sample is its last.

    A method that returns has written to disk (if the journal is a file): what it wrote survives the process being
    killed. Until a path is given, the journal lives in memory. Any thread may call it, and several processes may write
    to one file. Each row is checked as it is read, once; what others have added is read when it is needed.

    Args:
        path: the file, which is made if it is not there; default: none, the journal lives in memory.
    """

    _state: RunState | None

    def __init__(self, path: str | Path | None = None) -> None:
        self._lock = threading.RLock()
        self.path = None if path is None else as_path(path)
        self._attach(new=True)
        with self._lock, reached(self.path):
            with transaction(self._db):
                if schema.is_new(self._db):
                    writing.begin(self._db, {})
            self._read_whole()

    @classmethod
    def open(cls, path: str | Path) -> Journal:
        """The journal at `path`, which must exist, after all of it was checked. One of format 1 stays until written to.

        Raises:
            StateError: there is no such file, it is not a journal, or it is damaged.
        """
        path = as_path(path)
        _require_journal(path)
        journal = cls.__new__(cls)
        journal._lock, journal.path = threading.RLock(), path
        try:
            journal._attach()
            with reached(path):
                journal._read_whole()
        except StateError as error:
            if isinstance(error.__cause__, sqlite3.DatabaseError):
                raise StateError("the file of a saved run", f"{path}: {error.got}", FOUND) from error.__cause__
            raise
        return journal

    def describe(self, **facts: Any) -> None:
        """Write down facts about the run, once; they cannot be changed."""
        texts = _texts(facts)
        with self._written():
            self._put({key: text for key, text in texts.items() if key not in self._facts})

    def note(self, **facts: Any) -> None:
        """Write down facts that may change; the last counts."""
        texts = _texts(facts)
        with self._written():
            self._put({key: text for key, text in texts.items() if self._facts.get(key) != text})

    def about(self, key: str) -> Any:
        """A fact about the run, or None."""
        with self._current():
            text = self._facts.get(key)
        return None if text is None else reading.decoded(text, f"the fact {key!r}")

    def state(self) -> RunState:
        """All that is known now, in one reading."""
        with self._current():
            if self._state is None:
                memory = None if self._memory is None else reading.decoded(self._memory, "the memory of the strategy")
                if not isinstance(memory, dict | None):
                    raise damaged("the memory of the strategy is no dict")
                queries, labels, released = (self._rows[table.name] for table in (QUERIES, LABELS, RELEASED))
                self._state = added_up(queries, labels, released, memory, self._head.memory[0])
            return self._state

    def require_of(self, ids: IntArray, n_classes: int) -> None:
        """Refuse a journal that speaks of other ids than these, or of more classes.

        Raises:
            StateError: it does.
        """
        with self._current():
            used = [self._rows[table.name]["id"] for table in TABLES]
            labels = self._rows[LABELS.name]["label"]
        if strange := {int(id_) for part in used for id_ in part[~np.isin(part, ids)]}:
            raise damaged(f"the ids {some(sorted(strange))}, which the pool has not")
        if strange := {*labels[((labels < 0) | (labels >= n_classes)) & (labels != OUTSIDE)].tolist()}:
            raise damaged(f"the labels {some(sorted(strange))}, of {n_classes} classes")

    def add_query(self, round: int, ids: npt.ArrayLike, memory: Any = None, version: int = 0) -> bool:
        """Note that these ids were asked for, and what the strategy remembers of it, as plain data; both or neither.

        False, and nothing is noted, if another process that writes to the same file has asked for one of them already,
        or has its label; or if the memory comes of another than the last, which had `version`.
        """
        text = None if memory is None else _text(memory)
        with self._written():
            state = self.state()
            if np.isin(ids, state.taken).any() or (text is not None and state.memory_version != version):
                return False
            self._add(QUERIES, round=round, id=ids)
            if text is not None:
                self._put_memory(round, text)
        return True

    def add_memory(self, round: int, memory: Any) -> None:
        """Note what a strategy remembers, as plain data."""
        text = _text(memory)
        with self._written():
            self._put_memory(round, text)

    def memory(self) -> Any:
        """Return the last memory of the strategy, or None."""
        return self.state().memory

    @property
    def memory_version(self) -> int:
        """Number of the last memory among all that were ever noted; 0 if there is none."""
        return self.state().memory_version

    def add_labels(self, round: int, ids: npt.ArrayLike, labels: npt.ArrayLike, who: str) -> None:
        """Note the class index of each id, or that it is outside of all; all of them or, if that fails, none."""
        with self._written():
            self._add(LABELS, who, round=round, id=ids, label=labels)

    def release(self, ids: npt.ArrayLike) -> None:
        """Note that those of these ids that are pending need not be answered any more."""
        with self._written():
            pending = self.state().pending
            self._add(RELEASED, id=np.sort(pending[np.isin(pending, ids)]))

    def labels(self) -> dict[int, int]:
        """The current label of each answered id, in the order in which they were first labelled."""
        state = self.state()
        return dict(zip(state.ids.tolist(), state.labels.tolist(), strict=True))

    def pending(self) -> list[int]:
        """Ids that were asked for and neither answered nor released since, in the order asked."""
        return self.state().pending.tolist()  # type: ignore[no-any-return]

    @property
    def entries(self) -> int:
        """Number of labels ever written, corrections included: the version of what is known."""
        return self.state().entries

    @property
    def rounds(self) -> int:
        """Number of queries so far."""
        return self.state().rounds

    def move_to(self, path: str | Path, **facts: Any) -> None:
        """Copy everything to `path`, note `facts` there, and write there from now on.

        Raises:
            StateError: something else is there; a run is never overwritten.
        """
        path = as_path(path)
        texts = _texts(facts)
        if self.path is not None and file_of(path) == self._opened is not None:
            return self.note(**facts)
        require_free(path)
        with self._lock, draft(path) as made:
            self._upgrade()
            try:
                with reached(self.path):
                    copied = connect(made, new=True)
                    try:
                        self._db.backup(copied)
                        with transaction(copied):
                            _copy_facts(copied, texts)
                    finally:
                        copied.close()
                publish(made, path)
            except OSError as error:
                if isinstance(error, StateError):
                    raise
                raise StateError(f"to write {path}", str(error), "another path, or room on the disk") from error
            self.close()
            self.path = path
            self._attach()

    def close(self) -> None:
        """Close the file; nothing is lost if this is never called."""
        self._db.close()

    def _attach(self, *, new: bool = False) -> None:
        with reached(self.path):
            self._db = connect(self.path, new=new)
        self._opened = None if self.path is None else file_of(self.path)
        self._process = os.getpid()

    def _read_whole(self) -> None:
        """Check the file, and read all that is in it."""
        self._head, self._facts = Head({}), dict[str, str]()
        self._head_text: str | None = None
        self._rows = {table.name: np.empty(0, row_type(table)) for table in TABLES}
        self._memory: str | None = None
        self._state = None
        try:
            with transaction(self._db, "DEFERRED"):
                self._format = schema.checked_format(self._db, self.path)
                reading.checked_pages(self._db)
                self._refresh()
                if self._format == schema.FORMAT:
                    for table in TABLES:
                        reading.require_no_more(self._db, table, self._head.tables[table.name])
        except BaseException:
            self.close()
            raise

    def _refresh(self) -> None:
        """Read what was added since; inside a transaction."""
        if self._format == 1:
            return self._read_format_1()
        text = reading.read_head(self._db)
        if text == self._head_text:
            return
        facts, head = reading.read_facts(self._db)
        rows = {table.name: self._with_new(table, head, facts[RUN]) for table in TABLES}
        memory = self._memory
        if head.memory != self._head.memory:
            memory = reading.read_memory(self._db, facts[RUN], head.memory)
        self._facts, self._head, self._rows, self._memory = facts, head, rows, memory
        self._head_text, self._state = text, None

    def _with_new(self, table: Table, head: Head, run: str) -> Rows:
        seen = self._head.tables.get(table.name, first(run, table.name))
        until = head.tables[table.name]
        if seen == until and self._head.tables:
            return self._rows[table.name]
        if until.entry < seen.entry:
            raise damaged(f"rows of {table.name} are gone")
        return np.concatenate([self._rows[table.name], reading.read_rows(self._db, table, seen, until)])

    def _read_format_1(self) -> None:
        memory = reading.memory_of_format_1(self._db)
        self._facts = reading.facts_of_format_1(self._db)
        self._rows = {table.name: reading.read_format_1(self._db, table)[0] for table in TABLES}
        self._memory, self._state = None if memory is None else memory[2], None
        self._head = Head({}, (0 if memory is None else memory[0], 0))

    @contextmanager
    def _current(self) -> Iterator[None]:
        """All that others have added is known inside."""
        with self._lock:
            self._require_process()
            if not self._db.in_transaction:
                with reached(self.path), transaction(self._db, "DEFERRED"):
                    self._refresh()
            yield

    @contextmanager
    def _written(self) -> Iterator[None]:
        """All that is added inside, or nothing; nobody else writes meanwhile."""
        with self._lock:
            self._require_process()
            self._require_file()  # else what is written would be lost with it
            self._upgrade()
            with reached(self.path), transaction(self._db):
                self._refresh()
                self._next = before = self._head
                yield
                if self._next != before:
                    writing.put_head(self._db, self._next, self._facts[RUN])
            self._require_file()

    def _upgrade(self) -> None:
        """Bring a file of format 1 up to date."""
        if self._format == 1 and self.path is not None:
            self.close()
            with reached(self.path):
                migrate(self.path)
                self._attach()
                self._read_whole()

    def _put(self, texts: dict[str, str]) -> None:
        for key, text in texts.items():
            self._next = writing.put_fact(self._db, self._next, self._facts[RUN], key, text)

    def _put_memory(self, round: int, text: str) -> None:
        entry = self._next.memory[0] + 1
        self._next = writing.put_memory(self._db, self._next, self._facts[RUN], entry, round, text)

    def _add(self, table: Table, text: str = "", **columns: Any) -> None:
        n, end = len(columns["id"]), self._next.tables[table.name].entry
        texts = [] if table.text is None else [text] * n
        rows = rows_of(table, {**columns, "time": time.time(), "entry": np.arange(end + 1, end + 1 + n)}, texts)
        self._next = writing.add_rows(self._db, self._next, table, rows, texts)

    def _require_file(self) -> None:
        if self.path is not None and file_of(self.path) != self._opened:
            hint = "save() to another path, which gets all that is known so far"
            raise StateError(f"the file of the run at {self.path}", "none, or another one", hint)

    def _require_process(self) -> None:
        if self.path is not None and self._process != os.getpid():  # SQLite's locks are those of a process
            hint = "ActiveLearner.load(path, ...) in this process"
            raise StateError("the process that has opened the run", "one that was forked from it", hint)


def _require_journal(path: Path) -> None:
    try:
        if not path.is_file():
            raise StateError("the file of a saved run", f"no file {path}", FOUND)
        if is_empty(path):
            got = f"{path}, which is empty: nothing was saved yet"
            raise StateError("the file of a saved run", got, "save() to it, or another path")
    except OSError as error:  # of a name that is too long
        raise StateError("the file of a saved run", str(error), FOUND) from error
    if not (os.access(path.parent, os.W_OK) and os.access(path, os.W_OK)):
        raise StateError("a run in a folder that can be written to", f"{path}", "a copy of the file in one")


def _copy_facts(db: sqlite3.Connection, texts: dict[str, str]) -> None:
    facts, head = reading.read_facts(db)
    for key, text in texts.items():
        head = writing.put_fact(db, head, facts[RUN], key, text)
    writing.put_head(db, head, facts[RUN])


def _texts(facts: dict[str, Any]) -> dict[str, str]:
    return {key: _text(value) for key, value in facts.items()}


def _text(value: Any) -> str:
    try:
        return json.dumps(value)
    except (TypeError, ValueError, RecursionError) as error:
        hint = "numbers, text, lists and dicts with text as keys; .item() or .tolist() of what is NumPy's"
        raise InputError("plain data, as JSON can hold", str(error), hint) from error
