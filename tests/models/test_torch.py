from __future__ import annotations

import pickle
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from autoal import AutoALError, TorchModel, errors
from autoal.inputs import ArrayInputs
from autoal.models.mlp import mlp
from autoal.models.samples import as_float
from autoal.models.small_cnn import small_cnn

G = torch.Generator().manual_seed(0)
X = torch.randn(60, 5, generator=G)
Y = (X[:, 0] > 0).long() + 2 * (X[:, 1] > 0).long()
QUICK: dict[str, object] = {"epochs": 1, "min_steps": 5, "device": "cpu"}  # which the checks compute on


def fitted(make_module: object = None, seed: int = 0, **settings: object) -> TorchModel:
    model = TorchModel(make_module or partial(mlp, 5, hidden=(8,)), **{**QUICK, **settings})  # type: ignore[arg-type]
    model.fit(ArrayInputs(X), Y, 4, np.random.default_rng(seed))
    return model


def test_learns_a_separable_problem() -> None:
    model = fitted(epochs=100)
    log_probs, _ = model.predict(X)
    assert float((log_probs.argmax(dim=1) == Y).float().mean()) > 0.95


def test_the_embedding_is_the_input_of_the_last_linear_layer() -> None:
    model = fitted()
    log_probs, embedding = model.predict(X)
    last = model.module[-1]  # type: ignore[index]
    assert isinstance(last, nn.Linear)
    assert embedding.shape == (60, 8)
    assert torch.allclose(log_probs, torch.log_softmax(embedding @ last.weight.T + last.bias, dim=1), atol=1e-6)


@pytest.mark.parametrize("rate", [None, 0.25])
def test_a_stochastic_head_is_the_last_layer_with_inputs_left_out(rate: float | None) -> None:
    """With explicit masks; the rate is that of the dropout in front of the layer, else the model's own."""
    factory = partial(mlp, 5, hidden=(8,), dropout=rate or 0.0)
    model = fitted(factory, dropout=0.5)
    _, embedding = model.predict(X)
    heads = model.stochastic_head(200, np.random.default_rng(3))(embedding)
    assert heads.shape == (200, 60, 4)
    last = model.module[-1]  # type: ignore[index]
    assert isinstance(last, nn.Linear)
    kept = torch.rand(200, 8, generator=torch.Generator().manual_seed(int(np.random.default_rng(3).integers(2**63))))
    masks = (kept >= (rate or 0.5)) / (1 - (rate or 0.5))
    slow = torch.stack([torch.log_softmax((embedding * mask) @ last.weight.T + last.bias, dim=1) for mask in masks])
    assert torch.allclose(heads, slow, atol=1e-5)
    assert float(masks.mean()) == pytest.approx(1, abs=0.08)


def test_scoring_leaves_every_buffer_and_parameter_as_it_was() -> None:
    images = torch.randint(0, 255, (30, 1, 8, 8), generator=G).to(torch.uint8)
    model = TorchModel(partial(small_cnn, channels=1, width=4), **QUICK)  # type: ignore[arg-type]
    model.fit(ArrayInputs(images), torch.arange(30) % 3, 3, np.random.default_rng(0))
    before = {name: value.clone() for name, value in model.module.state_dict().items()}
    _, embedding = model.predict(images)
    model.features(images)
    model.logits(images)
    model.stochastic_head(5, np.random.default_rng(0))(embedding)
    after = model.module.state_dict()
    assert any("running_mean" in name for name in before)
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_the_seed_decides_the_weights_and_the_global_generator_is_untouched() -> None:
    state = torch.get_rng_state()
    first, second, other = fitted(seed=1), fitted(seed=1), fitted(seed=2)
    assert torch.equal(state, torch.get_rng_state())
    assert torch.equal(first.predict(X)[0], second.predict(X)[0])
    assert not torch.equal(first.predict(X)[0], other.predict(X)[0])


@pytest.mark.parametrize("n", [1, 2, 3, 17, 33])
def test_few_samples_train_also_with_batch_norm(n: int) -> None:
    factory = lambda c: nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Linear(8, c))  # noqa: E731
    model = TorchModel(factory, epochs=2, min_steps=5)
    model.fit(ArrayInputs(X[:n]), torch.zeros(n, dtype=torch.int64), 6, np.random.default_rng(0))
    assert model.predict(X)[0].shape == (60, 6)


