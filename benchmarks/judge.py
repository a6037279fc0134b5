"""How well `autoal.adaptive.judge` knows what a batch was worth: its estimate beside the change of the test accuracy.

Handwritten digits and a softmax regression. From each of several random sets of labels, six strategies ask for a batch
each. Printed is the rank correlation with the true change, over all of these batches, of the judge's gain; of the same
without weights; and of the change of the leave-one-out accuracy, which is measured on other samples after the batch.

Run: python benchmarks/judge.py [--seeds 20]
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import tyro
from scipy.stats import spearmanr
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from autoal import Snapshot, strategies
from autoal.adaptive.judge import Judge
from autoal.inputs import ArrayInputs
from autoal.models.sklearn import SklearnModel

STRATEGIES = ("random", "margin", "entropy", "kmeans", "typiclust", "core_set")
SIZES = ((30, 20), (100, 30), (300, 50))  # labels before the batch, and in it
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Options:
    """What is measured."""

    seeds: int = 20
    """random sets of labels of each size"""


@dataclass(frozen=True)
class Digits:
    """All images, of which the test takes a third."""

    x: torch.Tensor
    y: torch.Tensor

    def trained(self, labelled: Rows) -> SklearnModel:
        """A softmax regression on these images."""
        model = SklearnModel(LogisticRegression(max_iter=200))
        model.fit(ArrayInputs(self.x[labelled]), self.y[labelled], 10, np.random.default_rng(0))
        return model

    def snapshot(self, labelled: Rows, pool: Rows) -> Snapshot:
        """What a strategy sees."""
        inputs, known = ArrayInputs(self.x[pool]), ArrayInputs(self.x[labelled])
        model = self.trained(labelled)
        return Snapshot.from_model(model, inputs, known, self.y[labelled], np.random.default_rng(0))

    def accuracy(self, labelled: Rows, test: Rows) -> float:
        """Of training on these images."""
        right = self.trained(labelled).predict(self.x[test])[0].argmax(dim=1) == self.y[test]
        return float(right.double().mean())


def estimates(judge: Judge, before: int) -> dict[str, float]:
    """What is said of the batch that follows the first `before` labels."""
    m = len(judge.y)
    even, old, batch = replace(judge, weights=np.full(m, 1 / m)), np.arange(before), np.arange(before, m)
    known = Judge(judge.x[old], judge.y[old], np.full(before, 1 / before))
    changed = even.accuracy(np.arange(m)) - known.accuracy(old)
    return {"judge": judge.gain(batch), "without weights": even.gain(batch), "leave-one-out": changed}


def measure(options: Options) -> None:
    """Print the correlations for each number of labels."""
    x, y = load_digits(return_X_y=True)
    digits = Digits(torch.from_numpy(x / 16).float(), torch.from_numpy(y).long())
    for before, size in SIZES:
        truth, said = [], list[dict[str, float]]()
        for seed in range(options.seeds):
            test, rest = np.split(np.random.default_rng(seed).permutation(len(y)), [len(y) // 3])
            labelled, pool = rest[:before], np.sort(rest[before:])
            snapshot, base = digits.snapshot(labelled, pool), digits.accuracy(labelled, test)
            for name in STRATEGIES:
                strategy: Any = strategies.get(name)()
                picks = strategy.select(snapshot, size, np.random.default_rng(seed)).numpy()
                after = np.concatenate([labelled, pool[picks]])
                truth.append(digits.accuracy(after, test) - base)
                judge = Judge.of(digits.snapshot(after, np.delete(pool, picks)))
                said.append(estimates(judge, before))
        columns = {name: [one[name] for one in said] for name in said[0]}
        told = ", ".join(f"{name} {spearmanr(truth, column)[0]:+.2f}" for name, column in columns.items())
        print(f"{before:4d} + {size} labels: true change {np.mean(truth):+.3f}; rank correlation: {told}", flush=True)


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        measure(tyro.cli(Options))
