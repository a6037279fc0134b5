"""Vaal: a region without labels is found, and the bound and the classes of its losses are right."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import Normal, kl_divergence

from autoal import Snapshot
from autoal.strategies.vaal import Vaal, negative_elbo
from conftest import make_snapshot

RNG = np.random.default_rng(0)
STRATEGY = Vaal(steps=8, batch=16)
SIZES = [(1, 0, 3, 4), (1, 1, 1, 1), (2, 1, 3, 2), (30, 2, 5, 1), (30, 12, 3, 3)]


def planted(seed: int, unlabelled_region: int, n_features: int = 12) -> Snapshot:
    """Three clusters of 100 rows, one after the other in turn, of which only two have labels."""
    g = torch.Generator().manual_seed(seed)
    centres = 5 * torch.eye(n_features)[:3]
    x = centres.repeat(100, 1) + torch.randn(300, n_features, generator=g)
    h = centres.repeat(10, 1) + torch.randn(30, n_features, generator=g)
    known = torch.arange(30) % 3 != unlabelled_region
    return Snapshot.from_arrays(torch.zeros(300, 3).log_softmax(1), x, h[known], torch.arange(30)[known] % 3)


@pytest.mark.parametrize("region", [0, 1, 2])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_region_without_labels_is_picked_first(seed: int, region: int) -> None:
    picks = Vaal().select(planted(seed, region), 40, np.random.default_rng(seed))
    assert float((picks % 3 == region).double().mean()) > 0.9


def test_scores_are_high_where_the_discriminator_says_unlabelled() -> None:
    """Without training the encoder against it, a discriminator of separable halves has logits of the right sign."""
    g = torch.Generator().manual_seed(0)
    x = torch.cat([torch.randn(100, 4, generator=g) + 4, torch.randn(100, 4, generator=g) - 4])
    snapshot = Snapshot.from_arrays(torch.zeros(200, 1), x, x[:20] + 0.1, torch.zeros(20))
    scores = Vaal(adversary=0.0).scores(snapshot, np.random.default_rng(0))
    assert scores[100:].min() > scores[:100].max()
    assert scores[100:].min() > 0


@given(st.integers(0, 10_000), st.integers(1, 5), st.floats(0, 4))
def test_the_bound_is_equal_to_that_of_distributions(seed: int, latent: int, beta: float) -> None:
    g = torch.Generator().manual_seed(seed)
    x, rebuilt = torch.randn(2, 7, 3, generator=g, dtype=torch.float64)
    mu, log_var = torch.randn(2, 7, latent, generator=g, dtype=torch.float64)
    kl = kl_divergence(Normal(mu, (log_var / 2).exp()), Normal(torch.zeros_like(mu), torch.ones_like(mu)))
    likelihood = (Normal(rebuilt, 1.0).log_prob(x) + 0.5 * np.log(2 * np.pi)).sum(dim=1)
    expected = (beta * kl.sum(dim=1) - likelihood).mean()
    assert torch.allclose(negative_elbo(x, rebuilt, mu, log_var, beta), expected)


def test_the_bound_by_hand() -> None:
    """Off by 2 in one feature: 2. A mean of 3 and a variance of 1: 9/2."""
    x, zero = torch.tensor([[2.0, 0.0]]), torch.zeros(1, 1)
    assert float(negative_elbo(x, 0 * x, zero, zero, 1.0)) == 2.0
    assert float(negative_elbo(x, x, zero + 3, zero, 2.0)) == 9.0


def test_zero_without_labels() -> None:
    assert STRATEGY.scores(make_snapshot(m=0), RNG).eq(0).all()
