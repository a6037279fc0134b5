"""LearningLoss: the ranking loss by hand, and losses that can be told from the embedding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from autoal import Snapshot
from autoal.strategies.learning_loss import LearningLoss, cross_entropy, pairwise_hinge
from autoal.strategies.log_space import FLOOR
from autoal.strategies.standard import LIMIT, Standard
from conftest import make_snapshot

RNG = np.random.default_rng(0)
STRATEGY = LearningLoss(steps=20)
SIZES = [(1, 0, 3, 4), (1, 1, 1, 1), (2, 1, 3, 2), (30, 2, 5, 1), (30, 12, 3, 3)]


def planted(m: int, seed: int = 0) -> tuple[Snapshot, torch.Tensor]:
    """Losses that grow with the first of six features, and that feature of the unlabelled rows."""
    g = torch.Generator().manual_seed(seed)
    x, h = torch.randn(300, 6, generator=g), torch.randn(m, 6, generator=g)
    p = torch.sigmoid(-3 * h[:, :1])
    log_probs = torch.cat([p, 1 - p], dim=1).log()
    return Snapshot.from_arrays(torch.zeros(300, 2).log_softmax(1), x, h, torch.zeros(m), log_probs), x[:, 0]


@pytest.mark.parametrize("seed", range(3))
def test_ranks_losses_that_the_embedding_tells(seed: int) -> None:
    snapshot, feature = planted(40, seed)
    assert spearmanr(LearningLoss().scores(snapshot, np.random.default_rng(seed)), feature).statistic > 0.9


def test_another_seed_is_another_network() -> None:
    snapshot, _ = planted(10)
    one, two = (LearningLoss().scores(snapshot, np.random.default_rng(seed)) for seed in (0, 1))
    assert not torch.equal(one, two)


def test_the_hinge_by_hand() -> None:
    """Right by 2: 0. Right by 1/4: 3/4. Wrong by 1: 2. Equal losses: the margin, whatever is predicted."""
    predicted, actual = torch.tensor([2.0, -0.25, 1.0, 7.0]), torch.tensor([0.1, -9.0, -0.5, 0.0])
    assert float(pairwise_hinge(predicted, actual, 1.0)) == pytest.approx((0 + 0.75 + 2 + 1) / 4)


@given(st.integers(0, 10_000), st.floats(0.1, 3))
def test_the_hinge_is_equal_to_a_loop_and_to_itself_with_the_pairs_turned(seed: int, margin: float) -> None:
    lh, lo = torch.randn(2, 2, 9, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    pairs = zip(lh.T.tolist(), lo.T.tolist(), strict=True)
    expected = np.mean([max(0.0, margin - float(np.sign(a - b)) * (p - q)) for (p, q), (a, b) in pairs])
    assert float(pairwise_hinge(lh[0] - lh[1], lo[0] - lo[1], margin)) == pytest.approx(expected)
    assert float(pairwise_hinge(lh[1] - lh[0], lo[1] - lo[0], margin)) == pytest.approx(expected)


def test_the_loss_is_finite_where_the_label_was_ruled_out() -> None:
    log_probs = torch.tensor([[0.25, 0.75], [0.0, 1.0]]).log()
    assert cross_entropy(log_probs, torch.tensor([1, 0])).tolist() == pytest.approx([-np.log(0.75), -FLOOR])


def test_zero_where_there_is_nothing_to_learn() -> None:
    """No labels, one label, or from_arrays without labelled_log_probs, where all losses are log C."""
    for snapshot in (make_snapshot(m=0), make_snapshot(m=1), make_snapshot()):
        assert STRATEGY.scores(snapshot, RNG).eq(0).all()


def test_standard_features_have_mean_0_and_mean_square_1_and_keep_their_proportions() -> None:
    s = make_snapshot(n=500, m=30)
    shift, scale = torch.tensor([5.0, 1e3, 0.0, 1.0, 0.1]), torch.tensor([3.0, 1.0, 1.0, 1e-2, 0.0])
    s = replace(s, embedding=s.embedding * scale + shift, labelled_embedding=s.labelled_embedding * scale + shift)
    standard = Standard.of(s, RNG)
    z = torch.cat([standard(s.embedding), standard(s.labelled_embedding)])
    assert torch.allclose(z.mean(dim=0), torch.zeros(5), atol=1e-5)
    assert float(z.square().mean()) == pytest.approx(1.0)
    assert torch.allclose(z[:, 0].std() / z[:, 1].std(), s.embedding[:, 0].std() / s.embedding[:, 1].std(), rtol=0.05)
    assert z[:, 4].eq(0).all()


def test_an_outlier_counts_for_so_many_deviations_at_most() -> None:
    s = make_snapshot(n=500, n_features=1)
    assert Standard.of(s, RNG)(torch.tensor([[1e30]])).tolist() == [[pytest.approx(LIMIT)]]
