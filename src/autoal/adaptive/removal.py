"""Removal experiments: which labelled samples would be missed most says what more labels should be like."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from autoal.inputs import ArrayInputs
from autoal.models.sklearn import SklearnModel
from autoal.snapshot import Snapshot
from autoal.strategies.typiclust import TypiClust, neighbour_distance

# Takes the embedding (k, D) of one class, and how many samples to remove; gives these rows.
Removal = Callable[[Tensor, int, np.random.Generator], Tensor]

NEIGHBOURS = 20  # that typicality is measured by, at most half of the class, as in TypiClust


def at_random(x: Tensor, count: int, rng: np.random.Generator) -> Tensor:
    """Any `count` rows of x (k, D)."""
    return torch.from_numpy(rng.permutation(len(x))[:count])


def most_typical(x: Tensor, count: int, rng: np.random.Generator) -> Tensor:
    """The `count` rows that TypiClust would label if x (k, D) were a pool without labels."""
    return TypiClust().select(Snapshot.from_arrays(x.new_zeros(len(x), 1), x), count, rng)


def least_typical(x: Tensor, count: int, rng: np.random.Generator) -> Tensor:
    """The `count` rows of x (k, D) that are farthest from their nearest others, on average."""
    return neighbour_distance(x, min(NEIGHBOURS, max(len(x) // 2, 1))).topk(count).indices


REMOVALS: dict[str, Removal] = {"random": at_random, "low": most_typical, "high": least_typical}


def accuracies(
    x: Tensor,
    labels: Tensor,
    share: float,
    folds: int,
    repeats: int,
    rng: np.random.Generator,
    removals: Mapping[str, Removal] = REMOVALS,
) -> dict[str, float]:
    """The accuracy of a softmax regression once the samples of each removal are missing, by cross-validation.

    All removals see the same folds, and nothing is removed from what they are judged by.

    Args:
        x: embedding (m, D), of about mean 0 and mean square 1.
        labels: (m,) class indices.
        share: of the labels of each class that a removal takes, at least one; the last label of a class stays.
        folds: the parts of which each is held out once.
        repeats: how often the samples are dealt to folds anew.
        rng: deals the folds, and draws for the removals.
        removals: by name.
    """
    correct = dict.fromkeys(removals, 0)
    for _ in range(repeats):
        fold = dealt(labels, folds, rng)
        for held in range(folds):
            train, test = (fold != held).nonzero().squeeze(1), (fold == held).nonzero().squeeze(1)
            for name, removal in removals.items():
                left = train[remaining(x[train], labels[train], share, removal, rng)]
                correct[name] += _correct(x[left], labels[left], x[test], labels[test], rng)
    return {name: count / (repeats * len(labels)) for name, count in correct.items()}


def dealt(labels: Tensor, folds: int, rng: np.random.Generator) -> Tensor:
    """The fold of each sample (m,), at random; each class is shared as evenly as it can be."""
    order = np.lexsort((rng.random(len(labels)), labels.numpy()))
    fold = np.empty(len(labels), dtype=np.int64)
    fold[order] = np.arange(len(labels)) % folds
    return torch.from_numpy(fold)


def remaining(x: Tensor, labels: Tensor, share: float, removal: Removal, rng: np.random.Generator) -> Tensor:
    """The rows that stay (<= m,), ascending, once the share of each class is removed."""
    stays = torch.ones(len(labels), dtype=torch.bool)
    for c in labels.unique():
        rows = (labels == c).nonzero().squeeze(1)
        count = min(max(round(share * len(rows)), 1), len(rows) - 1)
        if count:
            stays[rows[removal(x[rows], count, rng)]] = False
    return stays.nonzero().squeeze(1)


def _correct(x: Tensor, labels: Tensor, x_test: Tensor, labels_test: Tensor, rng: np.random.Generator) -> int:
    """How many of the test samples a regression fitted to x predicts. It is convex: no luck of training decides."""
    model = SklearnModel(LogisticRegression())
    model.fit(ArrayInputs(x), labels, int(max(labels.max(), labels_test.max())) + 1, rng)
    return int((model.predict(x_test)[0].argmax(dim=1) == labels_test).sum())
