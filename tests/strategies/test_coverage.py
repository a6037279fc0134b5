"""Lazy weighted herding against ten obvious lines, pick by pick."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from autoal.errors import InputError
from autoal.strategies.coverage import herding as herding_function
from autoal.strategies.kernels import covered, rbf, spacing, unit_norm


def slow_herding(x: Tensor, u: Tensor, n: int, anchors: Tensor, h: float) -> list[int]:
    x, anchors = unit_norm(x), unit_norm(anchors)
    m = torch.zeros(len(x), dtype=torch.float64)
    for anchor in anchors:
        m = torch.maximum(m, torch.exp(-((x - anchor) ** 2).sum(dim=1) / h**2))
    picks: list[int] = []
    for _ in range(n):
        gains = [
            -1.0 if c in picks else float((u * (torch.exp(-((x - x[c]) ** 2).sum(1) / h**2) - m).clamp_min(0)).sum())
            for c in range(len(x))
        ]
        picks.append(int(np.argmax(gains)))
        m = torch.maximum(m, torch.exp(-((x - x[picks[-1]]) ** 2).sum(dim=1) / h**2))
    return picks


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(2, 120), st.integers(0, 12), st.integers(2, 6))
def test_equal_to_the_slow_form_pick_by_pick(seed: int, n_rows: int, m: int, n_features: int) -> None:
    g = torch.Generator().manual_seed(seed)
    x, anchors = (torch.randn(k, n_features, generator=g, dtype=torch.float64) for k in (n_rows, m))
    u = torch.rand(n_rows, generator=g, dtype=torch.float64)
    n = min(15, n_rows)
    fast = herding_function(x, u, n, np.random.default_rng(seed), anchors)
    rng = np.random.default_rng(seed)
    rng.permutation(n_rows)  # of the references, which are all rows here
    otherwise = unit_norm(x)[torch.from_numpy(rng.permutation(n_rows))][:n]
    h = spacing(unit_norm(anchors), otherwise)
    assert fast.tolist() == slow_herding(x, u, n, anchors, h)


@pytest.mark.parametrize("seed", range(5))
def test_of_some_references_only_these_count(seed: int) -> None:
    g = torch.Generator().manual_seed(seed)
    x, anchors = (torch.randn(k, 4, generator=g, dtype=torch.float64) for k in (120, 6))
    u = torch.rand(120, generator=g, dtype=torch.float64)
    drawn = torch.from_numpy(np.random.default_rng(seed).permutation(120)[:70])
    counted = torch.zeros_like(u).index_copy(0, drawn, u[drawn])
    fast = herding_function(x, u, 3, np.random.default_rng(seed), anchors, references=70)
    assert fast.tolist() == slow_herding(x, counted, 3, anchors, spacing(unit_norm(anchors), anchors[:0]))


def test_covers_where_the_utility_is() -> None:
    x = torch.cat([torch.eye(2)[0].expand(50, 2), torch.eye(2)[1].expand(50, 2)]) + 0.01 * torch.randn(
        100, 2, generator=torch.Generator().manual_seed(0)
    )
    for favoured in (0, 1):
        u = torch.zeros(100)
        u[50 * favoured : 50 * favoured + 50] = 1
        first = int(herding_function(x, u, 1, np.random.default_rng(0))[0])
        assert first // 50 == favoured


def test_labelled_samples_count_as_covered() -> None:
    x = torch.eye(3).repeat_interleave(10, dim=0)
    picks = herding_function(x, torch.ones(30), 1, np.random.default_rng(0), torch.eye(3)[:2])
    assert int(picks[0]) // 10 == 2


@pytest.mark.parametrize("x", [torch.zeros(9, 3), torch.ones(9, 3), torch.randn(1, 3)])
def test_distinct_rows_where_nothing_is_to_gain(x: Tensor) -> None:
    picks = herding_function(x, torch.zeros(len(x)), len(x), np.random.default_rng(0), x[:1])
    assert sorted(picks.tolist()) == list(range(len(x)))


def test_where_nothing_is_left_to_gain_the_rest_is_drawn_by_utility() -> None:
    """All rows are alike, so one covers them all; nine in ten have no utility, and are taken last."""
    u = torch.zeros(1000)
    u[900:] = 1

    def rest(seed: int) -> set[int]:
        return set(herding_function(torch.ones(1000, 1), u, 30, np.random.default_rng(seed)).tolist()[1:])

    assert len(rest(0)) == 29
    assert min(rest(0)) >= 900
    assert len(rest(0) & rest(1)) < 29


def test_of_few_kinds_of_rows_all_get_their_part() -> None:
    kind = torch.arange(6).repeat_interleave(200)
    picks = herding_function(torch.eye(6)[kind], torch.ones(1200), 66, np.random.default_rng(0))
    assert sorted(kind[picks[:6]].tolist()) == [0, 1, 2, 3, 4, 5]
    assert kind[picks].bincount(minlength=6).min() >= 3


def test_a_utility_that_is_not_a_number_is_an_error_and_no_endless_loop() -> None:
    with pytest.raises(InputError, match="gains that are numbers; got NaN"):
        herding_function(torch.eye(40), torch.full((40,), float("nan")), 3, np.random.default_rng(0))


def test_a_sample_of_references_keeps_most_of_the_objective() -> None:
    g = torch.Generator().manual_seed(0)
    x, u = torch.randn(3000, 8, generator=g), torch.rand(3000, generator=g)
    h = 0.5
    full, sampled = (
        herding_function(x, u, 20, np.random.default_rng(0), references=references) for references in (3000, 1000)
    )
    value = [float(covered(unit_norm(x), unit_norm(x[picks]), rbf(h)) @ u) for picks in (full, sampled)]
    assert value[1] > 0.9 * value[0]


def test_kernel_and_spacing_by_hand() -> None:
    a = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    assert torch.allclose(rbf(1.0)(a[:1], a), torch.tensor([[1.0, np.exp(-2.0), np.exp(-4.0)]], dtype=torch.float32))
    assert spacing(a, a[:0]) == pytest.approx(2**0.5)  # each is sqrt(2) from its nearest other
    assert spacing(a[:1], a[:2]) == pytest.approx(2**0.5)
    assert spacing(a[:0], a[:1]) == 1.0
    close = torch.tensor([[0.5, 0, 0, 0, 0, 0.75**0.5]])  # at distance 1 from the first
    near = torch.cat([torch.eye(6)[:5], close])
    assert spacing(a[:0], near) == pytest.approx(2**0.5)
    assert spacing(near, a[:0]) == pytest.approx((2**0.5 * 1) ** 0.5)
    assert spacing(torch.cat([near, near[:1]]), a[:0]) == pytest.approx((2**0.5 * 1) ** 0.5)  # the same twice is not 0
    assert spacing(a[:1].repeat(5, 1), a[:0]) == pytest.approx(1e-3)
