"""Are the arms `linear` and `mlp` trained well enough, and fast enough? On parts of training sets only.

Prints, for each data set and number of labels, the accuracy of scikit-learn's logistic regression with the best of ten
penalties, with a bias or without (chosen on the very samples that it is scored on), of both arms, and of the arm `mlp`
trained ten times as long; then milliseconds of a processor for a fit.

Run: python benchmarks/heads.py --data-dir DIR
"""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import tyro
from sklearn.linear_model import LogisticRegression

from autoal import AutoALWarning, TorchModel, tasks
from autoal.inputs import ArrayInputs
from autoal.models import Model
from autoal.tasks import DataSet

PENALTIES = (1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 100)
HELD_OUT = 3000


@dataclass(frozen=True)
class Options:
    """Accuracy and time of the arms on frozen features."""

    data_sets: tuple[str, ...] = ("digits", "fashion-mnist", "cifar10", "trec", "letter")
    labels: tuple[int, ...] = (50, 100, 500)
    seeds: int = 10
    data_dir: Path | None = None


@dataclass
class Part:
    """Some of a training set to learn from, and others to score on."""

    x: Any
    y: Any
    x_held_out: Any
    y_held_out: Any
    n_classes: int


def part(data: DataSet, n: int, seed: int) -> Part:
    """Drawn at random."""
    order = np.random.default_rng(seed).permutation(len(data.y_train))
    known, held_out = np.sort(order[:n]), np.sort(order[n : n + HELD_OUT])
    x, y = data.x_train, data.y_train
    return Part(np.array(x[known]), y[known], np.array(x[held_out]), y[held_out], len(data.classes))


def score(model: Model, p: Part) -> tuple[float, float]:
    """Accuracy and milliseconds of a processor for a fit."""
    started = time.process_time()
    model.fit(ArrayInputs(p.x), torch.from_numpy(p.y), p.n_classes, np.random.default_rng(0))
    milliseconds = 1000 * (time.process_time() - started)
    predicted = model.predict(torch.from_numpy(p.x_held_out))[0].argmax(dim=1).numpy()
    return float((predicted == p.y_held_out).mean()), milliseconds


def longer(model: Model) -> Model:
    """The same model, with ten times the steps at a third of the rate."""
    assert isinstance(model, TorchModel)
    s = model.settings
    s.update(epochs=10 * s["epochs"], min_steps=10 * s["min_steps"], lr=s["lr"] / 3)
    return model


def reference(c: float, free: bool, p: Part) -> float:
    """Accuracy of scikit-learn's classifier, with a free bias or with none."""
    classifier = LogisticRegression(C=c, max_iter=3000, fit_intercept=free).fit(p.x, p.y)
    return float(classifier.score(p.x_held_out, p.y_held_out))


def row(name: str, data: DataSet, n: int, seeds: int) -> str:
    """One line of the table."""
    parts = [part(data, n, seed) for seed in range(seeds)]
    makers = {arm: tasks.get(f"{name}/{arm}").make_model for arm in ("linear", "mlp")}
    runs = {arm: np.array([score(make(data), p) for p in parts]) for arm, make in makers.items()}
    long = np.mean([score(longer(makers["mlp"](data)), p)[0] for p in parts])
    tuned = [[reference(c, free, p) for p in parts] for c in PENALTIES for free in (True, False)]
    best = max(np.mean(scores) for scores in tuned)
    columns = [f"{100 * value:.1f}" for value in (best, runs["linear"][:, 0].mean(), runs["mlp"][:, 0].mean(), long)]
    times = [f"{np.median(runs[arm][:, 1]):.0f}" for arm in ("linear", "mlp")]
    return " | ".join(["", name, str(n), *columns, *times, ""]).strip()


def main(options: Options) -> None:
    """Print the table."""
    torch.set_num_threads(1)
    print("| data | labels | tuned logistic regression | linear | mlp | mlp, longer | linear ms | mlp ms |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name in options.data_sets:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AutoALWarning)
            data = tasks.get(f"{name}/linear").load(options.data_dir)
        for n in options.labels:
            print(row(name, data, n, options.seeds), flush=True)


if __name__ == "__main__":
    main(tyro.cli(Options))
