"""SelectAL on labelled sets whose regime is known, and what it then asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from misbehaving import Broken, Garbage

from autoal import AutoALError, AutoALWarning, Snapshot, strategies
from autoal.adaptive import SelectAL
from autoal.strategies import Margin, Random, Strategy, TypiClust
from autoal.testing import StrategyContract
from conftest import make_snapshot


class TestWithExperimentsOnFewLabels(StrategyContract):
    strategy = SelectAL("core_set", "entropy", share=0.3, folds=2, repeats=1, least=1)


def barely_covered(seed: int) -> Snapshot:
    """Five labels for each of 20 classes: three in the class's cluster, and two anywhere.

    What little is known of the clusters is in their typical samples, and the others mislead.
    """
    C, m, n = 20, 100, 200
    g = torch.Generator().manual_seed(seed)
    centres, y = torch.randn(C, 6, generator=g), torch.arange(m + n) % C
    inside, anywhere = centres[y] + 0.3 * torch.randn(m + n, 6, generator=g), 2 * torch.randn(m + n, 6, generator=g)
    x = torch.where((torch.arange(m + n) // C % 5 < 3)[:, None], inside, anywhere)
    return _snapshot(x, y, m, C)


def well_covered(seed: int) -> Snapshot:
    """A hundred labels for each of two classes, each a large group and a rare one, on the other's side.

    The large groups are known many times over; where the boundary must lie, only the rare samples say.
    """
    m, n = 200, 400
    g = torch.Generator().manual_seed(seed)
    y, rare = torch.arange(m + n) % 2, torch.arange(m + n) // 2 % 100 < 4
    side = 2.0 * y - 1
    centres = torch.stack([torch.where(rare, -3 * side, 3 * side), torch.where(rare, 6 * side, 0 * side)], dim=1)
    return _snapshot(centres + 0.5 * torch.randn(m + n, 2, generator=g), y, m, 2)


def _snapshot(x: torch.Tensor, y: torch.Tensor, m: int, n_classes: int) -> Snapshot:
    g = torch.Generator().manual_seed(0)
    log_probs = torch.randn(len(x) - m, n_classes, generator=g).log_softmax(dim=1)
    return Snapshot.from_arrays(log_probs, x[m:], x[:m], y[:m])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("plant", "regime", "asked"), [(barely_covered, "low", TypiClust()), (well_covered, "high", Margin())]
)
def test_the_planted_regime_is_named_and_its_strategy_asked(
    plant: Callable[[int], Snapshot], regime: str, asked: Strategy, seed: int
) -> None:
    snapshot, strategy = plant(seed), SelectAL()
    picks = strategy.select(snapshot, 10, np.random.default_rng(seed))
    assert strategy.regime_.name == regime
    found = strategy.regime_.accuracies
    assert min(found, key=lambda name: found[name]) == regime
    _, rng = np.random.default_rng(seed).spawn(2)
    assert picks.tolist() == asked.select(snapshot, 10, rng).tolist()


def test_where_nothing_removed_is_missed_the_regime_is_random() -> None:
    """Two classes far apart: every classifier is right."""
    x = torch.randn(100, 3, generator=torch.Generator().manual_seed(0))
    y = torch.arange(100) % 2
    snapshot, strategy = _snapshot(x + 20.0 * y[:, None], y, 60, 2), SelectAL()
    picks = strategy.select(snapshot, 5, np.random.default_rng(1))
    assert strategy.regime_.name == "random"
    assert strategy.regime_.accuracies == {"random": 1, "low": 1, "high": 1}
    _, rng = np.random.default_rng(1).spawn(2)
    assert picks.tolist() == Random().select(snapshot, 5, rng).tolist()


def test_few_labels_are_the_low_regime_without_an_experiment(rng: np.random.Generator) -> None:
    for m, few in ((0, True), (1, True), (11, True), (12, False)):  # of three classes, four labels each
        strategy = SelectAL()
        strategy.select(make_snapshot(m=m), 5, rng)
        assert (strategy.regime_.accuracies == {}) is few
        assert strategy.regime_.name == "low" or not few
    assert SelectAL().regime_.name == ""


def test_the_regime_of_an_earlier_query_does_not_matter() -> None:
    used, snapshot = SelectAL(), make_snapshot(m=30)
    used.select(well_covered(0), 3, np.random.default_rng(0))
    picks = [s.select(snapshot, 9, np.random.default_rng(0)).tolist() for s in (used, SelectAL())]
    assert picks[0] == picks[1]


def test_the_strategy_of_a_regime_that_misbehaves_does_not_sink_the_query(rng: np.random.Generator) -> None:
    few = make_snapshot(m=3)
    for bad, message in ((Broken(), "Broken raised"), (Garbage(), "Garbage should return")):
        with pytest.warns(AutoALWarning, match=message):
            assert len(SelectAL(low=bad).select(few, 5, rng).unique()) == 5


@pytest.mark.parametrize(
    "settings",
    [
        {"share": 0.0},
        {"share": 1.0},
        {"share": float("nan")},
        {"folds": 1},
        {"repeats": 0},
        {"least": 0},
        {"low": "typicluss"},
        {"high": None},
    ],
)
def test_bad_settings_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(AutoALError):
        SelectAL(**settings)  # type: ignore[arg-type]


def test_it_needs_what_its_parts_need(snapshot: Snapshot, rng: np.random.Generator) -> None:
    assert SelectAL().needs == SelectAL.needs
    with pytest.raises(AutoALError, match="stochastic"):
        SelectAL(high="bald").select(replace(snapshot, stochastic=None, passes=None), 3, rng)


def test_it_is_saved_and_read_with_its_settings(snapshot: Snapshot) -> None:
    strategy = SelectAL("max_herding", strategies.Badge(), folds=3, repeats=1, share=0.2)
    again = strategies.from_config(strategies.to_config(strategy))
    assert again == strategy
    picks = [s.select(snapshot, 9, np.random.default_rng(3)).tolist() for s in (strategy, again)]
    assert picks[0] == picks[1]
