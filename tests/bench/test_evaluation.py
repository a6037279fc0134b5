"""Scores by hand, and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.metrics import balanced_accuracy_score, log_loss

from autoal.bench.evaluation import calibration_error, evaluate


def test_scores_by_hand() -> None:
    probs = torch.tensor([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.7, 0.3]])
    found = evaluate(probs.log(), np.array([0, 0, 1, 1]))
    assert found["accuracy"] == 0.75
    assert found["balanced_accuracy"] == (1 + 0.5) / 2
    assert found["log_loss"] == pytest.approx(-np.log([0.9, 0.6, 0.8, 0.3]).mean(), abs=1e-6)
    assert found["calibration"] == pytest.approx((0.1 + 0.4 + 0.2 + 0.7) / 4, abs=1e-6)  # each in a bin of its own


def test_a_class_that_the_test_set_lacks_does_not_count() -> None:
    probs = torch.tensor([[0.1, 0.8, 0.1], [0.1, 0.2, 0.7], [0.1, 0.8, 0.1]])
    assert evaluate(probs.log(), np.array([1, 1, 1]))["balanced_accuracy"] == pytest.approx(2 / 3)


def test_scores_are_those_of_scikit_learn(rng: np.random.Generator) -> None:
    truth = rng.permutation(np.arange(300) % 4)
    log_probs = torch.log_softmax(torch.from_numpy(rng.standard_normal((300, 4))), dim=1)
    found = evaluate(log_probs, truth)
    predicted = log_probs.argmax(dim=1).numpy()
    assert found["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(truth, predicted))
    assert found["log_loss"] == pytest.approx(log_loss(truth, log_probs.exp().numpy()), abs=1e-6)


def test_the_calibration_error_is_that_of_a_loop_over_bins(rng: np.random.Generator) -> None:
    confidence = np.concatenate([rng.uniform(0, 1, 500), np.arange(16) / 15])  # the edges too
    correct = rng.uniform(size=len(confidence)) < confidence**2
    slow = 0.0
    for k in range(15):
        inside = (confidence > k / 15) & (confidence <= (k + 1) / 15) | ((k == 0) & (confidence == 0))
        if inside.any():
            slow += inside.mean() * abs(correct[inside].mean() - confidence[inside].mean())
    assert calibration_error(confidence, correct) == pytest.approx(slow)
    assert calibration_error(np.full(10, 0.7), np.arange(10) < 7) == pytest.approx(0)
