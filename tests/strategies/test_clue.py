"""Clue: weights by hand, and that they move the clusters."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autoal import Snapshot
from autoal.errors import InputError
from autoal.strategies import KMeans
from autoal.strategies.clue import Clue, relative_entropy
from autoal.strategies.clusters import k_means
from autoal.testing import StrategyContract
from conftest import make_snapshot


class TestCold(StrategyContract):
    strategy = Clue(temperature=0.05)


def slow_entropy(log_probs: torch.Tensor, temperature: float) -> list[float]:
    p = (log_probs.double().exp() ** (1 / temperature)).numpy()
    p /= p.sum(axis=1, keepdims=True)
    return [-sum(x * np.log(x) for x in row if x > 0) for row in p]


@given(st.integers(0, 1000), st.integers(1, 20), st.integers(2, 6), st.sampled_from([0.5, 1.0, 2.0, 10.0]))
@settings(max_examples=30)
def test_weights_equal_the_textbook(seed: int, n_rows: int, n_classes: int, temperature: float) -> None:
    log_probs = make_snapshot(n_rows, n_classes=n_classes, seed=seed).log_probs
    expected = np.array(slow_entropy(log_probs, temperature))
    assert relative_entropy(log_probs, temperature).numpy() == pytest.approx(expected / expected.max(), rel=1e-6)


def test_weights_by_hand() -> None:
    """ln 2 = .6931472, and -.9 ln .9 - .1 ln .1 = .3250830; at T = 1/2, p^2 gives 81 : 1 and .0661 nats."""
    log_probs = torch.tensor([[0.5, 0.5], [0.9, 0.1], [1.0, 0.0]]).log()
    assert relative_entropy(log_probs, 1.0).tolist() == pytest.approx([1, 0.4689956, 0], rel=1e-5)
    assert relative_entropy(log_probs, 0.5).tolist() == pytest.approx([1, 0.0950185, 0], rel=1e-4)


@pytest.mark.parametrize("temperature", [1e-300, 1.0, 1e300])
def test_all_sure_is_all_alike(temperature: float) -> None:
    certain = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]).log()
    assert relative_entropy(certain, temperature).tolist() == [1, 1]
    assert relative_entropy(torch.zeros(4, 1), temperature).tolist() == [1, 1, 1, 1]  # one class


@given(st.integers(0, 1000), st.integers(1, 60))
@settings(max_examples=30)
def test_equal_to_weighted_k_means_by_hand(seed: int, n_rows: int) -> None:
    snapshot, n = make_snapshot(n_rows, seed=seed), 1 + n_rows // 5
    weights = torch.tensor(slow_entropy(snapshot.log_probs, 1.0))
    clusters = k_means(snapshot, snapshot.embedding, n, np.random.default_rng(seed), weights / weights.max())
    nearest = []
    for k in clusters.sizes.argsort(descending=True, stable=True).tolist():
        members = (clusters.assignment == k).nonzero().squeeze(1)
        nearest.append(int(members[(snapshot.embedding[members] - clusters.centres[k]).norm(dim=1).argmin()]))
    assert Clue().select(snapshot, n, np.random.default_rng(seed)).tolist() == nearest


def test_one_cluster_is_the_row_nearest_to_the_weighted_mean(rng: np.random.Generator) -> None:
    """On a line at 0, 1, .., 9 only rows 7 to 9 are unsure: their mean is 8; all rows' would be 4.5."""
    p = torch.tensor([[1.0, 0.0]] * 7 + [[0.6, 0.4]] * 3)
    snapshot = Snapshot.from_arrays(p.log(), torch.arange(10.0)[:, None])
    assert Clue().select(snapshot, 1, rng).tolist() == [8]
    assert int(KMeans().select(snapshot, 1, rng)) in (4, 5)


def test_more_clusters_than_unsure_rows(rng: np.random.Generator) -> None:
    """The unsure ones are all picked, and the rest comes from the others."""
    p = torch.tensor([[1.0, 0.0]] * 17 + [[0.6, 0.4]] * 3)
    snapshot = Snapshot.from_arrays(p.log(), torch.arange(20.0)[:, None])
    picks = Clue().select(snapshot, 8, rng).tolist()
    assert len(set(picks)) == 8
    assert {17, 18, 19} <= set(picks)


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan"), float("inf")])
def test_bad_temperature(temperature: float) -> None:
    with pytest.raises(InputError, match="temperature"):
        Clue(temperature)
