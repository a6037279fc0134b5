"""Contrastive against a double loop, pick by pick."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from autoal import AutoALError, Snapshot
from autoal.strategies import contrastive
from autoal.strategies.contrastive import Contrastive
from autoal.strategies.log_space import FLOOR
from conftest import make_snapshot

RNG = np.random.default_rng(0)
STRATEGY = Contrastive()
SIZES = [(1, 0, 3, 4), (1, 1, 1, 1), (2, 1, 3, 2), (30, 2, 5, 1), (30, 12, 3, 3)]


def slow(snapshot: Snapshot, k: int) -> list[float]:
    p, q = snapshot.log_probs.double().exp(), snapshot.labelled_log_probs.double().exp()
    scores = []
    for i, x in enumerate(snapshot.embedding):
        distance = [float((x - h).norm()) for h in snapshot.labelled_embedding]
        near = sorted(range(len(distance)), key=distance.__getitem__)[:k]
        scores.append(float(np.mean([float((q[j] * (q[j] / p[i]).log()).sum()) for j in near])))
    return scores


@given(st.integers(0, 10_000), st.integers(1, 25), st.integers(1, 5), st.integers(1, 4), st.integers(1, 12))
def test_equal_to_the_slow_form_pick_by_pick(seed: int, m: int, n_classes: int, n_features: int, k: int) -> None:
    g = torch.Generator().manual_seed(seed)
    snapshot = Snapshot.from_arrays(
        torch.log_softmax(2 * torch.randn(20, n_classes, generator=g, dtype=torch.float64), dim=1),
        torch.randn(20, n_features, generator=g, dtype=torch.float64),
        torch.randn(m, n_features, generator=g, dtype=torch.float64),
        torch.zeros(m),
        torch.log_softmax(2 * torch.randn(m, n_classes, generator=g, dtype=torch.float64), dim=1),
    )
    expected = torch.tensor(slow(snapshot, k), dtype=torch.float64)
    assert torch.allclose(Contrastive(k=k).scores(snapshot, RNG), expected, atol=1e-12)
    if n_classes > 1:
        assert Contrastive(k=k).select(snapshot, 20, RNG).tolist() == expected.argsort(descending=True).tolist()


def test_chunks_do_not_matter(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = STRATEGY.scores(snapshot, RNG)
    monkeypatch.setattr(contrastive, "CELLS", 7 * 20)
    assert torch.allclose(STRATEGY.scores(snapshot, RNG), whole)


def test_by_hand() -> None:
    """Neighbours predict (1/2, 1/2); the rows (1/2, 1/2), (1/4, 3/4) and (1, 0), where log 0 counts as FLOOR."""
    p = torch.tensor([[0.5, 0.5], [0.25, 0.75], [1.0, 0.0]], dtype=torch.float64)
    snapshot = Snapshot.from_arrays(p.log(), torch.zeros(3, 1), torch.zeros(2, 1), [0, 1])
    expected = [0.0, 0.5 * math.log(4 / 3), -math.log(2) - 0.5 * FLOOR]
    assert STRATEGY.scores(snapshot, RNG).tolist() == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_only_the_nearest_count_and_the_divergence_is_from_the_neighbour() -> None:
    """Both rows have a neighbour at their own place, one agrees and one does not; the others are far away."""
    q = torch.tensor([[0.9, 0.1], [0.2, 0.8]], dtype=torch.float64)
    p = torch.tensor([[0.9, 0.1], [0.9, 0.1]], dtype=torch.float64)
    place = torch.tensor([[1000.0], [-1000.0]])
    snapshot = Snapshot.from_arrays(p.log(), place, place, [0, 1], q.log())
    kl = 0.2 * math.log(0.2 / 0.9) + 0.8 * math.log(0.8 / 0.1)
    assert Contrastive(k=1).scores(snapshot, RNG).tolist() == pytest.approx([0.0, kl])


def test_no_labels_no_contrast() -> None:
    assert STRATEGY.scores(make_snapshot(m=0), RNG).eq(0).all()


def test_no_neighbours_are_refused() -> None:
    with pytest.raises(AutoALError, match="k of at least 1"):
        Contrastive(k=0)
