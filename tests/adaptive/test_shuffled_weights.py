"""ShuffledWeights beside the AutoAL whose weights it deals anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from misbehaving import Broken, Garbage

from autoal import AutoAL, AutoALError, AutoALWarning, Snapshot, strategies
from autoal.adaptive import ShuffledWeights
from autoal.strategies import Margin, Random, Strategy
from autoal.testing import Feature, StrategyContract, planted_regions
from conftest import make_snapshot


def quick(kind: type[AutoAL], candidates: Sequence[Strategy | str] | None = None, **settings: Any) -> AutoAL:
    return kind(candidates=candidates, cycles=1, fit_steps=5, search_steps=3, **settings)


class TestOfTwo(StrategyContract):
    strategy = quick(ShuffledWeights, ["margin", "kmeans"], batch="topk")


class TestAcrossCandidates(StrategyContract):
    strategy = quick(ShuffledWeights, ["margin", "kmeans"], across="candidates", max_candidates=15_000)


def by_row(W: torch.Tensor) -> torch.Tensor:
    """The rows in an order of their own, so that permuted ones are equal."""
    return W[np.lexsort(W.T.numpy())]


def test_weights_and_gates_are_dealt_anew_with_one_permutation(snapshot: Snapshot) -> None:
    candidates: list[Strategy] = [Feature(0), Feature(1), Margin()]
    rows = []
    for kind in (AutoAL, ShuffledWeights):
        W, Theta = quick(kind).weigh(snapshot, candidates, 5, np.random.default_rng(0))
        rows.append(torch.cat([W, Theta], dim=1))
    assert len(rows[0].unique(dim=0)) > 50  # weights differ from sample to sample
    assert not torch.equal(rows[0], rows[1])
    assert torch.equal(by_row(rows[0]), by_row(rows[1]))


def test_across_candidates_all_samples_have_one_permutation_of_theirs(snapshot: Snapshot) -> None:
    candidates: list[Strategy] = [Feature(0), Feature(1), Margin()]
    orders = set()
    for seed in range(20):
        rng = np.random.default_rng(seed)
        learned = quick(AutoAL).weigh(snapshot, candidates, 5, np.random.default_rng(seed))
        dealt = quick(ShuffledWeights, across="candidates").weigh(snapshot, candidates, 5, rng)
        order = [int((learned[0] == column[:, None]).all(dim=0).nonzero()) for column in dealt[0].T]
        assert sorted(order) == [0, 1, 2]
        assert all(torch.equal(ours[:, order], theirs) for ours, theirs in zip(learned, dealt, strict=True))
        orders.add(tuple(order))
    assert len(orders) == 6


def test_each_query_permutes_anew(snapshot: Snapshot) -> None:
    control = quick(ShuffledWeights, ["margin", "kmeans"])
    weights = []
    for seed in (0, 0, 1):
        control.select(snapshot, 5, np.random.default_rng(seed))
        weights.append(control.weights_)
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_what_the_weights_said_of_regions_is_lost_and_the_mean_is_kept() -> None:
    snapshot = planted_regions(1000, 400, 0)
    positive, gaps, means = snapshot.embedding[:, 3] > 0, [], []
    for kind in (AutoAL, ShuffledWeights):
        strategy = kind([Feature(1), Feature(2)], batch="topk")
        strategy.select(snapshot, 50, np.random.default_rng(0))
        first = strategy.weights_[:, 0]
        gaps.append(float(first[positive].mean() - first[~positive].mean()))
        means.append(strategy.report_.mean_weights)
    assert gaps[0] > 0.1
    assert abs(gaps[1]) < 0.2 * gaps[0]
    assert means[0] == pytest.approx(means[1], abs=1e-5)


@pytest.mark.parametrize("kind", [AutoAL, ShuffledWeights])
def test_a_candidate_that_misbehaves_does_not_sink_the_query(
    kind: type[AutoAL], snapshot: Snapshot, rng: np.random.Generator
) -> None:
    for bad, message in ((Broken(), "Broken raised RuntimeError"), (Garbage(), "Garbage should return")):
        with pytest.warns(AutoALWarning, match=message):
            picks = quick(kind, [bad, "margin", Random()]).select(snapshot, 7, rng)
        assert len(picks.unique()) == 7


def test_too_few_labels_leave_the_first_vote(rng: np.random.Generator) -> None:
    control = ShuffledWeights()
    control.select(make_snapshot(m=3), 5, rng)
    assert control.weights_.allclose(control.first_vote(control.candidates).expand(60, 7))  # type: ignore[arg-type]


def test_bad_settings_are_refused() -> None:
    bad: list[dict[str, Any]] = [{"cycles": 0}, {"candidates": []}, {"batch": "greedy"}, {"across": "classes"}]
    for settings in bad:
        with pytest.raises(AutoALError):
            ShuffledWeights(**settings)


def test_it_is_saved_and_read_with_its_settings() -> None:
    strategy = quick(ShuffledWeights, ["margin", "entropy"], batch="topk", across="candidates")
    assert strategies.from_config(strategies.to_config(strategy)) == strategy
