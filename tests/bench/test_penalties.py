"""The pairwise penalty matrix, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from autoal.bench.penalties import SATURATED, column_means, matrix, penalties

CURVES = arrays(float, (3, 4, 5), elements=st.integers(40, 99).map(lambda percent: percent / 100))


def slow(curves: np.ndarray) -> np.ndarray:
    """One pair, one budget at a time."""
    s, _, rounds = curves.shape
    level = SATURATED * np.nanmax(curves[:, :, -1])
    shares = np.full((s, s), np.nan)
    for i in range(s):
        for j in range(s):
            both = ~np.isnan(curves[i, :, -1] + curves[j, :, -1])
            wins = counted = 0
            for r in range(1, rounds):
                a, b = curves[i, both, r], curves[j, both, r]
                if both.sum() < 2 or min(np.nanmean(curves[i, :, r]), np.nanmean(curves[j, :, r])) >= level:
                    continue
                counted += 1
                if np.ptp(a - b) > 1e-12:
                    wins += int(stats.ttest_rel(a, b, alternative="two-sided").pvalue < 0.05 and a.mean() > b.mean())
                else:
                    wins += int((a - b).mean() > 1e-12)
            if counted:
                shares[i, j] = wins / counted
    return shares


def test_two_of_three_budgets_by_hand() -> None:
    noise = np.array([-0.01, 0.0, 0.01])
    low = np.stack([np.array([0.3, 0.4, 0.5, 0.6]) + e for e in noise])
    high = low + np.array([0.2, 0.1, 0.0, 0.1])  # the initial set does not count, and one budget is a tie
    assert penalties(np.stack([high, low])).tolist() == [[0, 2 / 3], [0, 0]]


def test_budgets_at_which_both_are_saturated_are_left_out() -> None:
    noise = np.array([-1e-4, 0.0, 1e-4])
    one = np.stack([np.array([0.3, 0.5, 0.992, 1.0]) + e * np.arange(4) for e in noise])
    other = one - np.array([0, 0.1, 0.001, 0.005])
    assert penalties(np.stack([one, other]))[0, 1] == 1  # of the one budget that is left, not of three
    assert np.isnan(penalties(np.stack([one, one])[:, :, 2:])).all()


@pytest.mark.parametrize("seed", range(6))
def test_the_matrix_is_the_slow_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    curves = np.clip(np.linspace(0.3, 1, 6) + rng.normal(0, 0.04, (4, 1, 6)) + rng.normal(0, 0.02, (4, 5, 6)), 0, 1)
    curves[1, 2] = curves[2, :4] = np.nan
    assert np.array_equal(penalties(curves), slow(curves), equal_nan=True)


@given(CURVES)
def test_a_budget_is_won_by_one_at_most(curves: np.ndarray) -> None:
    shares = np.nan_to_num(penalties(curves))
    assert (np.diagonal(shares) == 0).all()
    assert (shares + shares.T <= 1 + 1e-12).all()


@given(CURVES, st.permutations(range(3)), st.permutations(range(4)))
def test_neither_the_order_of_strategies_nor_of_seeds_matters(
    curves: np.ndarray, names: list[int], seeds: list[int]
) -> None:
    shuffled = penalties(curves[names][:, seeds])
    assert np.allclose(shuffled, penalties(curves)[np.ix_(names, names)], equal_nan=True)


def test_tasks_are_summed_and_columns_averaged_without_the_diagonal() -> None:
    total = matrix(np.array([[[0.0, 0.5], [0.25, 0.0]], [[np.nan, 1.0], [0.0, np.nan]]]))
    assert total.tolist() == [[0, 1.5], [0.25, 0]]
    assert column_means(total).tolist() == [0.25, 1.5]
    assert column_means(np.zeros((1, 1))).tolist() == [0]
