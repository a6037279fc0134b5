"""One strategy against others in the runs of a report, variants included: differences of AUBC over tasks.

Of a single task, over its seeds.

Run: python benchmarks/versus.py docs/benchmarks/peers autoal:decoys uniform_weights:decoys shuffled_weights:decoys
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from autoal.bench.archive import read_results
from autoal.bench.statistics import aubc, paired, summary
from autoal.bench.tables import count


def main(folder: str, ours: str, *others: str) -> None:
    """Print the mean over tasks with its 95 % interval, the share of pairs won, and the worst task."""
    points: dict[str, dict[tuple[str, int], float]] = defaultdict(dict)
    for run in read_results(Path(folder)).runs:
        labels, accuracy = ([line[key] for line in run.rounds] for key in ("labels", "accuracy"))
        points[run.strategy][run.task, run.seed] = 100 * aubc(labels, accuracy)
    for other in others:
        pairs = sorted(points[ours].keys() & points[other].keys())
        won = paired([points[ours][pair] for pair in pairs], [points[other][pair] for pair in pairs]).won
        tasks: dict[str, list[float]] = defaultdict(list)
        for task, seed in pairs:
            tasks[task].append(points[ours][task, seed] - points[other][task, seed])
        means = {task: sum(found) / len(found) for task, found in tasks.items()}
        over = summary(list(means.values()) if len(means) > 1 else tasks[next(iter(means), "")])
        worst = min(means, key=means.__getitem__, default="no task in common")
        print(
            f"{ours} - {other}: {over.mean:+.2f} ({over.low:+.2f} to {over.high:+.2f}) over "
            f"{count(len(means), 'task')}, {won:.0%} of {len(pairs)} pairs; "
            f"worst task {worst}: {means.get(worst, float('nan')):+.2f}"
        )


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
