"""Finds the logits among the outputs of a module, and keeps its inputs as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from autoal import ActiveLearner, Pool, TorchModel
from autoal.errors import DivergedError, InputError, ModelError
from autoal.inputs import ArrayInputs

G = torch.Generator().manual_seed(0)
X = torch.randn(40, 5, generator=G)
T = torch.randint(0, 20, (40, 5), generator=G)
Y = (X[:, 0] > 0).long() + (X[:, 1] > 0).long()


class Net(nn.Module):
    """Logits of two layers, and `end` makes the output of them, of the units before and of whether it is trained."""

    def __init__(self, n: int, end: Callable[[Tensor, Tensor, bool], Any]) -> None:
        super().__init__()
        self.first, self.last, self.end = nn.Linear(5, 8), nn.Linear(8, n), end

    def forward(self, x: Tensor) -> Any:
        h = self.first(x).relu()
        return self.end(self.last(h), h, self.training)


def fitted(end: Callable[[Tensor, Tensor, bool], Any], x: Tensor = X, **settings: Any) -> TorchModel:
    model = TorchModel(lambda n: Net(n, end), epochs=1, min_steps=4, device="cpu", **settings)
    model.fit(ArrayInputs(x), Y, 3, np.random.default_rng(0))
    return model


@dataclass
class Output:
    """As of transformers."""

    logits: Tensor
    loss: None = None


PLAIN = fitted(lambda z, h, training: z).predict(X)[0]


@pytest.mark.parametrize(
    "end",
    [
        lambda z, h, training: (z, h) if training else z,
        lambda z, h, training: [z, h],
        lambda z, h, training: Output(z),
        lambda z, h, training: {"loss": h, "logits": z},
        lambda z, h, training: SimpleNamespace(logits=z) if training else z,
        lambda z, h, training: z.double(),
    ],
)
def test_logits_are_found_among_other_outputs(end: Callable[[Tensor, Tensor, bool], Any]) -> None:
    assert torch.allclose(fitted(end).predict(X)[0], PLAIN, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_trained_and_read(dtype: torch.dtype) -> None:
    found = fitted(lambda z, h, training: z.to(dtype)).predict(X)[0]
    assert found.dtype == torch.float32
    assert torch.allclose(found, PLAIN, atol=0.05)


@pytest.mark.parametrize(
    ("end", "message"),
    [
        (lambda z, h, t: z.softmax(dim=1), "logits.*; got probabilities: 8 rows that sum to one. Try: .*softmax"),
        (lambda z, h, t: z if t else z.softmax(dim=1), "got probabilities: .*also in evaluation"),
        (lambda z, h, t: z.softmax(dim=1) if t else z, "got the output of a softmax. Try"),
        (lambda z, h, t: z.sigmoid(), "got the output of a sigmoid. Try"),
        (lambda z, h, t: z if t else z.sigmoid(), "got the output of a sigmoid. Try"),
        (lambda z, h, t: nn.functional.hardsigmoid(z), "got the output of a hard sigmoid. Try"),
        (lambda z, h, t: (h, z), "3 outputs, one a class; got 8"),
        (lambda z, h, t: z.squeeze()[..., :1].squeeze(), r"got shape \(\) for 1 sample. Try"),
        (lambda z, h, t: z.squeeze(), r"got shape \(3,\) for 1 sample. Try: .*squeeze"),
        (
            lambda z, h, t: z.argmax(dim=1),
            r"got torch.int64 of shape \(1,\) for 1 sample. Try: the numbers before argmax",
        ),
        (lambda z, h, t: z.mean(dim=0, keepdim=True), r"got shape \(1, 3\) for 8 samples. Try: one row for each"),
        (lambda z, h, t: z.detach().numpy(), "got a ndarray"),
        (lambda z, h, t: {"out": z}, "got a dict"),
        (lambda z, h, t: None, "got a NoneType"),
        (lambda z, h, t: z[:, :2] if t else z, "3 outputs, one a class; got 2. Try: as many outputs in training"),
        (lambda z, h, t: z.detach(), "does not require grad .*Try: forward without detach"),
        (
            lambda z, h, t: z / 0,
            "training that stays finite; got a loss of nan after 4 steps. Try: a lower learning rate",
        ),
    ],
)
def test_what_is_no_logits_is_refused(end: Callable[[Tensor, Tensor, bool], Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        fitted(end)


def test_log_probabilities_and_small_numbers_are_logits() -> None:
    fitted(lambda z, h, training: z.log_softmax(dim=1))
    fitted(lambda z, h, training: z / 100)
    fitted(lambda z, h, training: z * 0 + 1 / 3 + z / 100)


def test_a_module_may_leave_torch_in_evaluation() -> None:
    found = fitted(lambda z, h, training: z if training else torch.from_numpy(z.numpy())).predict(X)[0]
    assert torch.allclose(found, PLAIN, atol=1e-5)


@pytest.mark.parametrize(
    ("shape", "channels", "hint"),
    [((8, 6, 3), 3, "channels first: X.transpose"), ((8, 6), 3, r"one channel, X\[:, None\]"), ((5, 8, 6), 3, "zeros")],
)
def test_images_in_another_layout_get_the_call_that_brings_them_into_it(
    shape: tuple[int, ...], channels: int, hint: str
) -> None:
    model = TorchModel(lambda n: nn.Sequential(nn.Conv2d(channels, 2, 3), nn.Flatten(), nn.LazyLinear(n)), device="cpu")
    with pytest.raises(ModelError, match=hint):
        model.fit(ArrayInputs(torch.zeros(4, *shape)), Y[:4], 3, np.random.default_rng(0))


def test_what_is_not_finite_in_evaluation_alone_is_refused_by_query_and_predict() -> None:
    model = TorchModel(lambda n: Net(n, lambda z, h, training: z if training else z * torch.nan), epochs=1, min_steps=4)
    learner = ActiveLearner(Pool(X, classes=3), model, "margin", progress=False)
    learner.teach(range(20), Y[:20])
    for ask in (lambda: learner.query(2), lambda: learner.predict(X)):
        with pytest.raises(DivergedError, match="row 0 sums to nan"):
            ask()


class InPlace(nn.Module):
    """Alters its input, and what its last layer reads once it has read it."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.last = nn.Linear(5, n)

    def forward(self, x: Tensor) -> Tensor:
        x -= 3.0
        logits: Tensor = self.last(input=x)
        if not self.training:
            x.zero_()
        return logits


