"""One pass, its memory, and what `from_arrays` refuses."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from autoal import (
    ActiveLearner,
    AutoAL,
    AutoALError,
    AutoALWarning,
    Pool,
    Snapshot,
    Strategy,
    TorchModel,
    strategies,
)
from autoal.inputs import ArrayInputs, Subset
from autoal.models import SklearnModel
from autoal.models.mlp import mlp
from autoal.snapshot import PASSES
from autoal.stochastic import StochasticStatistics
from autoal.strategies import Bald

UNIFORM = np.log(np.full((4, 2), 0.5))
Z = np.zeros((4, 3))


def test_arrays_become_a_snapshot() -> None:
    passes = np.log(np.full((5, 4, 2), 0.5))
    snapshot = Snapshot.from_arrays(UNIFORM, Z, Z[:2], [0, 1], stochastic_log_probs=passes)
    assert len(snapshot) == 4
    assert snapshot.n_classes == 2
    assert snapshot.ids.tolist() == [0, 1, 2, 3]
    assert snapshot.offers == {"log_probs", "embedding", "stochastic"}
    assert torch.allclose(snapshot.labelled_log_probs.exp().float(), torch.full((2, 2), 0.5))
    assert snapshot.stochastic is not None
    assert snapshot.stochastic.passes == 5
    assert Snapshot.from_arrays(UNIFORM, Z).offers == {"log_probs", "embedding"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"log_probs": np.zeros((4, 2))}, "rows sum to one; got row 0 sums to 2"),
        ({"log_probs": np.full((4, 2), np.nan)}, "sum to one"),
        ({"log_probs": np.full((4, 2), 0.5)}, "sum to one"),
        ({"log_probs": np.zeros(4)}, "log_probs with two dimensions"),
        ({"log_probs": np.zeros((4, 0))}, r"log_probs with .* one column at least; got shape \(4, 0\)"),
        ({"embedding": np.zeros((4, 0))}, r"embedding with .* one column at least; got shape \(4, 0\)"),
        ({"embedding": [[1.0], [2.0, 3.0]]}, "values that NumPy makes an array of; got a list: "),
        ({"embedding": torch.zeros(4, 3, device="meta")}, "without data"),
        ({"embedding": np.zeros((3, 3))}, r"embedding of shape \(4, 3\)"),
        ({"embedding": np.full((4, 3), np.inf)}, "a finite embedding"),
        ({"labelled_embedding": Z, "labels": [0]}, r"labelled_embedding of shape \(1, 3\)"),
        ({"labelled_embedding": Z, "labels": [0, 1, 2, 0]}, "labels from 0 to 1; got 0 to 2"),
        ({"ids": [1, 2]}, r"ids of shape \(4,\)"),
        ({"stochastic_log_probs": np.zeros((4, 2))}, r"of shape \(T, 4, 2\)"),
        ({"stochastic_log_probs": np.zeros((5, 4, 2))}, "sum to one"),
        ({"stochastic_log_probs": np.zeros((0, 4, 2))}, "T of 1 or more"),
        ({"labelled_embedding": Z, "labels": np.full(4, np.inf)}, r"labels as a list of integers; got float64"),
        ({"labelled_embedding": Z, "labels": np.full(4, 0.9)}, r"labels as a list of integers; got float64"),
        ({"labelled_embedding": Z, "labels": np.zeros((4, 1), dtype=int)}, r"labels as .* got int64 of shape \(4, 1\)"),
        ({"ids": [0.0, 1.0, 2.0, 3.5]}, "ids as a list of integers; got float64"),
        ({"ids": np.arange(4, dtype=np.uint64) + 2**63}, "ids as a list of integers; got 9223372036854775811"),
        ({"ids": [7, 8, 9, 7]}, "each id once; got repeated 7"),
        ({"outside_ids": [7, 7]}, "each id once; got repeated 7"),
        ({"embedding": Z.astype(str)}, "numbers of at most 64 bits"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(AutoALError, match=message):
        Snapshot.from_arrays(**{"log_probs": UNIFORM, "embedding": Z, **arguments})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "labels", [np.array([False, True]), np.array([0.0, 1.0]), torch.tensor([0.0, 1.0]), torch.tensor([0, 1]).bfloat16()]
)
def test_labels_may_be_whole_numbers_of_any_type(labels: object) -> None:
    found = Snapshot.from_arrays(UNIFORM, Z, Z[:2], labels).labels
    assert found.dtype == torch.int64
    assert found.tolist() == [0, 1]


def test_arrays_in_forms_that_torch_does_not_read() -> None:
    log_probs, z = np.log(np.array([[0.25, 0.75], [0.5, 0.5], [0.125, 0.875]])), np.arange(6.0).reshape(3, 2)
    passes = torch.from_numpy(np.stack([log_probs[::-1].copy()] * 2)).requires_grad_()
    expected = Snapshot.from_arrays(log_probs[::-1].copy(), z[::-1].copy(), stochastic_log_probs=passes.detach())
    found = Snapshot.from_arrays(log_probs[::-1], z.astype(">f8")[::-1], stochastic_log_probs=passes)
    assert torch.equal(found.log_probs, expected.log_probs)
    assert torch.equal(found.embedding, expected.embedding)
    assert found.stochastic is not None
    assert expected.stochastic is not None
    assert torch.equal(found.stochastic.mean_probs, expected.stochastic.mean_probs)


def test_a_single_row_may_be_read_backwards() -> None:
    log_probs, z = np.log(np.array([[0.25, 0.75]])), np.arange(3.0)[None]
    found = Snapshot.from_arrays(log_probs[::-1], z[::-1], stochastic_log_probs=log_probs[None][::-1])
    assert torch.equal(found.log_probs, torch.from_numpy(log_probs))
    assert torch.equal(found.embedding, torch.from_numpy(z))


class Counted(nn.Module):
    """Counts the rows that the backbone sees while it is not being trained, and those that each head sees."""

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(6, 16), nn.ReLU())
        self.fc = nn.Linear(16, n_classes)
        self.scored = 0

    def forward(self, x: Tensor) -> Tensor:
        self.scored += 0 if self.training else len(x)
        return torch.as_tensor(self.fc(self.backbone(x)))


def test_a_query_with_all_candidates_runs_the_network_over_each_sample_once() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 6)).astype(np.float32)
    model = TorchModel(Counted, epochs=1, min_steps=5)
    learner = ActiveLearner(Pool(X, classes=3), model, AutoAL(fit_steps=5, search_steps=3), chunk=64)
    learner.teach(range(30), rng.integers(0, 3, 30))
    learner.fit()
    module = model.module
    assert isinstance(module, Counted)
    module.scored = 0
    learner.query(10)
    assert module.scored == 300  # 270 unlabelled and 30 labelled, though seven candidates and a search read them
    assert isinstance(learner.strategy, AutoAL)
    assert len(learner.strategy.report_.candidates) == 7


def test_the_stochastic_passes_start_at_the_embedding() -> None:
    """Their statistics equal those of explicit masks on the embedding, for any chunk size."""
    X = torch.randn(50, 6, generator=torch.Generator().manual_seed(0))
    model = TorchModel(Counted, epochs=1, min_steps=5)
    model.fit(ArrayInputs(X), torch.arange(50) % 3, 3, np.random.default_rng(0))
    nothing = Subset(ArrayInputs(X), np.empty(0, dtype=np.int64))
    labels = torch.empty(0, dtype=torch.int64)
    small, large = (
        Snapshot.from_model(model, ArrayInputs(X), nothing, labels, np.random.default_rng(1), chunk=chunk)
        for chunk in (7, 50)
    )
    explicit = StochasticStatistics.empty(50, 3, PASSES)
    explicit.fill(slice(0, 50), model.stochastic_head(PASSES, np.random.default_rng(1))(large.embedding))
    for snapshot in (small, large):
        assert snapshot.stochastic is not None
        for name in ("mean_probs", "votes", "mutual_information", "mean_std"):
            assert torch.allclose(getattr(snapshot.stochastic, name), getattr(explicit, name), atol=1e-5), name


def test_memory_grows_with_classes_and_features_not_with_passes() -> None:
    n, D, C = 20_000, 32, 10
    X = torch.zeros(n, D)
    model = TorchModel(partial(mlp, D, hidden=()), epochs=1, min_steps=1)
    model.fit(ArrayInputs(X[:20]), torch.arange(20) % C, C, np.random.default_rng(0))
    nothing = Subset(ArrayInputs(X), np.empty(0, dtype=np.int64))
    snapshot = Snapshot.from_model(
        model, ArrayInputs(X), nothing, torch.empty(0, dtype=torch.int64), np.random.default_rng(0)
    )
    tensors = [snapshot.ids, snapshot.log_probs, snapshot.embedding]
    statistics = snapshot.stochastic
    assert statistics is not None
    tensors += [statistics.mean_probs, statistics.votes, statistics.mutual_information, statistics.mean_std]
    kept = sum(tensor.numel() * tensor.element_size() for tensor in tensors)
    assert kept <= n * (3 * C + D + 4) * 4  # floats a sample; ten passes of (n, C) would need 10 C alone


def test_a_model_that_returns_nonsense_is_refused() -> None:
    class Wrong(SklearnModel):
        def predict(self, batch: Tensor) -> tuple[Tensor, Tensor]:
            return torch.ones(len(batch), 2), self.features(batch)

    learner = ActiveLearner(Pool(np.eye(6), classes=2), Wrong(LogisticRegression()), "entropy")
    learner.teach([0, 1], [0, 1])
    with pytest.raises(AutoALError, match="sum to one"):
        learner.query(2)
    assert learner.pending == []


def test_a_model_whose_head_cannot_be_run_alone_gives_no_stochastic_passes() -> None:
    X = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)
    model = TorchModel(partial(mlp, 6, hidden=(8, 8)), embedding="4", epochs=1, min_steps=5)  # not the last layer
    learner = ActiveLearner(Pool(X, classes=3), model, AutoAL(cycles=1, fit_steps=5, search_steps=2))
    learner.teach(range(12), [0, 1, 2] * 4)
    with pytest.warns(AutoALWarning, match="left out, as the model has no stochastic passes"):
        assert len(learner.query(3)) == 3
    learner.strategy = Bald()
    with pytest.raises(AutoALError, match="without stochastic"):
        learner.query(3)


@pytest.mark.parametrize(("dtype", "labelled"), [(torch.float32, torch.float64), (torch.float64, torch.float32)])
@pytest.mark.parametrize(
    "strategy", [AutoAL(["margin", "kmeans"], fit_steps=5, search_steps=3), strategies.get("kmeans_pp")()]
)
def test_what_comes_in_different_precision_or_with_gradients_is_one(
    strategy: Strategy, dtype: torch.dtype, labelled: torch.dtype
) -> None:
    z = torch.randn(30, 3, generator=torch.Generator().manual_seed(0))
    log_probs = z.log_softmax(dim=1).requires_grad_()
    snapshot = Snapshot.from_arrays(log_probs, z.to(dtype).requires_grad_(), z[:8].to(labelled), np.arange(8) % 3)
    assert snapshot.labelled_embedding.dtype == snapshot.embedding.dtype == dtype
    assert len(set(strategy.select(snapshot, 4, np.random.default_rng(0)).tolist())) == 4


@pytest.mark.parametrize("n_classes", [64, 1000])
def test_half_precision_is_precise_enough(n_classes: int) -> None:
    half = np.full((4, n_classes), -np.log(n_classes), dtype=np.float16)
    snapshot = Snapshot.from_arrays(half, np.zeros((4, 2), dtype=np.float16))
    assert torch.allclose(snapshot.log_probs.exp().sum(dim=1), torch.ones(4))
    with pytest.raises(AutoALError, match="sum to one"):
        Snapshot.from_arrays(half + np.float16(0.1), np.zeros((4, 2)))


def test_training_that_diverged_is_called_that() -> None:
    X = np.random.default_rng(0).normal(size=(60, 6)).astype(np.float32)
    model = TorchModel(lambda n_classes: mlp(6, n_classes), epochs=1, min_steps=30, lr=1e20)
    learner = ActiveLearner(Pool(X, classes=2), model, "margin")
    learner.teach(range(20), np.arange(20) % 2)
    with pytest.raises(AutoALError, match=r"got a loss of nan after 30 steps. Try: a lower learning rate"):
        learner.query(3)
