"""k-means++ on embeddings and on gradient embeddings against the obvious form with the same draws, pick by pick."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from autoal import Snapshot
from autoal.strategies import Badge, KMeansPlusPlus
from autoal.strategies.badge import gradient_factor
from autoal.strategies.points import Outer, Plain, sq_distances
from conftest import make_snapshot


def slow_k_means_pp(g: Tensor, picks: list[int], anchors: Tensor, n: int, rng: np.random.Generator) -> list[int]:
    """Row i is drawn with probability d_i^2 / sum d^2, as the argmax of d_i^2 / E_i with exponential E_i."""
    while len(picks) < n:
        centres = torch.cat([anchors, g[picks]])
        d2 = torch.stack([((row - centres) ** 2).sum(dim=1).min() for row in g])
        d2[picks] = -torch.inf
        E = torch.from_numpy(rng.standard_exponential(len(g))).float()
        picks.append(int((d2 / E).argmax()))
    return picks


def snapshot_64(seed: int, n: int, m: int, n_classes: int) -> Snapshot:
    g = torch.Generator().manual_seed(seed)
    x, z = (torch.randn(k, 4, generator=g, dtype=torch.float64) for k in (n, m))
    log_probs = torch.log_softmax(2 * torch.randn(n, n_classes, generator=g, dtype=torch.float64), dim=1)
    return Snapshot.from_arrays(log_probs, x, z, torch.zeros(m, dtype=torch.int64))


@given(st.integers(0, 10_000), st.integers(3, 150), st.integers(1, 5))
def test_embedding_equal_to_the_slow_form(seed: int, n_rows: int, m: int) -> None:
    snapshot, n = snapshot_64(seed, n_rows, m, 3), min(20, n_rows)
    picks = KMeansPlusPlus().select(snapshot, n, np.random.default_rng(seed))
    slow = slow_k_means_pp(snapshot.embedding, [], snapshot.labelled_embedding, n, np.random.default_rng(seed))
    assert picks.tolist() == slow


@given(st.integers(0, 10_000), st.integers(3, 150), st.integers(2, 6))
def test_badge_equal_to_the_slow_form_on_gradients_written_out(seed: int, n_rows: int, n_classes: int) -> None:
    snapshot, n = snapshot_64(seed, n_rows, 2, n_classes), min(20, n_rows)
    gradients = torch.einsum("nc,nd->ncd", gradient_factor(snapshot.log_probs), snapshot.embedding).flatten(1)
    picks = Badge().select(snapshot, n, np.random.default_rng(seed))
    first = [int((gradients**2).sum(dim=1).argmax())]
    assert picks.tolist() == slow_k_means_pp(gradients, first, gradients[:0], n, np.random.default_rng(seed))


def test_distances_of_outer_products_are_those_of_the_matrices() -> None:
    g = torch.Generator().manual_seed(0)
    a, h = torch.randn(30, 4, generator=g), torch.randn(30, 6, generator=g)
    written_out = Plain(torch.einsum("nc,nd->ncd", a, h).flatten(1))
    rows = torch.arange(30)
    assert torch.allclose(sq_distances(Outer(a, h), rows, rows), sq_distances(written_out, rows, rows), atol=1e-4)


def test_far_rows_are_drawn_in_proportion_to_their_squared_distance() -> None:
    """From 0, rows at 1, 2 and 3 have chances 1/14, 4/14 and 9/14."""
    x = torch.tensor([[1.0], [2.0], [3.0]])
    snapshot = Snapshot.from_arrays(torch.zeros(3, 1), x, torch.zeros(1, 1), [0])
    draws = [int(KMeansPlusPlus().select(snapshot, 1, np.random.default_rng(seed))) for seed in range(4000)]
    assert np.allclose(np.bincount(draws, minlength=3) / 4000, np.array([1, 4, 9]) / 14, atol=0.025)


def test_badge_never_repeats_a_row_where_gradients_vanish() -> None:
    """scikit-activeml 1.0.1 returns repeated rows here."""
    snapshot = make_snapshot(n=12)
    sure = torch.full((12, 3), -torch.inf)
    sure[:, 0] = 0
    certain = Snapshot.from_arrays(sure, snapshot.embedding)
    assert sorted(Badge().select(certain, 12, np.random.default_rng(0)).tolist()) == list(range(12))
