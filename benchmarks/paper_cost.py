"""CPU and wall seconds of one query of `AutoAL.paper()` on Digits images, by the width of its ResNets.

60 labels, a batch of 20, one thread; one query each, in turn, in the same process.

Run: python benchmarks/paper_cost.py [--widths 64 16] [--fit-steps 200] [--search-steps 400]
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import torch
import tyro
from sklearn.datasets import load_digits

from autoal import ActiveLearner, AutoAL, Pool, TorchModel
from autoal.models.small_cnn import small_cnn


@dataclass(frozen=True)
class Options:
    """The measured system."""

    widths: tuple[int, ...] = (64, 16)
    """channels of the first stage; 64 is the published network"""
    fit_steps: int = 200
    """in which each FitNet is trained before the turns"""
    search_steps: int = 400
    """turns"""


def measure(options: Options) -> None:
    """Print a line for each width."""
    torch.set_num_threads(1)
    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32).reshape(-1, 1, 8, 8)[:1000]
    for width in options.widths:
        paper = replace(AutoAL.paper(), width=width, fit_steps=options.fit_steps, search_steps=options.search_steps)
        model = TorchModel(lambda n_classes: small_cnn(n_classes, channels=1), epochs=1, min_steps=100)
        learner = ActiveLearner(Pool(X, classes=10), model, paper)
        learner.teach(range(60), y[:60])
        learner.fit()
        wall, cpu = time.perf_counter(), time.process_time()
        learner.query(20)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        losses = paper.report_.losses
        alpha, gradient = losses["alpha"][-1], max(losses["gradient"])
        print(
            f"width {width}: {cpu:.1f} s of CPU, {wall:.1f} s; soft count {alpha:.2f}, gradient {gradient:.1f} at most"
        )


if __name__ == "__main__":
    measure(tyro.cli(Options))
