from __future__ import annotations

import numpy as np
import pytest
import torch

from autoal import Snapshot
from autoal.strategies import KMeans, clusters


def of(embedding: torch.Tensor) -> Snapshot:
    return Snapshot.from_arrays(torch.full((len(embedding), 2), 0.5).log(), embedding)


def blobs(sizes: tuple[int, ...] = (40, 30, 20), seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    g = torch.Generator().manual_seed(seed)
    centres = 20 * torch.eye(len(sizes))
    owner = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
    return centres[owner] + 0.5 * torch.randn(len(owner), len(sizes), generator=g), owner


def test_takes_the_row_nearest_to_each_centre_largest_cluster_first(rng: np.random.Generator) -> None:
    x, owner = blobs()
    picks = KMeans().select(of(x), 3, rng)
    assert owner[picks].tolist() == [0, 1, 2]
    for cluster, pick in enumerate(picks.tolist()):
        members = (owner == cluster).nonzero().squeeze(1)
        distance = (x[members] - x[members].mean(dim=0)).norm(dim=1)
        assert pick == int(members[distance.argmin()])


@pytest.mark.filterwarnings("ignore:k-means moves its centres")
@pytest.mark.parametrize("rows", [200_000, 3])
def test_distinct_rows_on_either_path_also_with_duplicates(
    rows: int, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "ROWS", rows)
    x = torch.tensor([[0.0], [0.0], [0.0], [1.0], [1.0]])
    for n in range(7):
        picks = KMeans().select(of(x), n, rng)
        assert len(set(picks.tolist())) == len(picks) == min(n, 5)


def test_same_seed_same_picks() -> None:
    x, _ = blobs()
    first, second = (KMeans().select(of(x), 10, np.random.default_rng(4)) for _ in range(2))
    assert torch.equal(first, second)
