from __future__ import annotations

import pickle
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from autoal import AutoALError, TorchModel
from autoal.inputs import ArrayInputs
from autoal.models.mlp import mlp
from autoal.models.small_cnn import small_cnn
from autoal.models.torch import as_float, batch_size_for, batches

G = torch.Generator().manual_seed(0)
X = torch.randn(60, 5, generator=G)
Y = (X[:, 0] > 0).long() + 2 * (X[:, 1] > 0).long()
QUICK = {"epochs": 1, "min_steps": 5}


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
    assert torch.equal(embedding, model.features(X))


class TwoHeads(nn.Module):
    """The linear layer that runs last is not the one that was made last."""

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        self.out = nn.Linear(8, n_classes)
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(5, 8), nn.Tanh())

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_tensor(self.out(self.body(x)))


def test_the_last_layer_is_the_one_that_runs_last_or_the_one_that_is_named() -> None:
    assert fitted(TwoHeads).predict(X)[1].shape == (60, 8)
    assert torch.equal(fitted(TwoHeads, embedding="body.1").predict(X)[1], X)
    with pytest.raises(AutoALError, match=r"name of a linear layer.*body\.1"):
        fitted(TwoHeads, embedding="body.2")
    with pytest.raises(AutoALError, match="a linear layer in the module"):
        fitted(lambda c: nn.Sequential(nn.Unflatten(1, (5, 1)), nn.Conv1d(5, c, 1), nn.Flatten()))


@pytest.mark.parametrize("rate", [None, 0.25])
def test_a_stochastic_head_is_the_last_layer_with_inputs_left_out(rate: float | None) -> None:
    """With explicit masks; the rate is that of the dropout in front of the layer, else the model's own."""
    factory = partial(mlp, 5, hidden=(8,), dropout=rate) if rate else partial(TwoHeads)
    model = fitted(factory, dropout=0.5)
    _, embedding = model.predict(X)
    heads = model.stochastic_head(200, np.random.default_rng(3))(embedding)
    assert heads.shape == (200, 60, 4)
    last = model.module[-1] if rate else model.module.out  # type: ignore[index, union-attr]
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


@given(st.integers(1, 5000), st.integers(1, 1000))
def test_batch_sizes_are_powers_of_two_within_reason(n: int, n_classes: int) -> None:
    size = batch_size_for(n, n_classes)
    assert 2 <= size <= 256
    assert size <= max(n, 2)
    assert size == n or size & (size - 1) == 0 or size == 2


def test_batch_sizes_make_room_for_every_class() -> None:
    assert batch_size_for(100, 10) == 32
    assert batch_size_for(100, 2) == 16
    assert batch_size_for(5000, 2) == 256
    assert batch_size_for(5000, 100) == 256
    assert batch_size_for(7, 10) == 7


@given(st.integers(1, 100), st.integers(2, 40), st.integers(1, 30), st.integers(0, 99))
def test_batches_have_distinct_rows_of_full_size(n: int, size: int, steps: int, seed: int) -> None:
    made = list(batches(n, min(size, max(n, 2)), steps, np.random.default_rng(seed)))
    assert len(made) == steps
    for rows in made:
        assert len(rows) == min(size, max(n, 2))
        assert n == 1 or len(set(rows.tolist())) == len(rows)
        assert rows.max() < n


def test_bytes_become_fractions_and_tokens_stay() -> None:
    assert as_float(torch.tensor([0, 255], dtype=torch.uint8)).tolist() == [0.0, 1.0]
    assert as_float(torch.tensor([1.5], dtype=torch.float64)).dtype == torch.float32
    assert as_float(torch.tensor([7])).dtype == torch.int64


def test_augmentation_is_for_training_only() -> None:
    seen = []

    def augment(batch: Tensor, generator: torch.Generator) -> Tensor:
        seen.append(len(batch))
        return batch

    model = fitted(augment=augment)
    assert len(seen) == 5
    model.predict(X)
    assert len(seen) == 5


def test_models_that_cannot_work_are_refused() -> None:
    with pytest.raises(AutoALError, match="4 outputs, one a class; got 7"):
        fitted(lambda: nn.Linear(5, 7))
    with pytest.raises(AutoALError, match="predict before fit"):
        TorchModel(partial(mlp, 5)).predict(X)
    with pytest.raises(AutoALError, match="before fit"):
        TorchModel(partial(mlp, 5)).stochastic_head(3, np.random.default_rng(0))


def test_an_unfitted_model_embeds_and_always_the_same() -> None:
    first, second = (TorchModel(partial(mlp, 5, hidden=(8,))).features(X) for _ in range(2))
    assert first.shape == (60, 8)
    assert torch.equal(first, second)


def test_clone_and_pickle_keep_the_settings() -> None:
    model = TorchModel(partial(mlp, 5), lr=0.3, epochs=7)
    for copy in (model.clone(), pickle.loads(pickle.dumps(model))):
        assert (copy.settings["lr"], copy.settings["epochs"]) == (0.3, 7)
    assert fitted().clone().features(X).shape == (60, 8)
