"""Ddu against scipy's multivariate normal, pick by pick."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from sklearn.covariance import ledoit_wolf as sklearn_ledoit_wolf

from autoal import AutoALError, Snapshot
from autoal.strategies.ddu import Ddu, ledoit_wolf

RNG = np.random.default_rng(0)
STRATEGY = Ddu()
SIZES = [(1, 0, 3, 4), (1, 1, 1, 1), (2, 1, 3, 2), (30, 2, 5, 1), (30, 12, 3, 3)]


def slow(snapshot: Snapshot, alpha: float) -> npt.NDArray[np.float64]:
    x, h, y = snapshot.embedding.numpy(), snapshot.labelled_embedding.numpy(), snapshot.labels.numpy()
    classes, D = sorted(set(y.tolist())), h.shape[1]
    S = sum(np.outer(row - h[y == c].mean(axis=0), row - h[y == c].mean(axis=0)) for c in classes for row in h[y == c])
    S = S / len(h)
    Sigma = (1 - alpha) * S + alpha * np.trace(S) / D * np.eye(D)
    terms = [
        np.log(np.mean(y == c)) + multivariate_normal.logpdf(x, h[y == c].mean(axis=0), Sigma).reshape(-1)
        for c in classes
    ]
    return -np.asarray(logsumexp(terms, axis=0))


@given(st.integers(0, 10_000), st.integers(6, 40), st.integers(1, 6), st.integers(1, 5), st.floats(0.05, 1))
def test_equal_to_the_slow_form_pick_by_pick(seed: int, m: int, n_features: int, n_classes: int, alpha: float) -> None:
    g = torch.Generator().manual_seed(seed)
    x, h = (torch.randn(k, n_features, generator=g, dtype=torch.float64) + 5 for k in (30, m))
    log_probs = torch.full((30, n_classes), 1 / n_classes).log()
    snapshot = Snapshot.from_arrays(log_probs, x, h, torch.randint(n_classes, (m,), generator=g))
    expected = slow(snapshot, alpha)
    assert np.allclose(Ddu(shrinkage=alpha).scores(snapshot, RNG), expected, rtol=1e-9, atol=1e-9)
    assert Ddu(shrinkage=alpha).select(snapshot, 30, RNG).tolist() == (-expected).argsort().tolist()


@given(st.integers(0, 10_000), st.integers(2, 40), st.integers(2, 8))
def test_shrinkage_is_that_of_ledoit_and_wolf(seed: int, m: int, n_features: int) -> None:
    x = np.random.default_rng(seed).normal(size=(m, n_features)) * np.arange(1, n_features + 1)
    ours = ledoit_wolf(torch.from_numpy(x), torch.from_numpy(x.T @ x / m))
    assert ours == pytest.approx(sklearn_ledoit_wolf(x, assume_centered=True)[1], abs=1e-9)


def test_by_hand() -> None:
    """One class at 1 and 3: mean 2, variance 1, so that -log N(2) = log(2 pi) / 2, and 2 more at a distance of 2."""
    x = torch.tensor([[2.0], [4.0], [0.0]])
    scores = STRATEGY.scores(Snapshot.from_arrays(torch.zeros(3, 1), x, torch.tensor([[1.0], [3.0]]), [0, 0]), RNG)
    assert scores.tolist() == pytest.approx([0.9189385, 2.9189385, 2.9189385])


def test_what_is_far_from_all_labelled_classes_comes_first() -> None:
    g = torch.Generator().manual_seed(0)
    centres = torch.tensor([[0.0, 0.0], [10.0, 0.0], [5.0, 20.0]])
    x, h = (centres.repeat(k, 1) + torch.randn(3 * k, 2, generator=g) for k in (40, 5))
    known = torch.arange(15) % 3 < 2
    snapshot = Snapshot.from_arrays(torch.zeros(120, 3).log_softmax(1), x, h[known], torch.arange(15)[known] % 3)
    assert set((STRATEGY.select(snapshot, 40, RNG) % 3).tolist()) == {2}


def test_one_label_a_class_is_ranked_by_the_distance_to_the_nearest() -> None:
    x, h = torch.tensor([[0.1], [3.0], [9.0], [6.5]]).expand(4, 10), torch.tensor([[0.0], [6.0]]).expand(2, 10)
    snapshot = Snapshot.from_arrays(torch.zeros(4, 2).log_softmax(1), x, h, [0, 1])
    assert STRATEGY.select(snapshot, 4, RNG).tolist() == [2, 1, 3, 0]


def test_fewer_labels_than_features_still_count_the_direction() -> None:
    """Labels spread along the first of 20 features only: a step along it is less of a surprise than one across."""
    h = torch.zeros(8, 20)
    h[:, 0] = torch.linspace(-3, 3, 8)
    snapshot = Snapshot.from_arrays(torch.zeros(2, 1), 3 * torch.eye(20)[:2], h, torch.zeros(8))
    assert STRATEGY.select(snapshot, 1, RNG).tolist() == [1]


@pytest.mark.parametrize("shrinkage", [0.0, 1.5, float("nan")])
def test_a_singular_covariance_is_refused(shrinkage: float) -> None:
    with pytest.raises(AutoALError, match="shrinkage above 0"):
        Ddu(shrinkage=shrinkage)
