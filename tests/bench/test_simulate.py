"""What the options of `simulate` ask for."""

from __future__ import annotations

import pytest

from autoal.bench.simulate import Simulate, simulated_cell
from autoal.strategies import from_config


@pytest.mark.parametrize("name", ["autoal", "uniform_weights", "refine", "round_robin"])
def test_candidates_reach_every_strategy_that_chooses_among_them(name: str) -> None:
    cell = simulated_cell(Simulate(strategy=name, candidates=("margin", "core_set")))
    strategy = from_config(cell.strategy)
    assert [getattr(candidate, "name", candidate) for candidate in strategy.candidates] == ["margin", "core_set"]  # type: ignore[attr-defined]
    assert simulated_cell(Simulate(strategy=name)).strategy != cell.strategy
