"""RoundRobin against turns taken one by one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from misbehaving import Broken, Garbage

from autoal import AutoALError, AutoALWarning, Snapshot, strategies
from autoal.adaptive import RoundRobin
from autoal.adaptive.round_robin import in_turn
from autoal.testing import Feature, StrategyContract
from conftest import make_snapshot


class TestOfThree(StrategyContract):
    strategy = RoundRobin(("margin", "core_set", "random"))


def slow(orders: list[list[int]], n: int) -> list[int]:
    picks: list[int] = []
    turn = 0
    while len(picks) < n and any(set(order) - set(picks) for order in orders):
        left = [row for row in orders[turn % len(orders)] if row not in picks]
        picks += left[:1]
        turn += 1
    return picks


@given(st.lists(st.lists(st.integers(0, 12), unique=True, max_size=8), min_size=1, max_size=5), st.integers(1, 15))
@settings(max_examples=200)
def test_turns_equal_to_the_obvious_form(orders: list[list[int]], n: int) -> None:
    found = in_turn([torch.tensor(order, dtype=torch.int64) for order in orders], n)
    assert found.tolist() == slow(orders, n)


def test_the_batch_is_made_of_the_candidates_own_orders(snapshot: Snapshot) -> None:
    columns = (0, 1, 2)
    orders = [snapshot.embedding[:, c].argsort(descending=True)[:9].tolist() for c in columns]
    begun = set()
    for seed in range(30):
        picks = RoundRobin(tuple(map(Feature, columns))).select(snapshot, 9, np.random.default_rng(seed)).tolist()
        first = [order[0] for order in orders].index(picks[0])
        assert picks == slow(orders[first:] + orders[:first], 9)
        begun.add(first)
    assert begun == {0, 1, 2}


def test_one_candidate_alone_is_that_candidate(snapshot: Snapshot, rng: np.random.Generator) -> None:
    best = snapshot.embedding[:, 1].argsort(descending=True)[:7]
    assert RoundRobin([Feature(1)]).select(snapshot, 7, rng).tolist() == best.tolist()


def test_a_candidate_that_misbehaves_leaves_the_turns_to_the_others(
    snapshot: Snapshot, rng: np.random.Generator
) -> None:
    best = snapshot.embedding[:, 1].argsort(descending=True)[:7].tolist()
    with pytest.warns(AutoALWarning, match=r"Broken raised RuntimeError \(no idea\), and was left out"):
        assert RoundRobin((Broken(), Feature(1))).select(snapshot, 7, rng).tolist() == best
    with pytest.warns(AutoALWarning, match="Garbage should return"):
        picks = RoundRobin((Garbage(), Feature(1))).select(snapshot, 7, rng).tolist()
    assert len(set(picks)) == 7
    assert set(best[:3]) <= set(picks)
    with pytest.warns(AutoALWarning, match="Broken raised"):
        assert len(RoundRobin((Broken(),)).select(snapshot, 7, rng).unique()) == 7


def test_candidates_that_cannot_be_served_are_left_out(rng: np.random.Generator) -> None:
    bare = Snapshot.from_arrays(torch.log_softmax(torch.randn(20, 3), dim=1), torch.randn(20, 4))
    with pytest.warns(AutoALWarning, match="left out.*: bald, var_ratio, mean_std"):
        assert len(RoundRobin().select(bare, 5, rng)) == 5
    with pytest.raises(AutoALError, match="stochastic"):
        RoundRobin(("bald",)).select(bare, 5, rng)
    assert "stochastic" in RoundRobin().uses
    assert "stochastic" not in RoundRobin(("margin",)).uses


def test_bad_candidates_are_refused() -> None:
    with pytest.raises(AutoALError, match="at least one strategy in candidates"):
        RoundRobin(())
    with pytest.raises(AutoALError, match="the name of a strategy"):
        RoundRobin(("margni",))


def test_it_is_saved_and_read_with_its_candidates() -> None:
    strategy = RoundRobin(["margin", strategies.Power("entropy", beta=2)])
    again = strategies.from_config(strategies.to_config(strategy))
    assert again == strategy
    picks = [s.select(make_snapshot(), 9, np.random.default_rng(3)).tolist() for s in (strategy, again)]
    assert picks[0] == picks[1]
