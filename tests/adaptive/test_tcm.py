"""Tcm: which of its two strategies selects, by the labels known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from misbehaving import Broken, Garbage

from autoal import AutoALError, AutoALWarning, Snapshot, strategies
from autoal.adaptive import Tcm
from autoal.strategies import Margin, Strategy, TypiClust
from autoal.testing import Feature, StrategyContract
from conftest import make_snapshot


class TestOfOthers(StrategyContract):
    strategy = Tcm("core_set", "entropy", until=5)


def expected(strategy: Strategy, snapshot: Snapshot, n: int) -> list[int]:
    picks: list[int] = strategy.select(snapshot, n, np.random.default_rng(0)).tolist()
    return picks


@pytest.mark.parametrize(
    ("m", "tcm", "first"),
    [
        (0, Tcm(), True),
        (39, Tcm(), True),
        (40, Tcm(), False),  # the initial set of 10 and three batches of 10
        (60, Tcm(rounds=6), True),
        (70, Tcm(rounds=6), False),
        (14, Tcm(until=15), True),
        (15, Tcm(until=15), False),
    ],
)
def test_the_switch(m: int, tcm: Tcm, first: bool) -> None:
    snapshot = make_snapshot(m=m)
    typical, uncertain = (expected(strategy, snapshot, 10) for strategy in (TypiClust(), Margin()))
    assert typical != uncertain
    assert expected(tcm, snapshot, 10) == (typical if first else uncertain)


def test_three_queries_of_the_first_from_an_initial_set_as_large_as_a_batch() -> None:
    turns = []
    for query in range(6):
        snapshot = make_snapshot(m=10 + 10 * query)
        turns.append(expected(Tcm(Feature(0), Feature(1)), snapshot, 10) == expected(Feature(0), snapshot, 10))
    assert turns == [True, True, True, False, False, False]


def test_a_constituent_that_misbehaves_does_not_sink_the_query(snapshot: Snapshot, rng: np.random.Generator) -> None:
    for bad, message in ((Broken(), "Broken raised"), (Garbage(), "Garbage should return")):
        with pytest.warns(AutoALWarning, match=message):
            assert len(Tcm(then=bad).select(snapshot, 5, rng).unique()) == 5
    assert len(Tcm(first=Broken()).select(snapshot, 5, rng).unique()) == 5  # not its turn: 20 labels


@pytest.mark.parametrize("settings", [{"rounds": 0}, {"until": -1}, {"first": "typicluss"}, {"then": 3}])
def test_bad_settings_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(AutoALError):
        Tcm(**settings)  # type: ignore[arg-type]


def test_it_needs_what_its_parts_need(snapshot: Snapshot, rng: np.random.Generator) -> None:
    assert Tcm().needs == Tcm.needs
    with pytest.raises(AutoALError, match="stochastic"):
        Tcm(then="bald").select(replace(snapshot, stochastic=None, passes=None), 3, rng)


def test_it_is_saved_and_read_with_its_settings(snapshot: Snapshot) -> None:
    strategy = Tcm(TypiClust(max_clusters=9), "entropy", rounds=2)
    again = strategies.from_config(strategies.to_config(strategy))
    assert again == strategy
    assert expected(again, snapshot, 8) == expected(strategy, snapshot, 8)
