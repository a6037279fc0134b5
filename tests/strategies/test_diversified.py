"""Diversified against the obvious greedy coverage, and what sharpness does."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from autoal import Snapshot
from autoal.errors import InputError
from autoal.strategies import Margin
from autoal.strategies.diversified import Diversified
from autoal.strategies.kernels import spacing, unit_norm
from autoal.testing import StrategyContract
from conftest import make_snapshot


class TestOfStochastic(StrategyContract):
    strategy = Diversified("mean_std", sharpness=0.5, max_candidates=15_000)


def slow(snapshot: Snapshot, sharpness: float, n: int) -> list[int]:
    """argmax_c sum_x U(x) max(k(x, c) - m(x), 0), with the full matrix of kernels."""
    scores = Margin().scores(snapshot, np.random.default_rng(0)).numpy()
    u = ((rankdata(scores) - 0.5) / len(scores)) ** sharpness
    x, anchors = unit_norm(snapshot.embedding).double(), unit_norm(snapshot.labelled_embedding)
    h = spacing(anchors, x.float())
    k = np.exp(-(torch.cdist(x, x).numpy() ** 2) / h**2)
    m = np.exp(-(torch.cdist(x, anchors.double()).numpy() ** 2) / h**2).max(axis=1)
    picks: list[int] = []
    for _ in range(n):
        gains = (u[:, None] * np.maximum(k - m[:, None], 0)).sum(axis=0)
        gains[picks] = -1
        picks.append(int(gains.argmax()))
        m = np.maximum(m, k[picks[-1]])
    return picks


@given(st.integers(0, 1000), st.integers(10, 60), st.sampled_from([0.5, 1.0, 2.0, 5.0]))
@settings(max_examples=30)
def test_equal_to_the_obvious_form(seed: int, n_rows: int, sharpness: float) -> None:
    snapshot = make_snapshot(n_rows, seed=seed)
    picks = Diversified(Margin(), sharpness).select(snapshot, 5, np.random.default_rng(seed))
    assert picks.tolist() == slow(snapshot, sharpness, 5)


def test_more_sharpness_more_of_the_highest_scores(rng: np.random.Generator) -> None:
    snapshot = make_snapshot(n=300, n_features=2)
    margins = Margin().scores(snapshot, rng)
    means = [
        float(margins[Diversified(sharpness=s).select(snapshot, 10, np.random.default_rng(0))].mean())
        for s in (0, 2, 20)
    ]
    assert means == sorted(means)


def test_of_two_alike_only_one_is_taken() -> None:
    """Rows 0 and 1 are the most uncertain and the same; row 2 is elsewhere and less uncertain."""
    p = torch.tensor([[0.5, 0.5], [0.51, 0.49], [0.8, 0.2], [0.99, 0.01]])
    x = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    picks = Diversified().select(Snapshot.from_arrays(p.log(), x), 2, np.random.default_rng(0))
    assert set(picks.tolist()) in ({0, 2}, {1, 2})


@pytest.mark.parametrize("sharpness", [-1.0, float("nan"), float("inf")])
def test_bad_sharpness(sharpness: float) -> None:
    with pytest.raises(InputError, match="sharpness"):
        Diversified(sharpness=sharpness)
