"""Run archived cells again and compare: a change that should not change what is chosen can be checked by it.

Each strategy of the archive is run on one task, the next strategy on the next task, so that a few cells try them all.
A round is equal if its accuracy and log loss are those of the archive, to all digits that it keeps. Archives hold no
ids; `--ids FILE` writes those of this run, and compares them with those of an earlier run if the file is there already.

Run: AUTOAL_DATA=folder python benchmarks/repeat.py docs/benchmarks/dev --rounds 4
     python benchmarks/repeat.py docs/benchmarks/dev --tasks digits/linear/tiny letter/linear/tiny --strategies autoal
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import torch

from autoal import strategies, tasks
from autoal.bench.archive import read_results
from autoal.bench.cell import Cell, run
from autoal.bench.entries import entry
from autoal.bench.results import Run
from autoal.errors import AutoALError

MEASURES = ("accuracy", "log_loss")
TASKS = ("digits/linear/tiny", "letter/linear/tiny", "trec/linear/tiny", "digits/mlp/tiny")
Ids = dict[str, list[list[int]]]  # of each round, by cell


class Repeated(NamedTuple):
    """A cell that was run again."""

    name: str
    rounds: int
    equal: int  # rounds that came out as in the archive
    ids: list[list[int]]


def chosen(runs: Sequence[Run], names: Sequence[str], of: Sequence[str] | None, every: bool, seed: int) -> list[Run]:
    """Pick the runs of each strategy on one of the tasks in turn, or on `every` one of them."""
    found = {(r.task, r.strategy): r for r in runs if r.seed == seed and r.task in names}
    picked: list[Run] = []
    for turn, strategy in enumerate(of or sorted({r.strategy for r in runs})):
        first = turn % len(names)
        its = [found[task, strategy] for task in (*names[first:], *names[:first]) if (task, strategy) in found]
        picked += its if every else its[:1]
    return picked


def repeated(archived: Run, rounds: int | None, data_dir: Path | None) -> Repeated:
    """Run the cell of an archived run again, for some `rounds` after the first labels or for all."""
    task = tasks.get(archived.task)
    last = len(archived.rounds) - 1 if rounds is None else min(rounds, len(archived.rounds) - 1)
    budget = replace(task.budget, rounds=last)
    config = strategies.to_config(entry(archived.strategy))
    cell = Cell(archived.task, config, archived.seed, budget, name=archived.strategy)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lines = list(run(cell, data_dir=data_dir))
    same = [_same(old, new) for old, new in zip(archived.rounds, lines, strict=False)]
    name = f"{archived.task} {archived.strategy} {archived.seed}"
    return Repeated(name, len(lines), sum(same), [line["ids"] for line in lines])


def _same(old: dict[str, float], new: dict[str, float]) -> bool:
    return all(abs(old[key] - new[key]) <= 1e-5 * max(abs(old[key]), 1e-3) for key in MEASURES)


def compared(cells: Sequence[Repeated], earlier: Ids) -> Iterator[str]:
    """Say of each cell that has ids of an earlier run how many rounds asked for the same ids in the same order."""
    for cell in cells:
        if cell.name in earlier:
            same = sum(a == b for a, b in zip(earlier[cell.name], cell.ids, strict=False))
            yield f"{cell.name}: {same} of {len(cell.ids)} rounds with the ids of the earlier run"


def main() -> None:
    """Print a line a cell, and how many cells came out as they are archived."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="of a report, such as docs/benchmarks/dev")
    parser.add_argument("--tasks", nargs="+", default=TASKS, help="the tasks to take cells of")
    parser.add_argument("--strategies", nargs="+", help="default: all of the archive")
    parser.add_argument("--every", action="store_true", help="each strategy on every task, not on one in turn")
    parser.add_argument("--rounds", type=int, help="rounds after the first labels; default: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data-dir", type=Path, help="default: $AUTOAL_DATA, or ~/.cache/autoal")
    parser.add_argument("--ids", type=Path, help="where the ids of this run go, or those of an earlier one are")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    runs = read_results(asked.folder).runs
    cells: list[Repeated] = []
    for archived in chosen(runs, asked.tasks, asked.strategies, asked.every, asked.seed):
        try:
            cells.append(repeated(archived, asked.rounds, asked.data_dir))
        except AutoALError as error:
            print(f"{archived.task} {archived.strategy} {archived.seed}: {error}", flush=True)
            continue
        cell = cells[-1]
        print(f"{cell.name}: {cell.equal} of {cell.rounds} rounds as archived", flush=True)
    whole = sum(cell.equal == cell.rounds for cell in cells)
    print(f"{whole} of {len(cells)} cells as archived")
    if asked.ids is not None and asked.ids.exists():
        lines = list(compared(cells, json.loads(asked.ids.read_text())))
        print(*lines, sep="\n")
    elif asked.ids is not None:
        asked.ids.write_text(json.dumps({cell.name: cell.ids for cell in cells}))
    if not cells:
        sys.exit("no cell of these tasks and strategies could be run")


if __name__ == "__main__":
    main()
