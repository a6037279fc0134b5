"""DensityWeighted against the full matrix of similarities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from autoal import Snapshot
from autoal.errors import InputError
from autoal.strategies import Entropy, Strategy
from autoal.strategies import points as points_module
from autoal.strategies.density_weighted import DensityWeighted, density
from autoal.testing import StrategyContract
from conftest import make_snapshot


@dataclass(frozen=True)
class Given(Strategy):
    name = "given"
    values: tuple[float, ...] = ()

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        return torch.tensor(self.values, dtype=torch.float64)


class TestOfSelection(StrategyContract):
    strategy = DensityWeighted("core_set", beta=2.0)


def slow(x: Tensor) -> list[float]:
    """mean_j (1 + cos(x_i, x_j)) / 2, pair by pair; the cosine with a row of zeros is 0."""

    def cosine(a: Tensor, b: Tensor) -> float:
        norms = float(a.norm() * b.norm())
        return float(a @ b) / norms if norms > 0 else 0.0

    return [sum((1 + cosine(a, b)) / 2 for b in x) / len(x) for a in x]


@given(st.integers(0, 1000), st.integers(1, 25), st.integers(1, 6), st.integers(0, 3))
@settings(max_examples=30)
def test_density_equals_the_full_matrix(seed: int, n_rows: int, n_features: int, n_zero: int) -> None:
    x = torch.randn(n_rows, n_features, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    x[:n_zero] = 0
    assert density(x).tolist() == pytest.approx(slow(x), abs=1e-12)
    assert density(x.float()).tolist() == pytest.approx(slow(x), abs=1e-6)


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    x = torch.randn(50, 3, generator=torch.Generator().manual_seed(0))
    whole = density(x)
    monkeypatch.setattr(points_module, "CHUNK", 7)
    assert torch.allclose(density(x), whole, rtol=1e-12)


def test_hand_computed(rng: np.random.Generator) -> None:
    """Two rows one way, one across, one opposite: the last is like them 0, 0, .5 and 1, in the mean .375."""
    x = torch.tensor([[2.0, 0.0], [1.0, 0.0], [0.0, 3.0], [-1.0, 0.0]])
    assert density(x).tolist() == pytest.approx([0.625, 0.625, 0.625, 0.375])
    snapshot = Snapshot.from_arrays(torch.zeros(4, 1), x)
    scores = DensityWeighted(Given((1.0, 2.0, 4.0, 8.0)), beta=2.0).scores(snapshot, rng)
    assert scores.exp().tolist() == pytest.approx([0.390625, 0.78125, 1.5625, 1.125])  # s * density^2


@given(st.integers(0, 1000), st.sampled_from([0.0, 0.5, 1.0, 3.0]))
@settings(max_examples=30)
def test_logarithm_of_entropy_times_density(seed: int, beta: float) -> None:
    snapshot, rng = make_snapshot(n=20, seed=seed), np.random.default_rng(0)
    p = snapshot.log_probs.exp().double()
    expected = -(p * p.log()).sum(dim=1) * torch.tensor(slow(snapshot.embedding.double())) ** beta
    assert torch.allclose(DensityWeighted(beta=beta).scores(snapshot, rng).exp(), expected, rtol=1e-3)


def test_beta_zero_is_the_scorer_alone(snapshot: Snapshot, rng: np.random.Generator) -> None:
    picks = DensityWeighted(beta=0.0).select(snapshot, 9, rng)
    assert picks.tolist() == Entropy().select(snapshot, 9, rng).tolist()


def test_a_score_of_zero_stays_finite_and_last(rng: np.random.Generator) -> None:
    scores = DensityWeighted(Given((0.0, 1e-30, 0.0)), beta=5.0).scores(make_snapshot(n=3), rng)
    assert torch.isfinite(scores).all()
    assert scores.argmax() == 1


def test_two_opposite_rows_have_half_of_the_density() -> None:
    assert density(torch.tensor([[1.0], [-3.0]])).tolist() == [0.5, 0.5]


def test_bad_settings_and_negative_scores(rng: np.random.Generator) -> None:
    for beta in (-1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match="beta"):
            DensityWeighted(beta=beta)
    with pytest.raises(InputError, match="at least 0"):
        DensityWeighted(Given((-1.0, 1.0))).scores(make_snapshot(n=2), rng)
