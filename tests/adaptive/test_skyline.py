"""The monotone network: monotone always, and a ranking that is learned."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autoal.adaptive.skyline import Skyline


def problem(seed: int, n: int = 80) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs (n, 2) and losses that have nothing to do with them, or even fall as they rise."""
    rng = np.random.default_rng(seed)
    x = torch.from_numpy(np.exp(rng.normal(size=(n, 2))))
    loss = torch.from_numpy(rng.exponential(size=n)) - (x.sum(dim=1) if seed % 2 else 0)
    return x, loss


@given(st.integers(0, 50), st.lists(st.floats(0, 1e4), min_size=4, max_size=4))
@settings(max_examples=40)
def test_what_is_at_least_as_high_in_both_scores_at_least_as_high(seed: int, numbers: list[float]) -> None:
    x, loss = problem(seed)
    net = Skyline.fitted(x, loss, np.random.default_rng(seed), hidden=8, steps=40, lr=0.1)
    low, more = torch.tensor(numbers, dtype=torch.float64).reshape(2, 2)
    below, above = net(torch.stack([low, low + more]))
    assert float(above) >= float(below) - 1e-12
    assert float(net.W1.min()) >= 0
    assert float(net.W2.min()) >= 0


@pytest.mark.parametrize("column", [0, 1])
def test_it_learns_which_input_the_losses_follow(column: int) -> None:
    x, _ = problem(0, n=200)
    net = Skyline.fitted(x, x[:, column], np.random.default_rng(0))
    fresh, _ = problem(2, n=400)
    ranks = [torch.from_numpy(v.numpy().argsort().argsort()).double() for v in (net.scores(fresh), fresh[:, column])]
    assert float(torch.corrcoef(torch.stack(ranks))[0, 1]) > 0.95


def test_it_learns_that_neither_counts_where_losses_fall() -> None:
    x, _ = problem(0, n=200)
    net = Skyline.fitted(x, -x.sum(dim=1), np.random.default_rng(0), lr=0.1)
    fresh, _ = problem(2)
    assert float(net(fresh).max() - net(fresh).min()) < 0.1


def test_many_rows_score_as_few_and_the_same_draws_give_the_same_network() -> None:
    x, loss = problem(4)
    net = Skyline.fitted(x, loss, np.random.default_rng(1), steps=10)
    many = x.repeat(200, 1)
    assert torch.allclose(net.scores(many), net(many), atol=1e-12)
    same = Skyline.fitted(x, loss, np.random.default_rng(1), steps=10)
    assert torch.equal(same(x), net(x))
