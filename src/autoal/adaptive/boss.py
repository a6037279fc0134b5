"""BoSS, an oracle: of many batches, the one that raises the test accuracy most. It cheats, and bounds what is there."""

from __future__ import annotations

import copy
import math
import warnings
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits
from torch import Tensor

from autoal.adaptive.candidates import OfCandidates
from autoal.errors import InputError
from autoal.inputs import Inputs, chunks
from autoal.models.predicted import predictions
from autoal.models.protocol import Model
from autoal.pool import OUTSIDE
from autoal.search.space import Standardised
from autoal.snapshot import Snapshot
from autoal.strategies.draws import shuffled, topped_up
from autoal.strategies.guard import tolerant_select
from autoal.strategies.resolve import usable
from autoal.strategies.settings import require_share, require_whole

Array = npt.NDArray[Any]

ITERATIONS = 200  # of L-BFGS, at most
CHUNK = 512  # test samples that go through the model at one time


@dataclass(frozen=True)
class Truth:
    """What no strategy may know."""

    labels: Tensor  # (N,) int64, of the sample with each id; OUTSIDE for those of no class
    test_inputs: Inputs  # t samples
    test_labels: Tensor  # (t,)


@dataclass(frozen=True)
class Boss(OfCandidates):
    """An oracle, not a strategy: it tries batches with their true labels, and keeps the best by **test** accuracy.

    Each candidate selects a batch from each of several random parts of the pool; for each batch the last layer is
    trained again, as a softmax regression on the embedding. It is greedy: a bound for what a choice among the
    candidates can reach in one round, not for what is possible. Only a benchmark can tell it the truth.

    Args:
        candidates: strategies or their names; default: ten that differ. One that needs what the model cannot give is
            left out, with a warning.
        batches: that each candidate selects.
        share: of the pool that a batch is selected from, above 0 and at most 1.

    Source: Huseljic et al., "BoSS", TMLR 2026. The candidates and the share are ours.
    """

    name = "boss"
    reference = "Huseljic et al. 2026"
    needs = frozenset({"log_probs", "embedding"})
    default = (
        "random", "margin", "entropy", "badge", "core_set", "typiclust", "alfa_mix", "drop_query", "max_herding",
        "u_herding",
    )  # fmt: skip

    batches: int = 10
    share: float = 0.5

    truth: Truth | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        require_whole(self, "batches")
        require_share(self, "share")
        super().__post_init__()

    def told(self, truth: Truth) -> Self:
        """The same oracle, which knows the truth."""
        knowing = copy.copy(self)
        object.__setattr__(knowing, "truth", truth)
        return knowing

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """Rows (n,) of the batch with the best test accuracy; of those as good, the one with the least log loss.

        Raises:
            InputError: nobody has told it the truth.
        """
        if self.truth is None or snapshot.source is None:
            got, hint = "neither", "autoal bench --strategies boss; to label data, take a strategy"
            raise InputError("the true labels and a test set, as BoSS is an oracle for benchmarks", got, hint)
        trial = Trial(snapshot, self.truth, embedded(snapshot.source.model, self.truth.test_inputs))
        batches = self._batches(snapshot, n, rng)
        with threadpool_limits(1, "blas"):  # the fits are small: threads would wait longer than they work
            return max(batches, key=trial.quality)

    def _batches(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> list[Tensor]:
        """Each candidate's batches (n,); where a candidate fails, random ones."""
        size = max(math.ceil(self.share * len(snapshot)), n)
        batches = []
        for candidate in usable(self.parts, snapshot):
            for _ in range(self.batches):
                rows = shuffled(snapshot, rng)[:size].sort().values
                picks = rows[tolerant_select(candidate, snapshot.subset(rows), n, rng)]
                batches.append(topped_up(picks, n, snapshot, rng))
        return batches


class Trial:
    """Tries batches: the last layer, trained on them as well, on the test set.

    Args:
        snapshot: the pool, and what is labelled.
        truth: the labels.
        test: the embedding (t, D) of the test samples.
    """

    def __init__(self, snapshot: Snapshot, truth: Truth, test: Tensor) -> None:
        self.snapshot, self.truth = snapshot, truth
        self.space = Standardised.of(snapshot.embedding)
        self.known, self.test = self._features(snapshot.labelled_embedding), self._features(test)

    def quality(self, batch: Tensor) -> tuple[float, float]:
        """Accuracy on the test set after labelling the rows `batch` (n,), and the mean log-likelihood there."""
        x = np.concatenate([self.known, self._features(self.snapshot.embedding[batch])])
        y = torch.cat([self.snapshot.labels, self.truth.labels[self.snapshot.ids[batch]]]).numpy()
        x, y = x[y != OUTSIDE], y[y != OUTSIDE]
        if len(np.unique(y)) < 2:
            return float((self.truth.test_labels == int(y[0])).double().mean()), -math.inf
        log_p, classes = fitted(x, y, self.test)
        expected = self.truth.test_labels.numpy()
        right = classes[log_p.argmax(axis=1)] == expected
        of_label = np.where(classes == expected[:, None], log_p, -np.inf).max(axis=1)
        return float(right.mean()), float(np.maximum(of_label, -30.0).mean())

    def _features(self, embedding: Tensor) -> Array:
        """The embedding in a space of unit spread, with a one for the bias, which the penalty holds as well."""
        x = self.space(embedding)
        return torch.cat([x, x.new_ones(len(x), 1)], dim=1).numpy()


@np.errstate(invalid="ignore")  # a false alarm of BLAS, as in models.sklearn
def fitted(x: Array, y: Array, test: Array) -> tuple[Array, Array]:
    """Log-probabilities (t, k) of the test samples by a softmax regression of y (m,) on x (m, D), and its k classes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        regression = LogisticRegression(fit_intercept=False, max_iter=ITERATIONS).fit(x, y)
    return regression.predict_log_proba(test), regression.classes_


def embedded(model: Model, inputs: Inputs) -> Tensor:
    """The model's embedding (t, D) of the inputs."""
    return torch.cat([z.clone() for _, _, z in predictions(model, chunks(inputs, CHUNK))])
