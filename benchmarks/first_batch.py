"""What the first batch is worth, chosen without any label: at random, by coverage of an untrained network, of features.

The network of the arm `cnn` is trained on each, with the same seed. What `ActiveLearner.query` does without a label is
coverage of features of images; DIFFERENCES are of that to the others, with one standard error over seeds.

Run: python benchmarks/first_batch.py [--tasks cifar10/cnn/low ...] [--labels 50] [--seeds 8] [--data-dir DIR]
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import tyro
from torch import Tensor

from autoal import tasks
from autoal.image_features import described
from autoal.inputs import ArrayInputs, chunks
from autoal.progress import track
from autoal.random import SeedTree
from autoal.search import herding
from autoal.tasks.data import DataSet
from autoal.tasks.task import Task

CHUNK = 500  # images that are read at one time


@dataclass(frozen=True)
class Options:
    """What is measured."""

    tasks: tuple[str, ...] = ("cifar10/cnn/low", "fashion-mnist/cnn/low", "digits/cnn/low")
    """whose pools, test sets and networks are taken"""
    labels: int = 30
    """in the batch"""
    seeds: int = 8
    """how many, 0 and up"""
    data_dir: Path | None = None
    """where data sets are; default: $AUTOAL_DATA, or ~/.cache/autoal"""


def batches(task: Task, data: DataSet, n: int, seed: int) -> dict[str, Tensor]:
    """Rows (n,) of the pool, by each way of choosing."""
    images, model = ArrayInputs(data.x_train), task.make_model(data)
    untrained = torch.cat([model.features(batch) for _, batch in chunks(images, CHUNK)])
    spaces = {"untrained": untrained, "features": described(images).take(np.arange(len(images)))}
    rng = SeedTree(seed).child("first batch").generator()
    found = {"random": torch.from_numpy(rng.permutation(len(images))[:n])}
    for name, points in spaces.items():
        found[name] = herding(points, torch.ones(len(points)), n, SeedTree(seed).child(name).generator(), None)
    return found


def accuracy(task: Task, data: DataSet, rows: Tensor, seed: int) -> float:
    """In percent, of the network trained on these rows alone."""
    model, labels = task.make_model(data), torch.as_tensor(np.asarray(data.y_train[rows.numpy()]))
    images = ArrayInputs(data.x_train[rows.numpy()])
    model.fit(images, labels, len(data.classes), SeedTree(seed).child("training").generator())
    found = torch.cat([model.predict(batch)[0] for _, batch in chunks(ArrayInputs(data.x_test), CHUNK)])
    return 100 * float((found.argmax(dim=1).numpy() == data.y_test).mean())


def measure(options: Options) -> None:
    """Print accuracies and differences for each task."""
    for name in options.tasks:
        task, found = tasks.get(name), []
        for seed in track(range(options.seeds), options.seeds, name, True):
            data = task.split(options.data_dir, SeedTree(seed))
            chosen = batches(task, data, options.labels, seed)
            found.append({key: accuracy(task, data, rows, seed) for key, rows in chosen.items()})
        means = ", ".join(f"{key} {np.mean([one[key] for one in found]):.1f} %" for key in found[0])
        print(f"{name}, {options.labels} labels, {options.seeds} seeds: {means}")
        for other in ("random", "untrained"):
            gains = np.array([one["features"] - one[other] for one in found])
            error = gains.std(ddof=1) / len(gains) ** 0.5
            print(f"  features - {other}: {gains.mean():+.2f} +- {error:.2f} points", flush=True)


if __name__ == "__main__":
    measure(tyro.cli(Options))
