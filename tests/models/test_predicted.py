from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from autoal import ActiveLearner, AutoAL, Pool
from autoal.errors import ColdStartWarning, ModelError
from autoal.inputs import Inputs
from autoal.models.predicted import predicted

X = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
Answer = Callable[[Tensor, Tensor], Any]


class Custom:
    """A model of the user's, whose answer is made of log-probabilities (n, 3) and embedding (n, 4)."""

    def __init__(self, answer: Answer, features: Callable[[Tensor], Any] = lambda x: x) -> None:
        self.answer, self.made = answer, features

    def clone(self) -> Custom:
        return Custom(self.answer, self.made)

    def fit(self, inputs: Inputs, labels: Tensor, n_classes: int, rng: np.random.Generator) -> None:
        pass

    def features(self, batch: Tensor) -> Tensor:
        return self.made(batch)  # type: ignore[no-any-return]

    def predict(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        return self.answer(batch[:, :3].log_softmax(dim=1), batch)  # type: ignore[no-any-return]


def started(answer: Answer, strategy: Any = "margin") -> ActiveLearner:
    learner = ActiveLearner(Pool(X, classes=3), Custom(answer), strategy, chunk=25)
    learner.teach(range(9), np.arange(9) % 3)
    return learner


@pytest.mark.parametrize(
    ("answer", "got"),
    [
        (lambda p, z: p, r"only float32 \(25, 3\)"),
        (lambda p, z: None, "only a NoneType"),
        (lambda p, z: (p, z, z), r"float32 \(25, 3\) and float32 \(25, 4\) and float32 \(25, 4\)"),
        (lambda p, z: (p.numpy(), z.double().numpy()), "a ndarray and a ndarray"),
        (lambda p, z: (p, z.long()), r"float32 \(25, 3\) and int64 \(25, 4\)"),
        (lambda p, z: (z.log_softmax(dim=1), z), r"float32 \(25, 4\) and float32 \(25, 4\)"),
        (lambda p, z: (p[:, :2].log_softmax(dim=1), z), r"float32 \(25, 2\) and float32 \(25, 4\)"),
        (lambda p, z: (p, z[:, 0]), r"float32 \(25, 3\) and float32 \(25,\)"),
        (lambda p, z: (p[:1], z), r"float32 \(1, 3\) and float32 \(25, 4\)"),
    ],
)
def test_what_is_no_pair_of_tensors_of_the_right_shapes_is_refused(answer: Answer, got: str) -> None:
    learner = started(answer)
    for ask in (lambda: learner.query(3), lambda: learner.predict(X[:25])):
        with pytest.raises(ModelError, match=rf"log-probabilities \(25, 3\) and embedding \(25, D\); got {got}. Try"):
            ask()
    assert learner.pending == []


@pytest.mark.parametrize("answer", [lambda p, z: (p[:1], z[:1]), lambda p, z: (p, z[:, :1])])
def test_later_batches_are_as_wide_as_the_first(answer: Answer) -> None:
    """They would be spread over all rows or columns without a word."""
    learner = started(lambda p, z: (p, z) if len(z) == 25 else answer(p, z))
    with pytest.raises(ModelError, match=r"log-probabilities \(6, 3\) and embedding \(6, 4\); got"):
        learner.query(3)


def test_gradients_end_there() -> None:
    weight = torch.ones(4, requires_grad=True)
    strategy = AutoAL(["margin", "kmeans"], cycles=1, fit_steps=2, search_steps=2)
    learner, plain = (started(lambda p, z, w=w: (p, z * w), strategy) for w in (weight, 1))
    assert learner.query(4).tolist() == plain.query(4).tolist()
    model = Custom(lambda p, z: [p, z * weight])
    assert not predicted(model, torch.from_numpy(X))[1].requires_grad


@pytest.mark.parametrize(
    ("features", "got"),
    [
        (lambda x: x.numpy(), "a ndarray"),
        (lambda x: None, "a NoneType"),
        (lambda x: x[:, 0], r"float32 \(40,\)"),
        (lambda x: x[:1], r"float32 \(1, 4\)"),
        (lambda x: x / 0, "NaN or infinite values"),
    ],
)
def test_features_that_nothing_can_be_covered_in_are_refused(features: Callable[[Tensor], Any], got: str) -> None:
    model = Custom(lambda p, z: (p, z), features)
    learner = ActiveLearner(Pool(X, classes=3), model)
    with (
        pytest.warns(ColdStartWarning),
        pytest.raises(ModelError, match=rf"features to return a finite tensor \(40, D\); got {got}. Try"),
    ):
        learner.query(3)


def test_gradients_of_features_end_there() -> None:
    weight = torch.ones(4, requires_grad=True)
    learner = ActiveLearner(Pool(X, classes=3), Custom(lambda p, z: (p, z), lambda x: x * weight))
    with pytest.warns(ColdStartWarning):
        assert len(learner.query(3)) == 3
