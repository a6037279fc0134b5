"""BAIT's rank-one updates against traces of inverses written out, pick by pick."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from autoal import Snapshot
from autoal.strategies import Bait
from autoal.strategies.bait import confusion


def slow_bait(v: Tensor, labelled: Tensor, n: int, ridge: float) -> list[int]:
    """2 n rows forwards and n backwards, each by the trace of the inverse times the pool's Fisher information."""
    everything = torch.cat([v, labelled])
    F = everything.T @ everything / len(everything)
    F_L = labelled.T @ labelled + ridge * torch.eye(v.shape[1], dtype=torch.float64)

    def trace(rows: list[int]) -> float:
        return float(torch.trace(torch.linalg.inv(F_L + v[rows].T @ v[rows]) @ F))

    picks: list[int] = []
    for _ in range(min(2 * n, len(v))):
        free = [row for row in range(len(v)) if row not in picks]
        picks.append(min(free, key=lambda row: trace([*picks, row])))
    while len(picks) > n:
        picks.remove(min(picks, key=lambda row: trace([p for p in picks if p != row])))
    return picks


@given(st.integers(0, 10_000), st.integers(2, 40), st.integers(0, 8), st.integers(1, 6))
def test_equal_to_the_slow_form_pick_by_pick(seed: int, n_rows: int, m: int, n_features: int) -> None:
    g = torch.Generator().manual_seed(seed)
    h, z = (torch.randn(k, n_features, generator=g, dtype=torch.float64) for k in (n_rows, m))
    p, q = (torch.log_softmax(torch.randn(k, 3, generator=g, dtype=torch.float64), dim=1) for k in (n_rows, m))
    snapshot, n = Snapshot.from_arrays(p, h, z, torch.zeros(m, dtype=torch.int64), q), min(6, n_rows)
    v, labelled = h * confusion(p).sqrt()[:, None], z * confusion(q).sqrt()[:, None]
    assert Bait().select(snapshot, n, np.random.default_rng(0)).tolist() == slow_bait(v, labelled, n, 1.0)


def test_sure_samples_carry_no_information() -> None:
    assert torch.allclose(
        confusion(torch.tensor([[1.0, 0.0], [0.5, 0.5], [0.9, 0.1]]).log()), torch.tensor([0, 0.25, 0.09])
    )


def test_of_two_directions_the_one_the_pool_needs_and_the_labels_lack(rng: np.random.Generator) -> None:
    h = torch.tensor([[1.0, 0.0]] * 5 + [[0.0, 1.0]] * 5)
    unsure = torch.full((10, 2), 0.5).log()
    snapshot = Snapshot.from_arrays(unsure, h, h[:5], [0] * 5, unsure[:5])
    assert int(Bait().select(snapshot, 1, rng)) >= 5
