"""k-center greedy against the obvious form, pick by pick, and on points whose answer is known."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from autoal import Snapshot
from autoal.strategies import CoreSet


def of(x: Tensor, anchors: Tensor | None = None) -> Snapshot:
    return Snapshot.from_arrays(
        torch.zeros(len(x), 1), x, anchors, None if anchors is None else torch.zeros(len(anchors), dtype=torch.int64)
    )


def slow_k_center(x: Tensor, anchors: Tensor, n: int) -> list[int]:
    picks: list[int] = []
    for _ in range(n):
        centres = torch.cat([anchors, x[picks]])
        distances = [float("-inf") if i in picks else float((x[i] - centres).norm(dim=1).min()) for i in range(len(x))]
        picks.append(int(np.argmax(distances)))
    return picks


@given(st.integers(0, 10_000), st.integers(2, 200), st.integers(1, 9), st.integers(1, 6))
def test_equal_to_the_slow_form_pick_by_pick(seed: int, n_rows: int, m: int, n_features: int) -> None:
    g = torch.Generator().manual_seed(seed)
    x, anchors = (torch.randn(k, n_features, generator=g, dtype=torch.float64) for k in (n_rows, m))
    picks = CoreSet().select(of(x, anchors), min(30, n_rows), np.random.default_rng(seed))
    assert picks.tolist() == slow_k_center(x, anchors, min(30, n_rows))


def test_on_a_line_the_far_end_then_the_widest_gap(rng: np.random.Generator) -> None:
    x = torch.tensor([[0.0], [1.0], [6.0], [10.0], [9.5]])
    assert CoreSet().select(of(x, x[:1]), 3, rng).tolist() == [3, 2, 1]


def test_without_labels_the_first_is_random_and_the_second_far_away() -> None:
    x = torch.cat([torch.zeros(5, 2), 9 + torch.zeros(5, 2)])
    for seed in range(10):
        first, second = CoreSet().select(of(x), 2, np.random.default_rng(seed)).tolist()
        assert (first < 5) != (second < 5)


def test_one_product_for_many_rows_and_few_rows_at_a_time_agree() -> None:
    """Where all distances are alike, most rows are brought up to date for each pick; where they differ, few are."""
    g = torch.Generator().manual_seed(0)
    for x in (torch.randn(500, 200, generator=g), torch.randn(500, 2, generator=g)):
        x = x.double()
        assert CoreSet().select(of(x, x[:1]), 60, np.random.default_rng(0)).tolist() == slow_k_center(x, x[:1], 60)
