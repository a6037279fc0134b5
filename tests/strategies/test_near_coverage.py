"""Neighbours in nearby cells: all of them where all cells are nearby, and nearly all where not."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from torch import Tensor

from autoal import AutoALWarning, Snapshot
from autoal.strategies import ProbCover, near_coverage, prob_cover
from autoal.strategies.coverage import cover
from autoal.strategies.kernels import covered, top_hat, unit_norm
from autoal.strategies.near_coverage import cover_near, nearest_centres


def clustered(n: int, m: int, seed: int = 0) -> Snapshot:
    g = torch.Generator().manual_seed(seed)
    centres = torch.randn(12, 6, generator=g)
    x, z = (
        centres[torch.randint(12, (k,), generator=g)] + 0.35 * torch.randn(k, 6, generator=g, dtype=torch.float64)
        for k in (n, m)
    )
    return Snapshot.from_arrays(torch.full((n, 2), 0.5).log(), x, z, torch.zeros(m, dtype=torch.int64))


def coverage_of(snapshot: Snapshot, picks: Tensor, delta: float) -> float:
    centres = torch.cat([unit_norm(snapshot.labelled_embedding), unit_norm(snapshot.embedding[picks])])
    return float(covered(unit_norm(snapshot.embedding), centres, top_hat(delta)).mean())


@pytest.mark.filterwarnings("ignore::autoal.AutoALWarning")
@pytest.mark.parametrize("m", [0, 5])
def test_with_all_cells_nearby_the_picks_are_those_of_all_pairs(m: int) -> None:
    for seed in range(5):
        snapshot = clustered(400, m, seed)
        near = cover_near(snapshot, top_hat(0.2), 25, np.random.default_rng(seed))  # 40 cells, 48 are looked at
        exact = cover(snapshot, None, top_hat(0.2), 25, np.random.default_rng(seed), None)
        assert near is not None
        assert near.tolist() == exact.tolist()


def test_with_few_cells_nearby_little_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_coverage, "PROBED", 12)
    snapshot = clustered(3000, 10)
    with pytest.warns(
        AutoALWarning, match="coverage looks for neighbours in the 12 nearest of 110 cells of 3,000 rows"
    ):
        near = cover_near(snapshot, top_hat(0.2), 60, np.random.default_rng(0))
    assert near is not None
    assert len(near.unique()) == 60
    exact = cover(snapshot, None, top_hat(0.2), 60, np.random.default_rng(0), None)
    assert coverage_of(snapshot, near, 0.2) > 0.98 * coverage_of(snapshot, exact, 0.2)


def test_balls_too_large_to_keep_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_coverage, "PER_CANDIDATE", 20)
    assert cover_near(clustered(400, 0), top_hat(1.9), 5, np.random.default_rng(0)) is None


def test_prob_cover_of_a_large_pool_looks_nearby(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prob_cover, "EXACT_ROWS", 300)
    snapshot = clustered(400, 5)
    with pytest.warns(AutoALWarning, match="looks for neighbours"):
        near = ProbCover(delta=0.2).select(snapshot, 25, np.random.default_rng(3))
    monkeypatch.undo()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exact = ProbCover(delta=0.2).select(snapshot, 25, np.random.default_rng(3))
    assert near.tolist() == exact.tolist()


def test_the_nearest_centres_by_hand() -> None:
    centres = torch.tensor([[0.0], [1.0], [3.0], [7.0]])
    assert nearest_centres(centres, 2).tolist() == [[0, 1], [1, 0], [2, 1], [3, 2]]
    assert nearest_centres(centres, 9).shape == (4, 4)
