"""The published method learns from pixels: gates stay open, nothing becomes NaN, the informative candidate is found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from autoal import ActiveLearner, AutoAL, Pool
from autoal.inputs import ArrayInputs
from autoal.models import TorchModel
from autoal.models.resnet18 import resnet18
from autoal.models.small_cnn import small_cnn
from autoal.search.mixture import thresholds
from autoal.search.networks import MLPBackbone, ResNetBackbone, resnet_fitnet
from autoal.search.searchnet import SearchNet
from autoal.testing import Mark, Noise, planted_images


def learner_of(X: Any, y: Any, labels: int, paper: AutoAL) -> ActiveLearner:
    """A small network that knows the first labels."""
    model = TorchModel(lambda c: small_cnn(c, channels=1, width=4), epochs=1, min_steps=30)
    learner = ActiveLearner(Pool(X, classes=int(y.max()) + 1), model, paper)
    learner.teach(range(labels), y[:labels])
    return learner


@pytest.mark.parametrize("searchnet", ["embedding", "inputs"])
@pytest.mark.parametrize("fitnet", ["embedding", "inputs", "model", "fitted"])
def test_no_pair_of_nets_closes_all_gates(searchnet: Any, fitnet: Any) -> None:
    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32).reshape(-1, 1, 8, 8)[:200]
    nets = {"searchnet": searchnet, "fitnet": fitnet}
    paper = replace(AutoAL.paper(), **nets, fit_steps=5, search_steps=12, minibatch=16, search_lr=0.1, width=4)
    learner_of(X, y, 60, paper).query(10)  # a warning would be an error
    losses = paper.report_.losses
    assert all(np.isfinite(values).all() for values in losses.values())
    assert min(losses["gradient"]) > 0
    assert max(losses["gradient"]) < 100
    assert losses["alpha"][-1] < losses["alpha"][0] / 2  # closed gates would leave half of the minibatch, 8
    assert bool(torch.isfinite(paper.weights_).all())


def test_the_soft_count_reaches_its_target_on_embeddings() -> None:
    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32).reshape(-1, 1, 8, 8)[:400]
    paper = replace(AutoAL.paper(), searchnet="embedding", fitnet="embedding", fit_steps=100, search_steps=100)
    learner_of(X, y, 60, paper).query(10)
    target = 10 / 340 * 60
    assert np.mean(paper.report_.losses["alpha"][-10:]) < 2 * target < 4


def test_the_informative_candidate_is_found_on_images() -> None:
    X, y = planted_images(300, 0)
    steps = {"fit_steps": 20, "search_steps": 30, "search_lr": 0.1, "minibatch": 32, "width": 4}
    paper = replace(AutoAL.paper(), candidates=[Noise(0), Mark(), Noise(1)], **steps)
    picks = learner_of(X, y, 120, paper).query(20)
    assert paper.report_.mean_weights[1] > 0.5
    assert (X[picks, 0, 0, 0] > 128).mean() >= 0.9  # the mark; half of the pool has it


def test_gates_approach_their_bound_and_no_more() -> None:
    free, bounded = (
        SearchNet(MLPBackbone(3, 4, 0.0), torch.full((2,), 0.5), gate_bound=bound).eval() for bound in (None, 2.0)
    )
    for net in (free, bounded):
        torch.nn.init.constant_(net.shared, -1e6)
        net.shared.data[2] = 0.01
    x = torch.randn(5, 3)
    assert torch.allclose(free(x).Theta, torch.tensor([0.01, -1e6]).expand(5, 2))
    assert torch.allclose(bounded(x).Theta, torch.tensor([0.01, -2.0]).expand(5, 2), atol=1e-6)
    assert torch.isfinite(bounded.log_shared_vote()).all()


def test_thresholds_that_are_not_scaled_are_each_candidates_own(rng: np.random.Generator) -> None:
    S = torch.randn(500, 3) * torch.tensor([1.0, 2.0, 3.0])
    theta, _ = thresholds(S, torch.full((3,), 1 / 3), 0.1, 0, rng, scaled=False)
    assert torch.allclose(theta, torch.quantile(S, 0.9, dim=0), atol=1e-5)


@pytest.mark.parametrize(("side", "first"), [(8, 8), (16, 16), (17, 9), (28, 14), (32, 16), (64, 16)])
def test_the_first_stage_of_a_resnet_sees_at_most_16_pixels_a_side(side: int, first: int) -> None:
    x = torch.rand(2, 1, side, side)
    levels = ResNetBackbone(x, 4).eval()(x)
    assert levels[0].shape == (2, 4, first, first)
    assert [level.shape[1] for level in levels] == [4, 8, 16, 32, 32]


def test_the_default_keeps_the_published_width_and_no_bound() -> None:
    plain = AutoAL()
    assert (plain.gate_bound, plain.width, plain.scaled_thresholds, plain.centred) == (None, 64, True, True)
    assert sum(p.numel() for p in resnet18(10).parameters()) == 11_173_962
    made = resnet_fitnet(ArrayInputs(np.zeros((1, 3, 8, 8), np.float32)), 1, 0.1, 64).make_module(10)
    assert sum(p.numel() for p in made.parameters()) == 11_173_962
