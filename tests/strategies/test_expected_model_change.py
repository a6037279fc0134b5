"""ExpectedModelChange against the gradients of a linear layer, one row and one label at a time."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from autoal import Snapshot
from autoal.strategies.expected_model_change import ExpectedModelChange, log_residual

RNG = np.random.default_rng(0)
STRATEGY = ExpectedModelChange()
SIZES = [(1, 0, 3, 4), (1, 1, 1, 1), (2, 1, 3, 2), (30, 2, 5, 1), (30, 12, 3, 3)]


def slow(layer: torch.nn.Linear, h: Tensor) -> list[float]:
    """The expected length of the gradient in weights and bias, by automatic differentiation."""
    lengths = []
    for row in h:
        p, expected = torch.softmax(layer(row), dim=0).tolist(), 0.0
        for c in range(layer.out_features):
            loss = torch.nn.functional.cross_entropy(layer(row), torch.tensor(c))
            gradient = torch.autograd.grad(loss, [layer.weight, layer.bias])
            expected += p[c] * float(torch.cat([g.flatten() for g in gradient]).norm())
        lengths.append(expected)
    return lengths


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(1, 4), st.floats(0.1, 3))
def test_equal_to_gradients_pick_by_pick(seed: int, n_classes: int, n_features: int, spread: float) -> None:
    g = torch.Generator().manual_seed(seed)
    layer = torch.nn.utils.skip_init(torch.nn.Linear, n_features, n_classes, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(spread * torch.randn(n_classes, n_features, generator=g))
        layer.bias.copy_(torch.randn(n_classes, generator=g))
    h = 2 * torch.randn(12, n_features, generator=g, dtype=torch.float64)
    expected = torch.tensor(slow(layer, h), dtype=torch.float64)
    snapshot = Snapshot.from_arrays(torch.log_softmax(layer(h), dim=1).detach(), h)
    assert torch.allclose(STRATEGY.scores(snapshot, RNG).exp(), expected, rtol=1e-9, atol=1e-14)
    if n_classes > 1:
        assert STRATEGY.select(snapshot, 12, RNG).tolist() == expected.argsort(descending=True).tolist()


def test_by_hand() -> None:
    """p = (1/2, 1/2): residuals of length sqrt(1/2). p = (3/4, 1/4): sqrt(2)/4, 3 sqrt(2)/4. |h|^2 + 1 = 9."""
    log_probs = torch.tensor([[0.5, 0.5], [0.75, 0.25]], dtype=torch.float64).log()
    h = torch.tensor([[2.0, 2.0], [0.0, 0.0]])
    scores = STRATEGY.scores(Snapshot.from_arrays(log_probs, h), RNG).exp()
    assert scores.tolist() == pytest.approx([3 * 0.5**0.5, 6 / 16 * 2**0.5])


def test_sure_samples_keep_their_order_where_float32_says_one() -> None:
    """For a small s = 1 - max p of two classes it is s |(s, -s)| / s + s sqrt(2) = 2 sqrt(2) s."""
    log_probs = torch.log_softmax(torch.tensor([[0.0, -90.0], [0.0, -20.0], [0.0, -900.0]]), dim=1)
    expected = torch.tensor([-90.0, -20.0, -900.0], dtype=torch.float64) + np.log(8**0.5)
    assert torch.allclose(log_residual(log_probs), expected, rtol=0, atol=1e-5)


def test_longer_embeddings_are_labelled_first() -> None:
    h = torch.tensor([[1.0], [-3.0], [2.0]])
    assert STRATEGY.select(Snapshot.from_arrays(torch.full((3, 2), 0.5).log(), h), 3, RNG).tolist() == [1, 2, 0]
