"""Does the search learn? The weights it gives on problems whose answer is known, and the gradient of every step.

Run: python benchmarks/planted.py
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from autoal import ActiveLearner, AutoAL, Pool, TorchModel
from autoal.models.small_cnn import small_cnn
from autoal.strategies import top
from autoal.testing import (
    Feature,
    Mark,
    Noise,
    planted_images,
    planted_informative,
    planted_regions,
    planted_unlearnable,
)

SEEDS, IMAGE_SEEDS = range(10), range(3)


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


def images(seed: int) -> tuple[float, float, float]:
    """`AutoAL.paper()` on images: weight of the informative candidate of four, share of difficult picks, soft count."""
    X, y = planted_images(1000, seed)
    paper = replace(AutoAL.paper(), candidates=[*(Noise(i) for i in range(3)), Mark()])
    model = TorchModel(lambda n_classes: small_cnn(n_classes, channels=1, width=4), epochs=1, min_steps=30)
    learner = ActiveLearner(Pool(X, classes=2), model, paper, seed=seed)
    learner.teach(range(200), y[:200])
    picks = learner.query(50)
    difficult = float((X[picks, 0, 0, 0] > 128).mean())
    return paper.report_.mean_weights[-1], difficult, paper.report_.losses["alpha"][-1]


def show(title: str, columns: tuple[str, ...], rows: list[tuple[float, ...]]) -> None:
    """Mean, lowest and highest of each column."""
    print(title)
    for name, values in zip(columns, zip(*rows, strict=True), strict=True):
        print(f"  {name:48s} mean {np.mean(values):.3f}   lowest {min(values):.3f}   highest {max(values):.3f}")


def main() -> None:
    """Print all problems over all seeds."""
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
    columns = ("weight of the informative candidate", "share of difficult images among the picks", "soft count of 64")
    show(f"the published method on images ({len(IMAGE_SEEDS)} seeds)", columns, [images(seed) for seed in IMAGE_SEEDS])


if __name__ == "__main__":
    main()