def test_bytes_become_fractions_and_tokens_stay() -> None:
    assert as_float(torch.tensor([0, 255], dtype=torch.uint8)).tolist() == [0.0, 1.0]
    assert as_float(torch.tensor([1.5], dtype=torch.float64)).dtype == torch.float32
    assert as_float(torch.tensor([7])).dtype == torch.int64
    assert as_float(torch.tensor([True])).tolist() == [1.0]


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (X[:, :3], r"samples of shape \(3,\), torch.float32; got RuntimeError: "),
        (X.long(), r"samples of shape \(5,\), torch.int64; got RuntimeError: .*numbers need .astype\('float32'\)"),
    ],
)
def test_samples_that_the_module_does_not_read_are_refused(samples: Tensor, message: str) -> None:
    model = TorchModel(lambda c: nn.Linear(5, c))
    with pytest.raises(errors.ModelError, match=message):
        model.features(samples)
    with pytest.raises(errors.ModelError, match=message):
        model.fit(ArrayInputs(samples), Y, 4, np.random.default_rng(0))


class Raising(nn.Module):
    """A linear layer behind something that may not like what it reads."""

    def __init__(self, n_classes: int, error: Exception | None, in_training: bool) -> None:
        super().__init__()
        self.layer, self.error, self.in_training = nn.Linear(5, n_classes), error, in_training

    def forward(self, x: Tensor) -> Tensor:
        if self.training == self.in_training:
            if self.error is not None:
                raise self.error
            nn.functional.batch_norm(x[:1], None, None, training=True)
        return self.layer(x)  # type: ignore[no-any-return]


@pytest.mark.parametrize("in_training", [False, True])
@pytest.mark.parametrize(
    ("error", "message"),
    [
        (None, "ValueError: Expected more than 1 value per channel"),
        (TypeError("mine\nand more"), "TypeError: mine. Try"),
        (AssertionError(), "AssertionError: no message. Try"),
        (IndexError("mine"), "IndexError: mine. Try"),
        (KeyError("mine"), "KeyError: 'mine'. Try"),
        (RuntimeError("mine"), "RuntimeError: mine. Try"),
    ],
)
def test_whatever_a_module_raises_is_said_with_a_way_out(
    error: Exception | None, message: str, in_training: bool
) -> None:
    with pytest.raises(errors.ModelError, match=r"reads samples of shape \(5,\), torch.float32; got " + message):
        fitted(lambda c: Raising(c, error, in_training))


def test_what_is_no_fault_of_the_module_stays_what_it_is() -> None:
    for error in (errors.InputError("a", "b", "c"), torch.OutOfMemoryError("full")):
        with pytest.raises(type(error)):
            fitted(lambda c, error=error: Raising(c, error, True))


def test_a_token_that_the_module_does_not_know_is_said() -> None:
    factory = lambda c: nn.Sequential(nn.Embedding(8, 4), nn.Flatten(), nn.Linear(12, c))  # noqa: E731
    model = TorchModel(factory, epochs=1, min_steps=2)
    model.fit(ArrayInputs(torch.arange(6).reshape(2, 3)), torch.tensor([0, 1]), 2, np.random.default_rng(0))
    with pytest.raises(errors.ModelError, match=r"torch.int64; got IndexError: index out of range"):
        model.predict(torch.tensor([[1, 2, 8]]))


def test_augmentation_is_for_training_only() -> None:
    seen = []

    def augment(batch: Tensor, generator: torch.Generator) -> Tensor:
        seen.append(len(batch))
        return batch

    model = fitted(augment=augment)
    assert len(seen) == 5
    model.predict(X)
    assert len(seen) == 5


@pytest.mark.parametrize(
    ("make_module", "message"),
    [
        (lambda: nn.Linear(5, 7), "4 outputs, one a class; got 7"),
        (lambda c: c, "return a torch module; got a int"),
        (nn.Linear(5, 4), "builds a fresh module; got a Linear"),
        (lambda c: nn.Sequential(nn.Linear(5, c), nn.Unflatten(1, (2, 2))), r"logits \(n, C\); got shape \(1, 2, 2\)"),
    ],
)
def test_modules_that_cannot_work_are_refused(make_module: object, message: str) -> None:
    with pytest.raises(errors.ModelError, match=message):
        fitted(make_module)


