"""The results of a benchmark in one SQLite file: what was asked for, and each round as it ends."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from autoal.bench.cell import Cell
from autoal.bench.results import Line, Results, Run
from autoal.bench.schema import checked_facts, checked_failure, checked_rounds, parsed
from autoal.bench.store_file import damaged, insert, opened, reached, remove, rows, transaction, update
from autoal.errors import AutoALError, StateError
from autoal.strategies import from_config, to_config
from autoal.tasks import get
from autoal.undecoded import printable

__all__ = ["FILE", "Store", "overhead", "remove"]

FILE = "results.sqlite"
STATES = ("waiting", "started", "finished", "failed")
Row = dict[str, Any]  # of a table, by column


class Store:
    """One file; what a method has written when it returns survives the process being killed.

    One process writes, any number may read. Rounds are added and never changed. What is read is compared with its
    checksums.

    Args:
        path: the file; it and its folder are made if they are missing.

    Raises:
        StateError: the file is something else, damaged, or of a newer version of this package.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = opened(path)

    @classmethod
    def of(cls, folder: Path) -> Self:
        """The results that a benchmark has left in a folder.

        Raises:
            StateError: there are none, or they are damaged.
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
        with reached(self.path), transaction(self._db):
            stored = self._cells()
            found = {key: row["configuration"] for key, row in stored.items()}
            for cell in cells:
                wanted = _configuration(cell, data[cell.task])
                if cell.key in found:
                    self._require_same(cell, wanted, self._configured(found[cell.key]))
                    continue
                found[cell.key] = json.dumps(wanted)
                number = len(found)
                insert(self._db, "cells", (number, *cell.key, found[cell.key], "waiting", 0, None, 0.0, None, None))

    def start(self, cell: Cell, environment: dict[str, str]) -> None:
        """Note that a cell is being run, and where."""
        with self._changed(cell) as row:
            row |= {"state": "started", "attempts": row["attempts"] + 1, "error": None, "traceback": None}
            row["environment"] = json.dumps(environment)

    def append(self, cell: Cell, line: Line) -> None:
        """Write a round that has ended.

        Raises:
            StateError: the round is there already, or there is no room.
        """
        with reached(self.path), transaction(self._db):
            insert(self._db, "rounds", (self._cell(cell)["cell"], line["round"], json.dumps(line)))

    def finish(self, cell: Cell, seconds: float) -> None:
        """Note that a cell is complete, after so many seconds of work in this attempt."""
        with self._changed(cell) as row:
            row |= {"state": "finished", "seconds": float(row["seconds"] + seconds)}

    def fail(self, cell: Cell, error: str, traceback: str, seconds: float) -> None:
        """Note how a cell failed; its rounds stay."""
        with self._changed(cell) as row:
            row |= {"state": "failed", "error": printable(error), "traceback": printable(traceback)}
            row["seconds"] = float(row["seconds"] + seconds)

    def open_call(self, command: str, engine: str, workers: int, environment: dict[str, str]) -> int:
        """Note that a command begins; its number is what `close_call` needs."""
        with reached(self.path), transaction(self._db):
            number = len(self._calls()) + 1
            facts = (number, time.time(), command, engine, workers, json.dumps(environment), None, None)
            insert(self._db, "calls", facts)
        return number

    def close_call(self, call: int, wall_seconds: float, cell_seconds: float) -> None:
        """Note how long it took, and how long its cells."""
        with reached(self.path), transaction(self._db):
            row = self._calls()[call - 1] | {"wall_seconds": float(wall_seconds), "cell_seconds": float(cell_seconds)}
            update(self._db, "calls", tuple(row.values()))

    def rounds(self, cell: Cell) -> tuple[Line, ...]:
        """The rounds of a cell that have ended, in order."""
        with reached(self.path), transaction(self._db, "DEFERRED"):
            return self._rounds(self._cell(cell))

    def states(self) -> dict[tuple[str, str, int], str]:
        """The state of every cell by its key: waiting, started, finished or failed."""
        return {key: row["state"] for key, row in self._read().items()}

    def environments(self) -> Counter[str]:
        """How many cells were last run with which versions and machine, as JSON."""
        return Counter(row["environment"] for row in self._read().values() if row["environment"] is not None)

    def results(self, cells: Sequence[Cell] | None = None) -> Results:
        """The complete runs, in the order in which they were asked for, and the failures; of these cells, or of all.

        Raises:
            StateError: the file is damaged.
        """
        with reached(self.path), transaction(self._db, "DEFERRED"):
            wanted = None if cells is None else {cell.key for cell in cells}
            found = {key: row for key, row in self._cells().items() if wanted is None or key in wanted}
            runs = tuple(Run(*key, self._whole(row)) for key, row in found.items() if row["state"] == "finished")
            failures = tuple(
                checked_failure({name: row[name] for name in ("task", "strategy", "seed", "error")}, str(self.path))
                for row in found.values()
                if row["state"] == "failed"
            )
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
        if calls := self._calls():
            about["command"] = "; ".join(dict.fromkeys(call["command"] for call in calls))
            about["engine"] = "; ".join(dict.fromkeys(f"{call['engine']}, {call['workers']} workers" for call in calls))
        ended = [call for call in calls if call["wall_seconds"] is not None]
        if ended:
            spent = sum(call["wall_seconds"] * call["workers"] for call in ended)
            about["overhead"] = f"{overhead(spent, 1, sum(call['cell_seconds'] for call in ended)):.1%}"
        texts = dict.fromkeys(row["environment"] for row in self._cells().values() if row["environment"] is not None)
        environments = [checked_facts(parsed(text, str(self.path)), str(self.path)) for text in texts]
        for name in dict.fromkeys(name for environment in environments for name in environment):
            about[name] = " or ".join(dict.fromkeys(found[name] for found in environments if name in found))
        return about

    def _read(self) -> dict[tuple[str, str, int], Row]:
        """The cells, as they are now."""
        with reached(self.path), transaction(self._db, "DEFERRED"):
            return self._cells()

    def _cells(self) -> dict[tuple[str, str, int], Row]:
        """Every cell by its key, in the order in which they were asked for."""
        found = rows(self._db, self.path, "cells")
        self._require_numbered([row["cell"] for row in found], "cells")
        if strange := [row["state"] for row in found if row["state"] not in STATES]:
            raise damaged(self.path, f"a cell has the state {strange[0]!r}")
        return {(row["task"], row["strategy"], row["seed"]): row for row in found}

    def _calls(self) -> list[Row]:
        found = rows(self._db, self.path, "calls")
        self._require_numbered([row["call"] for row in found], "calls")
        return found

    def _cell(self, cell: Cell) -> Row:
        found = rows(self._db, self.path, "cells", "WHERE task = ? AND strategy = ? AND seed = ?", *cell.key)
        if not found:
            raise StateError("a cell that is planned", f"{cell.key}", "Store.plan")
        return found[0]

    def _rounds(self, row: Row) -> tuple[Line, ...]:
        """The rounds of a cell, numbered from 0."""
        found = rows(self._db, self.path, "rounds", "WHERE cell = ?", row["cell"])
        place = f"cell {row['cell']} of {self.path}"
        lines = [parsed(line["line"], place) for line in found]
        return checked_rounds(lines, place) if lines else ()

    def _whole(self, row: Row) -> tuple[Line, ...]:
        """The rounds of a finished cell, of which none is missing."""
        lines = self._rounds(row)
        budget = self._configured(row["configuration"]).get("budget")
        wanted = budget.get("rounds") if isinstance(budget, dict) else None
        if not lines or (isinstance(wanted, int) and len(lines) != wanted + 1):
            raise damaged(self.path, f"cell {row['cell']} is finished and has {len(lines)} rounds")
        return lines

    def _configured(self, text: str) -> Line:
        found = parsed(text, str(self.path))
        if not isinstance(found, dict):
            raise damaged(self.path, "a configuration is no object")
        return found

    def _require_numbered(self, numbers: Sequence[int], table: str) -> None:
        if list(numbers) != list(range(1, len(numbers) + 1)):
            raise damaged(self.path, f"the {table} are not numbered one after the other")

    @contextmanager
    def _changed(self, cell: Cell) -> Iterator[Row]:
        """The row of a cell, which is written when it has been changed."""
        with reached(self.path), transaction(self._db):
            row = self._cell(cell)
            yield row
            update(self._db, "cells", tuple(row.values()))

    def _require_same(self, cell: Cell, wanted: Line, found: Line) -> None:
        found = {"data": wanted["data"]} | found  # files of earlier versions do not tell
        if found.get("strategy's settings") != wanted["strategy's settings"]:
            found = found | {"strategy's settings": _of_today(found.get("strategy's settings"))}
        differing = sorted(key for key in {*wanted, *found} if wanted.get(key) != found.get(key))
        if differing:
            got = f"{self.path}, where the {' and '.join(differing)} of {', '.join(map(str, cell.key))} differ"
            raise StateError(
                "results of the same settings and data, or a new file", got, "another --out, or those of then"
            )


def overhead(wall_seconds: float, workers: int, cell_seconds: float) -> float:
    """What the workers' time was more than that of their cells, as a share of the latter."""
    return (wall_seconds * workers - cell_seconds) / cell_seconds if cell_seconds else 0.0


def _of_today(settings: Any) -> Any:
    """A strategy's settings of an earlier version: those that there were not yet have their defaults."""
    try:
        return json.loads(json.dumps(to_config(from_config(settings))))
    except (AutoALError, TypeError):  # the strategy, or one of its settings, is no more
        return settings


def _configuration(cell: Cell, data: str) -> Line:
    """All that decides the results of a cell, besides its key, as JSON would give it back."""
    settings = {"strategy's settings": cell.strategy, "budget": asdict(cell.budget), "pool size": cell.pool_size}
    return json.loads(json.dumps(settings | {"data": data}))  # type: ignore[no-any-return]
