"""One strategy against others in the runs of a report, variants included: differences of AUBC over tasks.

Of a single task, over its seeds.

Run: python benchmarks/versus.py docs/benchmarks/peers autoal:decoys uniform_weights:decoys shuffled_weights:decoys
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from autoal.bench.archive import read_results
from autoal.bench.scores import Scores
from autoal.bench.statistics import mean_known, summary
from autoal.bench.tables import count


def main(folder: str, ours: str, *others: str) -> None:
    """Print the mean over tasks with its 95 % interval, the share of pairs won, and the worst task."""
    scores = Scores.of(read_results(Path(folder)))
    if missing := {ours, *others} - set(scores.strategies):
        sys.exit(f"not in {folder}: {', '.join(sorted(missing))}; there are {', '.join(scores.strategies)}")
    points = dict(zip(scores.strategies, 100 * scores.area().swapaxes(0, 1), strict=True))  # each (tasks, seeds)
    for other in others:
        gaps = points[ours] - points[other]
        shared = np.flatnonzero(~np.isnan(gaps).all(axis=1))
        if not len(shared):
            sys.exit(f"{ours} and {other} have no task and seed in common")
        means = mean_known(gaps[shared], axis=1)
        each, worst = summary(gaps), int(means.argmin())
        over = summary(means) if len(shared) > 1 else each
        print(
            f"{ours} - {other}: {over.mean:+.2f} ({over.low:+.2f} to {over.high:+.2f}) over "
            f"{count(len(shared), 'task')}, {each.won:.0%} of {each.pairs} pairs; "
            f"worst task {scores.tasks[shared[worst]]}: {means[worst]:+.2f}"
        )


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
