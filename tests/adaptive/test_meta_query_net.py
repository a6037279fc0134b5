"""Meta-Query-Net: its inputs against slow twins, its lessons by hand, and a planted pool that is mostly of no class."""

from __future__ import annotations

import json
import math
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from misbehaving import Broken, Garbage
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from autoal import OUTSIDE, ActiveLearner, AutoALError, AutoALWarning, Pool, Snapshot
from autoal.adaptive import MetaQueryNet
from autoal.adaptive.meta_query_net import exp_standard, purity
from autoal.testing.snapshots import random_snapshot


def slow_purity(snapshot: Snapshot) -> list[float]:
    def cosine(a: torch.Tensor, b: torch.Tensor) -> float:
        norms = math.sqrt(float(a @ a)) * math.sqrt(float(b @ b))
        return float(a @ b) / norms if norms else 0.0

    z = snapshot.labelled_embedding.double()
    return [max((1 + cosine(h, a)) / 2 for a in z) for h in snapshot.embedding.double()]


@pytest.mark.parametrize("n", [1, 40, 3000])
def test_purity_equals_its_slow_twin(n: int) -> None:
    snapshot = random_snapshot(3, n=n, m=25, dtype=torch.float32)
    snapshot.embedding[0] = 0
    assert purity(snapshot).tolist() == pytest.approx(slow_purity(snapshot), abs=1e-12)
    bare = random_snapshot(3, n=n, m=0)
    assert purity(bare).tolist() == [0.0] * n


def test_inputs_by_hand() -> None:
    x = exp_standard(torch.tensor([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]], dtype=torch.float64))
    z = math.sqrt(1.5)
    assert x[:, 0].tolist() == pytest.approx([math.exp(-z), 1, math.exp(z)])
    assert x[:, 1].tolist() == [1.0, 1.0, 1.0]
    far = torch.zeros(100_000, 1, dtype=torch.float64)
    far[7] = 1
    assert float(exp_standard(far).max()) == pytest.approx(math.exp(10))
    almost = torch.full((9, 1), 0.1, dtype=torch.float64)
    almost[0] += 1e-16  # rounding is no difference
    assert bool((exp_standard(almost) == 1).all())


def test_the_first_query_takes_the_sum_of_both() -> None:
    snapshot, strategy = random_snapshot(1, n=50), MetaQueryNet()
    doubt = 1 - snapshot.log_probs.exp().amax(dim=1)
    total = exp_standard(torch.stack([doubt, purity(snapshot)], dim=1)).sum(dim=1)
    rows, _ = strategy.choose(snapshot, 8, np.random.default_rng(0), strategy.begin(snapshot))
    assert rows.tolist() == total.argsort(descending=True)[:8].tolist()
    assert strategy.select(snapshot, 8, np.random.default_rng(0)).tolist() == rows.tolist()


def test_lessons_are_the_loss_of_the_model_that_asked_and_zero_outside() -> None:
    snapshot, strategy = random_snapshot(1, n=50), MetaQueryNet(least=3, steps=5)
    rows, memory = strategy.choose(snapshot, 4, np.random.default_rng(0), strategy.begin(snapshot))
    ids = snapshot.ids[rows].tolist()
    after = Snapshot.from_arrays(
        snapshot.log_probs,
        snapshot.embedding,
        torch.zeros(2, 4),
        [2, 0],
        labelled_ids=[ids[3], ids[1]],
        outside_ids=[ids[0]],
    )
    learned = strategy.learn(memory, after)
    expected = [0, -float(snapshot.log_probs[rows[1], 0]), -float(snapshot.log_probs[rows[3], 2])]
    assert [lesson[2] for lesson in learned["lessons"]] == pytest.approx(expected, abs=1e-4)
    assert [lesson[:2] for lesson in learned["lessons"]] == [memory["asked"][str(ids[k])]["x"] for k in (0, 1, 3)]
    assert len(json.dumps(memory)) < 500
    assert list(learned["asked"]) == [str(ids[2])]
    assert memory["lessons"] == []  # what was handed over is left alone

    assert strategy.network(learned, np.random.default_rng(0)) is not None
    assert MetaQueryNet(least=4).network(learned, np.random.default_rng(0)) is None
    alike = {**learned, "lessons": [[1.0, 2.0, 0.0]] * 9}
    assert strategy.network(alike, np.random.default_rng(0)) is None
    assert strategy.learn(learned, after) == learned  # nothing new


def test_only_the_last_answers_count_but_all_of_a_batch() -> None:
    snapshot = random_snapshot(1, n=50)
    old = {"asked": {}, "lessons": [[1.0, 1.0, float(k)] for k in range(6)]}
    for recent, kept in ((8, [2.0, 3.0, 4.0, 5.0]), (5, [5.0]), (2, [])):
        strategy = MetaQueryNet(recent=recent)
        rows, memory = strategy.choose(snapshot, 4, np.random.default_rng(0), old)
        after = Snapshot.from_arrays(snapshot.log_probs, snapshot.embedding, outside_ids=snapshot.ids[rows])
        assert [lesson[2] for lesson in strategy.learn(memory, after)["lessons"]] == [*kept, 0, 0, 0, 0]


