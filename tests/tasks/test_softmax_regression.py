"""Softmax regression against scikit-learn's, which minimises the same."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from autoal import tasks
from autoal.inputs import ArrayInputs
from autoal.models.mlp import mlp
from autoal.random import SeedTree
from autoal.tasks.softmax_regression import SoftmaxRegression


def fitted(x: np.ndarray, y: np.ndarray, c: float, n_classes: int = 10) -> SoftmaxRegression:  # type: ignore[type-arg]
    model = SoftmaxRegression(partial(mlp, x.shape[1], hidden=()), c=c, device="cpu")
    model.fit(ArrayInputs(x), torch.from_numpy(y), n_classes, np.random.default_rng(0))
    return model


def with_ones(x: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    """A feature of ones, whose weight is a bias that is penalised like the others."""
    return np.hstack([x, np.ones((len(x), 1), np.float32)])


@pytest.mark.parametrize("c", [0.05, 1.0, 5.0])
def test_it_reaches_the_optimum_that_scikit_learn_finds(c: float) -> None:
    data = tasks.get("digits").split(None, SeedTree(0))
    x, y = data.x_train[:300], data.y_train[:300]
    reference = LogisticRegression(C=c, max_iter=5000, tol=1e-8, fit_intercept=False).fit(with_ones(x), y)
    log_probs, _ = fitted(x, y, c).predict(torch.from_numpy(data.x_test))
    assert log_probs.exp().numpy() == pytest.approx(reference.predict_proba(with_ones(data.x_test)), abs=0.02)


def test_a_class_without_labels_becomes_unlikely_and_a_clone_keeps_the_penalty() -> None:
    x = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    model = fitted(x, np.arange(20) % 2, 1.0, n_classes=3)
    log_probs, embedding = model.predict(torch.from_numpy(x))
    assert log_probs[:, 2].max() < np.log(0.2)
    assert torch.equal(embedding, torch.from_numpy(x))
    assert model.clone().settings["c"] == 1.0


def test_the_arm_is_as_good_as_a_tuned_classifier() -> None:
    """Within half a point of the best of six penalties, chosen on the very test set; mean of five seeds."""
    gaps = []
    for seed in range(5):
        data = tasks.get("digits/linear/low").split(None, SeedTree(seed))
        x, y = data.x_train[:500], data.y_train[:500]
        model = tasks.get("digits/linear/low").make_model(data)
        model.fit(ArrayInputs(x), torch.from_numpy(y), 10, np.random.default_rng(0))
        accuracy = (model.predict(torch.from_numpy(data.x_test))[0].argmax(dim=1).numpy() == data.y_test).mean()
        penalties = (0.1, 0.3, 1, 3, 10, 100)
        best = max(LogisticRegression(C=c, max_iter=5000).fit(x, y).score(data.x_test, data.y_test) for c in penalties)
        gaps.append(best - accuracy)
    assert np.mean(gaps) < 0.005
