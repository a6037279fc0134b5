"""Weighted: ranks by hand, and what becomes of parts that only select; how compositions say what they need."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from torch import Tensor

from autoal import Snapshot
from autoal.errors import InputError
from autoal.strategies import Bald, Margin, Strategy
from autoal.strategies.class_balanced import ClassBalanced
from autoal.strategies.density_weighted import DensityWeighted
from autoal.strategies.diversified import Diversified
from autoal.strategies.filtered import Filtered
from autoal.strategies.power import Power
from autoal.strategies.ranks import percentile_ranks
from autoal.strategies.resolve import Composed, resolve
from autoal.strategies.weighted import Weighted
from autoal.testing import StrategyContract
from conftest import make_snapshot

KINDS: list[type[Composed]] = [Weighted, Filtered, Diversified, ClassBalanced, Power, DensityWeighted]


@dataclass(frozen=True)
class Given(Strategy):
    name = "given"
    values: tuple[float, ...] = ()

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        return torch.tensor(self.values)


@dataclass(frozen=True)
class Backwards(Strategy):
    name = "backwards"

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        return torch.arange(len(snapshot) - 1, len(snapshot) - 1 - n, -1)


class TestWithWeights(StrategyContract):
    strategy = Weighted(("bald", "core_set", "margin"), (0, 1, 2))


def test_ties_share_their_mean_rank() -> None:
    ranks = percentile_ranks(torch.tensor([5.0, -1.0, 5.0, 7.0]))
    assert ranks.dtype == torch.float64
    assert ranks.tolist() == [0.5, 0.125, 0.5, 0.875]  # ranks 2.5, 1, 2.5 and 4, less a half, of four


def test_hand_computed(rng: np.random.Generator) -> None:
    """Percentile ranks (.125, .375, .625, .875) and (.5, .875, .5, .125), the former three times as important."""
    weighted = Weighted((Given((1, 2, 3, 4)), Given((0, 9, 0, -9))), (30, 10))
    snapshot = make_snapshot(n=4)
    assert weighted.scores(snapshot, rng).tolist() == pytest.approx([0.21875, 0.5, 0.59375, 0.6875])
    assert weighted.select(snapshot, 2, rng).tolist() == [3, 2]


def test_a_part_that_only_selects_is_asked_for_the_batch(rng: np.random.Generator) -> None:
    """Backwards picks rows 3 and 2: percentile ranks (.25, .25, .625, .875)."""
    weighted = Weighted((Given((4, 3, 2, 1)), Backwards()), (1, 1))
    scores = weighted.batch_scores(make_snapshot(n=4), 2, rng)
    assert scores.tolist() == pytest.approx([0.5625, 0.4375, 0.5, 0.5])


def test_one_strategy_alone_and_weights_of_zero_change_nothing(snapshot: Snapshot, rng: np.random.Generator) -> None:
    expected = Margin().select(snapshot, 9, rng).tolist()
    for weighted in (Weighted(("margin",)), Weighted((Margin(), "entropy"), (1e-3, 0))):
        assert weighted.select(snapshot, 9, rng).tolist() == expected


def test_lists_become_tuples() -> None:
    assert Weighted(["margin", "entropy"], [1, 2]) == Weighted(("margin", "entropy"), (1, 2))  # type: ignore[arg-type]


@pytest.mark.parametrize("weights", [(1.0,), (1, 1, 1), (1, -1), (0, 0), (float("nan"), 1), (float("inf"), 1)])
def test_bad_weights(weights: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match="weights"):
        Weighted(weights=weights)


def test_bad_parts() -> None:
    with pytest.raises(InputError, match="at least one"):
        Weighted(())
    with pytest.raises(InputError, match="margin"):
        Weighted(("margni",))
    with pytest.raises(InputError, match="a strategy or its name"):
        resolve(Margin)  # type: ignore[arg-type]  # the class, not an instance


@pytest.mark.parametrize("kind", KINDS)
def test_the_class_needs_what_its_defaults_need(kind: type[Composed]) -> None:
    assert kind().needs == kind.needs
    assert kind().uses == kind.needs
    assert kind.name
    assert kind.reference


@pytest.mark.parametrize(
    "strategy", [Weighted(("bald", "margin")), Filtered(by="bald"), Diversified(Bald()), ClassBalanced("bald")]
)
def test_an_instance_needs_what_its_parts_need(
    strategy: Composed, snapshot: Snapshot, rng: np.random.Generator
) -> None:
    assert "stochastic" in strategy.needs & strategy.uses
    assert "stochastic" not in type(strategy).needs
    with pytest.raises(InputError, match="stochastic"):
        strategy.require(replace(snapshot, stochastic=None))
    for same in (pickle.loads(pickle.dumps(strategy)), replace(strategy)):
        assert same == strategy
        assert same.needs == strategy.needs
        assert hash(same) == hash(strategy)
    assert len(strategy.select(snapshot, 5, rng)) == 5
