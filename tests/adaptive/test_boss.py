"""The oracle keeps the batch that is best on the test set, and is of no use to anybody who labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from autoal import OUTSIDE, ActiveLearner, Pool, Snapshot, Strategy, strategies
from autoal.adaptive.boss import Boss, Trial, Truth, embedded
from autoal.bench.cell import Cell, run
from autoal.errors import InputError
from autoal.inputs import ArrayInputs
from autoal.models import TorchModel
from autoal.search.space import Standardised
from autoal.tasks import Budget


@dataclass(frozen=True)
class Near(Strategy):
    """Samples nearest to a point on the first axis."""

    needs = frozenset({"embedding"})
    at: float = 0.0

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        return -(snapshot.embedding[:, 0] - self.at).abs()


def problem() -> tuple[ActiveLearner, Truth]:
    """Two classes that a line at x = 1 parts; the labels known are at -3 and 3."""
    rng = np.random.default_rng(0)
    X = rng.uniform(-3, 3, (300, 2)).astype(np.float32)
    X[0], X[1] = (-3, 0), (3, 0)
    test = rng.uniform(-3, 3, (400, 2)).astype(np.float32)
    y, y_test = torch.from_numpy(X[:, 0] > 1).long(), torch.from_numpy(test[:, 0] > 1).long()
    learner = ActiveLearner(Pool(X, classes=2), TorchModel(lambda c: nn.Linear(2, c), epochs=1, min_steps=20))
    learner.teach([0, 1], y[:2].numpy())
    return learner, Truth(y, ArrayInputs(test), y_test)


def test_the_candidate_that_finds_the_border_is_followed() -> None:
    learner, truth = problem()
    learner.strategy = Boss([Near(at=2), Near(at=1), Near(at=2.9)], batches=3).told(truth)
    picks = learner.query(10)
    x = learner.pool.inputs.take(picks)[:, 0]
    assert float((x - 1).abs().max()) < 0.5


def test_the_quality_of_a_batch_is_that_of_a_regression_written_out() -> None:
    learner, truth = problem()
    learner.query(1)
    snapshot = Snapshot.from_model(
        learner.fit(),
        learner.pool.inputs,
        ArrayInputs(torch.randn(6, 2, generator=torch.Generator().manual_seed(0))),
        torch.tensor([0, 1] * 3),
        np.random.default_rng(0),
    )
    assert snapshot.source is not None
    test = embedded(snapshot.source.model, truth.test_inputs)
    batch = torch.tensor([5, 9, 30])
    space = Standardised.of(snapshot.embedding)

    def features(x: Tensor) -> np.ndarray:  # type: ignore[type-arg]
        return np.column_stack([space(x).numpy(), np.ones(len(x))])

    x = features(torch.cat([snapshot.labelled_embedding, snapshot.embedding[batch]]))
    y = [0, 1, 0, 1, 0, 1, *truth.labels[batch].tolist()]
    regression = LogisticRegression(fit_intercept=False, max_iter=200).fit(x, y)
    accuracy, likelihood = Trial(snapshot, truth, test).quality(batch)
    assert accuracy == regression.score(features(test), truth.test_labels)
    p = regression.predict_proba(features(test))[np.arange(400), truth.test_labels]
    assert np.isclose(likelihood, np.log(p).mean(), atol=1e-3)


def test_a_class_that_no_label_shows_counts_as_wrong() -> None:
    learner, truth = problem()
    bare = Snapshot.from_arrays(
        torch.full((300, 2), 0.5).log(), learner.pool.inputs.take(np.arange(300)), torch.zeros(1, 2), [0]
    )
    left = (truth.labels == 0).nonzero()[:3, 0]
    accuracy, _ = Trial(bare, truth, torch.randn(400, 2, generator=torch.Generator().manual_seed(0))).quality(left)
    assert accuracy == float((truth.test_labels == 0).double().mean())


def test_it_is_no_strategy_and_says_so(snapshot: Snapshot, rng: np.random.Generator) -> None:
    assert "boss" not in strategies.all()
    assert strategies.get("boss") is Boss
    with pytest.raises(InputError, match="an oracle for benchmarks"):
        Boss().select(snapshot, 3, rng)


@pytest.mark.parametrize("settings", [{"batches": 0}, {"share": 0.0}, {"share": 1.5}, {"candidates": []}])
def test_wrong_settings_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Boss(**settings)  # type: ignore[arg-type]


def test_a_cell_tells_it_the_truth_and_it_is_above_random(tmp_path: Path) -> None:
    budget = Budget(10, 5, 3)
    boss = strategies.to_config(Boss(["random"], batches=20))
    final = {
        name: np.mean(
            [[line["accuracy"] for line in run(Cell("digits", config, seed, budget, 300))] for seed in range(2)]
        )
        for name, config in {"random": {"name": "random"}, "boss": boss}.items()
    }
    assert final["boss"] > final["random"] + 0.02


def test_what_is_of_no_class_teaches_nothing() -> None:
    learner, truth = problem()
    bare = Snapshot.from_arrays(
        torch.full((300, 2), 0.5).log(), learner.pool.inputs.take(np.arange(300)), torch.eye(2), [0, 1]
    )
    batch, test = torch.arange(10, 20), torch.randn(400, 2, generator=torch.Generator().manual_seed(0))
    outside = replace(truth, labels=truth.labels.index_fill(0, batch[5:], OUTSIDE))
    assert Trial(bare, outside, test).quality(batch) == Trial(bare, truth, test).quality(batch[:5])
