"""k-means against the obvious form from the same seeds, and its parts by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from autoal import AutoALWarning, Snapshot
from autoal.strategies import clusters
from autoal.strategies.clusters import k_means


def of(x: torch.Tensor) -> Snapshot:
    return Snapshot.from_arrays(torch.zeros(len(x), 1), x)


def slow_lloyd(x: torch.Tensor, centres: torch.Tensor, weights: torch.Tensor, steps: int) -> torch.Tensor:
    centres = centres.clone()
    for _ in range(steps):
        owner = [int(((row - centres) ** 2).sum(dim=1).argmin()) for row in x]
        for k in range(len(centres)):
            members = [i for i, o in enumerate(owner) if o == k]
            mass = float(sum(weights[i] for i in members))
            if mass > 0:
                centres[k] = sum(weights[i] * x[i] for i in members) / mass
    return centres


@given(st.integers(0, 10_000), st.integers(4, 60), st.integers(1, 6), st.booleans())
def test_equal_to_the_slow_form(seed: int, n: int, k: int, weighted: bool) -> None:
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(n, 3, generator=g, dtype=torch.float64)
    weights = torch.rand(n, generator=g) if weighted else None
    seeds = k_means(of(x), x, k, np.random.default_rng(seed), weights, steps=0).centres
    fast = k_means(of(x), x, k, np.random.default_rng(seed), weights, steps=2)
    assert torch.allclose(fast.centres, slow_lloyd(x, seeds, torch.ones(n) if weights is None else weights, 2))
    assert torch.equal(fast.assignment, torch.cdist(x, fast.centres).argmin(dim=1))
    assert torch.allclose(fast.sq_distance, torch.cdist(x, fast.centres).amin(dim=1) ** 2, atol=1e-9)


def test_of_a_large_pool_a_sample_is_clustered_and_every_row_assigned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "ROWS", 40)
    g = torch.Generator().manual_seed(0)
    x = torch.cat([torch.randn(100, 2, generator=g) * 0.1 + c for c in (0, 5, 10)])
    with pytest.warns(AutoALWarning, match="k-means moves its centres by a random sample of 40 of 300 rows"):
        found = k_means(of(x), x, 3, np.random.default_rng(0))
    assert [len(part.unique()) for part in found.assignment.split(100)] == [1, 1, 1]
    assert found.sizes.tolist() == [100, 100, 100]


def test_rows_without_weight_seed_nothing_and_move_nothing() -> None:
    x = torch.tensor([[0.0], [0.2], [9.0], [9.2], [500.0]])
    found = k_means(of(x), x, 2, np.random.default_rng(0), torch.tensor([1.0, 1, 1, 1, 0]))
    assert sorted(found.centres.squeeze(1).tolist()) == pytest.approx([0.1, 9.1])
