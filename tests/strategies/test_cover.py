"""Every strategy of coverage against the obvious form: no row would have gained more than the one picked."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from autoal import AutoALError, AutoALWarning, Snapshot, Strategy
from autoal.strategies import FacilityLocation, MaxHerding, ProbCover, UHerding, coverage
from autoal.strategies.kernels import unit_norm
from autoal.strategies.prob_cover import pure_radius
from autoal.strategies.u_herding import smallest_spacing


def random_snapshot(seed: int, n: int, m: int) -> Snapshot:
    g = torch.Generator().manual_seed(seed)
    x, z = (torch.randn(k, 3, generator=g, dtype=torch.float64) for k in (n, m))
    log_probs = torch.log_softmax(2 * torch.randn(n, 3, generator=g, dtype=torch.float64), dim=1)
    return Snapshot.from_arrays(log_probs, x, z, torch.zeros(m, dtype=torch.int64))


def margin_doubt(snapshot: Snapshot) -> Tensor:
    p = snapshot.log_probs.exp().sort(dim=1, descending=True).values
    return 1 - (p[:, 0] - p[:, 1])


def slowly_checked(snapshot: Snapshot, picks: Tensor, u: Tensor, k: Callable[[Tensor], Tensor]) -> None:
    """At each pick, the gains of all rows, one by one: the picked row's is the highest, up to ties."""
    x = unit_norm(snapshot.embedding)
    K = torch.stack([k((x - c).norm(dim=1)) for c in x])
    m = torch.zeros(len(x), dtype=torch.float64)
    for anchor in unit_norm(snapshot.labelled_embedding):
        m = torch.maximum(m, k((x - anchor).norm(dim=1)))
    free = set(range(len(x)))
    for pick in picks.tolist():
        gains = {c: float((u * (K[c] - m).clamp_min(0)).sum()) for c in free}
        assert gains[pick] >= max(gains.values()) - 1e-9
        free.remove(pick)
        m = torch.maximum(m, K[pick])


CASES: list[tuple[Strategy, Callable[[Snapshot], Tensor], Callable[[Snapshot], Callable[[Tensor], Tensor]]]] = [
    (MaxHerding(h=0.7), lambda s: torch.ones(len(s)), lambda s: lambda d: torch.exp(-((d / 0.7) ** 2))),
    (UHerding(), margin_doubt, lambda s: lambda d: torch.exp(-((d / smallest_spacing(s.labelled_embedding)) ** 2))),
    (ProbCover(delta=0.4), lambda s: torch.ones(len(s)), lambda s: lambda d: (d <= 0.4).double()),
    (FacilityLocation(), lambda s: torch.ones(len(s)), lambda s: lambda d: 1 - d**2 / 4),  # (1 + cos) / 2
]


@pytest.mark.parametrize(("strategy", "utility", "kernel"), CASES, ids=lambda case: getattr(case, "name", ""))
@given(seed=st.integers(0, 10_000), n_rows=st.integers(2, 150), m=st.integers(0, 6))
def test_equal_to_the_slow_form_pick_by_pick(
    strategy: Strategy,
    utility: Callable[[Snapshot], Tensor],
    kernel: Callable[[Snapshot], Callable[[Tensor], Tensor]],
    seed: int,
    n_rows: int,
    m: int,
) -> None:
    snapshot = random_snapshot(seed, n_rows, m)
    picks = strategy.select(snapshot, min(15, n_rows), np.random.default_rng(seed))
    assert len(set(picks.tolist())) == min(15, n_rows)
    slowly_checked(snapshot, picks, utility(snapshot), kernel(snapshot))


def test_a_sample_of_a_large_pool_is_announced_and_costs_little(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = random_snapshot(0, 2000, 5)
    exact = MaxHerding(h=0.5).select(snapshot, 40, np.random.default_rng(0))
    monkeypatch.setattr(coverage, "EXACT_ROWS", 1500)
    monkeypatch.setattr(coverage, "SAMPLE", 1000)
    with pytest.warns(AutoALWarning, match="coverage counts and picks from a random sample of 1,000 of 2,000 rows"):
        sampled = MaxHerding(h=0.5).select(snapshot, 40, np.random.default_rng(0))
    x = unit_norm(snapshot.embedding)
    value = [
        float(torch.exp(-((torch.cdist(x, x[picks]) / 0.5) ** 2)).amax(dim=1).mean()) for picks in (exact, sampled)
    ]
    assert value[1] > 0.97 * value[0]


def test_the_pure_radius_is_the_gap_between_clusters(rng: np.random.Generator) -> None:
    angle = torch.cat([torch.linspace(0, 0.1, 50), torch.linspace(1.1, 1.2, 50)]).double()
    x = torch.stack([angle.cos(), angle.sin()], dim=1)
    snapshot = Snapshot.from_arrays(torch.full((100, 2), 0.5).log(), x)
    gaps = torch.cat([1.1 - angle[:50], angle[50:] - 0.1])
    nearest = 2 * torch.sin(gaps / 2)  # chords from each row to the other cluster
    assert pure_radius(snapshot, 0.95, rng) == pytest.approx(float(nearest.quantile(0.05)), rel=1.1e-4)


def test_bad_radii_are_refused() -> None:
    with pytest.raises(AutoALError, match="a finite delta above 0"):
        ProbCover(delta=0.0)
    with pytest.raises(AutoALError, match="purity between 0 and 1"):
        ProbCover(purity=1.0)


def test_temperature_flattens_the_uncertainty_and_certain_pools_still_fill_the_batch(rng: np.random.Generator) -> None:
    snapshot = random_snapshot(3, 40, 0)
    picks = [UHerding(temperature=t).select(snapshot, 5, np.random.default_rng(0)).tolist() for t in (1.0, 50.0)]
    assert picks[0] != picks[1]
    certain = torch.full((40, 3), -torch.inf, dtype=torch.float64)
    certain[:, 1] = 0
    for temperature in (1.0, 3.0):
        some = UHerding(temperature=temperature).select(Snapshot.from_arrays(certain, snapshot.embedding), 40, rng)
        assert sorted(some.tolist()) == list(range(40))
