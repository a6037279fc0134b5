"""Cluster-Margin: the turns by hand, the tree against scikit-learn, the sample said aloud."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from autoal import AutoALWarning, Snapshot
from autoal.strategies import ClusterMargin, cluster_margin
from autoal.strategies.cluster_margin import average_linkage, distances, round_robin


def test_turns_by_hand() -> None:
    cluster = torch.tensor([0, 0, 0, 1, 2, 2])  # sizes 3, 1, 2: asked in the order 1, 2, 0
    assert round_robin(cluster, 6).tolist() == [3, 4, 0, 5, 1, 2]
    assert round_robin(cluster, 2).tolist() == [3, 4]


def test_the_tree_is_scikit_learn_s() -> None:
    x = torch.randn(80, 3, generator=torch.Generator().manual_seed(0))
    theirs = AgglomerativeClustering(7, linkage="average").fit_predict(x.double().numpy())
    assert adjusted_rand_score(average_linkage(x, 7).numpy(), theirs) == 1.0
    assert average_linkage(x[:1], 3).tolist() == [0]


def test_the_distances_are_scipy_s_in_blocks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    x = torch.randn(50, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    x[7] = x[3]
    for block in (1, 7, 49, 50, 64):
        monkeypatch.setattr(cluster_margin, "CHUNK", block)
        np.testing.assert_allclose(distances(x), pdist(x), atol=1e-7)


def blobs() -> Snapshot:
    """Three directions; the rows of the first have the smallest margins."""
    g = torch.Generator().manual_seed(0)
    x = torch.eye(3).repeat_interleave(40, dim=0) + 0.05 * torch.randn(120, 3, generator=g)
    p = torch.cat([torch.full((40,), 0.5), torch.full((40,), 0.6), torch.full((40,), 0.7)]) + 1e-3 * torch.rand(120)
    return Snapshot.from_arrays(torch.stack([p, 1 - p], dim=1).log(), x)


def test_margin_alone_would_stay_in_one_cluster(rng: np.random.Generator) -> None:
    picks = ClusterMargin(oversample=20, clusters=3).select(blobs(), 6, rng)
    assert (picks // 40).bincount().tolist() == [2, 2, 2]


def test_a_large_pool_is_clustered_on_a_sample_and_says_so(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_margin, "HAC_ROWS", 60)
    with pytest.warns(AutoALWarning, match="a random sample of 60 of 120 rows"):
        picks = ClusterMargin(oversample=20, clusters=3).select(blobs(), 6, rng)
    assert (picks // 40).bincount().tolist() == [2, 2, 2]