def test_nothing_is_predicted_before_a_fit_even_if_features_were_read() -> None:
    model = TorchModel(partial(mlp, 5))
    for _ in range(2):
        with pytest.raises(AutoALError, match="predict before fit"):
            model.predict(X)
        with pytest.raises(AutoALError, match="stochastic_head before fit"):
            model.stochastic_head(3, np.random.default_rng(0))
        model.features(X)


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_a_rate_that_leaves_nothing_is_refused(rate: float) -> None:
    with pytest.raises(errors.InputError, match=f"dropout={rate}"):
        TorchModel(partial(mlp, 5), dropout=rate)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epochs": -1}, "epochs of at least 0, a whole number; got -1"),
        ({"epochs": 2.5}, "epochs of at least 0, a whole number; got 2.5"),
        ({"epochs": True}, "epochs of at least 0, a whole number; got True"),
        ({"min_steps": "many"}, "min_steps of at least 0, a whole number; got 'many'"),
        ({"min_steps": None}, "min_steps of at least 0, a whole number; got None"),
        ({"batch_size": 0}, "batch_size of at least 1, a whole number; got 0"),
        ({"batch_size": 16.0}, "batch_size of at least 1, a whole number; got 16.0"),
        ({"lr": 0}, "a finite lr above 0; got 0"),
        ({"lr": "1e-3"}, "a finite lr above 0; got '1e-3'"),
        ({"lr": float("nan")}, "a finite lr above 0; got nan"),
        ({"lr": None}, "a finite lr above 0; got None"),
        ({"weight_decay": -0.1}, "a finite weight_decay of at least 0; got -0.1"),
        ({"weight_decay": float("inf")}, "a finite weight_decay of at least 0; got inf"),
        ({"dropout": "0.5"}, "less than 1; got dropout='0.5'"),
        ({"dropout": float("nan")}, "less than 1; got dropout=nan"),
    ],
)
def test_numbers_that_nothing_can_be_trained_with_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(errors.InputError, match=message):
        TorchModel(partial(mlp, 5), **settings)


def test_numbers_may_come_from_numpy() -> None:
    whole, real = np.int64(2), np.float32(0.01)
    model = fitted(epochs=whole, min_steps=whole, batch_size=np.int64(8), lr=real, weight_decay=np.float64(0))
    assert model.predict(X)[0].shape == (60, 4)


def test_the_factory_is_called_with_the_classes_if_it_has_a_place_for_them() -> None:
    for factory in (partial(mlp, 5), partial(mlp, 5, n_classes=4), lambda: mlp(5, 4), lambda *sizes: mlp(5, *sizes)):
        assert fitted(factory).predict(X)[0].shape == (60, 4)


def test_batches_of_one_become_two_and_no_epoch_is_one_step() -> None:
    factory = lambda c: nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Linear(8, c))  # noqa: E731
    assert fitted(factory, batch_size=1).predict(X)[0].shape == (60, 4)
    assert fitted(epochs=0, min_steps=0).predict(X)[0].shape == (60, 4)


def test_an_unfitted_model_embeds_and_always_the_same() -> None:
    first, second = (TorchModel(partial(mlp, 5, hidden=(8,))).features(X) for _ in range(2))
    assert first.shape == (60, 8)
    assert torch.equal(first, second)


def test_features_are_the_same_after_a_fit_which_they_leave_alone() -> None:
    model = fitted()
    weights, (log_probs, embedding) = list(model.module.parameters()), model.predict(X)
    assert torch.equal(model.features(X), TorchModel(partial(mlp, 5, hidden=(8,))).features(X))
    assert not torch.equal(model.features(X), embedding)
    assert torch.equal(model.predict(X)[0], log_probs)
    assert all(ours is theirs for ours, theirs in zip(weights, model.module.parameters(), strict=True))


def test_clone_and_pickle_keep_the_settings() -> None:
    model = TorchModel(partial(mlp, 5), lr=0.3, epochs=7)
    for copy in (model.clone(), pickle.loads(pickle.dumps(model))):
        assert (copy.settings["lr"], copy.settings["epochs"]) == (0.3, 7)
    assert fitted().clone().features(X).shape == (60, 8)
    model = fitted()
    assert torch.equal(pickle.loads(pickle.dumps(model)).predict(X)[0], model.predict(X)[0])
