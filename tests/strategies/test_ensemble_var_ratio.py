"""EnsembleVarRatio: the votes against a count, members against networks of their own, and a planted boundary."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from autoal import AutoALError, Snapshot
from autoal.strategies.ensemble_var_ratio import EnsembleVarRatio, Members, variation_ratio
from conftest import make_snapshot

RNG = np.random.default_rng(0)
STRATEGY = EnsembleVarRatio(steps=20)
SIZES = [(1, 0, 3, 4), (1, 1, 1, 1), (2, 1, 3, 2), (30, 2, 5, 1), (30, 12, 3, 3)]


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 5), st.integers(1, 4))
def test_equal_to_counting_the_votes(seed: int, M: int, n_classes: int, n_features: int) -> None:
    g = torch.Generator().manual_seed(seed)
    members = Members.drawn((M, n_features, 7, n_classes), g)
    h = 3 * torch.randn(15, n_features, generator=g)
    with torch.no_grad():
        p = torch.softmax(members(h.expand(M, -1, -1)).double(), dim=2).numpy()
        scores = variation_ratio(members, h).numpy()
    for i in range(15):
        f_mode = np.bincount(p[:, i].argmax(axis=1)).max()
        mean = p[:, i].mean(axis=0)
        entropy = -sum(float(v) * math.log(v) for v in mean if v > 0)
        tie_breaker = entropy / math.log(max(n_classes, 2)) / (2 * M)
        assert scores[i] == pytest.approx(1 - f_mode / M + tie_breaker, abs=1e-6)


def test_by_hand() -> None:
    """Three members without hidden units at work, whose biases vote 0, 0 and 1 with probabilities 3/4: 1/3 and more."""
    b = torch.tensor([[[3.0, 1.0]], [[3.0, 1.0]], [[1.0, 3.0]]]).log()
    members = Members(torch.zeros(3, 2, 1), torch.zeros(3, 1, 1), torch.zeros(3, 1, 2), b)
    p = 7 / 12  # (3/4 + 3/4 + 1/4) / 3
    entropy = -p * math.log(p) - (1 - p) * math.log(1 - p)
    expected = 1 / 3 + entropy / (6 * math.log(2))
    assert variation_ratio(members, torch.zeros(4, 2)).tolist() == pytest.approx(4 * [expected])


def test_members_trained_together_get_the_gradients_that_they_would_get_alone() -> None:
    g = torch.Generator().manual_seed(0)
    members, h, y = Members.drawn((3, 4, 5, 2), g), torch.randn(3, 6, 4, generator=g), torch.randint(2, (3, 6))
    (torch.nn.functional.cross_entropy(members(h).flatten(0, 1), y.flatten()) * 3).backward()
    for i in range(3):
        alone = Members(*(parameter[i : i + 1].detach().clone().requires_grad_() for parameter in members.parameters))
        torch.nn.functional.cross_entropy(alone(h[i : i + 1])[0], y[i]).backward()
        for one, all_of_them in zip(alone.parameters, members.parameters, strict=True):
            assert one.grad is not None
            assert all_of_them.grad is not None
            assert torch.allclose(one.grad[0], all_of_them.grad[i], atol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_members_agree_inside_the_classes_and_differ_between_them(seed: int) -> None:
    g = torch.Generator().manual_seed(seed)
    labels = torch.arange(30) % 2
    h = torch.stack([8.0 * labels - 4, torch.zeros(30)], dim=1) + torch.randn(30, 2, generator=g)
    x = torch.stack([torch.linspace(-6, 6, 121), torch.zeros(121)], dim=1)
    snapshot = Snapshot.from_arrays(torch.zeros(121, 2).log_softmax(1), x, h, labels)
    scores = EnsembleVarRatio().scores(snapshot, np.random.default_rng(seed))
    assert x[scores.topk(10).indices, 0].abs().max() < 2.5
    assert scores[x[:, 0].abs() > 4].max() < 0.1


def test_zero_without_labels_and_no_vote_against_a_single_class() -> None:
    assert STRATEGY.scores(make_snapshot(m=0), RNG).eq(0).all()
    snapshot = make_snapshot()
    scores = EnsembleVarRatio().scores(replace(snapshot, labels=0 * snapshot.labels), RNG)
    assert scores.max() < 0.1  # less than half a vote: only the tie-breaker


def test_an_ensemble_of_none_is_refused() -> None:
    with pytest.raises(AutoALError, match="members of at least 1"):
        EnsembleVarRatio(members=0)
