"""TypiClust against the obvious form on the same clusters, and on blobs."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from autoal import Snapshot
from autoal.strategies import TypiClust
from autoal.strategies.clusters import k_means
from autoal.strategies.typiclust import neighbour_distance


def of(x: Tensor, anchors: Tensor) -> Snapshot:
    return Snapshot.from_arrays(torch.zeros(len(x), 1), x, anchors, torch.zeros(len(anchors), dtype=torch.int64))


def slow_typiclust(
    snapshot: Snapshot, n: int, rng: np.random.Generator
) -> tuple[list[int], dict[int, tuple[int, float]]]:
    """The picks, and the cluster and typicality of each row."""
    x, anchors = snapshot.embedding, snapshot.labelled_embedding
    clusters = k_means(snapshot, x, len(anchors) + n, rng)
    labels = [int((a - clusters.centres).norm(dim=1).argmin()) for a in anchors]
    members = [[i for i in range(len(x)) if clusters.assignment[i] == c] for c in range(len(clusters.centres))]
    order = sorted(
        (c for c in range(len(members)) if members[c]),
        key=lambda c: (len(members[c]) < 5, labels.count(c), -len(members[c])),
    )
    typical = {}
    for c in order:
        k = max(min(20, max(len(members[c]) // 2, 1), len(members[c]) - 1), 1)
        for i in members[c]:
            typical[i] = -sum(sorted(float((x[i] - x[j]).norm()) for j in members[c] if j != i)[:k])
        members[c].sort(key=lambda i: -typical[i])
    rounds = max(len(some) for some in members)
    picks = [members[c][r] for r in range(rounds) for c in order if r < len(members[c])][:n]
    return picks, {i: (int(clusters.assignment[i]), round(typical[i], 9)) for i in range(len(x))}


@given(st.integers(0, 10_000), st.integers(8, 80), st.integers(0, 4))
def test_equal_to_the_slow_form_pick_by_pick(seed: int, n_rows: int, m: int) -> None:
    g = torch.Generator().manual_seed(seed)
    snapshot = of(*(torch.randn(k, 3, generator=g, dtype=torch.float64) for k in (n_rows, m)))
    picks = TypiClust().select(snapshot, 6, np.random.default_rng(seed)).tolist()
    slow, about = slow_typiclust(snapshot, 6, np.random.default_rng(seed))
    assert [about[i] for i in picks] == [about[i] for i in slow]  # in a cluster of two, both rows are as typical
    assert len(set(picks)) == 6


def test_blobs_without_labels_come_first_and_give_their_middle(rng: np.random.Generator) -> None:
    g = torch.Generator().manual_seed(0)
    middle = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    x = torch.cat([c + torch.randn(50, 2, generator=g) for c in middle])
    picks = TypiClust().select(of(x, middle[:1]), 2, rng)
    assert set((picks // 50).tolist()) == {1, 2}
    assert (x[picks] - middle[picks // 50]).norm(dim=1).max() < 1


def test_neighbour_distance_by_hand() -> None:
    x = torch.tensor([[0.0], [1.0], [3.0], [7.0]])
    assert torch.allclose(neighbour_distance(x, 2), torch.tensor([2.0, 1.5, 2.5, 5.0]), atol=1e-5)
    assert neighbour_distance(x[:1], 3).tolist() == [0.0]


def test_more_picks_than_clusters_go_round_again(rng: np.random.Generator) -> None:
    x = torch.randn(30, 2, generator=torch.Generator().manual_seed(0))
    picks = TypiClust(max_clusters=3).select(of(x, x[:0]), 30, rng)
    assert sorted(picks.tolist()) == list(range(30))
