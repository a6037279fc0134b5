"""Any scikit-learn classifier that gives probabilities as a model of the loop, as it is."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import numpy as np
import sklearn.base
import torch
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import BaggingClassifier, ExtraTreesClassifier, RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import Pipeline
from torch import Tensor

from autoal.errors import ModelError
from autoal.inputs import Inputs
from autoal.models.dropout import require_rate
from autoal.models.protocol import StochasticHead

FLOOR = 1e-12  # probability of a class that the estimator rules out or has not seen

# Their members are trained alike and independently, so each is one pass; those of boosting, stacking or one-vs-rest are
# not classifiers of the same problem.
ENSEMBLES = (RandomForestClassifier, ExtraTreesClassifier, BaggingClassifier)


class SklearnModel:
    """Wraps a classifier with `fit` and `predict_proba`; its embedding is the features themselves.

    Of a pipeline, the embedding is what its last step reads. A stochastic pass of a forest or a bag is one of its
    members; of any other classifier it is the classifier with a random part of the embedding hidden, by their means
    over the labelled samples.

    Args:
        estimator: the classifier; it is cloned for each fit and never changed.
        dropout: the share of the features that a stochastic pass hides.
    """

    def __init__(self, estimator: Any, *, dropout: float = 0.5) -> None:
        missing = [name for name in ("fit", "predict_proba") if not hasattr(estimator, name)]
        if missing:
            hint = "LogisticRegression or another; CalibratedClassifierCV(estimator) if labels suffice for its folds"
            raise ModelError("a classifier with fit and predict_proba", f"no {' and no '.join(missing)}", hint)
        self.estimator, self.dropout = estimator, require_rate(dropout)
        self.fitted: Any = None
        self.n_classes = 0
        self._means = torch.empty(0)

    def clone(self) -> Self:
        """An unfitted model of the same estimator."""
        return type(self)(self.estimator, dropout=self.dropout)

    # BLAS may flag an invalid number where all are finite (numpy issue 24067); a snapshot checks what comes out
    @np.errstate(invalid="ignore")
    def fit(self, inputs: Inputs, labels: Tensor, n_classes: int, rng: np.random.Generator) -> None:
        """Fit a fresh clone; with a single class among the labels, a constant prediction."""
        X = self.features(inputs.take(np.arange(len(inputs))))
        single = len(labels.unique()) < 2
        estimator = DummyClassifier(strategy="prior") if single else sklearn.base.clone(self.estimator)
        unset = [key for key, value in estimator.get_params().items() if value is None and _is_seed(key)]
        estimator.set_params(**{key: int(rng.integers(2**31)) for key in unset})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            try:
                self.fitted = estimator.fit(X.numpy(), labels.numpy())
            except ValueError as error:  # as of folds or neighbours that are more than the samples
                said, got = str(error).strip(), f"{len(labels)} labels of {len(labels.unique())} classes"
                hint = "more labels before the first query, or an estimator that fits few, as LogisticRegression()"
                raise ModelError(f"an estimator that fits {got}", f"{type(error).__name__}: {said}", hint) from error
        self.n_classes, self._means = n_classes, self._embedded(X).mean(dim=0)

    def predict(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """Log-probabilities (n, C), with a tiny floor for impossible classes, and the embedding (n, D)."""
        if self.fitted is None:
            raise ModelError("a model that was fitted", "predict before fit", "fit(inputs, labels, n_classes, rng)")
        embedding = self._embedded(self.features(batch))
        return self._log_probs(self._last, embedding, self._last.classes_), embedding

    def features(self, batch: Tensor) -> Tensor:
        """The samples themselves, flattened to (n, D) float32."""
        return batch.detach().reshape(len(batch), -1).float()

    def stochastic_head(self, passes: int, rng: np.random.Generator) -> StochasticHead:
        """Members of an ensemble, or the classifier with features hidden; the same for every sample."""
        if self.fitted is None:
            raise ModelError("a model that was fitted", "stochastic_head before fit", "fit(inputs, labels, ...)")
        members = self._members()
        if members:
            order = np.resize(rng.permutation(len(members))[:passes], passes)
            chosen = [members[i] for i in order]

            def vote(X: Tensor) -> Tensor:
                return torch.stack([self._log_probs(member, X[:, columns], c) for member, columns, c in chosen])

            return vote
        hidden = torch.from_numpy(rng.random((passes, len(self._means))) < self.dropout)

        def masked(X: Tensor) -> Tensor:
            last, shown = self._last, (torch.where(mask, self._means, X) for mask in hidden)
            return torch.stack([self._log_probs(last, x, last.classes_) for x in shown])

        return masked

    @property
    def _last(self) -> Any:
        """The fitted classifier, without what stands before it in a pipeline."""
        return self.fitted[-1] if isinstance(self.fitted, Pipeline) else self.fitted

    def _embedded(self, X: Tensor) -> Tensor:
        """What the classifier reads (n, D) of the features (n, d)."""
        if not isinstance(self.fitted, Pipeline) or len(self.fitted) == 1:
            return X
        with _answering():
            read = self.fitted[:-1].transform(X.numpy())
        dense = read.toarray() if hasattr(read, "toarray") else read
        return torch.from_numpy(np.ascontiguousarray(dense, dtype=np.float32))

    def _members(self) -> list[tuple[Any, Any, Any]]:
        """Each member of an ensemble, with the columns of the features it reads and the classes it knows."""
        last = self._last
        if not isinstance(last, ENSEMBLES):
            return []
        members = last.estimators_
        if not all(hasattr(member, "predict_proba") for member in members):
            return []
        columns = getattr(last, "estimators_features_", [slice(None)] * len(members))
        # the members know the classes by their positions in the ensemble's own list
        classes = [last.classes_[np.asarray(member.classes_, dtype=int)] for member in members]
        return list(zip(members, columns, classes, strict=True))

    @np.errstate(invalid="ignore")
    def _log_probs(self, estimator: Any, X: Tensor, classes: Any) -> Tensor:
        probs = torch.full((len(X), self.n_classes), FLOOR, dtype=torch.float64)
        with _answering():
            given = np.asarray(estimator.predict_proba(X.numpy()), dtype=np.float64)
            probs[:, torch.as_tensor(np.asarray(classes, dtype=np.int64))] += torch.from_numpy(given)
        return (probs / probs.sum(dim=1, keepdim=True)).log().float()


@contextmanager
def _answering() -> Iterator[None]:
    """An error of an estimator that was fitted, as of neighbours that are more than the labels, as one of ours."""
    try:
        yield
    except (ValueError, TypeError, IndexError, AttributeError, RuntimeError) as error:
        got = f"{type(error).__name__}: {str(error).strip()}"
        hint = "more labels before the first query, an estimator that can do with few, or samples like those fitted"
        raise ModelError("an estimator that predicts once it is fitted", got, hint) from error


def _is_seed(key: str) -> bool:
    return key.rsplit("__", 1)[-1] == "random_state"
