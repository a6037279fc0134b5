"""Builds modules: passes the number of classes on, and trains nobody else's weights."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from autoal import TorchModel
from autoal.errors import ModelError
from autoal.inputs import ArrayInputs
from autoal.models.factory import build, class_argument
from autoal.models.mlp import mlp

G = torch.Generator().manual_seed(0)
X = torch.randn(40, 5, generator=G)
T = torch.randint(0, 20, (40, 5), generator=G)
Y = torch.arange(40) % 3


class Hidden(nn.Module):
    """Its only parameter is no number of classes."""

    def __init__(self, hidden: int = 64) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(5, hidden), nn.Linear(hidden, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(self.b(self.a(x).relu()))


def fitted(make_module: Callable[..., nn.Module], x: torch.Tensor = X, seed: int = 0, **settings: Any) -> TorchModel:
    model = TorchModel(make_module, epochs=1, min_steps=4, device="cpu", **settings)
    model.fit(ArrayInputs(x), Y, 3, np.random.default_rng(seed))
    return model


@pytest.mark.parametrize(
    ("factory", "arguments"),
    [
        (lambda n: n, ((3,), {})),
        (lambda *sizes: sizes, ((3,), {})),
        (lambda n_classes: n_classes, ((), {"n_classes": 3})),
        (lambda hidden=64, num_classes=10: hidden, ((), {"num_classes": 3})),
        (lambda hidden=64, *, n_labels=None: hidden, ((), {"n_labels": 3})),
        (lambda out_features, classes: classes, ((), {"classes": 3})),
        (lambda n, classes=("a", "b"): n, ((3,), {})),
        (lambda n, bias=True: n, ((3,), {})),
        (lambda hidden=64: hidden, ((), {})),
        (lambda: 0, ((), {})),
        (lambda **named: named, ((), {})),
        (partial(mlp, 5), ((), {"n_classes": 3})),
        (partial(mlp, 5, n_classes=7), ((), {})),
        (partial(nn.Linear, 5), ((), {"out_features": 3})),
        (Hidden, ((), {})),
    ],
)
def test_the_number_of_classes_goes_where_it_is_meant_to_go(factory: Callable[..., Any], arguments: Any) -> None:
    assert class_argument(factory, 3) == arguments


def test_a_default_stays_what_it_is() -> None:
    module = fitted(Hidden).module
    assert isinstance(module, Hidden)
    assert module.a.out_features == 64


def same_object() -> Callable[..., nn.Module]:
    module = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Linear(8, 3))
    return lambda: module


def shared_backbone() -> Callable[..., nn.Module]:
    backbone = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8))
    return lambda n: nn.Sequential(backbone, nn.Linear(8, n))


def shared_storage() -> Callable[..., nn.Module]:
    weights = {"0.weight": torch.randn(8, 5), "0.bias": torch.zeros(8)}

    def make(n: int) -> nn.Module:
        module = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, n))
        module.load_state_dict(weights, strict=False, assign=True)
        return module

    return make


@pytest.mark.parametrize("share", [same_object, shared_backbone, shared_storage])
def test_weights_carry_over_to_no_other_round_nor_to_the_untrained_module(
    share: Callable[[], Callable[..., nn.Module]],
) -> None:
    model = TorchModel(share(), epochs=1, min_steps=8, device="cpu")
    before, found = model.features(X), []
    for _ in range(3):
        model.fit(ArrayInputs(X), Y, 3, np.random.default_rng(0))
        found.append(model.predict(X)[0])
        assert torch.equal(model.features(X), before)
    assert torch.equal(found[0], found[1])
    assert torch.equal(found[0], found[2])


def test_pretrained_word_vectors_stay_as_they_are() -> None:
    vectors = torch.randn(20, 8, generator=G)
    kept = vectors.clone()
    make = lambda n: nn.Sequential(nn.EmbeddingBag.from_pretrained(vectors, freeze=False), nn.Linear(8, n))  # noqa: E731
    model = fitted(make, T)
    assert torch.equal(vectors, kept)
    assert not torch.equal(next(model.module.parameters()), kept)


def test_a_frozen_backbone_is_shared_but_for_its_buffers() -> None:
    backbone = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8)).requires_grad_(False)
    built = build(lambda n: nn.Sequential(backbone, nn.Linear(8, n)), 3)
    ours, theirs = built[0], backbone  # type: ignore[index]
    assert ours[0].weight is theirs[0].weight
    assert ours[1].running_mean is not theirs[1].running_mean


class Locked(nn.Linear):
    """A module that cannot be copied."""

    def __init__(self, n: int) -> None:
        super().__init__(5, n)
        self.lock = threading.Lock()


def test_what_cannot_be_copied_must_be_fresh_each_time() -> None:
    assert torch.isfinite(fitted(Locked).predict(X)[0]).all()
    module = Locked(3)
    model = fitted(lambda: module)
    with pytest.raises(ModelError, match=r"a fresh module from each call .*warm_start=True"):
        model.fit(ArrayInputs(X), Y, 3, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("factory", "message"),
    [
        (lambda n: 1 / 0, r"make_module\(3\) to build a module; got ZeroDivisionError: division by zero. Try"),
        (lambda n, m: nn.Linear(n, m), r"make_module\(3\) to build a module; got TypeError: .*'m'. Try"),
        (lambda n_classes, m: m, r"make_module\(n_classes=3\) to build a module; got TypeError"),
    ],
)
def test_a_factory_that_fails_is_said(factory: Callable[..., Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        build(factory, 3)
