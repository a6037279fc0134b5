"""The pure functions of the search, by hand and by property."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from autoal.search.halves import halves
from autoal.search.loss_prediction import LossPredictor, ranking_loss
from autoal.search.losses import (
    advantage,
    count_regulariser,
    fit_loss,
    handicap,
    learnable,
    own_departure,
    prior_penalty,
    relative_weight,
    search_loss,
)
from autoal.search.mixture import thresholds
from autoal.search.networks import MLPBackbone
from autoal.search.relaxation import annealed, gated_weights, integrated_score, soft_count
from autoal.search.scores import comparable, percentile
from autoal.search.searchnet import SearchNet
from autoal.search.settings import Scale


def uniform(S: torch.Tensor) -> torch.Tensor:
    return torch.full((S.shape[1],), 1 / S.shape[1])


def test_integrated_score_by_hand() -> None:
    S, theta = torch.tensor([[2.0, 0.0]]), torch.tensor([1.0, 1.0])
    W, Theta = torch.tensor([[0.75, 0.25]]), torch.tensor([[0.0, math.log(3)]])
    # 2 sigma(0) = 1 and 2 sigma(ln 3) = 1.5: 1 * 0.75 * (2 - 1) + 1.5 * 0.25 * (0 - 1) = 0.375
    gated = gated_weights(W, Theta, normalised=False)
    assert gated.tolist() == [pytest.approx([0.75, 0.375])]
    assert integrated_score(S, theta, gated).tolist() == pytest.approx([0.375])
    assert gated_weights(W, Theta).tolist() == [pytest.approx([2 / 3, 1 / 3])]  # what gates add is shared out


def test_good_candidates_are_credited_with_what_they_lack() -> None:
    loss = torch.tensor([0.0, 1.0, 2.0, 3.0])
    a = advantage(loss)  # of mean square one, so that the correlations are 1, 0.6, 0.3 and -1
    S = torch.stack([a, 0.6 * a, 0.3 * a, -a], dim=1)
    assert handicap(S, loss, 0.5).tolist() == pytest.approx([0, 0.4, 0, 0], abs=1e-6)
    assert handicap(S, loss, 1.0).tolist() == [0, 0, 0, 0]
    assert handicap(S[:, [3, 3]], loss, 0.5).tolist() == [0, 0]  # none is good


def test_gates_that_are_all_but_closed_still_share_out_the_vote() -> None:
    W, Theta = torch.tensor([[0.5, 0.5, 0.0]], requires_grad=True), torch.tensor([[-2e4, -2e4 + math.log(3), 5.0]])
    gated = gated_weights(W, Theta)
    assert gated[0].tolist() == pytest.approx([0.25, 0.75, 0.0], abs=1e-3)
    gated[0, 0].backward()
    assert W.grad is not None
    assert torch.isfinite(W.grad).all()


def test_soft_count_approaches_the_count_as_the_temperature_falls() -> None:
    S_bar = torch.tensor([-1.0, -0.2, 0.3, 2.0])
    assert float(soft_count(S_bar, 1e9)) == pytest.approx(2.0)
    assert float(soft_count(S_bar, 1e-3)) == pytest.approx(2.0)
    assert float(soft_count(torch.tensor([1.0, -5.0, -5.0]), 0.1)) == pytest.approx(1.0, abs=1e-3)


def test_the_temperature_falls_geometrically() -> None:
    assert [annealed(step, 3, 1.0, 0.01) for step in range(3)] == pytest.approx([1.0, 0.1, 0.01])
    assert annealed(0, 1, 1.0, 0.01) == 1.0


@given(st.floats(0, 100), st.floats(1, 50))
def test_the_count_regulariser_is_zero_at_the_target_and_negative_elsewhere(alpha: float, target: float) -> None:
    value = float(count_regulariser(torch.tensor(alpha), target))
    assert -0.5 <= value <= 0
    assert float(count_regulariser(torch.tensor(target), target)) == 0
    expected = 1 / (1 + math.exp(0.5 * abs(alpha - target) / target)) - 0.5
    assert value == pytest.approx(expected, abs=1e-6)


def test_the_count_regulariser_pulls_towards_the_target() -> None:
    for start in (2.0, 30.0):
        alpha = torch.tensor(start, requires_grad=True)
        (-count_regulariser(alpha, 10.0)).backward()  # as it enters L_S
        assert alpha.grad is not None
        assert math.copysign(1, float(alpha.grad)) == math.copysign(1, start - 10)


def test_search_loss_and_fit_loss_by_hand_with_gradient_on_one_side_only() -> None:
    S_bar, loss = torch.tensor([1.0, 3.0], requires_grad=True), torch.tensor([0.5, 1.0], requires_grad=True)
    L_re = torch.tensor(-0.1)
    L_S = search_loss(S_bar, loss, L_re, 2.0)
    assert L_S.item() == pytest.approx(-(0.5 + 3.0) / 2 + 0.2)
    L_S.backward()
    assert S_bar.grad is not None
    assert loss.grad is None
    S_bar.grad = None
    L_F = fit_loss(S_bar, loss, L_re, 2.0)
    assert L_F.item() == pytest.approx((0 * 0.5 + 2 * 1.0) / 2 - 0.2)  # S-bar becomes (0, 2): minimum 0, mean 1
    L_F.backward()
    assert S_bar.grad is None
    assert loss.grad is not None


def test_relative_weight_of_a_constant_is_one() -> None:
    assert relative_weight(torch.full((3,), -2.0)).tolist() == [1, 1, 1]
    assert relative_weight(torch.tensor([-1.0, 0.0, 1.0])).tolist() == [0, 1, 2]


def test_advantage_is_centred_scaled_and_bounded() -> None:
    value = advantage(torch.cat([torch.zeros(99), torch.tensor([50.0])]))
    assert float(value.max()) == 3
    assert advantage(torch.full((4,), 2.0)).eq(0).all()
    assert advantage(torch.tensor([0.0, 2.0])).tolist() == [-1, 1]


def test_what_a_label_taught_is_the_error_before_and_what_was_learned_after() -> None:
    before, after = torch.tensor([0.0, 0.0, 1.0, 1.0]), torch.tensor([1.0, 0.0, 1.0, 1.0])
    # advantages of the errors (1, 1, 0, 0) and of what was learned (1, 0, 0, 0)
    expected = torch.tensor([1.0, 1.0, -1.0, -1.0]) + torch.tensor([3.0, -1.0, -1.0, -1.0]) / 3**0.5
    assert torch.allclose(learnable(before, after), expected)
    assert torch.allclose(learnable(before, torch.ones(4)), 2 * advantage(1 - before))  # all was learned: the error


def test_the_prior_penalises_departure_from_the_uniform_vote() -> None:
    even, sure = torch.tensor([0.5, 0.5]).log(), torch.tensor([1.0, 1e-30]).log()
    assert float(prior_penalty(even, even, 1.0, 1.0)) == pytest.approx(0, abs=1e-6)
    assert float(prior_penalty(sure, even, 1.0, 0.0)) == pytest.approx(math.log(2), abs=1e-5)
    assert float(prior_penalty(sure, even, 0.0, 1.0)) == pytest.approx(0.5 + 0.5)


def test_the_prior_penalises_departure_from_any_vote_that_it_starts_with() -> None:
    first, vote = torch.tensor([0.8, 0.2]).log(), torch.tensor([0.5, 0.5]).log()
    assert float(prior_penalty(first, first, 1.0, 1.0)) == pytest.approx(0, abs=1e-6)
    divergence = 0.5 * math.log(0.5 / 0.8) + 0.5 * math.log(0.5 / 0.2)
    assert float(prior_penalty(vote, first, 1.0, 0.0)) == pytest.approx(divergence, abs=1e-6)
    assert float(prior_penalty(vote, first, 0.0, 1.0)) == pytest.approx(0.3 + 0.3, abs=1e-6)


def test_nothing_moves_until_the_difference_is_more_than_twice_the_doubt() -> None:
    """Whatever the parts are: the objective of a difference d gains d times the part that moves, which costs twice."""
    first = torch.tensor([0.85, 0.05, 0.1]).log()
    for logits in (torch.zeros(3), torch.tensor([0.0, 3.0, 0.0])):  # at the start, and with most of the vote moved
        for difference, moves in ((1.9, False), (2.1, True)):
            logit = logits.clone().requires_grad_()
            vote = torch.log_softmax(first + logit + torch.tensor([0.0, 1e-3, 0.0]), dim=0)
            gain = vote.exp() @ torch.tensor([0.0, difference, 0.0])
            (slope,) = torch.autograd.grad(gain - prior_penalty(vote, first, 0.0, 1.0), logit)
            assert bool(slope[1] > 0) is moves


def test_single_samples_depart_by_the_root_of_a_mean_square() -> None:
    shared = torch.tensor([0.8, 0.2])
    assert float(own_departure(shared.repeat(5, 1), shared)) == pytest.approx(0, abs=1e-3)
    votes = torch.tensor([[0.7, 0.3], [0.4, 0.6]])
    assert float(own_departure(votes, shared)) == pytest.approx(((0.2**2 + 0.8**2) / 2) ** 0.5, abs=1e-3)


def test_the_shared_vote_is_that_of_a_sample_without_a_deviation() -> None:
    for gates in (True, False):
        net = SearchNet(MLPBackbone(3, 4, 0.0), torch.tensor([0.7, 0.2, 0.1]), gates=gates)
        with torch.no_grad():
            net.shared.copy_(torch.tensor([0.3, -1.0, 0.5, 2.0, -0.5, 0.1]))
        out = net(torch.randn(1, 3))
        assert torch.allclose(net.log_shared_vote().exp(), gated_weights(out.W, out.Theta)[0])


def test_ranks_are_standardised_share_ties_and_ignore_monotone_changes() -> None:
    raw = torch.tensor([[1.0], [5.0], [5.0], [9.0]], dtype=torch.float64)
    assert percentile(comparable(raw)).squeeze(1).tolist() == pytest.approx([0.125, 0.5, 0.5, 0.875])
    x = torch.randn(500, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert torch.equal(comparable(x), comparable(x.exp()))
    for scale in ("rank", "zscore"):
        S = comparable(x, scale)  # type: ignore[arg-type]
        assert S.mean(dim=0).abs().max() < 1e-5
        assert (S.std(dim=0) - 1).abs().max() < 0.01
        assert comparable(torch.ones(5, 1, dtype=torch.float64), scale).eq(0).all()  # type: ignore[arg-type]


def test_the_threshold_of_one_candidate_is_the_quantile_of_its_normal_or_mixture() -> None:
    rng = np.random.default_rng(0)
    normal = torch.randn(2000, 1, generator=torch.Generator().manual_seed(0))
    theta, components = thresholds(normal, uniform(normal), 0.05, 5, rng)
    assert components == 1
    assert float(theta) == pytest.approx(norm.ppf(0.95), abs=0.12)
    two = torch.cat([normal[:1000] * 0.1 - 1, normal[1000:] * 0.1 + 1])
    theta, components = thresholds(two, uniform(two), 0.25, 5, rng)
    assert components == 2
    assert float(theta) == pytest.approx(1.0, abs=0.05)  # the median of the upper component


def test_with_these_thresholds_a_uniform_vote_selects_the_share_wanted() -> None:
    """The mean of four independent scores varies half as much as each."""
    S = torch.randn(2000, 4, generator=torch.Generator().manual_seed(0))
    theta, _ = thresholds(S, uniform(S), 0.05, 5, np.random.default_rng(0))
    assert theta.tolist() == pytest.approx([norm.ppf(0.95) / 2] * 4, abs=0.1)
    selected = float(((S - theta).mean(dim=1) > 0).float().mean())
    assert selected == pytest.approx(0.05, abs=0.02)


def test_with_these_thresholds_any_first_vote_selects_the_share_wanted() -> None:
    """0.6 a + 0.8 b of two independent standard normals is one too."""
    S, W = torch.randn(4000, 2, generator=torch.Generator().manual_seed(0)), torch.tensor([0.6, 0.8]) / 1.4
    theta, _ = thresholds(S, W, 0.1, 5, np.random.default_rng(0))
    assert theta.tolist() == pytest.approx([norm.ppf(0.9) / 1.4] * 2, abs=0.1)
    assert float(((S - theta) @ W > 0).float().mean()) == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize("rows", [1, 2, 5, 30])
def test_the_threshold_of_few_or_constant_scores_is_finite(rows: int) -> None:
    for S in (torch.zeros(rows, 7), torch.randn(rows, 7, generator=torch.Generator().manual_seed(0))):
        theta, _ = thresholds(S, uniform(S), 0.1, 5, np.random.default_rng(0))
        assert torch.isfinite(theta).all()


@given(st.lists(st.integers(0, 4), min_size=2, max_size=40), st.integers(0, 1000))
def test_halves_are_disjoint_complete_even_and_share_each_class(labels: list[int], seed: int) -> None:
    a, b = halves(torch.tensor(labels), np.random.default_rng(seed))
    assert sorted(a.tolist() + b.tolist()) == list(range(len(labels)))
    assert abs(len(a) - len(b)) <= 1
    for c in set(labels):
        in_a, in_b = (sum(labels[i] == c for i in half.tolist()) for half in (a, b))
        assert abs(in_a - in_b) <= 1


def test_halves_are_random() -> None:
    labels = torch.zeros(20, dtype=torch.int64)
    assert len({tuple(halves(labels, np.random.default_rng(seed))[0].tolist()) for seed in range(20)}) == 20


def test_ranking_loss_by_hand() -> None:
    predicted = torch.tensor([3.0, 0.0, 1.0, 0.5])
    loss = torch.tensor([2.0, 1.0, 0.0, 9.0])
    # pairs (0, 2): 1 - (3 - 1) < 0 -> 0; (1, 3): sign -1, 1 + (0 - 0.5) = 0.5; mean 0.25
    assert float(ranking_loss(predicted, loss)) == pytest.approx(0.25)
    assert float(ranking_loss(predicted[:1], loss[:1])) == 0
    assert float(ranking_loss(predicted[:3], loss[:3])) == pytest.approx(float(ranking_loss(predicted[:2], loss[:2])))


def test_the_loss_predictor_pools_maps_and_joins_levels() -> None:
    predictor = LossPredictor((4, 8))
    levels = [torch.randn(3, 4, 5, 5), torch.randn(3, 8)]
    assert predictor(levels).shape == (3,)
    flat = [levels[0].mean(dim=(2, 3)), levels[1]]
    assert torch.allclose(predictor(levels), predictor(flat))


@pytest.mark.parametrize("scale", ["rank", "zscore"])
def test_percentiles_do_not_depend_on_the_scale(scale: Scale) -> None:
    """Of 1, 10, 100 and 1000, whose z-scores are nearly alike but for the last."""
    S = comparable(torch.tensor([[1.0], [10.0], [100.0], [1000.0]], dtype=torch.float64), scale)
    assert percentile(S, scale)[:, 0].tolist() == pytest.approx([0.125, 0.375, 0.625, 0.875])
