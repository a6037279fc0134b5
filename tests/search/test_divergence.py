"""An ensemble whose weights cannot be used falls back to its first vote, with one warning."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from autoal import ActiveLearner, AutoAL, AutoALWarning, Pool, Snapshot, Strategy
from autoal.adaptive import ShuffledWeights
from autoal.errors import InputError
from autoal.models import TorchModel
from autoal.models.small_cnn import small_cnn
from autoal.search import Ensemble
from autoal.search.scores import comparable
from autoal.strategies import Entropy, Margin
from autoal.testing import planted_informative

SHORT: dict[str, Any] = {"cycles": 2, "fit_steps": 1, "search_steps": 2, "minibatch": 8}


def fallen(strategy: Ensemble, learner: ActiveLearner) -> list[int]:
    """The picks of a query that warns once and leaves the first vote behind."""
    learner.strategy = strategy
    with pytest.warns(AutoALWarning, match="uses its first vote in this query") as caught:
        picks = learner.query(4)
    assert len(caught) == 1
    vote = strategy.first_vote([c for c in strategy.candidates if isinstance(c, Strategy)])  # type: ignore[union-attr]
    assert torch.allclose(strategy.weights_, vote.expand_as(strategy.weights_))
    assert np.isfinite(strategy.report_.mean_weights).all()
    assert strategy.report_.fell_back
    return sorted(picks.tolist())


def images() -> ActiveLearner:
    """Twelve labels of images."""
    X = np.random.default_rng(0).integers(0, 255, (30, 1, 8, 8), dtype=np.uint8)
    model = TorchModel(lambda c: small_cnn(c, channels=1, width=4), epochs=1, min_steps=3)
    learner = ActiveLearner(Pool(X, classes=2), model)
    learner.teach(range(12), np.arange(12) % 2)
    return learner


@pytest.mark.parametrize(("searchnet", "optimiser"), [("embedding", "adam"), ("embedding", "sgd"), ("inputs", "sgd")])
@pytest.mark.parametrize("fitnet", ["embedding", "inputs", "model", "fitted"])
def test_a_search_that_diverges_chooses_by_the_first_vote(searchnet: Any, fitnet: Any, optimiser: Any) -> None:
    autoal = AutoAL(**SHORT, searchnet=searchnet, fitnet=fitnet, optimiser=optimiser, search_lr=1e38)
    picks = fallen(autoal, images())
    learner = images()
    learner.strategy = AutoAL(search_steps=0)
    assert picks == sorted(learner.query(4).tolist())
    assert len(autoal.report_.losses["gradient"]) <= 3  # of 4: it stops where it diverged


@pytest.mark.parametrize("fitnet", ["embedding", "inputs"])
def test_a_fitnet_that_diverges_leaves_the_first_vote(fitnet: Any) -> None:
    fallen(AutoAL(**SHORT | {"fit_steps": 2}, fitnet=fitnet, fit_lr=1e38), images())


class Diverging(TorchModel):
    """A model that learns from twelve labels, and from six nothing but NaN."""

    def fit(self, inputs: Any, labels: Tensor, *args: Any) -> None:
        super().fit(inputs, labels, *args)
        if len(labels) < 12:
            torch.nn.init.constant_(next(self.module.parameters()), float("nan"))


def test_a_clone_of_the_users_model_that_diverges_leaves_the_first_vote() -> None:
    learner = images()
    learner.model = Diverging(learner.model.make_module, epochs=1, min_steps=3)  # type: ignore[attr-defined]
    fallen(AutoAL(**SHORT, fitnet="model"), learner)


@pytest.mark.parametrize("kind", [AutoAL, ShuffledWeights])
@pytest.mark.parametrize("batch", ["topk", "herding"])
def test_a_diverged_search_predicts_no_losses(kind: type[AutoAL], batch: Any) -> None:
    diverging = kind(**SHORT, search_lr=1e38, score="predicted_loss", per_sample=False, batch=batch)
    first = replace(diverging, search_steps=0)
    learner = images()
    learner.strategy = first
    assert fallen(diverging, images()) == sorted(learner.query(4).tolist())


@dataclass(frozen=True)
class Given(Ensemble):
    """Weighs all samples alike, except the second."""

    row: tuple[float, float] = (0.5, 0.5)
    gate: float = 0.0

    name = "given"
    reference = "a test"
    needs = frozenset({"log_probs", "embedding"})

    def weigh(
        self, snapshot: Snapshot, candidates: Sequence[Strategy], n: int, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        W = torch.full((len(snapshot), 2), 0.5)
        W[1], Theta = torch.tensor(self.row), torch.zeros_like(W)
        Theta[1] = self.gate
        return W, Theta


@pytest.mark.parametrize("batch", ["topk", "herding"])
@pytest.mark.parametrize(
    "planted",
    [
        {"row": (float("nan"), 1.0)},
        {"row": (float("inf"), 1.0), "normalised": False},
        {"row": (0.0, 0.0)},
        {"row": (0.0, 0.0), "normalised": False},
        {"row": (-1.0, 2.0), "normalised": False},
        {"gate": float("nan")},
        {"gate": -200.0, "normalised": False},
        {"gate": -20.0, "normalised": False},
    ],
)
def test_no_ensemble_returns_weights_that_cannot_be_used(batch: Any, planted: dict[str, Any]) -> None:
    picks = fallen(Given([Margin(), Entropy()], batch=batch, **planted), images())
    learner = images()
    learner.strategy = Given([Margin(), Entropy()], batch=batch)
    assert picks == sorted(learner.query(4).tolist())


def test_weights_of_another_shape_are_refused() -> None:
    @dataclass(frozen=True)
    class Short(Given):
        def weigh(self, *args: Any) -> tuple[Tensor, Tensor]:
            W, Theta = super().weigh(*args)
            return W[:, :1], Theta

    with pytest.raises(InputError, match="W and Theta of shape"):
        Short([Margin(), Entropy()]).select(planted_informative(20, 8, 0), 3, np.random.default_rng(0))


@pytest.mark.parametrize("scale", ["rank", "zscore"])
@pytest.mark.parametrize("size", [1e-308, 1e300, 1.7e308])
def test_scores_of_any_size_are_comparable(scale: Any, size: float) -> None:
    unit = torch.tensor([[-1.0, 0.0], [0.0, 0.5], [0.25, 0.5], [1.0, 1.0]], dtype=torch.float64)
    assert torch.allclose(comparable(unit * size, scale), comparable(unit, scale), atol=1e-5)


def test_a_search_that_converges_says_nothing() -> None:
    learner = images()
    learner.strategy = autoal = AutoAL(**SHORT)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        learner.query(4)
    assert not autoal.report_.fell_back
