"""Any classifier with `fit` and `predict_proba` as a model of the loop, as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import torch
from sklearn.dummy import DummyClassifier
from torch import Tensor

from autoal.errors import ModelError
from autoal.inputs import Inputs, columns_of
from autoal.labels import Classes
from autoal.models.dropout import require_rate
from autoal.models.estimators.acceptance import require_classifier
from autoal.models.estimators.embedding import Embedding
from autoal.models.estimators.fitting import FittedEstimator, Fitting
from autoal.models.estimators.members import members
from autoal.models.estimators.table import is_numeric, matrix
from autoal.models.protocol import StochasticHead


class SklearnModel:
    """Wraps a classifier with `fit` and `predict_proba`, of scikit-learn or like its; it gives what it would alone.

    It is fitted on the names of the classes, on the numbers of the pool in their own precision, and on a data frame
    where the pool has names of columns. One that cannot read those gets labels 0 .. k - 1, single precision, or an
    array.

    Its embedding is the features themselves; of a pipeline, it is what the last step reads, if these are numbers. A
    stochastic pass of a forest or a bag is one of its members; of any other classifier it is the classifier with a
    random part of the embedding hidden, by their means over the labelled samples.

    Args:
        estimator: the classifier; it is cloned for each fit and never changed.
        dropout: the share of the features that a stochastic pass hides.

    Raises:
        ModelError: the estimator is no classifier that can give probabilities.
    """

    def __init__(self, estimator: Any, *, dropout: float = 0.5) -> None:
        require_classifier(estimator)
        self.estimator, self.dropout = estimator, require_rate(dropout)
        self._classes: Classes | None = None
        self._columns: tuple[str, ...] | None = None
        self._fitted: FittedEstimator | None = None
        self._embedding: Embedding | None = None

    @property
    def fitted(self) -> Any:
        """The fitted estimator; None before `fit`."""
        return None if self._fitted is None else self._fitted.estimator

    def set_names(self, classes: Sequence[Any], columns: Sequence[str] | None = None) -> None:
        """Take the names that the estimator is fitted with: of the classes, and of the features (d,) if they have any.

        `clone` keeps them.
        """
        self._classes = Classes(tuple(classes))
        self._columns = None if columns is None else tuple(columns)

    def clone(self) -> Self:
        """An unfitted model of the same estimator."""
        model = type(self)(self.estimator, dropout=self.dropout)
        model._classes, model._columns = self._classes, self._columns
        return model

    # BLAS may flag an invalid number where all are finite (numpy issue 24067); a snapshot checks what comes out
    @np.errstate(invalid="ignore")
    def fit(self, inputs: Inputs, labels: Tensor, n_classes: int, rng: np.random.Generator) -> None:
        """Fit a fresh clone; with a single class among the labels, a constant prediction.

        Raises:
            ModelError: the estimator cannot be fitted, or cannot predict then; with its own words.
        """
        single = len(labels.unique()) < 2
        X = matrix(inputs.take(np.arange(len(inputs))))
        fitting = Fitting(
            DummyClassifier(strategy="prior") if single else self.estimator,
            X,
            labels.numpy(),
            n_classes,
            self._classes if self._classes is not None and len(self._classes.names) == n_classes else None,
            columns_of(inputs) or self._columns,
            rng,
        )
        fitted = fitting.fit()
        if not is_numeric(read := fitted.read(X)):
            fitted = fitted.whole()
            read = fitted.read(X)
        self._fitted, self._embedding = fitted, Embedding.of(read)

    @np.errstate(invalid="ignore")
    def predict(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """Log-probabilities (n, C), with a tiny floor for impossible classes, and the embedding (n, D).

        Raises:
            ModelError: the estimator cannot read the batch, or returns no probabilities.
        """
        fitted, embedding = self._state("predict")
        read = fitted.read(matrix(batch))
        encoded = embedding.encode(read)  # first: a classifier may overwrite what it reads
        return fitted.log_probs(read), encoded

    def features(self, batch: Tensor) -> Tensor:
        """The samples themselves, flattened to (n, D) float32."""
        return batch.detach().reshape(len(batch), -1).float()

    def stochastic_head(self, passes: int, rng: np.random.Generator) -> StochasticHead:
        """Members of an ensemble, or the classifier with features hidden; the same for every sample."""
        fitted, embedding = self._state("stochastic_head")
        parts = members(fitted.classifier, fitted.classes)
        if parts:
            order = np.resize(rng.permutation(len(parts))[:passes], passes)
            chosen = [parts[i] for i in order]

            @np.errstate(invalid="ignore")
            def vote(X: Tensor) -> Tensor:
                values = embedding.decode(X).numpy()
                return torch.stack([fitted.log_probs(np.array(values[:, k]), each, c) for each, k, c in chosen])

            return vote
        hidden = torch.from_numpy(rng.random((passes, len(self._means))) < self.dropout)

        @np.errstate(invalid="ignore")
        def masked(X: Tensor) -> Tensor:
            values = embedding.decode(X)
            shown = (torch.where(mask, self._means, values) for mask in hidden)
            return torch.stack([fitted.log_probs(embedding.table(x)) for x in shown])

        return masked

    @property
    def _means(self) -> Tensor:
        """The means (D,) over the labelled samples of what the classifier reads."""
        return self._state("means")[1].means

    def _state(self, asked: str) -> tuple[FittedEstimator, Embedding]:
        if self._fitted is None or self._embedding is None:
            raise ModelError("a model that was fitted", f"{asked} before fit", "fit(inputs, labels, n_classes, rng)")
        return self._fitted, self._embedding
