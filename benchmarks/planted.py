"""Does the search learn? The weights it gives on problems whose answer is known, and the gradient of every step.

Run: python benchmarks/planted.py
"""

from __future__ import annotations

import numpy as np
import torch

from autoal import AutoAL
from autoal.strategies import top
from autoal.testing import Feature, Noise, planted_informative, planted_regions, planted_unlearnable

SEEDS = range(10)


def informative(seed: int) -> tuple[float, float, float]:
    """Weight of the informative candidate of seven, share of its 50 picks that AutoAL makes too, lowest gradient."""
    snapshot, candidate = planted_informative(1000, 400, seed), Feature(1)
    autoal = AutoAL([*(Noise(i) for i in range(6)), candidate], batch="topk")
    picks = autoal.select(snapshot, 50, np.random.default_rng(seed))
    expected = top(candidate.scores(snapshot, np.random.default_rng(0)), 50, np.random.default_rng(0))
    shared = len(set(picks.tolist()) & set(expected.tolist())) / 50
    return autoal.report_.mean_weights[-1], shared, min(autoal.report_.losses["gradient"])


def regions(seed: int) -> tuple[float, float, float]:
    """Mean weight of the first of two candidates where it is informative, and where it is not; lowest gradient."""
    snapshot = planted_regions(1000, 400, seed)
    autoal = AutoAL([Feature(1), Feature(2)], batch="topk")
    autoal.select(snapshot, 50, np.random.default_rng(seed))
    first, positive = autoal.weights_[:, 0], snapshot.embedding[:, 3] > 0
    return float(first[positive].mean()), float(first[~positive].mean()), min(autoal.report_.losses["gradient"])


def unlearnable(seed: int) -> tuple[float, float, float]:
    """Mean weights: of the informative candidate, of one that finds random labels, and the highest of three noises."""
    autoal = AutoAL([Feature(1), Feature(2), *(Noise(i) for i in range(3))], batch="topk")
    autoal.select(planted_unlearnable(1000, 400, seed), 50, np.random.default_rng(seed))
    informative, misled, *noise = autoal.report_.mean_weights
    return informative, misled, max(noise)


def show(title: str, columns: tuple[str, ...], rows: list[tuple[float, ...]]) -> None:
    """Mean, lowest and highest of each column."""
    print(title)
    for name, values in zip(columns, zip(*rows, strict=True), strict=True):
        print(f"  {name:48s} mean {np.mean(values):.3f}   lowest {min(values):.3f}   highest {max(values):.3f}")


def main() -> None:
    """Print both problems over all seeds."""
    torch.set_num_threads(1)
    columns = ("weight of the informative candidate", "share of its picks", "lowest gradient norm of a step")
    show(f"one candidate of seven is informative ({len(SEEDS)} seeds)", columns, [informative(seed) for seed in SEEDS])
    columns = ("its weight where it is informative", "its weight where it is not", "lowest gradient norm of a step")
    show(f"the informative candidate depends on the region ({len(SEEDS)} seeds)", columns, [regions(s) for s in SEEDS])
    columns = (
        "weight of the informative candidate",
        "of one that finds random labels",
        "of the highest of three noises",
    )
    show(
        f"errors that nothing can be learned from ({len(SEEDS)} seeds)", columns, [unlearnable(seed) for seed in SEEDS]
    )


if __name__ == "__main__":
    main()