def test_a_module_may_alter_its_input() -> None:
    x = X.clone()
    model = TorchModel(InPlace, epochs=1, min_steps=4, device="cpu")
    assert torch.equal(model.features(torch.ones(3, 5)), torch.full((3, 5), -2.0))
    model.fit(ArrayInputs(x), Y, 3, np.random.default_rng(0))
    assert torch.equal(model.predict(x)[1], X - 3)
    model.logits(x)
    assert torch.equal(x, X)


def test_an_augmentation_may_alter_its_batch_and_must_return_one() -> None:
    class Views:
        """Samples that are no copies."""

        def __len__(self) -> int:
            return 40

        def take(self, rows: Any) -> Tensor:
            return x[: len(rows)]

    x = X.clone()
    model = TorchModel(lambda n: nn.Linear(5, n), epochs=1, min_steps=3, augment=lambda batch, g: batch.zero_())
    model.fit(Views(), Y, 3, np.random.default_rng(0))
    assert torch.equal(x, X)
    for wrong, message in (
        (lambda batch, g: None, "augment to return a tensor of 16 samples.*; got a NoneType"),
        (lambda batch, g: batch[:2], r"augment to return a tensor of 16 samples.*; got shape \(2, 5\)"),
        (
            lambda batch, g: 1 / 0,
            "augment.* to work .*; got ZeroDivisionError: division by zero. Try: augment on its own",
        ),
    ):
        with pytest.raises(ModelError, match=message):
            fitted(lambda z, h, training: z, augment=wrong)


