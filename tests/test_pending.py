"""What was asked for and is not answered yet counts as covered, so that nobody is asked for its like."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegression

from autoal import ActiveLearner, AutoAL, Pool, Strategy, TorchModel, strategies
from autoal.errors import ColdStartWarning
from autoal.search.joint_space import joint_space
from autoal.snapshot import Snapshot

RNG = np.random.default_rng(0)
HALF = RNG.normal(size=(80, 6)).astype(np.float32)
X = np.concatenate([HALF, HALF])  # each sample has a twin, 80 rows on
Y = (HALF[:, 0] > 0).astype(int)


@pytest.mark.parametrize(
    "strategy",
    [
        AutoAL(search_steps=0),
        *(strategies.get(name)() for name in ("core_set", "max_herding", "diversified", "typiclust")),
    ],
    ids=lambda strategy: strategy.name,
)
def test_no_twin_of_what_is_pending_is_asked_for(strategy: Strategy) -> None:
    learner = ActiveLearner(Pool(X, classes=2), LogisticRegression(), strategy)
    learner.teach(np.arange(20), Y[:20])
    learner.teach(np.arange(80, 100), Y[:20])
    first, second = learner.query(8), learner.query(8)
    assert not set(first % 80) & set(second % 80)
    learner.release()
    assert learner.query(8).tolist() != second.tolist()


@pytest.mark.parametrize("strategy", ["random", "kmeans_pp"])
def test_a_second_query_draws_anew(strategy: str) -> None:
    """What is left of the pool is numbered anew; the same draws would be the neighbours of the first ones."""
    beside = 0
    for seed in range(20):
        learner = ActiveLearner(Pool(X, classes=2), LogisticRegression(), strategy, seed=seed)
        learner.teach(np.arange(10), Y[:10])
        first, second = learner.query(4), learner.query(4)
        beside += int((np.abs(second[:, None] - first).min(axis=1) <= 2).sum())
        learner.release()
        assert learner.query(4).tolist() != first.tolist()
    assert beside < 30  # of 80; about 10 by chance


def test_answers_change_nothing_of_what_is_covered() -> None:
    """Pending or labelled, a sample covers the same."""
    x = torch.from_numpy(HALF)
    log_probs = torch.full((40, 2), 0.5).log()
    known = Snapshot.from_arrays(log_probs, x[:40], x[40:60], torch.zeros(20, dtype=torch.int64))
    waiting = Snapshot.from_arrays(
        log_probs, x[:40], x[40:50], torch.zeros(10, dtype=torch.int64), pending_embedding=x[50:60]
    )
    assert torch.equal(known.anchors, waiting.anchors)
    for name in ("core_set", "max_herding", "facility_location"):
        picks = [strategies.get(name)().select(some, 8, np.random.default_rng(0)) for some in (known, waiting)]
        assert torch.equal(*picks)


def test_one_that_cannot_be_read_any_more_stops_nothing(tmp_path: Path) -> None:
    for i in range(20):
        Image.new("RGB", (4, 4), (10 * i, 0, 0)).save(tmp_path / f"{i:02}.png")
    learner = ActiveLearner(Pool.from_folder(tmp_path, classes=["a", "b"]), LogisticRegression(), "max_herding")
    learner.teach([0, 19], ["a", "b"])
    for id_ in learner.query(2):
        (tmp_path / f"{id_:02}.png").unlink()
    assert len(learner.query(3)) == 3


@pytest.mark.parametrize("n", [20, 110])  # of so many images, features are learned
def test_nor_does_one_before_any_label(n: int, tmp_path: Path) -> None:
    for i in range(n):
        pixels = np.random.default_rng(i).integers(0, 255, (8, 8, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{i:03}.png")
    learner = ActiveLearner(Pool.from_folder(tmp_path, classes=["a", "b"]), LogisticRegression(), "max_herding")
    with pytest.warns(ColdStartWarning):
        first = learner.query(3)
    for id_ in first[:2]:
        (tmp_path / f"{id_:03}.png").unlink()
    learner.save(tmp_path / "run")
    for ask in (learner, ActiveLearner.load(tmp_path / "run", learner.pool, LogisticRegression())):
        with pytest.warns(ColdStartWarning):
            second = ask.query(3)
        assert not set(second) & set(first)


def test_they_are_covered_in_the_joint_space_too() -> None:
    model = TorchModel(
        lambda n_classes: torch.nn.Sequential(torch.nn.Linear(6, 3), torch.nn.ReLU(), torch.nn.Linear(3, n_classes))
    )
    seen = list[Snapshot]()

    class Looks(AutoAL):
        def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> torch.Tensor:
            seen.append(snapshot)
            return super().select(snapshot, n, rng)

    learner = ActiveLearner(Pool(X, classes=2), model, Looks(search_steps=0))
    learner.teach(np.arange(20), Y[:20])
    pending = learner.query(5)
    learner.query(5)
    points, anchors = joint_space(seen[1])
    assert points.shape == (135, 9)
    assert anchors.shape == (25, 9)
    features = torch.nn.functional.normalize(torch.from_numpy(X[np.sort(pending)]))
    assert torch.allclose(anchors[20:, 3:].sort(dim=0).values, features.sort(dim=0).values, atol=1e-6)
