"""Tests the labels that estimators are given, and the class of each of their columns."""

from __future__ import annotations

from typing import Any

import imblearn.over_sampling
import imblearn.pipeline
import lightgbm
import numpy as np
import pytest
import skorch
import torch
import xgboost
from sklearn.base import clone
from sklearn.ensemble import BaggingClassifier
from sklearn.linear_model import LogisticRegression

from autoal import ActiveLearner, AutoAL, Pool, SklearnModel
from autoal.errors import ModelError
from autoal.models import NamedModel
from autoal.models.estimators.encoding import Encoding

N = 60
TRUE = np.arange(N) % 3
X = np.random.default_rng(0).normal(size=(N, 3)).astype(np.float32)
X[np.arange(N), TRUE] += 1.5
NAMES = ("dog", "cat", "bird")
GAP = np.flatnonzero(TRUE != 1)


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = torch.nn.Linear(3, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x).softmax(dim=1)


def taught(estimator: Any, names: Any = NAMES, rows: Any = range(N), strategy: Any = "margin") -> ActiveLearner:
    learner = ActiveLearner(Pool(X, classes=names), estimator, strategy, progress=False)
    learner.teach(rows, [learner.pool.classes[TRUE[row]] for row in rows])
    return learner


def asked(*args: Any) -> np.ndarray:
    return taught(*args).predict(X).exp().numpy()


def boosting(**settings: Any) -> Any:
    return lightgbm.LGBMClassifier(n_estimators=3, min_child_samples=1, verbose=-1, n_jobs=1, **settings)


@pytest.mark.parametrize("names", [3, NAMES], ids=["numbers", "text"])
@pytest.mark.parametrize("differ", [True, False], ids=["telling", "alike"])
def test_columns_behind_those_of_seen_classes_are_of_none(names: Any, differ: bool) -> None:
    """Boosting with `num_class`: column 1 is the second class seen, also where all predictions are of the first."""
    estimator = boosting(objective="multiclass", num_class=3, random_state=0)
    rows = GAP if differ else np.concatenate([np.flatnonzero(TRUE == 0), GAP[1:2]])
    estimator.set_params(n_estimators=3 if differ else 1)
    given = clone(estimator).fit(X[rows], TRUE[rows]).predict_proba(X)
    assert (len(set(given.argmax(axis=1))) == 2) == differ
    assert np.abs(asked(estimator, names, rows)[:, [0, 2, 1]] - given).max() < 1e-6


@pytest.mark.parametrize("names", [3, NAMES, (5, 6, 7)], ids=["positions", "text", "numbers"])
@pytest.mark.parametrize("weight", [None, torch.tensor([1.0, 1.0, 30.0])], ids=["plain", "weighted"])
def test_outputs_of_a_network_are_all_classes_by_position(names: Any, weight: torch.Tensor | None) -> None:
    net = skorch.NeuralNetClassifier(Net, max_epochs=5, lr=0.5, verbose=0, train_split=None, criterion__weight=weight)
    given = clone(net).fit(X[GAP], TRUE[GAP]).predict_proba(X)
    assert np.abs(asked(net, names, GAP) - given).max() < 1e-6


