"""`max_candidates`, on strategies of this package and on those of others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from autoal import AutoALError, AutoALWarning, Snapshot, Strategy
from autoal.strategies import Margin
from autoal.strategies.guard import guarded_select
from conftest import make_snapshot


class Plain(Strategy):
    """Not a dataclass, and selects by itself."""

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> torch.Tensor:
        self.seen = (len(snapshot), n)
        return torch.arange(n)


@dataclass(frozen=True)
class Derived(Margin):
    """Calls the `select` that it replaces."""

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> torch.Tensor:
        return super().select(snapshot, n, rng).flip(0)


def test_rows_of_the_sample_become_rows_of_the_snapshot(rng: np.random.Generator) -> None:
    snapshot = make_snapshot(n=60)
    with pytest.warns(AutoALWarning, match=r"Margin considers \(max_candidates=30\) a random sample of 30 of 60 rows"):
        picks = Margin(max_candidates=30).select(snapshot, 30, rng)
    best = Margin().select(snapshot, 60, rng).tolist()
    places = [best.index(pick) for pick in picks.tolist()]
    assert places == sorted(places)  # the order of the margins survives
    assert max(places) > 30  # and half of the rows were not looked at


def test_a_sample_is_never_smaller_than_the_batch(rng: np.random.Generator) -> None:
    with pytest.warns(AutoALWarning, match="sample of 40 of 60 rows"):
        assert len(Margin(max_candidates=5).select(make_snapshot(n=60), 40, rng).unique()) == 40


def test_strategies_of_others_are_limited_too_and_asked_for_at_least_one_row(rng: np.random.Generator) -> None:
    plain, snapshot = Plain(), make_snapshot(n=60)
    object.__setattr__(plain, "max_candidates", 10)
    with pytest.warns(AutoALWarning, match="Plain considers .* sample of 10 of 60 rows"):
        plain.select(snapshot, 4, rng)
    assert plain.seen == (10, 4)
    assert Plain().select(snapshot, 0, rng).tolist() == []
    assert len(Plain().select(snapshot, 99, rng)) == 60


def test_a_derived_strategy_samples_once(rng: np.random.Generator) -> None:
    with pytest.warns(AutoALWarning) as caught:
        picks = Derived(max_candidates=20).select(make_snapshot(n=60), 5, rng)
    assert len(caught) == 1
    assert len(picks.unique()) == 5


def test_no_candidates_are_refused(rng: np.random.Generator) -> None:
    with pytest.raises(AutoALError, match="max_candidates of at least 1"):
        Margin(max_candidates=0).select(make_snapshot(), 3, rng)


def test_what_is_no_row_of_the_sample_is_repaired(rng: np.random.Generator) -> None:
    class Foreign(Strategy):
        max_candidates = 10

        def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> torch.Tensor:
            return torch.tensor([0, 10**6, -1])

    with pytest.warns(AutoALWarning, match="3 rows, 1 of them usable"):
        assert len(guarded_select(Foreign(), make_snapshot(n=60), 3, rng).unique()) == 3