# planted: two known classes left and right on a line, and half as much again of no class that the model is unsure of
def planted(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    known, strange = 400, 600
    y = np.concatenate([rng.integers(0, 2, known), np.full(strange, OUTSIDE)])
    X = rng.normal(scale=0.6, size=(known + strange, 6))
    X[:known, 0] += np.where(y[:known] == 0, -1.0, 1.0)
    X[:known, 1] += 3
    X[known:, 2 + rng.integers(0, 4, strange)] += 3  # near the boundary, and in other directions
    order = rng.permutation(len(y))
    return X[order].astype(np.float32), y[order]


def played(strategy: MetaQueryNet | str, seed: int, rounds: int = 6) -> tuple[ActiveLearner, list[float]]:
    """A run, and the share of each of its batches that has a class."""
    X, y = planted(seed)
    learner = ActiveLearner(Pool(X, classes=2), LogisticRegression(), strategy, seed=seed)
    first = np.flatnonzero(y != OUTSIDE)[:10]
    learner.teach(first, y[first])
    shares = []
    for _ in range(rounds):
        ids = learner.query(20)
        learner.teach(ids, y[ids])
        shares.append(float((y[ids] != OUTSIDE).mean()))
    return learner, shares


@pytest.mark.parametrize("seed", range(4))
def test_after_some_rounds_what_has_a_class_ranks_above_what_has_none(seed: int) -> None:
    strategy = MetaQueryNet(steps=300)
    learner, shares = played(strategy, seed, rounds=8)
    _, alone = played("least_confidence", seed, rounds=8)
    assert np.mean(shares) > np.mean(alone) + 0.2
    _, y = planted(seed)
    snapshot = seen(learner, y)
    network = strategy.network(strategy.learn(learner.memory["memory"], snapshot), np.random.default_rng(0))
    assert network is not None
    x = exp_standard(torch.stack([1 - snapshot.log_probs.exp().amax(dim=1), purity(snapshot)], dim=1))
    has_a_class = y[snapshot.ids] != OUTSIDE
    assert roc_auc_score(has_a_class, network.scores(x)) > 0.9
    assert roc_auc_score(has_a_class, x[:, 0]) < 0.3  # what is informative has none


def seen(learner: ActiveLearner, y: np.ndarray) -> Snapshot:
    """What the next query would see."""
    known = np.array(sorted(learner.labels))
    samples = [learner.pool.subset(ids).take(np.arange(len(ids))) for ids in (learner.unlabelled, known)]
    (log_probs, embedding), (_, labelled) = (learner.fit().predict(x) for x in samples)
    return Snapshot.from_arrays(
        log_probs,
        embedding,
        labelled,
        y[known],
        ids=learner.unlabelled,
        labelled_ids=known,
        outside_ids=learner.outside,
    )


def test_a_run_saved_in_the_middle_goes_on_with_the_same_choices(tmp_path: Path) -> None:
    X, y = planted(0)
    learner, _ = played(MetaQueryNet(steps=50), 0, rounds=2)
    pending = learner.query(20)
    learner.teach(pending[:12], y[pending[:12]])  # saved while eight wait
    learner.save(tmp_path / "run")
    (tmp_path / "copy").write_bytes((tmp_path / "run").read_bytes())
    loaded = ActiveLearner.load(tmp_path / "copy", Pool(X, classes=2), LogisticRegression())
    assert loaded.memory == learner.memory
    assert loaded.outside == learner.outside
    asked = []
    for run in (learner, loaded):
        run.teach(pending[12:], y[pending[12:]])
        for _ in range(3):
            ids = run.query(20)
            run.teach(ids, y[ids])
            asked.append(ids.tolist())
    assert asked[:3] == asked[3:]


def test_another_candidate_stands_in_for_one_that_fails() -> None:
    snapshot, rng = random_snapshot(2, n=60), np.random.default_rng
    wanted = MetaQueryNet(("margin",)).select(snapshot, 6, rng(0)).tolist()
    with pytest.warns(AutoALWarning, match="Broken raised RuntimeError"):
        assert MetaQueryNet((Broken(), "margin")).select(snapshot, 6, rng(0)).tolist() == wanted
    with pytest.warns(AutoALWarning, match="Broken raised RuntimeError"):
        alone = MetaQueryNet((Broken(),)).select(snapshot, 6, rng(0)).tolist()
    assert alone == purity(snapshot).argsort(descending=True)[:6].tolist()
    with pytest.warns(AutoALWarning, match="Garbage should return"):
        assert len(MetaQueryNet((Garbage(),)).select(snapshot, 6, rng(0)).unique()) == 6


def test_a_network_survives_bad_candidates() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AutoALWarning)
        _, shares = played(MetaQueryNet((Garbage(), Broken()), steps=20), 1, rounds=4)
    assert len(shares) == 4


def test_bad_settings_are_refused() -> None:
    for wrong in ({"least": 0}, {"hidden": 0}, {"steps": -1}, {"candidates": ()}):
        with pytest.raises(AutoALError):
            MetaQueryNet(**wrong)  # type: ignore[arg-type]
