"""FitNets that do not learn in the turns: asked once, and for no more than the candidates use."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from autoal import AutoAL, Pool
from autoal.inputs import ArrayInputs
from autoal.learner import ActiveLearner
from autoal.models import SklearnModel
from autoal.search.fitnet import FitNet

X = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int)
CYCLES = 3


class Counted(LogisticRegression):  # type: ignore[misc]
    """Counts how often it is asked, over all clones."""

    asked = 0

    def predict_proba(self, X: Any) -> Any:
        Counted.asked += 1
        return super().predict_proba(X)


def asked(fitnet: Any, candidates: list[str]) -> int:
    """How often one query with 20 labels asks the models."""
    learner = ActiveLearner(Pool(X, classes=2), SklearnModel(Counted()))
    learner.strategy = AutoAL(candidates, fitnet=fitnet, cycles=CYCLES)
    learner.teach(range(20), Y[:20])
    learner.fit()
    Counted.asked = 0
    assert len(learner.query(4)) == 4
    return Counted.asked


@pytest.mark.parametrize("fitnet", ["model", "fitted"])
def test_a_model_that_does_not_learn_in_the_turns_is_asked_once(fitnet: str) -> None:
    plain = asked(fitnet, ["margin", "entropy"])
    assert plain <= 2 + CYCLES * 2 * 4  # of the pool and the labels; then each FitNet of one, held, train and all rows
    assert asked(fitnet, ["margin", "bald"]) > plain + CYCLES * 2 * 5  # stochastic passes, where one uses them


def test_settled_losses_are_those_of_the_model() -> None:
    labels = torch.from_numpy(Y)
    net = FitNet(SklearnModel(LogisticRegression()), ArrayInputs(X), labels, 2, torch.arange(30), 0.1)
    net.fit(np.random.default_rng(0))
    rows = torch.tensor([40, 3, 3, 59])
    log_probs, _ = net.model.predict(torch.from_numpy(X)[rows])
    expected = -log_probs[torch.arange(4), labels[rows]]
    assert torch.allclose(net.losses(rows), expected)
    assert net.step(rows, torch.ones(4), torch.zeros(()), 0.1) == 0.0


def test_a_model_in_double_precision_can_be_a_fitnet() -> None:
    class Double(SklearnModel):
        def predict(self, batch: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            log_probs, embedding = super().predict(batch)
            return log_probs.double(), embedding.double()

    learner = ActiveLearner(Pool(X, classes=2), Double(LogisticRegression()))
    learner.strategy = AutoAL(fitnet="model", cycles=1, search_steps=2)
    learner.teach(range(20), Y[:20])
    assert len(learner.query(4)) == 4
