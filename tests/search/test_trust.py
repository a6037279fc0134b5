"""The gain of a label against the change that a step makes, and the sharpness that follows from it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from autoal import AutoAL, Snapshot
from autoal.search.space import Standardised
from autoal.search.trust import first_order_gain, rank_correlation, trusted
from autoal.testing import Feature, planted_informative


def slow_gain(log_probs: torch.Tensor, embedding: torch.Tensor, labels: torch.Tensor) -> list[float]:
    """By autograd: how fast a step along the gradient of one sample lowers the sum of the losses of all the others."""
    x = Standardised.of(embedding)(embedding)
    x = torch.cat([x, torch.ones(len(x), 1)], dim=1)

    def gradient(i: int) -> torch.Tensor:
        weights = torch.zeros(x.shape[1], log_probs.shape[1], requires_grad=True)
        torch.nn.functional.cross_entropy((log_probs[i] + x[i] @ weights)[None], labels[i : i + 1]).backward()
        assert weights.grad is not None
        return weights.grad

    gradients = [gradient(i) for i in range(len(x))]
    return [float(sum((g * h).sum() for k, h in enumerate(gradients) if k != j)) for j, g in enumerate(gradients)]


def test_the_gain_is_that_of_a_gradient_step(rng: np.random.Generator) -> None:
    log_probs = torch.from_numpy(rng.standard_normal((12, 3))).float().log_softmax(dim=1)
    embedding, labels = (
        torch.from_numpy(rng.standard_normal((12, 5))).float(),
        torch.from_numpy(rng.integers(3, size=12)),
    )
    found = first_order_gain(log_probs, embedding, labels)
    assert found.tolist() == pytest.approx(slow_gain(log_probs, embedding, labels), rel=1e-4, abs=1e-4)


def test_a_wrong_label_teaches_the_others_less_than_nothing() -> None:
    """Ten samples of either class around its mean, one of them with the label of the other class."""
    g = torch.Generator().manual_seed(0)
    labels = torch.arange(20) % 2
    embedding = torch.randn(20, 2, generator=g) / 4 + 2.0 * labels[:, None]
    labels[0] = 1
    gain = first_order_gain(torch.full((20, 2), 0.5).log(), embedding, labels)
    assert int(gain.argmin()) == 0
    assert float(gain[0]) < 0 < float(gain[1:].min())


def test_rank_correlation_is_spearmans(rng: np.random.Generator) -> None:
    a, b = (torch.from_numpy(rng.integers(5, size=40)) for _ in range(2))
    assert rank_correlation(a, b) == pytest.approx(spearmanr(a, b).statistic)
    assert rank_correlation(a, torch.ones(40)) == 0.0


def test_the_usual_agreement_deserves_the_usual_sharpness_and_more_labels_count_more() -> None:
    assert trusted(2.0, 0.2, 7) == pytest.approx(2.0)
    assert trusted(2.0, 0.4, 100) == pytest.approx(3.0)
    assert trusted(2.0, 0.4, 900) == pytest.approx(3.8)
    assert trusted(2.0, -1.0, 900) == pytest.approx(0.2)


def trusting(snapshot: Snapshot, **settings: float | bool) -> float:
    autoal = AutoAL([Feature(1)], **settings)  # type: ignore[arg-type]
    autoal.select(snapshot, 10, np.random.default_rng(0))
    return autoal.report_.sharpness


def test_a_vote_for_what_nothing_is_learned_from_is_trusted_less() -> None:
    """Feature 1 says where labels are drawn at random: losses are high there, and no other sample learns from them."""
    snapshot = planted_informative(300, 200, 0)
    assert trusting(snapshot) < 1.0
    assert trusting(snapshot, adaptive=False) == 2.0
