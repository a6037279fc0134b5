"""Filtered against sorting by hand, and at the ends of `keep`."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autoal import Snapshot
from autoal.errors import InputError
from autoal.strategies import CoreSet, Margin, TypiClust
from autoal.strategies.filtered import Filtered, kept
from autoal.testing import StrategyContract
from conftest import make_snapshot


class TestDoublyNested(StrategyContract):
    strategy = Filtered(Filtered("kmeans", by="entropy", keep=0.5), by="margin", keep=0.3)


@given(st.integers(0, 1000), st.integers(1, 70), st.integers(1, 12), st.sampled_from([0.01, 0.1, 0.5, 1.0]))
@settings(max_examples=30)
def test_equal_to_two_steps_by_hand(seed: int, n_rows: int, n: int, keep: float) -> None:
    snapshot, n = make_snapshot(n_rows, seed=seed), min(n, n_rows)
    picks = Filtered("core_set", "margin", keep).select(snapshot, n, np.random.default_rng(seed))
    best = Margin().scores(snapshot, np.random.default_rng(0)).argsort(descending=True)
    rows = best[: max(int(np.ceil(keep * n_rows)), n)].sort().values
    assert picks.tolist() == rows[CoreSet().select(snapshot.subset(rows), n, np.random.default_rng(0))].tolist()


def test_so_many_are_kept_that_the_batch_is_full(snapshot: Snapshot, rng: np.random.Generator) -> None:
    """One in a thousand of 60 rows is one row, but nine are wanted: what margin alone would label."""
    picks = Filtered(keep=1e-3).select(snapshot, 9, rng)
    assert sorted(picks.tolist()) == sorted(Margin().select(snapshot, 9, rng).tolist())


def test_the_share_is_not_rounded_up_for_nothing(rng: np.random.Generator) -> None:
    """0.07 * 100 = 7.000000000000001 keeps seven rows, of which seven are picked."""
    snapshot = make_snapshot(n=100)
    seven = set(Margin().select(snapshot, 7, rng).tolist())
    picks = {int(Filtered("random", keep=0.07).select(snapshot, 1, np.random.default_rng(i))) for i in range(100)}
    assert picks == seven


def test_all_rows_kept_is_the_strategy_alone(snapshot: Snapshot) -> None:
    picks = Filtered("core_set", keep=1.0).select(snapshot, 9, np.random.default_rng(0))
    assert picks.tolist() == CoreSet().select(snapshot, 9, np.random.default_rng(0)).tolist()


def test_the_picks_of_one_that_only_selects_are_kept(snapshot: Snapshot) -> None:
    picks = Filtered("margin", by="typiclust", keep=0.2).select(snapshot, 3, np.random.default_rng(1))
    rows = TypiClust().select(snapshot, 12, np.random.default_rng(1)).sort().values
    assert kept(TypiClust(), snapshot, 12, np.random.default_rng(1)).tolist() == rows.tolist()
    margins = Margin().scores(snapshot, np.random.default_rng(0))[rows]
    assert picks.tolist() == rows[margins.topk(3).indices].tolist()


def test_ties_at_the_edge_are_drawn(rng: np.random.Generator) -> None:
    snapshot = Snapshot.from_arrays(torch.full((20, 2), 0.5).log(), torch.arange(20.0)[:, None])
    seen = {int(row) for _ in range(200) for row in kept(Margin(), snapshot, 2, rng)}
    assert seen == set(range(20))


@pytest.mark.parametrize("keep", [0.0, -0.1, 1.1, float("nan")])
def test_bad_shares(keep: float) -> None:
    with pytest.raises(InputError, match="keep"):
        Filtered(keep=keep)
