"""A model that goes on from the weights of the last round, also in a run that was saved and loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from autoal import OUTSIDE, ActiveLearner, AutoAL, Pool, TorchModel
from autoal.errors import ModelError
from autoal.inputs import ArrayInputs
from autoal.models.mlp import mlp
from autoal.random import SeedTree

G = torch.Generator().manual_seed(0)
X = torch.randn(120, 5, generator=G)
Y = ((X[:, 0] > 0).long() + 2 * (X[:, 1] > 0).long()).tolist()


def normed(n_classes: int) -> nn.Module:
    """Its buffers are state, too."""
    return nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, n_classes))


def model(warm: bool = True, **settings: Any) -> TorchModel:
    return TorchModel(normed, epochs=1, min_steps=6, device="cpu", warm_start=warm, **settings)


def learner(warm: bool = True, strategy: Any = "margin") -> ActiveLearner:
    made = ActiveLearner(Pool(X, classes=4), model(warm), strategy, progress=False)
    made.teach(range(12), Y[:12])
    return made


def rounds(of: ActiveLearner, count: int) -> list[list[int]]:
    """The ids of so many rounds, each answered at once."""
    asked = []
    for _ in range(count):
        ids = of.query(6).tolist()
        asked.append(ids)
        of.teach(ids, [Y[i] for i in ids])
    return asked


def test_the_second_round_goes_on_from_the_weights_of_the_first() -> None:
    """By reference: two fits of one model, the second of which starts where the first ended."""
    ours = learner()
    rounds(ours, 1)
    found = ours.predict(X)
    reference, start = model(), model()
    for fitted, known in ((start, sorted(range(12))), (reference, sorted(ours.labels))):
        if fitted is reference:
            fitted.load_state(start.state())
        labels = torch.tensor([Y[i] for i in known])
        rng = SeedTree(0).child("training", len(known)).generator()
        fitted.fit(ArrayInputs(X[torch.tensor(known)]), labels, 4, rng)
    assert torch.equal(found, reference.predict(X)[0])
    cold = learner(warm=False)
    rounds(cold, 1)
    assert not torch.equal(found, cold.predict(X))


@pytest.mark.parametrize("strategy", ["margin", AutoAL(["margin", "kmeans"], fitnet="model", cycles=1, search_steps=2)])
def test_a_run_that_was_saved_and_loaded_asks_for_the_same(tmp_path: Path, strategy: Any) -> None:
    whole = rounds(learner(strategy=strategy), 4)
    first = learner(strategy=strategy)
    first.save(tmp_path / "run")
    asked = rounds(first, 2)
    second = ActiveLearner.load(tmp_path / "run", Pool(X, classes=4), model(), progress=False)
    asked += rounds(second, 1)
    third = ActiveLearner.load(tmp_path / "run", Pool(X, classes=4), model(), progress=False)
    assert asked + rounds(third, 1) == whole


def test_what_is_predicted_between_two_queries_changes_nothing() -> None:
    quiet, asked = learner(), learner()
    for some in (quiet, asked):
        ids = some.query(6).tolist()
        some.teach(ids[:2], [Y[i] for i in ids[:2]])
        if some is asked:
            some.predict(X[:3])
            some.fit()
        some.teach(ids[2:], [Y[i] for i in ids[2:]])
    assert torch.equal(quiet.predict(X), asked.predict(X))


def test_a_correction_and_answers_of_no_class_are_replayed_as_they_were(tmp_path: Path) -> None:
    first = learner()
    first.save(tmp_path / "run")
    asked = first.query(4).tolist()
    first.teach(asked, [OUTSIDE] * 4)
    first.query(4)
    first.teach([0, 1], [3 - Y[0], 3 - Y[1]])
    first.query(4)
    loaded = ActiveLearner.load(tmp_path / "run", Pool(X, classes=4), model(), progress=False)
    assert torch.equal(loaded.predict(X), first.predict(X))


def test_two_learners_with_one_model_are_each_what_they_would_be_alone() -> None:
    shared = model()
    pool = Pool(X, classes=4)
    ours, theirs = (ActiveLearner(pool, shared, "margin", seed=seed, progress=False) for seed in (0, 1))
    for some in (ours, theirs):
        some.teach(range(12), Y[:12])
    asked: tuple[list[Any], list[Any]] = ([], [])
    for _ in range(3):
        for some, ids in zip((ours, theirs), asked, strict=True):
            ids.extend(rounds(some, 1))
    assert asked[0] == rounds(learner(), 3)


def test_a_clone_starts_from_scratch() -> None:
    fitted, labels = model(), torch.tensor(Y)
    fitted.fit(ArrayInputs(X), labels, 4, np.random.default_rng(0))
    clone, fresh = fitted.clone(), model()
    for some in (clone, fresh):
        some.fit(ArrayInputs(X), labels, 4, np.random.default_rng(1))
    assert torch.equal(clone.predict(X)[0], fresh.predict(X)[0])
    fitted.fit(ArrayInputs(X), labels, 4, np.random.default_rng(1))
    assert not torch.equal(fitted.predict(X)[0], fresh.predict(X)[0])


def test_a_module_of_other_layers_is_refused() -> None:
    sizes = iter([(8,), (9,)])
    growing = TorchModel(lambda c: mlp(5, c, hidden=next(sizes)), epochs=1, min_steps=2, warm_start=True)
    growing.fit(ArrayInputs(X), torch.tensor(Y), 4, np.random.default_rng(0))
    with pytest.raises(ModelError, match="a module like that of the last round, for warm_start; got RuntimeError"):
        growing.fit(ArrayInputs(X), torch.tensor(Y), 4, np.random.default_rng(0))


def test_only_what_training_changes_is_kept() -> None:
    def half_frozen(n_classes: int) -> nn.Module:
        module = normed(n_classes)
        module[0].requires_grad_(False)  # type: ignore[index]
        return module

    some = TorchModel(half_frozen, epochs=1, min_steps=2, warm_start=True)
    some.fit(ArrayInputs(X), torch.tensor(Y), 4, np.random.default_rng(0))
    assert {name.split(".")[0] for name in some.state()} == {"1", "3"}
