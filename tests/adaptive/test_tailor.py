"""TAILOR: its counts by hand, and a planted problem with many arms of which one finds the rare classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor

from autoal import Snapshot, Strategy
from autoal.adaptive import Tailor
from autoal.adaptive.tailor import class_values, thompson


@dataclass(frozen=True)
class Digit(Strategy):
    """Takes ids that end in 0, or in anything else; id % 10 is the true class of a sample here."""

    zero: bool = True

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """One for these."""
        return ((snapshot.ids % 10 == 0) == self.zero).double()


def snapshot_of(unlabelled: list[int], asked: list[int]) -> Snapshot:
    return Snapshot.from_arrays(
        torch.full((len(unlabelled), 10), 0.1).log(),
        torch.zeros(len(unlabelled), 1),
        torch.zeros(len(asked), 1),
        torch.tensor([id_ % 10 for id_ in asked], dtype=torch.int64),
        torch.full((len(asked), 10), 0.1).log(),
        ids=torch.tensor(unlabelled),
        labelled_ids=torch.tensor(asked, dtype=torch.int64),
    )


def share_of_other_classes(n_arms: int, batch: int, seed: int) -> float:
    """In the last of twenty batches, where all arms but one find what there is already too much of."""
    strategy, rng = Tailor([*[Digit() for _ in range(n_arms - 1)], Digit(zero=False)]), np.random.default_rng(seed)
    free, asked = list(range(30_000)), [100_000 + 10 * i for i in range(50)]
    memory = strategy.begin(snapshot_of(free, asked))
    for _ in range(20):
        state = snapshot_of(free, asked)
        memory = strategy.learn(memory, state)
        rows, memory = strategy.choose(state, batch, rng, memory)
        last = state.ids[rows].tolist()
        taken = set(last)
        asked, free = asked + last, [i for i in free if i not in taken]
    return float(np.mean([id_ % 10 != 0 for id_ in last]))


def test_the_arm_that_finds_other_classes_is_found_within_twenty_rounds() -> None:
    assert min(share_of_other_classes(10, 30, seed) for seed in range(3)) > 0.5  # by chance 0.1


def test_hundreds_of_arms() -> None:
    strategy = Tailor([Digit(zero=bool(k % 2)) for k in range(300)])
    state = snapshot_of(list(range(500)), [1000])
    rows, memory = strategy.choose(state, 50, np.random.default_rng(0), strategy.begin(state))
    assert len(rows.unique()) == 50
    assert len(set(memory["asked"].values())) > 20  # arms


def test_counts_by_hand() -> None:
    strategy = Tailor((Digit(), Digit(zero=False)), decay=0.5)
    memory = {"counts": [[1.0] * 10] * 2, "asked": {"11": 0, "22": 1, "31": 0, "42": 1}}
    learned = strategy.learn(memory, snapshot_of([1], [11, 22, 31]))
    assert learned["counts"][0] == pytest.approx([0.5, 2.5, *[0.5] * 8])
    assert learned["counts"][1] == pytest.approx([0.5, 0.5, 1.5, *[0.5] * 7])
    assert learned["asked"] == {"42": 1}
    assert memory["counts"] == [[1.0] * 10] * 2
    assert strategy.learn(learned, snapshot_of([1], [11])) == learned  # nothing new


def test_values_of_classes_by_hand() -> None:
    assert class_values(np.array([6, 3, 0, 1]), "diversity") == pytest.approx([-1 / 6, 1 / 3, 1, 1])
    assert class_values(np.array([6, 3]), "positive") == pytest.approx([1, 1])


def test_thompson_samples_follow_the_dirichlet_distribution() -> None:
    alpha, v, rng = np.array([[2.0, 1.0, 1.0], [1.0, 1.0, 6.0]]), np.array([1.0, 0.0, 2.0]), np.random.default_rng(0)
    mean = np.mean([thompson(alpha, v, rng) for _ in range(4000)], axis=0)
    assert mean == pytest.approx([0.5 + 2 * 0.25, 1 / 8 + 2 * 6 / 8], abs=0.03)
