"""The results of a benchmark in one SQLite file: what was asked for, and each round as it ends."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any, Self

from autoal.bench.cell import Cell
from autoal.bench.results import Failure, Line, Results, Run
from autoal.errors import AutoALError, StateError
from autoal.strategies import from_config, to_config
from autoal.tasks import get
from autoal.undecoded import printable

FILE = "results.sqlite"
APPLICATION, FORMAT = 0x6175746F, 1  # in the header of the file: what it is, and the version of the schema
SCHEMA = f"""
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {FORMAT};
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
"""


class Store:
    """One file; what a method has written when it returns survives the process being killed.

    One process writes, any number may read. Rounds are added and never changed.

    Args:
        path: the file; it and its folder are made if they are missing.

    Raises:
        StateError: the file is something else, or of a newer version of this package.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path)
            self._check()
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
        except (sqlite3.DatabaseError, OSError) as error:
            raise StateError("a file of results", f"{path}: {error}", "another --out") from error
        self._numbers: dict[tuple[str, str, int], int] = {}

    @classmethod
    def of(cls, folder: Path) -> Self:
        """The results that a benchmark has left in a folder.

        Raises:
            StateError: there are none.
        """
        path = folder / FILE
        if not path.is_file():
            raise StateError("a folder with results", f"no file {path}", f"autoal bench --out {folder}")
        return cls(path)

    def plan(self, cells: Sequence[Cell]) -> None:
        """Note the cells that are wanted; those that are there already are kept as they are. All or, on an error, none.

        Raises:
            StateError: a cell is there, or is given twice, with other settings, or its data have changed.
        """
        data = {task: get(task).source.contents() for task in dict.fromkeys(cell.task for cell in cells)}
        stored = self._db.execute("SELECT task, strategy, seed, configuration FROM cells")
        found = {tuple(key): configuration for *key, configuration in stored}
        rows = []
        for cell in cells:
            wanted = _configuration(cell, data[cell.task])
            if cell.key in found:
                self._require_same(cell, wanted, json.loads(found[cell.key]))
            else:
                found[cell.key] = json.dumps(wanted)
                rows.append((*cell.key, found[cell.key]))
        with self._db:
            self._db.executemany("INSERT INTO cells (task, strategy, seed, configuration) VALUES (?, ?, ?, ?)", rows)

    def start(self, cell: Cell, environment: dict[str, str]) -> None:
        """Note that a cell is being run, and where."""
        sql = "UPDATE cells SET state = 'started', attempts = attempts + 1, error = NULL, traceback = NULL, "
        self._write(sql + "environment = ? WHERE cell = ?", json.dumps(environment), self._number(cell))

    def append(self, cell: Cell, line: Line) -> None:
        """Write a round that has ended.

        Raises:
            sqlite3.IntegrityError: the round is there already.
        """
        self._write("INSERT INTO rounds VALUES (?, ?, ?)", self._number(cell), line["round"], json.dumps(line))

    def finish(self, cell: Cell, seconds: float) -> None:
        """Note that a cell is complete, after so many seconds of work in this attempt."""
        sql = "UPDATE cells SET state = 'finished', seconds = seconds + ? WHERE cell = ?"
        self._write(sql, seconds, self._number(cell))

    def fail(self, cell: Cell, error: str, traceback: str, seconds: float) -> None:
        """Note how a cell failed; its rounds stay."""
        sql = "UPDATE cells SET state = 'failed', error = ?, traceback = ?, seconds = seconds + ? WHERE cell = ?"
        self._write(sql, printable(error), printable(traceback), seconds, self._number(cell))

    def open_call(self, command: str, engine: str, workers: int, environment: dict[str, str]) -> int:
        """Note that a command begins; its number is what `close_call` needs."""
        sql = "INSERT INTO calls (time, command, engine, workers, environment) VALUES (?, ?, ?, ?, ?)"
        return int(self._write(sql, time.time(), command, engine, workers, json.dumps(environment)).lastrowid or 0)

    def close_call(self, call: int, wall_seconds: float, cell_seconds: float) -> None:
        """Note how long it took, and how long its cells."""
        sql = "UPDATE calls SET wall_seconds = ?, cell_seconds = ? WHERE call = ?"
        self._write(sql, wall_seconds, cell_seconds, call)

    def rounds(self, cell: Cell) -> tuple[Line, ...]:
        """The rounds of a cell that have ended, in order."""
        sql = "SELECT line FROM rounds WHERE cell = ? ORDER BY round"
        return tuple(json.loads(line) for (line,) in self._db.execute(sql, (self._number(cell),)))

    def states(self) -> dict[tuple[str, str, int], str]:
        """The state of every cell by its key: waiting, started, finished or failed."""
        rows = self._db.execute("SELECT task, strategy, seed, state FROM cells")
        return {(task, strategy, seed): state for task, strategy, seed, state in rows}

    def environments(self) -> Counter[str]:
        """How many cells were last run with which versions and machine, as JSON."""
        return Counter(row[0] for row in self._db.execute("SELECT environment FROM cells WHERE environment NOT NULL"))

    def results(self, cells: Sequence[Cell] | None = None) -> Results:
        """The complete runs, in the order in which they were asked for, and the failures; of these cells, or of all."""
        wanted = None if cells is None else {cell.key for cell in cells}
        sql = """
        SELECT task, strategy, seed, line FROM cells JOIN rounds USING (cell)
        WHERE state = 'finished' ORDER BY cell, round
        """
        grouped = groupby(self._db.execute(sql), key=lambda row: row[:3])
        runs = tuple(
            Run(task, strategy, seed, tuple(json.loads(row[3]) for row in rows))
            for (task, strategy, seed), rows in grouped
            if wanted is None or (task, strategy, seed) in wanted
        )
        failed = self._db.execute("SELECT task, strategy, seed, error FROM cells WHERE state = 'failed' ORDER BY cell")
        failures = tuple(Failure(*row) for row in failed if wanted is None or row[:3] in wanted)
        return Results(runs, failures, self._about())

    def close(self) -> None:
        """Close the file; nothing is lost if this is never called."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _about(self) -> dict[str, str]:
        """How the commands were called, what the harness cost, and with which versions and machines cells were run."""
        about: dict[str, str] = {}
        calls = self._db.execute("SELECT command, engine, workers, wall_seconds, cell_seconds FROM calls ORDER BY call")
        if rows := calls.fetchall():
            about["command"] = "; ".join(dict.fromkeys(command for command, *_ in rows))
            about["engine"] = "; ".join(
                dict.fromkeys(f"{engine}, {workers} workers" for _, engine, workers, *_ in rows)
            )
        ended = [(wall * workers, own) for _, _, workers, wall, own in rows if wall is not None]
        if ended:
            spent, own = map(sum, zip(*ended, strict=True))
            about["overhead"] = f"{overhead(spent, 1, own):.1%}"
        environments = [json.loads(text) for text in self.environments()]
        for name in dict.fromkeys(name for environment in environments for name in environment):
            about[name] = " or ".join(dict.fromkeys(found[name] for found in environments if name in found))
        return about

    def _check(self) -> None:
        """Refuse what is not ours before anything is written; lay out a new file."""
        (application,) = self._db.execute("PRAGMA application_id").fetchone()
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if application == APPLICATION and version == FORMAT:
            return
        empty = not self._db.execute("SELECT 1 FROM sqlite_master").fetchone()
        if application or version or not empty:
            self._db.close()
            ours = application == APPLICATION
            got = f"{self.path} of format {version}" if ours else f"{self.path}, which is something else"
            hint = "the version of autoal that wrote it" if ours else "another --out"
            raise StateError(f"results of format {FORMAT}", got, hint)
        self._db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT;")

    def _require_same(self, cell: Cell, wanted: Line, found: Line) -> None:
        found = {"data": wanted["data"]} | found  # files of earlier versions do not tell
        if found["strategy's settings"] != wanted["strategy's settings"]:
            found = found | {"strategy's settings": _of_today(found["strategy's settings"])}
        differing = sorted(key for key in {*wanted, *found} if wanted.get(key) != found.get(key))
        if differing:
            got = f"{self.path}, where the {' and '.join(differing)} of {', '.join(map(str, cell.key))} differ"
            raise StateError(
                "results of the same settings and data, or a new file", got, "another --out, or those of then"
            )

    def _number(self, cell: Cell) -> int:
        if cell.key not in self._numbers:
            rows = self._db.execute("SELECT task, strategy, seed, cell FROM cells")
            self._numbers = {(task, strategy, seed): number for task, strategy, seed, number in rows}
        return self._numbers[cell.key]

    def _write(self, sql: str, *values: Any) -> sqlite3.Cursor:
        with self._db:
            return self._db.execute(sql, values)


def overhead(wall_seconds: float, workers: int, cell_seconds: float) -> float:
    """What the workers' time was more than that of their cells, as a share of the latter."""
    return (wall_seconds * workers - cell_seconds) / cell_seconds if cell_seconds else 0.0


def remove(path: Path) -> None:
    """Delete a file of results, with what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _of_today(settings: Line) -> Line:
    """A strategy's settings of an earlier version: those that there were not yet have their defaults."""
    try:
        return json.loads(json.dumps(to_config(from_config(settings))))  # type: ignore[no-any-return]
    except (AutoALError, TypeError):  # the strategy, or one of its settings, is no more
        return settings


def _configuration(cell: Cell, data: str) -> Line:
    """All that decides the results of a cell, besides its key, as JSON would give it back."""
    settings = {"strategy's settings": cell.strategy, "budget": asdict(cell.budget), "pool size": cell.pool_size}
    return json.loads(json.dumps(settings | {"data": data}))  # type: ignore[no-any-return]
