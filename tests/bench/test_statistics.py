"""Areas, drops, intervals and regret by hand, and against scipy."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from autoal.bench.significance import mean_ranks, wilcoxon
from autoal.bench.statistics import (
    areas,
    aubc,
    band,
    deviation,
    largest_drop,
    mean_known,
    paired,
    regret,
    share_won,
    summary,
    t_test,
)

NAN = np.nan
VALUES = arrays(float, (7, 4), elements=st.one_of(st.just(NAN), st.integers(0, 5).map(float)))


def test_aubc_is_the_mean_accuracy_over_the_budget() -> None:
    assert aubc([10, 20, 40], [0.5, 0.7, 0.9]) == pytest.approx((10 * 0.6 + 20 * 0.8) / 30)
    assert aubc([10], [0.5]) == 0.5
    both = areas([10, 20, 40], [[0.5, 0.7, 0.9], [NAN, NAN, NAN]])
    assert both[0] == pytest.approx(22 / 30)
    assert np.isnan(both[1])


def test_the_largest_drop_by_hand() -> None:
    drops = largest_drop([[0.5, 0.7, 0.6, 0.65, 0.3], [0.1, 0.2, 0.2, 0.3, 0.4], [NAN] * 5])
    assert drops[:2].tolist() == pytest.approx([0.35, 0])
    assert np.isnan(drops[2])
    assert largest_drop([[0.5]]).tolist() == [0]


def test_paired_differences_by_hand() -> None:
    difference = paired([3.0, 5.0, 4.0, 9.0], [1.0, 4.0, 4.0, NAN])  # 2, 1, 0
    assert difference.mean == 1
    assert difference.pairs == 3
    assert difference.standard_error == pytest.approx(1 / 3**0.5)
    assert difference.won == pytest.approx(2.5 / 3)
    assert difference.high - 1 == pytest.approx(4.302653 / 3**0.5)  # t of two degrees of freedom, from a table


def test_intervals_and_p_values_are_scipys(rng: np.random.Generator) -> None:
    ours, theirs = rng.normal(0.3, 1, 9), rng.normal(0, 1, 9)
    difference = paired(ours, theirs)
    oracle = stats.ttest_rel(ours, theirs)
    assert difference.p == pytest.approx(oracle.pvalue)
    assert (difference.low, difference.high) == pytest.approx(tuple(oracle.confidence_interval()))


def test_what_cannot_be_known_is_nan_and_nothing_warns() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one, none = paired([1.0], [0.0]), summary([NAN])
        assert one.mean == 1
        assert all(np.isnan([one.standard_error, one.low, one.high, one.p]))
        assert none.pairs == 0
        assert np.isnan(none.mean)
        assert np.isnan(mean_known([NAN]))
        assert np.isnan(deviation([[1.0, NAN]])[0])


def test_differences_without_spread_are_certain_or_none() -> None:
    assert paired([1.0, 2.0, 3.0], [0.0, 1.0, 2.0]).p == 0
    assert paired([1.0, 2.0], [1.0, 2.0]).p == 1
    assert np.isnan(t_test(np.array(1.0), np.array(NAN), np.array(1)))


def test_the_band_is_a_t_interval_by_round() -> None:
    mean, half = band(np.array([[0.0, 1.0], [0.0, 3.0], [0.0, 2.0]]))
    assert mean.tolist() == [0, 2]
    assert half.tolist() == pytest.approx([0, 4.302653 / 3**0.5])
    assert band(np.array([[0.5, 0.6]]))[1].tolist() == [0, 0]


def test_deviation_is_the_sample_standard_deviation_of_what_is_known() -> None:
    assert deviation([[1.0, 3.0, NAN, 5.0]])[0] == pytest.approx(np.std([1, 3, 5], ddof=1))


def test_share_won_by_hand() -> None:
    won = share_won(np.array([[1.0, 0.0, NAN], [1.0, 1.0, NAN], [0.0, 1.0, NAN], [2.0, 1.0, NAN]]))
    assert won[0, 1] == pytest.approx(2.5 / 4)
    assert np.isnan(won[0, 2])


@given(VALUES)
def test_shares_won_are_antisymmetric(values: np.ndarray) -> None:
    won = share_won(values)
    known = ~np.isnan(won)
    assert np.array_equal(known, known.T)
    assert np.allclose((won + won.T)[known], 1)


@given(VALUES, st.permutations(range(4)), st.permutations(range(7)))
def test_shares_won_follow_their_strategies_and_not_the_order_of_pairs(
    values: np.ndarray, columns: list[int], rows: list[int]
) -> None:
    shuffled = share_won(values[rows][:, columns])
    assert np.allclose(shuffled, share_won(values)[np.ix_(columns, columns)], equal_nan=True)


def test_regret_by_hand() -> None:
    means = np.array([[80.0, 85.0, 83.0], [90.0, 70.0, NAN]])
    assert regret(means)[0].tolist() == [5, 0, 2]
    assert regret(means)[1][:2].tolist() == [0, 20]
    assert np.isnan(regret(means)[1, 2])
    assert regret(means, group=[0, 2])[0].tolist() == [3, -2, 0]  # outside the group, and above all of it
    assert np.isnan(regret(np.array([[NAN, 1.0]]), group=[0])).all()


def test_areas_that_are_equal_but_for_rounding_are_ties() -> None:
    one, other = [0.1, 0.3, 0.6, 0.7, 0.7, 0.9], [0.1, 0.7, 0.6, 0.7, 0.3, 0.9]
    labels = list(range(10, 70, 10))
    values = 100 * np.array([[aubc(labels, one), aubc(labels, other)]] * 6)
    assert values[0, 0] != values[0, 1]  # summed in another order
    rounded = 100 * np.array([[aubc(labels, np.round(np.divide(c, 0.9), 6)) for c in (one, other)]] * 6)
    for each in (values, rounded):
        assert share_won(each)[0, 1] == 0.5
        assert mean_ranks(each).tolist() == [1.5, 1.5]
        assert wilcoxon(each[:, 0] - each[:, 1]) == 1
        assert (paired(each[:, 0], each[:, 1]).mean, paired(each[:, 0], each[:, 1]).won) == (0, 0.5)
    one_sample = 100 / 10_000 / 16 / 2  # of ten thousand, in the last of sixteen rounds
    assert paired([50 + one_sample], [50]).won == 1
