"""One strategy against others in the runs of a report, variants included: differences of AUBC over tasks.

Of a single task, over its seeds. Against one other alone, each task is shown, with a standard error over seeds; folders
that are joined by commas count as one report, of a run in several the last.

Run: python benchmarks/versus.py docs/benchmarks/peers autoal:decoys uniform_weights:decoys shuffled_weights:decoys
     python benchmarks/versus.py docs/benchmarks/sensitivity --without trec/linear/low autoal autoal:doubt=1.0
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import numpy as np

from autoal.bench.archive import read_results
from autoal.bench.results import Results
from autoal.bench.scores import Scores
from autoal.bench.statistics import Difference, summary
from autoal.bench.tables import count


class Compared(NamedTuple):
    """What two strategies differ by, in points of AUBC, where both have runs."""

    over: Difference  # over tasks, or over the seeds of the only one
    each: Difference  # over all pairs of task and seed
    by_task: dict[str, Difference]  # over the seeds of each task


def compared(scores: Scores, ours: str, other: str, without: Collection[str] = ()) -> Compared:
    """Compare on the tasks and seeds that both have, `without` some tasks.

    Raises:
        SystemExit: there is none, or one of the strategies is not known.
    """
    if missing := {ours, other} - set(scores.strategies):
        sys.exit(f"no runs of {', '.join(sorted(missing))}; there are {', '.join(scores.strategies)}")
    points = dict(zip(scores.strategies, 100 * scores.area().swapaxes(0, 1), strict=True))  # each (tasks, seeds)
    gaps = points[ours] - points[other]
    shared = [t for t in np.flatnonzero(~np.isnan(gaps).all(axis=1)) if scores.tasks[t] not in without]
    if not shared:
        sys.exit(f"{ours} and {other} have no task and seed in common")
    by_task, each = {scores.tasks[t]: summary(gaps[t]) for t in shared}, summary(gaps[shared])
    return Compared(summary([task.mean for task in by_task.values()]) if len(shared) > 1 else each, each, by_task)


def main() -> None:
    """Print the mean over tasks with its 95 % interval, the share of pairs won, and the worst task, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", help="of reports, joined by commas")
    parser.add_argument("--without", action="append", default=[], metavar="TASK", help="leave a task out")
    parser.add_argument("ours", help="a strategy")
    parser.add_argument("others", nargs="+", help="those that it is compared with")
    asked = parser.parse_args()
    scores = Scores.of(Results.joined([read_results(Path(folder)) for folder in asked.folders.split(",")]))
    if unknown := set(asked.without) - set(scores.tasks):
        sys.exit(f"no task {', '.join(sorted(unknown))}; there are {', '.join(scores.tasks)}")
    for other in asked.others:
        over, each, by_task = compared(scores, asked.ours, other, asked.without)
        worst = min(by_task, key=lambda task: by_task[task].mean)
        print(
            f"{asked.ours} - {other}: {over.mean:+.2f} ({over.low:+.2f} to {over.high:+.2f}) over "
            f"{count(len(by_task), 'task')}, {each.won:.0%} of {each.pairs} pairs; "
            f"worst task {worst}: {by_task[worst].mean:+.2f}"
        )
        for task, gap in by_task.items() if len(asked.others) == 1 else ():
            print(f"  {task:40s} {gap.mean:+.2f} ± {gap.standard_error:.2f}, {gap.won:.0%} of {gap.pairs} pairs")


if __name__ == "__main__":
    main()
