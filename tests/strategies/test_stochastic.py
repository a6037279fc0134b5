"""BALD, VarRatio and MeanStd from running statistics, against all passes at once."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from autoal import AutoALError, Snapshot, stochastic
from autoal.strategies import Bald, LeastConfidence, MeanStd, Strategy, VarRatio
from autoal.testing.memory import STATUS, peak_memory

RNG = np.random.default_rng(0)


def passes(T: int = 7, n: int = 40, n_classes: int = 4, seed: int = 0) -> torch.Tensor:
    g = torch.Generator().manual_seed(seed)
    return torch.log_softmax(3 * torch.randn(T, n, n_classes, generator=g), dim=2)


def of(log_probs: torch.Tensor) -> Snapshot:
    mean = log_probs.exp().mean(dim=0)
    return Snapshot.from_arrays(mean.log(), torch.zeros(len(mean), 1), stochastic_log_probs=log_probs)


def test_bald_is_entropy_of_the_mean_minus_mean_entropy() -> None:
    p = passes().exp()
    mean = p.mean(dim=0)
    expected = -(mean * mean.log()).sum(dim=1) + (p * p.log()).sum(dim=2).mean(dim=0)
    assert torch.allclose(Bald().scores(of(passes()), RNG), expected, atol=1e-5)


def test_bald_is_zero_where_all_passes_agree() -> None:
    same = passes()[:1].expand(5, -1, -1)
    assert torch.allclose(Bald().scores(of(same), RNG), torch.zeros(40), atol=1e-6)


def test_mean_std_is_the_mean_over_classes_of_the_spread_over_passes() -> None:
    expected = passes().exp().numpy().std(axis=0).mean(axis=1)
    assert np.allclose(MeanStd().scores(of(passes()), RNG).numpy(), expected, atol=1e-6)


def test_mean_std_by_hand() -> None:
    p = torch.tensor([[[0.9, 0.1]], [[0.5, 0.5]]])  # two passes, one sample: standard deviation 0.2 for both classes
    assert float(MeanStd().scores(of(p.log()), RNG)) == pytest.approx(0.2, abs=1e-6)


def test_var_ratio_counts_votes_and_breaks_ties_below_half_a_vote() -> None:
    log_probs = passes()
    winners = log_probs.argmax(dim=2).numpy()
    ratio = np.array([1 - np.bincount(votes).max() / len(votes) for votes in winners.T])
    scores = VarRatio().scores(of(log_probs), RNG).numpy()
    assert np.all(scores >= ratio - 1e-9)
    assert np.all(scores - ratio <= 0.5 / len(log_probs) + 1e-9)
    assert len(np.unique(scores)) > len(np.unique(ratio))


def test_var_ratio_is_not_least_confidence() -> None:
    """The released AutoAL computes 1 - max p under this name."""
    snapshot = of(passes())
    votes, confidence = VarRatio().scores(snapshot, RNG), LeastConfidence().scores(snapshot, RNG)
    assert not torch.equal(votes.argsort(), confidence.argsort())


@pytest.mark.parametrize("strategy", [Bald(), VarRatio(), MeanStd()])
def test_a_snapshot_without_passes_is_refused(strategy: Strategy) -> None:
    with pytest.raises(AutoALError, match="one without stochastic"):
        strategy.scores(Snapshot.from_arrays(torch.log(torch.full((3, 2), 0.5)), torch.zeros(3, 1)), RNG)


def test_passes_are_reduced_a_few_rows_at_a_time_to_the_same_statistics(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = of(passes()).stochastic
    monkeypatch.setattr(stochastic, "AT_ONCE", 7 * 4 * 3)
    few = of(passes()).stochastic
    for name in ("mean_probs", "votes", "mutual_information", "mean_std"):
        assert torch.equal(getattr(few, name), getattr(whole, name)), name


@pytest.mark.skipif(not STATUS.exists(), reason="this system does not tell")
def test_passes_of_many_classes_need_little_more_memory_than_they_take() -> None:
    log_probs = passes(n=4000, n_classes=500)
    mean, embedding = log_probs.exp().mean(dim=0).log(), torch.zeros(4000, 1)
    with peak_memory() as memory:
        Snapshot.from_arrays(mean, embedding, stochastic_log_probs=log_probs)
    assert memory.mebibytes < 1.5 * log_probs.nbytes / 2**20


def test_a_pass_whose_rows_do_not_sum_to_one_is_refused_with_the_row() -> None:
    log_probs = passes()
    log_probs[3, 17] = 0
    with pytest.raises(AutoALError, match="row 17 sums to 4"):
        Snapshot.from_arrays(log_probs[0], torch.zeros(40, 1), stochastic_log_probs=log_probs)
