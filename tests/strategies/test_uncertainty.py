"""Entropy, Margin and LeastConfidence against the textbook, and where the textbook fails in floating point."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from autoal import Snapshot, Strategy
from autoal.strategies import Entropy, LeastConfidence, Margin

RNG = np.random.default_rng(0)


def of(log_probs: Tensor) -> Snapshot:
    return Snapshot.from_arrays(log_probs, torch.zeros(len(log_probs), 1))


def score(strategy: Strategy, probs: list[list[float]]) -> Tensor:
    return strategy.scores(of(torch.tensor(probs, dtype=torch.float64).log()), RNG)


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        (Entropy(), [1.0296530, 0.6931472]),  # -sum p ln p by hand
        (Margin(), [0.8, 1.0]),  # 1 - (0.5 - 0.3), 1 - 0
        (LeastConfidence(), [0.5, 0.5]),
    ],
)
def test_hand_computed(strategy: Strategy, expected: list[float]) -> None:
    scores = score(strategy, [[0.5, 0.3, 0.2], [0.5, 0.5, 0.0]])
    assert torch.allclose(scores.exp(), torch.tensor(expected, dtype=torch.float64), atol=1e-6)


def textbook(name: str, p: Tensor) -> Tensor:
    ordered = p.sort(dim=1, descending=True).values
    return {
        "entropy": -(p * p.log()).sum(dim=1),
        "margin": 1 - (ordered[:, 0] - ordered[:, 1]),
        "least_confidence": 1 - ordered[:, 0],
    }[name]


@given(st.integers(0, 10_000), st.integers(2, 12), st.floats(0.1, 5))
def test_equal_to_the_textbook_where_nothing_rounds(seed: int, n_classes: int, spread: float) -> None:
    logits = spread * torch.randn(20, n_classes, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    p = torch.softmax(logits, dim=1)
    for strategy in (Entropy(), Margin(), LeastConfidence()):
        scores = strategy.scores(of(torch.log_softmax(logits, dim=1)), RNG).exp()
        assert torch.allclose(scores, textbook(strategy.name, p), rtol=1e-6, atol=1e-9), strategy.name


@pytest.mark.parametrize("strategy", [Entropy(), Margin(), LeastConfidence()])
def test_finite_at_zero_and_one(strategy: Strategy) -> None:
    scores = score(strategy, [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1 / 3, 1 / 3, 1 / 3]])
    assert torch.isfinite(scores).all()
    assert scores.argmax() == 2


@pytest.mark.parametrize("strategy", [Entropy(), Margin(), LeastConfidence()])
def test_sure_samples_keep_their_order_where_float32_says_one(strategy: Strategy) -> None:
    """With gaps of 20, 50 and 90 in logits, 1 - max p is 2e-9, 2e-22 and 8e-40: all are p = 1 in float32."""
    logits = torch.tensor([[0.0, -90.0], [0.0, -20.0], [0.0, -50.0]])
    log_probs = torch.log_softmax(logits, dim=1)
    assert log_probs.exp().max(dim=1).values.eq(1).all()
    assert strategy.scores(of(log_probs), RNG).argsort(descending=True).tolist() == [1, 2, 0]


def test_one_class_has_no_doubt_and_finite_scores() -> None:
    for strategy in (Entropy(), Margin(), LeastConfidence()):
        assert torch.isfinite(strategy.scores(of(torch.zeros(4, 1)), RNG)).all()
