"""Falcun against the loop of its paper with the same noise, and how often it draws what."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from autoal import Snapshot
from autoal.errors import InputError
from autoal.strategies.falcun import Falcun, log_relevance
from autoal.testing import StrategyContract
from conftest import make_snapshot


class TestNearlyGreedy(StrategyContract):
    strategy = Falcun(gamma=200.0)


def slow(snapshot: Snapshot, n: int, gamma: float, rng: np.random.Generator) -> list[int]:
    """Row by row, in plain numbers: Gilhuber et al. 2024, drawn by the highest of gamma log r + noise."""
    p = snapshot.log_probs.double().exp().tolist()
    u = [1 - (sorted(row)[-1] - sorted(row)[-2]) for row in p]
    d, picks = list(u), list[int]()
    while len(picks) < n:
        noise = rng.gumbel(size=len(p))
        rest = [i for i in range(len(p)) if i not in picks]
        low, high = min(d[i] for i in rest), max(d[i] for i in rest)
        r = {i: u[i] + ((d[i] - low) / (high - low) if high > low else 0) for i in rest}
        picks.append(max(rest, key=lambda i, r=r, noise=noise: gamma * np.log(r[i]) + noise[i]))  # type: ignore[misc]
        d = [min(d[i], sum(abs(a - b) for a, b in zip(p[i], p[picks[-1]], strict=True))) for i in range(len(p))]
    return picks


@given(st.integers(0, 1000), st.integers(1, 30), st.integers(2, 6), st.sampled_from([0.0, 1.0, 10.0, 100.0]))
@settings(max_examples=30)
def test_equal_to_the_loop(seed: int, n_rows: int, n_classes: int, gamma: float) -> None:
    snapshot, n = make_snapshot(n_rows, n_classes=n_classes, seed=seed), 1 + n_rows // 2
    picks = Falcun(gamma).select(snapshot, n, np.random.default_rng(seed))
    assert picks.tolist() == slow(snapshot, n, gamma, np.random.default_rng(seed))


def test_relevance_by_hand() -> None:
    """d from 0.2 to 0.6 is stretched to 0, 1/2, 1; where d is all the same, r = u."""
    u = torch.tensor([0.5, 0.25, 0.0], dtype=torch.float64)
    assert log_relevance(u, torch.tensor([0.2, 0.4, 0.6])).exp().tolist() == pytest.approx([0.5, 0.75, 1.0])
    assert log_relevance(u, torch.full((3,), 0.4)).exp().tolist() == pytest.approx([0.5, 0.25, 0.0])
    assert torch.isfinite(log_relevance(torch.zeros(3), torch.zeros(3))).all()


def test_drawn_as_often_as_it_should() -> None:
    """u = 1, .8, .4, .2: scaled d = 1, .75, .25, 0, so the first pick has odds r = 2, 1.55, .65, .2, to the power."""
    p = torch.tensor([[0.5, 0.5], [0.6, 0.4], [0.8, 0.2], [0.9, 0.1]])
    snapshot, rng = Snapshot.from_arrays(p.log(), torch.zeros(4, 1)), np.random.default_rng(0)
    first = [int(Falcun(gamma=2.0).select(snapshot, 1, rng)) for _ in range(1500)]
    odds = np.array([2, 1.55, 0.65, 0.2]) ** 2
    assert chisquare(np.bincount(first, minlength=4), 1500 * odds / odds.sum()).pvalue > 1e-3


def test_after_a_pick_what_is_predicted_alike_is_avoided() -> None:
    """Rows 0 to 2 are the same, and more uncertain than row 3; great gamma leaves nothing to chance."""
    p = torch.tensor([[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0, 0.45, 0.55]])
    for seed in range(9):
        picks = Falcun(gamma=1e4).select(
            Snapshot.from_arrays(p.log(), torch.zeros(4, 1)), 2, np.random.default_rng(seed)
        )
        assert picks[0] != 3
        assert picks[1] == 3


def test_where_nothing_is_relevant_rows_are_drawn_uniformly() -> None:
    certain = torch.tensor([[1.0, 0.0]]).log().repeat(4, 1)
    snapshot = replace(make_snapshot(n=4, n_classes=2), log_probs=certain)
    rng = np.random.default_rng(0)
    second = [int(Falcun().select(snapshot, 2, rng)[1]) for _ in range(1000)]
    assert chisquare(np.bincount(second, minlength=4)).pvalue > 1e-3


@pytest.mark.parametrize("gamma", [-1.0, float("nan"), float("inf")])
def test_bad_gamma(gamma: float) -> None:
    with pytest.raises(InputError, match="gamma"):
        Falcun(gamma)
