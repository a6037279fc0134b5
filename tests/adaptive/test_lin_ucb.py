"""LinUCB against ridge regression written out, and on planted problems."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from planted_labels import BATCH, BEGUN, Parity, World, shares_of_good

from autoal import AutoALError, Snapshot
from autoal.adaptive import LinUCB
from autoal.adaptive.hybrid_ridge import HybridRidge
from autoal.adaptive.judge import Judge
from autoal.adaptive.round_context import FEATURES, round_context
from autoal.testing.snapshots import odd_snapshots
from conftest import make_snapshot


def test_coefficients_and_bounds_are_those_of_one_large_ridge_regression() -> None:
    """Features (x, 0, .., x, .., 0): the shared ones, then those of the arm; one row for each observation."""
    K, d, rng = 4, 3, np.random.default_rng(0)
    model = HybridRidge.empty(K, d)
    rows, rewards, weights = [], [], []

    def features(arm: int, x: np.ndarray) -> np.ndarray:
        own = np.zeros((K, d))
        own[arm] = x
        return np.concatenate([x, own.ravel()])

    for step in range(25):
        arm, x, reward, weight = int(rng.integers(3)), rng.random(d), rng.normal(), (1.0, 0.25)[step % 2]
        model = HybridRidge.of(model.plain()).updated(arm, x, reward, weight)
        rows, rewards, weights = [*rows, features(arm, x)], [*rewards, reward], [*weights, weight]
        Z, w = np.array(rows), np.array(weights)
        A = Z.T @ (w[:, None] * Z) + np.eye(d + K * d)
        theta = np.linalg.solve(A, Z.T @ (w * np.array(rewards)))
        assert np.allclose(model.coefficients(), theta[:d] + theta[d:].reshape(K, d), atol=1e-10)
        x = rng.random(d)
        for arm, bound in enumerate(model.bounds(x, 1.7)):
            z = features(arm, x)
            assert bound == pytest.approx(z @ theta + 1.7 * np.sqrt(z @ np.linalg.solve(A, z)))


@pytest.mark.parametrize("seed", range(3))
def test_the_good_arm_is_asked_most_within_twenty_rounds(seed: int) -> None:
    shares = shares_of_good(LinUCB([Parity(1), Parity(0), Parity(1)]), 20, seed)
    assert np.mean(shares[10:]) > 0.7  # by chance 1 / 3


def test_which_arm_is_good_may_depend_on_the_context() -> None:
    """One candidate teaches while the model is unsure and the other while it is sure, which it is every other round."""
    arms = [Parity(0, swings=True), Parity(1, swings=True)]
    shares = [
        np.mean(shares_of_good(LinUCB(arms), 20, seed, lambda round_: bool(round_ % 2))[10:]) for seed in range(2)
    ]
    assert np.mean(shares) > 0.8  # 1 / 2 for whoever always asks the same


def test_answers_in_parts_count_for_their_share() -> None:
    strategy, world, begun = LinUCB([Parity(0), Parity(1)]), World.of(0), list(range(BEGUN))
    snapshot = world.snapshot(begun)
    rows, memory = strategy.remember(None, snapshot, BATCH, np.random.default_rng(0))
    ids, arm = snapshot.ids[rows].tolist(), memory["memory"]["rounds"][0]["arm"]
    first = world.snapshot(begun + ids[:10])
    learned = strategy.learn(memory["memory"], first)
    x = round_context(snapshot)
    reward = Judge.of(first).evidence(np.arange(BEGUN, BEGUN + 10))
    assert np.allclose(learned["model"]["S"][arm], 0.25 * np.outer(x, x))
    assert np.allclose(learned["model"]["s"][arm], 0.25 * reward * x)
    assert set(learned["asked"]) == {str(id_) for id_ in ids[10:]}
    assert not np.any(learned["model"]["s"][1 - arm])
    assert strategy.learn(learned, first) == learned  # nothing new
    whole = strategy.learn(learned, world.snapshot(begun + ids))
    assert np.allclose(whole["model"]["S"][arm], np.outer(x, x))
    assert whole["asked"] == {}


@given(odd_snapshots())
def test_a_context_has_numbers_from_0_to_1(snapshot: Snapshot) -> None:
    context = round_context(snapshot)
    assert context.shape == (len(FEATURES),)
    assert ((context >= 0) & (context <= 1)).all()


def test_context_by_hand() -> None:
    probs = torch.tensor([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.2, 0.4, 0.4]])
    snapshot = Snapshot.from_arrays(probs.log(), torch.zeros(3, 1), torch.zeros(2, 1), [0, 2])
    context = dict(zip(FEATURES, round_context(snapshot), strict=True))
    mean = np.array([1.0, 1.2, 0.8]) / 3
    assert context == pytest.approx(
        {
            "constant": 1,
            "labels": np.log(1 + 2 / 3) / np.log(1 + 5 / 3),
            "confidence": (0.7 + 0.6 + 0.4) / 3,
            "margin": (0.5 + 0.3 + 0) / 3,
            "predicted balance": -(mean * np.log(mean)).sum() / np.log(3),
            "label balance": np.log(2) / np.log(3),
        },
        abs=1e-6,
    )


def test_bad_settings_are_refused() -> None:
    for alpha in (-1.0, float("nan"), float("inf")):
        with pytest.raises(AutoALError, match="finite alpha of at least 0"):
            LinUCB(alpha=alpha)


def test_all_candidates_are_asked_before_any_is_asked_twice_where_nothing_is_gained() -> None:
    strategy, rng, snapshot = LinUCB(("margin", "random", "entropy")), np.random.default_rng(0), make_snapshot()
    memory = strategy.begin(snapshot)
    for round_ in range(3):
        memory = {**memory, "model": HybridRidge.of(memory["model"]).plain()}
        _, memory = strategy.choose(snapshot, 4, rng, memory)
        arm, context = memory["rounds"][round_]["arm"], np.array(memory["rounds"][round_]["context"])
        memory["model"] = HybridRidge.of(memory["model"]).updated(arm, context, 0.0).plain()
    assert sorted(round_["arm"] for round_ in memory["rounds"]) == [0, 1, 2]
