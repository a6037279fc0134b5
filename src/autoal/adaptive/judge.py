"""What labels are worth, estimated from the labels alone: no validation set is taken from the annotator's work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.draws import by_id

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

PENALTY = 3.0  # of the squared weights, where features are scaled to a mean squared length of 1
ASKED = 2_000  # rows of the pool, at most, that say how many samples each labelled one stands for


@dataclass(frozen=True)
class Judge:
    """Judges subsets of the labelled samples as training sets, all by the same samples: every labelled one.

    A least-squares classifier on the embedding is fitted to the subset, with the one-hot classes as its targets. A
    sample of the subset is predicted by the classifier without it, for which there is a closed form: no prediction has
    seen its label, and nothing is random. Each labelled sample counts for the samples of the pool it is nearest to, so
    that what strategies preferred to ask for does not decide how the pool is judged.

    Two subsets are thus compared on the same samples and the same embedding: a batch of difficult samples is not blamed
    for its difficulty, as it would be by the change of a cross-validated accuracy. What remains wrong: the
    classifier is not the user's model; a sample that is alone in its part of the pool is always predicted without help;
    the nearest labelled sample may be of another class than those it stands for; and with few labels the estimate is
    noisy, however exact.

    Source: nearest-neighbour weights, Loog, MLSP 2012; leave-one-out residuals, Allen, Technometrics
    1974; statistic, McNemar, Psychometrika 1947.
    """

    x: FloatArray  # (m, D + 1), the embedding and a constant
    y: FloatArray  # (m, C), one-hot
    weights: FloatArray  # (m,), sum 1

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        """The judge of a snapshot's labelled samples."""
        some, labelled = snapshot.embedding[sample(snapshot)].double(), snapshot.labelled_embedding.double()
        x = scaled(torch.cat([labelled, some]))[: len(labelled)]
        x = torch.cat([x, torch.ones(len(x), 1, dtype=x.dtype)], dim=1)
        y = torch.nn.functional.one_hot(snapshot.labels, snapshot.n_classes).double()
        return cls(x.numpy(), y.numpy(), stands_for(snapshot))

    def right(self, rows: IntArray) -> BoolArray:
        """Which samples (m,) are predicted correctly with these training rows."""
        return np.asarray(self.predictions(rows).argmax(axis=1) == self.y.argmax(axis=1))

    def accuracy(self, rows: IntArray) -> float:
        """The share of the pool that is predicted correctly with these training rows, from 0 to 1."""
        return float(self.weights @ self.right(rows))

    def changes(self, rows: IntArray) -> IntArray:
        """1 for each sample (m,) that only training with these rows, besides all others, gets right; -1 for wrong."""
        every = np.arange(len(self.y))
        return self.right(every).astype(np.int64) - self.right(np.setdiff1d(every, rows))

    def gain(self, rows: IntArray) -> float:
        """How much higher the accuracy is with all labels than without those of these rows, from -1 to 1."""
        return float(self.weights @ self.changes(rows))

    def evidence(self, rows: IntArray) -> float:
        """The gain in its standard deviations if it were chance, sum w d / sqrt(sum (w d)^2), or 0 if nothing changes.

        It is McNemar's statistic with weights, at most the square root of the number of changes.
        """
        changes = self.weights * self.changes(rows)
        return float(changes.sum() / np.sqrt((changes**2).sum())) if changes.any() else 0.0

    def predictions(self, rows: IntArray) -> FloatArray:
        """What a classifier fitted to the rows predicts of all samples (m, C); of its own rows each without itself."""
        prior = 1 / self.y.shape[1]  # which the penalty pulls to
        residual = self.y[rows] - prior
        x, (W, slack) = self.x[rows], ridge(self.x[rows], residual)
        predicted = self.x @ W
        predicted[rows] = residual - (residual - x @ W) / slack[:, None]
        return np.asarray(predicted + prior)


def ridge(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The weights (D, C) with the least |x W - y|^2 + `PENALTY` |W|^2, and 1 - the leverage (k,) of each row of x.

    By the smaller of the two systems: O(k D min(k, D)).
    """
    k, D = x.shape
    if k <= D:
        inverse = np.linalg.inv(x @ x.T + PENALTY * np.eye(k))
        return np.asarray(x.T @ (inverse @ y)), np.asarray(PENALTY * inverse.diagonal())
    inverse = np.linalg.inv(x.T @ x + PENALTY * np.eye(D))
    return np.asarray(inverse @ (x.T @ y)), 1 - np.einsum("ij,ij->i", x @ inverse, x)


def scaled(x: Tensor) -> Tensor:
    """The rows of x (k, D), moved to mean zero and scaled to a mean squared length of 1; all zero if they are alike."""
    centred = x - x.mean(dim=0)
    length = max(float(centred.norm()), 1e-6 * float(x.norm()), 1e-30)  # less is rounding
    unit: Tensor = centred * (len(x) ** 0.5 / length)
    return unit


def sample(snapshot: Snapshot) -> Tensor:
    """At most `ASKED` random rows of the pool, the same at each call."""
    return by_id(snapshot)[torch.from_numpy(np.random.default_rng(0).permutation(len(snapshot))[:ASKED])]


def stands_for(snapshot: Snapshot) -> FloatArray:
    """The share of all samples (m,) that each labelled one is the nearest labelled one of; all are above 0."""
    m, n, rows = len(snapshot.labels), len(snapshot), sample(snapshot)
    count = np.ones(m)  # itself
    if m and n:
        nearest = torch.cdist(snapshot.embedding[rows], snapshot.labelled_embedding.to(snapshot.embedding)).argmin(
            dim=1
        )
        count += n / len(rows) * np.bincount(nearest.numpy(), minlength=m)
    return np.asarray(count / max(count.sum(), 1))
