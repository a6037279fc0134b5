"""The results of a benchmark, as something that `damage.py` attacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autoal.bench.cell import Cell
from autoal.bench.results import Line
from autoal.bench.store import Store
from autoal.errors import StateError
from autoal.tasks import Budget

ROUNDS = 3
CELLS = tuple(
    Cell("digits", {"name": name}, seed, Budget(10, 10, ROUNDS)) for seed in range(100) for name in ("margin", "random")
)


class BenchResults:
    """A file `results.sqlite` that gets round after round of cell after cell."""

    name = "results.sqlite"

    def write(self, path: Path, kind: int, say: Callable[[str], None]) -> None:
        """Write the rounds that are missing; say each that is written, and each cell that is finished."""
        del kind
        with Store(path) as store:
            store.plan(CELLS)
            say("saved")
            say("sealed")
            write(store, CELLS, say)

    def read(self, path: Path) -> Any:
        """States and rounds of every cell, by its label, and the complete runs."""
        if not path.is_file():
            raise StateError("a file of results", f"none at {path}", "another path")
        return everything(path, CELLS)

    def wrong(self, content: Any, said: list[str]) -> str:
        """A round or a finished cell that was said and is not there, or a round with other values."""
        states, rounds, *_ = content
        for number, (cell, lines) in enumerate(zip(CELLS, rounds, strict=True)):
            if list(lines) != [line(cell, n) for n in range(len(lines))]:
                return f"other values in cell {number}"
            if sum(text.startswith(f"round {number} ") for text in said) > len(lines):
                return f"a round of cell {number} is gone"
            if f"finished {number}" in said and states[cell.key] != "finished":
                return f"cell {number} is {states[cell.key]}"
        return ""


def line(cell: Cell, number: int) -> Line:
    """A round of its own for each cell."""
    ids = [number * 10 + i for i in range(10)]
    return {"round": number, "labels": 10 + 10 * number, "accuracy": (cell.seed + number) / 200, "ids": ids}


def write(store: Store, cells: Sequence[Cell], say: Callable[[str], None] = lambda text: None) -> None:
    """Write what is missing of cells that are planned."""
    states = store.states()
    for index, cell in enumerate(cells):
        if states[cell.key] != "finished":
            store.start(cell, {"machine": "any"})
            for number in range(len(store.rounds(cell)), ROUNDS + 1):
                store.append(cell, line(cell, number))
                say(f"round {index} {number}")
            store.finish(cell, 1.0)
            say(f"finished {index}")


def everything(path: Path, cells: Sequence[Cell]) -> tuple[Any, ...]:
    """All that can be read of a file."""
    with Store(path) as store:
        found = store.results()
        return store.states(), [store.rounds(cell) for cell in cells], found.runs, found.failures, found.about
