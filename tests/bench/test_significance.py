"""Ranks and tests over tasks, held to scikit-posthocs and to constants worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scikit_posthocs
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.figure import Figure
from scipy import stats

from autoal.bench.significance import (
    friedman,
    groups,
    holm,
    mean_ranks,
    smallest_p,
    wilcoxon,
    wilcoxon_against,
    wilcoxon_holm,
)
from autoal.bench.statistics import TIE

SETTINGS = [(12, 5, 0), (20, 9, 1), (8, 3, 2), (30, 15, 3), (6, 2, 4)]
TABLES = arrays(float, (6, 5), elements=st.integers(0, 4).map(float))


def planted(blocks: int, s: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = np.linspace(4, 0, s) + rng.normal(80, 10, (blocks, 1)) + rng.normal(0, 1, (blocks, s))
    return 1000 * values  # so that none is within a tie of another


@pytest.mark.parametrize(("blocks", "s", "seed"), SETTINGS)
def test_wilcoxon_holm_is_scikit_posthocs(blocks: int, s: int, seed: int) -> None:
    values = planted(blocks, s, seed)
    oracle = scikit_posthocs.posthoc_wilcoxon(list(values.T), p_adjust="holm").to_numpy()
    ours = wilcoxon_holm(values)
    assert np.allclose(ours, oracle)
    assert np.allclose(ours, ours.T)


def test_friedman_by_hand() -> None:
    """Three blocks that agree on the ranks 1, 2, 3: chi square is 6 with 2 degrees of freedom."""
    values = np.array([[3.0, 2.0, 1.0], [9.0, 8.0, 7.0], [6.0, 5.0, 4.0]])
    assert friedman(values) == pytest.approx(np.exp(-3))
    assert np.isnan(friedman(values[:1]))
    assert np.isnan(friedman(values[:, :2]))
    assert friedman(np.ones((4, 3))) == 1


@given(TABLES)
def test_friedman_is_that_of_scipy_with_ties_and_rounding_changes_nothing(values: np.ndarray) -> None:
    rounded = values + np.linspace(0, TIE / 2, values.size).reshape(values.shape)
    told_apart = (values != values[:, :1]).any()
    expected = stats.friedmanchisquare(*values.T).pvalue if told_apart else 1.0
    assert friedman(values) == pytest.approx(expected)
    assert friedman(rounded) == pytest.approx(expected)


@pytest.mark.parametrize(("blocks", "s", "seed"), SETTINGS)
def test_the_bars_are_those_of_scikit_posthocs_that_are_true(blocks: int, s: int, seed: int) -> None:
    """It draws a bar over every clique of what is not told apart, also where strategies between are told apart."""
    values = planted(blocks, s, seed)
    names = [f"s{i:02d}" for i in range(s)]
    ranks, p = pd.Series(mean_ranks(values), index=names), pd.DataFrame(wilcoxon_holm(values), names, names)
    drawn = scikit_posthocs.critical_difference_diagram(ranks, p, ax=Figure().subplots())
    bars = {tuple(np.sort(line.get_xdata())[[0, -1]].round(6).tolist()) for (line,) in drawn["crossbars"]}
    ours = {
        tuple(round(float(ranks.iloc[i]), 6) for i in (run[0], run[-1]))
        for run in groups(ranks.to_numpy(), p.to_numpy())
    }
    for low, high in bars:
        inside = ((ranks > low - 1e-5) & (ranks < high + 1e-5)).to_numpy()
        if (p.to_numpy()[np.ix_(inside, inside)] >= 0.05).all():
            assert (low, high) in ours
    assert all(any(low <= a and b <= high for low, high in bars) for a, b in ours)


def test_a_bar_never_spans_a_pair_that_is_told_apart() -> None:
    ranks = np.array([1.0, 2.0, 3.0, 4.0])
    p = np.ones((4, 4))
    p[0, 2] = p[2, 0] = 0.01
    assert groups(ranks, p) == [(0, 1), (1, 2, 3)]
    assert groups(ranks, np.zeros((4, 4))) == []
    assert groups(ranks, np.ones((4, 4))) == [(0, 1, 2, 3)]
    assert groups(ranks[::-1], np.ones((4, 4))) == [(3, 2, 1, 0)]


@given(TABLES)
def test_bars_are_the_longest_runs_without_a_pair_told_apart(values: np.ndarray) -> None:
    ranks, s = mean_ranks(values), values.shape[1]
    p = np.where(np.abs(ranks[:, None] - ranks[None]) > 1.2, 0.01, 1.0)
    order = np.argsort(ranks, kind="stable")
    runs = [
        tuple(order[i:j])
        for i in range(s)
        for j in range(i + 2, s + 1)
        if (p[np.ix_(order[i:j], order[i:j])] > 0.05).all()
    ]
    longest = [run for run in runs if not any(set(run) < set(other) for other in runs)]
    assert groups(ranks, p) == [tuple(map(int, run)) for run in longest]


def test_holm_by_hand() -> None:
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    adjusted = holm(np.array([0.02, np.nan, 0.5]))
    assert adjusted[[0, 2]].tolist() == [0.04, 0.5]
    assert np.isnan(adjusted[1])


@given(arrays(float, 6, elements=st.floats(0, 1)))
def test_holm_never_lowers_a_p_value_and_keeps_their_order(p: np.ndarray) -> None:
    adjusted = holm(p)
    assert (adjusted >= p).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()


@given(TABLES)
def test_ranks_sum_to_what_ranks_sum_to(values: np.ndarray) -> None:
    assert mean_ranks(values).sum() == pytest.approx(15)


@given(TABLES, st.permutations(range(6)), st.permutations(range(5)))
@settings(max_examples=12)  # with ties scipy permutes
def test_neither_the_order_of_blocks_nor_of_strategies_matters(
    values: np.ndarray, rows: list[int], columns: list[int]
) -> None:
    shuffled = values[rows][:, columns]
    assert np.allclose(mean_ranks(shuffled), mean_ranks(values)[columns])
    assert np.allclose(wilcoxon_holm(shuffled), wilcoxon_holm(values)[np.ix_(columns, columns)])


def test_one_against_all_is_corrected_for_its_own_comparisons() -> None:
    values = planted(12, 5, 0)
    raw = [stats.wilcoxon(values[:, 1], values[:, j]).pvalue for j in (0, 2, 3, 4)]
    p = wilcoxon_against(values, 1)
    assert p[1] == 1
    assert p[[0, 2, 3, 4]].tolist() == pytest.approx(holm(np.array(raw)).tolist())
    assert (p <= wilcoxon_holm(values)[1] + 1e-12).all()


@pytest.mark.parametrize(("blocks", "s"), [(5, 2), (6, 2), (8, 3), (10, 15), (12, 15)])
def test_the_smallest_p_value_is_reached_by_the_clearest_difference(blocks: int, s: int) -> None:
    steps = np.arange(1, blocks + 1)[:, None] * (np.arange(s)[None] ** 2 + np.arange(s)[None])
    assert wilcoxon_holm(steps.astype(float)).min() == pytest.approx(smallest_p(blocks, s))


def test_no_difference_is_no_evidence() -> None:
    assert wilcoxon(np.zeros(5)) == 1
