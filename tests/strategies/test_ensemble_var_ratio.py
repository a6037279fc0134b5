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
    with pytest.raises(AutoALError, match="at least 1 member"):
        EnsembleVarRatio(members=0)


def test_the_same_seed_picks_the_same_samples_in_any_order_of_rows(snapshot: Snapshot) -> None:
    moved = snapshot.subset(torch.randperm(60, generator=torch.Generator().manual_seed(1)))
    picks = STRATEGY.select(snapshot, 12, np.random.default_rng(3))
    assert torch.equal(picks, STRATEGY.select(snapshot, 12, np.random.default_rng(3)))
    assert torch.equal(snapshot.ids[picks], moved.ids[STRATEGY.select(moved, 12, np.random.default_rng(3))])


@pytest.mark.parametrize(("n", "m", "n_classes", "n_features"), SIZES)
def test_finite_scores_and_distinct_picks_at_every_edge(n: int, m: int, n_classes: int, n_features: int) -> None:
    s = make_snapshot(n, m, n_classes, n_features)
    x, h = s.embedding, s.labelled_embedding
    sure = torch.zeros(n, n_classes).index_fill_(1, torch.tensor(0), 1.0).log()
    sure_labelled = torch.zeros(m, n_classes).index_fill_(1, torch.tensor(n_classes - 1), 1.0).log()
    for edge in (
        s,
        replace(s, embedding=0 * x, labelled_embedding=0 * h),
        replace(s, embedding=0 * x + x[0], log_probs=0 * s.log_probs + s.log_probs[0], labels=0 * s.labels),
        replace(s, embedding=x.double(), labelled_embedding=h.double(), log_probs=s.log_probs.double()),
        replace(s, log_probs=sure, labelled_log_probs=sure_labelled, embedding=1e15 * x),
    ):
        assert torch.isfinite(STRATEGY.scores(edge, np.random.default_rng(0))).all()
        assert sorted(STRATEGY.select(edge, n, np.random.default_rng(0)).tolist()) == list(range(n))
