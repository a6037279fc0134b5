"""Draws belong to samples: another order of the rows changes nothing but the order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from autoal import Snapshot
from autoal.strategies.draws import exponential, gumbel, shuffled, topped_up, uniform
from conftest import make_snapshot

MIXED = torch.from_numpy(np.random.default_rng(9).permutation(60))


@pytest.mark.parametrize("draw", [uniform, exponential, gumbel])
def test_a_number_for_each_sample(draw: Callable[[Snapshot, np.random.Generator], torch.Tensor]) -> None:
    snapshot = make_snapshot(n=60)
    here, there = draw(snapshot, np.random.default_rng(0)), draw(snapshot.subset(MIXED), np.random.default_rng(0))
    assert torch.equal(here[MIXED], there)
    assert len(here.unique()) == 60


def test_a_shuffle_of_the_samples() -> None:
    snapshot = make_snapshot(n=60)
    mixed = snapshot.subset(MIXED)
    here, there = (shuffled(s, np.random.default_rng(0)) for s in (snapshot, mixed))
    assert torch.equal(snapshot.ids[here], mixed.ids[there])
    assert sorted(here.tolist()) == list(range(60))


def test_exponentials_draw_in_proportion() -> None:
    """argmax w / E is row i with probability w_i / sum w."""
    snapshot, w = make_snapshot(n=3), torch.tensor([1.0, 2.0, 5.0])
    rng = np.random.default_rng(0)
    draws = np.bincount([int((w / exponential(snapshot, rng)).argmax()) for _ in range(4000)], minlength=3) / 4000
    assert np.allclose(draws, [1 / 8, 2 / 8, 5 / 8], atol=0.025)


def test_topped_up_with_other_rows() -> None:
    snapshot, picks = make_snapshot(n=60), torch.tensor([5, 3])
    full = topped_up(picks, 60, snapshot, np.random.default_rng(0))
    assert full[:2].tolist() == [5, 3]
    assert sorted(full.tolist()) == list(range(60))
    assert topped_up(full, 4, snapshot, np.random.default_rng(0)).tolist() == full[:4].tolist()
