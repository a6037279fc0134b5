from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))

from autoal.bench.archive import read_results
from autoal.bench.results import Run
from repeat import chosen, compared, repeated

DEV = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "dev"
TASK = "digits/linear/tiny"


def test_strategies_take_turns_on_the_tasks() -> None:
    runs = [Run(task, strategy, 0, ()) for task in ("x", "y") for strategy in "abc"]
    assert [(r.task, r.strategy) for r in chosen(runs, ("x", "y"), None, False, 0)] == [
        ("x", "a"),
        ("y", "b"),
        ("x", "c"),
    ]
    assert len(chosen(runs, ("x", "y"), None, True, 0)) == 6
    assert [r.task for r in chosen([Run("y", "a", 0, ())], ("x", "y"), ["a"], False, 0)] == ["y"]


def test_a_cell_of_the_archive_is_repeated_and_a_changed_one_is_noticed() -> None:
    archived = next(r for r in read_results(DEV).runs if (r.task, r.strategy, r.seed) == (TASK, "margin", 0))
    cell = repeated(archived, 1, None)
    assert (cell.equal, cell.rounds) == (2, 2)
    other = replace(archived, rounds=({**archived.rounds[0], "accuracy": 0.5}, *archived.rounds[1:]))
    assert repeated(other, 1, None).equal == 1
    ids = {cell.name: [cell.ids[0], [0, 1]]}
    assert list(compared([cell], ids)) == [f"{cell.name}: 1 of 2 rounds with the ids of the earlier run"]