@pytest.mark.parametrize(
    "names",
    [(True, False), (2.0, 1.0), (0.5, 0.25), ("2", "1"), ("b\0", "b"), ("b", 1), (10**30, 5), (("a", 1), ("b", 2))],
    ids=repr,
)
def test_classes_of_any_name_are_told_apart(names: Any) -> None:
    rows, expected = GAP, LogisticRegression().fit(X[GAP], TRUE[GAP]).predict_proba(X)
    for estimator in (LogisticRegression(), boosting(), xgboost.XGBClassifier(n_estimators=3, n_jobs=1)):
        learner = ActiveLearner(Pool(X, classes=names), estimator, "margin", progress=False)
        learner.teach(rows, [names[TRUE[row] // 2] for row in rows])
        probs = learner.predict(X).exp().numpy()
        assert (probs[rows].argmax(axis=1) == TRUE[rows] // 2).mean() > 0.8
        if isinstance(estimator, LogisticRegression):
            assert np.abs(probs - expected).max() < 1e-4  # the solver goes the other way where the order is another


WEIGHTED = LogisticRegression(class_weight={0: 1.0, 1: 9.0, 2: 3.0}).fit(X, TRUE).predict_proba(X)
UNEQUAL = {"dog": 1.0, "cat": 9.0, "bird": 3.0}


@pytest.mark.parametrize("weights", [UNEQUAL, {0: 1.0, 1: 9.0, 2: 3.0}], ids=["names", "positions"])
def test_weights_mean_the_same_class_however_it_is_called(weights: Any) -> None:
    assert np.abs(asked(LogisticRegression(class_weight=weights)) - WEIGHTED).max() < 1e-4
    bag = BaggingClassifier(LogisticRegression(class_weight=weights), 1, bootstrap=False, random_state=0)
    assert np.abs(asked(bag) - WEIGHTED).max() < 1e-4  # whose members are told 0, 1 and 2


def test_weights_of_classes_without_a_sample_wait_for_one() -> None:
    weights = {"cat": 9.0, "bird": 3.0}
    for estimator in (LogisticRegression(), boosting()):
        less = asked(clone(estimator).set_params(class_weight={"bird": 3.0}), NAMES, GAP)
        assert np.array_equal(asked(clone(estimator).set_params(class_weight=weights), NAMES, GAP), less)


def test_weights_of_what_is_no_class_are_refused() -> None:
    for names, weights in ((NAMES, {"cta": 2.0}), ((5, 6, 7), {0: 1.0, 1: 2.0, 2: 3.0})):
        with pytest.raises(ModelError, match=r"not in class_weight\. Try: weights by the names of the pool's classes"):
            taught(LogisticRegression(class_weight=weights), names).fit()


def test_samplers_are_skipped_and_told_the_names() -> None:
    sampler = imblearn.over_sampling.RandomOverSampler(sampling_strategy={"cat": 40}, random_state=0)
    plain = imblearn.pipeline.make_pipeline(sampler, LogisticRegression())
    expected = clone(plain).fit(X, np.array(NAMES)[TRUE]).predict_proba(X)
    assert np.abs(asked(plain)[:, [2, 1, 0]] - expected).max() < 1e-6
    boosted = imblearn.pipeline.make_pipeline(sampler, xgboost.XGBClassifier(n_estimators=2, n_jobs=1))
    renamed = clone(boosted).set_params(randomoversampler__sampling_strategy={1: 40}).fit(X, TRUE).predict_proba(X)
    assert np.abs(asked(boosted) - renamed).max() < 1e-6


class Bare:
    """An object with the two methods and nothing else."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> None:
        self.labels = np.unique(y)
        self.means = np.stack([X[y == label].mean(axis=0) for label in self.labels])

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        near = np.exp(-((X[:, None] - self.means) ** 2).sum(axis=2))
        return near / near.sum(axis=1, keepdims=True)


def test_columns_without_classes_are_in_the_order_of_the_pool() -> None:
    for names in (3, NAMES, tuple(sorted(NAMES)), (7, 5, 6)):
        for rows in (np.arange(N), GAP):
            probs = asked(Bare(), names, rows)
            assert (probs.argmax(axis=1) == TRUE)[rows].mean() > 0.7
            assert (probs[:, 1].max() < 1e-6) == (rows is GAP)


def test_clones_know_the_names() -> None:
    model = SklearnModel(LogisticRegression(class_weight=UNEQUAL))
    assert isinstance(model, NamedModel)
    learner = taught(model, NAMES, range(24), AutoAL(fitnet="model", cycles=1, search_steps=2))
    assert len(learner.query(3)) == 3
    assert model.fitted.classes_.tolist() == sorted(NAMES)
    other = model.clone()
    other.fit(learner.pool.inputs, torch.from_numpy(TRUE), 3, np.random.default_rng(0))
    assert other.fitted.classes_.tolist() == sorted(NAMES)


def test_names_of_another_number_of_classes_are_not_used() -> None:
    model = SklearnModel(LogisticRegression())
    model.set_names(NAMES[:2])
    model.fit(Pool(X, classes=3).inputs, torch.from_numpy(TRUE), 3, np.random.default_rng(0))
    assert model.fitted.classes_.tolist() == [0, 1, 2]


def test_labels_from_zero_are_a_permutation() -> None:
    encoding = Encoding.contiguous(np.array([1, 3]), 5)
    assert encoding.values.tolist() == [2, 0, 3, 1, 4]
    assert [encoding.find(value) for value in (0, 1, 2, 9)] == [1, 3, 0, None]
    assert encoding.starts_at_zero(np.array([1, 3]))
