"""ALBL against the published update written out, and on a problem with one good arm."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor

from autoal import Snapshot, Strategy
from autoal.adaptive import Albl
from autoal.adaptive.albl import probabilities

DELTA, HORIZON = 0.1, 40


@dataclass(frozen=True)
class Slice(Strategy):
    """Takes unlabelled ids from `start` upwards."""

    start: int = 0

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """Lowest distance above the start first."""
        return -((snapshot.ids - self.start) % 10_000).double()


def snapshot_of(unlabelled: list[int], asked: list[int], right: float) -> Snapshot:
    """A model that is right about so large a part of everything asked so far, whatever the sample."""
    guess = torch.where(torch.tensor([id_ * 7919 % 1000 < 1000 * right for id_ in asked])[:, None].bool(), 0.9, 0.1)
    return Snapshot.from_arrays(
        torch.full((len(unlabelled), 2), 0.5).log(),
        torch.zeros(len(unlabelled), 1),
        torch.zeros(len(asked), 1),
        torch.zeros(len(asked), dtype=torch.int64),
        torch.cat([guess, 1 - guess], dim=1).log(),
        ids=torch.tensor(unlabelled),
        labelled_ids=torch.tensor(asked, dtype=torch.int64),
    )


def test_with_batches_of_one_the_weights_are_those_of_exp4p() -> None:
    """The update as published: w_k *= exp(p_min / 2 (r psi_k / q + sqrt(ln(N / delta) / (K T)) / p_k))."""
    arms = [Slice(start=0), Slice(start=0), Slice(start=300)]
    strategy, pool = Albl(arms, horizon=HORIZON, delta=DELTA, normalised=False), list(range(400))
    K, rng = 4, np.random.default_rng(5)
    p_min = math.sqrt(math.log(K) / (K * HORIZON))
    w, importance = np.ones(K), []
    memory, asked, free = strategy.begin(snapshot_of(pool, [], True)), list[int](), list(pool)
    offers, q, n_before = list[int](), 1.0, len(pool)
    for step in range(30):
        right = step % 3 != 0
        state = snapshot_of(free, asked, right)
        memory = strategy.learn(memory, state)
        if step:
            reward = sum(importance) * right / (len(pool) * len(importance))
            p = (1 - K * p_min) * w / w.sum() + p_min
            psi = np.array([*(float(offer == asked[-1]) for offer in offers), 1 / n_before])
            r_hat, v_hat = reward * psi / q, 1 / p
            w *= np.exp(p_min / 2 * (r_hat + v_hat * math.sqrt(math.log(K / DELTA) / (K * HORIZON))))
        assert np.allclose(np.exp(memory["weights"]), w / w.max(), rtol=1e-9)
        p = (1 - K * p_min) * w / w.sum() + p_min
        offers = [min(free, key=lambda i: (i - arm.start) % 10_000) for arm in arms]
        rows, memory = strategy.choose(state, 1, rng, memory)
        id_ = int(state.ids[rows[0]])
        q = sum(p[k] for k in range(3) if offers[k] == id_) + p[3] / len(free)
        importance.append(1 / q)
        asked, n_before, free = [*asked, id_], len(free), [i for i in free if i != id_]


def test_the_good_arm_is_found_within_twenty_rounds() -> None:
    """The more of the last batch came from the good arm, the more the model is right about."""
    for seed in range(5):
        strategy, rng = Albl([Slice(start=0), Slice(start=3000), Slice(start=6000)]), np.random.default_rng(seed)
        free, asked, right = list(range(9000)), list[int](), 0.0
        memory = strategy.begin(snapshot_of(free, asked, right))
        for _ in range(20):
            state = snapshot_of(free, asked, right)
            memory = strategy.learn(memory, state)
            rows, memory = strategy.choose(state, 10, rng, memory)
            batch = state.ids[rows].tolist()
            right = sum(3000 <= id_ < 3000 + len(asked) + 10 for id_ in batch) / 10
            asked, free = asked + batch, [i for i in free if i not in set(batch)]
        p = probabilities(np.array(memory["weights"]), strategy.least, [True] * 4)
        assert p.argmax() == 1
        assert p[1] > 0.5


def test_probabilities_by_hand() -> None:
    p = probabilities(np.log([1.0, 3.0]), 0.1, [True, True])
    assert p == pytest.approx([0.8 / 4 + 0.1, 0.8 * 3 / 4 + 0.1])
    assert probabilities(np.zeros(3), 0.1, [True, False, True]) == pytest.approx([0.5, 0, 0.5])


def test_the_probability_of_a_pick_is_that_of_all_arms_that_offer_it() -> None:
    strategy, state = Albl([Slice(start=0), Slice(start=2)]), snapshot_of(list(range(8)), [], 0.0)
    asked: dict[str, int] = {}
    for seed in range(3000):
        rows, memory = strategy.choose(state, 4, np.random.default_rng(seed), strategy.begin(state))
        for id_ in state.ids[rows].tolist():
            asked[str(id_)] = asked.get(str(id_), 0) + 1
            q = (id_ < 4) / 3 + (2 <= id_ < 6) / 3 + 0.5 / 3
            assert memory["asked"][str(id_)]["q"] == pytest.approx(q)
    assert asked["3"] / 3000 == pytest.approx(2.5 / 3, abs=0.03)
    assert asked["7"] / 3000 == pytest.approx(0.5 / 3, abs=0.03)