class Drawing(nn.Module):
    """Draws in evaluation mode, too."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.last = nn.Linear(5, n)

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_tensor(self.last(nn.functional.dropout(x, 0.5)))


def test_a_module_that_draws_in_evaluation_draws_the_same_each_time() -> None:
    state = torch.get_rng_state()
    model = TorchModel(Drawing, epochs=1, min_steps=4, device="cpu")
    assert torch.equal(model.features(X), model.features(X))
    model.fit(ArrayInputs(X), Y, 3, np.random.default_rng(0))
    assert torch.equal(model.predict(X)[0], model.predict(X)[0])
    assert torch.equal(torch.get_rng_state(), state)


class Forgetful(nn.Sequential):
    """Overrides `train` without returning itself, as many do."""

    def train(self, mode: bool = True) -> None:  # type: ignore[override]
        super().train(mode)


@pytest.mark.parametrize(
    "make",
    [
        lambda n: nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.LazyLinear(n)),
        lambda n: Forgetful(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, n)),
    ],
)
def test_lazy_layers_and_a_train_that_returns_nothing_are_fine(make: Callable[[int], nn.Module]) -> None:
    model = TorchModel(make, epochs=1, min_steps=4, device="cpu")
    model.fit(ArrayInputs(X), Y, 3, np.random.default_rng(0))
    assert model.predict(X)[1].shape == (40, 8)


@pytest.mark.parametrize(
    ("make", "x", "message"),
    [
        (
            lambda n: nn.Linear(5, n).requires_grad_(False),
            X,
            "parameters to train; got 2 parameters, all of them frozen",
        ),
        (lambda n: nn.Linear(5, n).double(), X, r"dtype.*Try: a module of float32, as its samples are"),
        (lambda n: nn.Linear(7, n), X, r"Try: a module for samples of that shape.*torch.zeros\(2, 5\)"),
        (
            lambda n: nn.Sequential(nn.EmbeddingBag(20, 8, sparse=True), nn.Linear(8, n)),
            T,
            "sparse gradients.*Try: nn.Embedding",
        ),
        (lambda n: nn.Sequential(nn.EmbeddingBag(4, 8), nn.Linear(8, n)), T, "Try: nn.Embedding with more rows than"),
        (lambda n: nn.Linear(5, n), T, r"Try: .*integers are tokens .*numbers need .astype\('float32'\)"),
        (
            lambda n: nn.Linear(5, n, device="meta"),
            X,
            "a module that runs on cpu.*Try: a module whose weights are there",
        ),
    ],
)
def test_each_cause_has_a_way_out_of_its_own(make: Callable[[int], nn.Module], x: Tensor, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        TorchModel(make, epochs=1, min_steps=3, device="cpu").fit(ArrayInputs(x), Y, 3, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("trained", "given", "message"),
    [
        (torch.float32, torch.uint8, r"samples of real numbers.*; got bytes.*, of uint8. Try: X.astype\('float32'\)"),
        (torch.uint8, torch.float32, r"samples of bytes.*; got real numbers, of float32. Try: X.astype\('uint8'\)"),
        (torch.uint8, torch.int64, "samples of bytes.*; got whole numbers, which are tokens, of int64"),
        (torch.float32, torch.int32, "samples of real numbers.*; got whole numbers, which are tokens, of int32"),
    ],
)
def test_the_same_values_as_another_kind_of_number_are_refused(
    trained: torch.dtype, given: torch.dtype, message: str
) -> None:
    values = (X.abs() * 9).round()
    model = TorchModel(lambda n: nn.Sequential(nn.Linear(5, n)), epochs=1, min_steps=3, device="cpu")
    learner = ActiveLearner(Pool(values.to(trained), classes=3), model, "margin", progress=False)
    learner.teach(range(20), Y[:20])
    expected = learner.predict(values.to(trained))
    with pytest.raises(ModelError, match=message):
        learner.predict(values.to(given))
    if trained.is_floating_point:
        for same in (torch.float64, torch.float16):
            assert torch.allclose(learner.predict(values.to(same)), expected)


@pytest.mark.parametrize(
    "settings",
    [{"device": "gpu"}, {"device": []}, {"device": "meta"}, {"embedding": 3}, {"augment": 3}, {"warm_start": 1}],
)
def test_arguments_of_other_types_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        TorchModel(lambda n: nn.Linear(5, n), **settings)
