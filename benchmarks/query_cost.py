"""The time of one AutoAL query with seven candidates, as a ratio to Entropy alone: same model, pool and process.

ResNet-18 and 10,000 images of CIFAR-10, 500 of them labelled, a batch of 100. Training is left out, as it is the same
for both. Where CIFAR-10 is not at hand, random images of its shape stand in: the time does not depend on the pixels.
AutoAL chooses twice: the first query of a pool of images also learns and computes their features, once and for all.
With `--features D` the pool has as many rows of D frozen features, around one centre a class, and the model is linear.

Run: python benchmarks/query_cost.py [--images 10000] [--features 0] [--batch 100] [--repeats 1] [--data-dir DIR]
"""

from __future__ import annotations

import platform
import warnings
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import tyro

import autoal
from autoal.errors import AutoALError
from autoal.models.mlp import mlp
from autoal.models.resnet18 import resnet18
from autoal.search import Ensemble
from autoal.tasks.cifar import CIFAR10

LABELLED, CLASSES = 500, 10
FASTEST = 10  # seconds that a query of 50,000 rows of frozen features may take


@dataclass(frozen=True)
class Options:
    """What is measured."""

    images: int = 10_000
    """size of the pool, labelled samples included"""
    features: int = 0
    """of each sample, in place of its pixels, if not 0"""
    batch: int = 100
    """samples that a query chooses"""
    repeats: int = 1
    """measurements of either strategy, taken in turn"""
    data_dir: Path | None = None
    """where CIFAR-10 is"""


def images(options: Options) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], str]:
    """Images, labels and where they come from."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", autoal.AutoALWarning)
            data = CIFAR10.load(options.data_dir)
        return data.x_train[: options.images], data.y_train[: options.images], "CIFAR-10"
    except AutoALError:
        rng = np.random.default_rng(0)
        x = rng.integers(0, 255, (options.images, 3, 32, 32), dtype=np.uint8)
        return x, rng.integers(0, 10, options.images), "random images (CIFAR-10 was not found)"


def frozen(options: Options) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], str]:
    """Features, labels and where they come from."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, CLASSES, options.images)
    x = rng.standard_normal((options.images, options.features), dtype=np.float32)
    x += rng.standard_normal((CLASSES, options.features), dtype=np.float32)[y]
    return x, y, f"{options.features} features around {CLASSES} centres"


def learner(
    strategy: str, pool: autoal.Pool, model: autoal.TorchModel, y: np.ndarray[Any, Any]
) -> autoal.ActiveLearner:
    """A learner with 500 labels whose model is trained already."""
    made = autoal.ActiveLearner(pool, model, strategy, chunk=256, progress=True)
    made.teach(range(LABELLED), y[:LABELLED])
    return made


def measure(options: Options) -> None:
    """Print seconds by stage of each query, and the ratios."""
    x, y, source = frozen(options) if options.features else images(options)
    machine = f"{platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}"
    print(f"{len(x):,} samples: {source}; {machine}")
    module = partial(mlp, options.features, hidden=()) if options.features else resnet18
    pool, model = autoal.Pool(x, classes=CLASSES), autoal.TorchModel(module, epochs=1, min_steps=4)
    first, later, times = [], [], []
    for _ in range(options.repeats):
        entropy = seconds_of(learner("entropy", pool, model, y), options.batch)
        one = learner("autoal", pool, model, y)
        first.append(seconds_of(one, options.batch) / entropy)
        seconds = seconds_of(one, options.batch)
        later.append(seconds / entropy)
        selection = one.seconds["selection"] / entropy
        print(f"  ratio {first[-1]:.3f}, then {later[-1]:.3f}; of it AutoAL's selection {selection:.3f}")
        times.append(seconds)
    if options.features:
        print(f"AutoAL: {np.median(times):.2f} s a query (median of {len(times)}; goal {FASTEST} s for 50,000 rows)")
    else:
        medians = f"{np.median(first):.3f} for the first query of a pool, {np.median(later):.3f} for others"
        print(f"AutoAL / Entropy: {medians} (medians of {len(later)}; goal 1.15)")


def seconds_of(one: autoal.ActiveLearner, batch: int) -> float:
    """Seconds of a query, training left out; its stages are printed."""
    one.query(batch)
    stages = {stage: one.seconds[stage] for stage in ("pass", "selection")}
    total = sum(stages.values())
    if isinstance(one.strategy, Ensemble):
        stages |= {f"of it {name}": value for name, value in one.strategy.report_.seconds.items()}
    name = one.strategy.name
    print(f"  {name:8s} {total:8.2f} s  ", ", ".join(f"{k} {v:.2f}" for k, v in stages.items()), flush=True)
    return total


if __name__ == "__main__":
    measure(tyro.cli(Options))
