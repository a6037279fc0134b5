"""Power: what is drawn how often against exact probabilities, and scores that some kinds cannot take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np
import pytest
import torch
from scipy.stats import chisquare
from torch import Tensor

from autoal import Snapshot
from autoal.errors import InputError
from autoal.strategies import Margin, Strategy
from autoal.strategies.power import Power, ranks
from autoal.testing import StrategyContract
from conftest import make_snapshot

DRAWS = 1500
SCORES = (0.5, 3.0, 1.5, 1.0)


@dataclass(frozen=True)
class Given(Strategy):
    name = "given"
    values: tuple[float, ...] = SCORES

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        return torch.tensor(self.values, dtype=torch.float64)


@dataclass(frozen=True)
class Logs(Given):
    log_scale = True

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        return super().scores(snapshot, rng).log()


class TestSoftrank(StrategyContract):
    strategy = Power("core_set", kind="softrank")


def odds(kind: str, beta: float) -> list[float]:
    """By the paper's formulas; 3.0 has rank 1, 0.5 rank 4."""
    rank = {3.0: 1, 1.5: 2, 1.0: 3, 0.5: 4}
    weigh = {"power": lambda s: s**beta, "softmax": lambda s: np.exp(beta * s), "softrank": lambda s: rank[s] ** -beta}
    return [float(weigh[kind](s)) for s in SCORES]


@pytest.mark.parametrize(
    ("scorer", "kind", "beta"),
    [
        (Given(), "power", 1.0),
        (Given(), "power", 2.0),
        (Logs(), "power", 2.0),
        (Given(), "softmax", 1.0),
        (Logs(), "softmax", 0.5),
        (Given(), "softrank", 1.0),
        (Logs(), "softrank", 2.0),
    ],
)
def test_drawn_as_often_as_it_should(scorer: Strategy, kind: str, beta: float) -> None:
    """Ordered pairs, drawn without replacement: P(i, j) = w_i / W * w_j / (W - w_i)."""
    snapshot, power, w = make_snapshot(n=4), Power(scorer, kind, beta), odds(kind, beta)
    pairs = list(permutations(range(4), 2))
    expected = [w[i] / sum(w) * w[j] / (sum(w) - w[i]) for i, j in pairs]
    rng = np.random.default_rng(1)
    drawn = [tuple(power.select(snapshot, 2, rng).tolist()) for _ in range(DRAWS)]
    observed = [drawn.count(pair) for pair in pairs]
    enough = np.array(expected) * DRAWS >= 5  # as the chi-square test asks; the others count together
    o, e = np.array(observed), np.array(expected) * DRAWS
    o, e = np.append(o[enough], o[~enough].sum()), np.append(e[enough], e[~enough].sum())
    assert chisquare(o[e > 0], e[e > 0]).pvalue > 1e-3


def test_ranks_by_hand() -> None:
    assert ranks(torch.tensor([5.0, -1.0, 5.0, 7.0])).tolist() == [2.5, 4, 2.5, 1]


def test_rows_without_a_chance_come_last_in_random_order() -> None:
    power = Power(Given((0.0, 1e-9, 0.0, 0.0)))
    picks = [power.select(make_snapshot(n=4), 2, np.random.default_rng(seed)).tolist() for seed in range(60)]
    assert {first for first, _ in picks} == {1}
    assert {second for _, second in picks} == {0, 2, 3}


def test_beta_zero_is_uniform_also_for_scores_of_zero(rng: np.random.Generator) -> None:
    power, snapshot = Power(Given((0.0, 1.0, 0.0, 9.0)), beta=0.0), make_snapshot(n=4)
    first = [int(power.select(snapshot, 1, rng)) for _ in range(DRAWS)]
    assert chisquare(np.bincount(first, minlength=4)).pvalue > 1e-3


def test_great_beta_is_the_scorer_alone(snapshot: Snapshot, rng: np.random.Generator) -> None:
    assert Power(beta=1e9).select(snapshot, 9, rng).tolist() == Margin().select(snapshot, 9, rng).tolist()


@pytest.mark.parametrize("kind", ["power", "softmax", "softrank"])
def test_finite_whatever_the_scores(kind: str, rng: np.random.Generator) -> None:
    certain = torch.tensor([[1.0, 0.0]]).log().repeat(3, 1)
    sure = replace(make_snapshot(n=3, n_classes=2), log_probs=certain)
    assert torch.isfinite(Power(kind=kind).scores(sure, rng)).all()
    assert torch.isfinite(Power(Given((0.0, 1e300, 1e-300)), kind, 1e10).scores(sure, rng)).all()


def test_negative_scores_are_for_the_other_kinds(rng: np.random.Generator) -> None:
    scorer, snapshot = Given((-1.0, 1.0, 2.0, 3.0)), make_snapshot(n=4)
    with pytest.raises(InputError, match=r"at least 0; got -1 from Given.*softrank"):
        Power(scorer).select(snapshot, 1, rng)
    for kind in ("softmax", "softrank"):
        assert len(Power(scorer, kind).select(snapshot, 2, rng)) == 2


def test_bad_settings() -> None:
    with pytest.raises(InputError, match="softrank"):
        Power(kind="tempered")
    for beta in (-1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match="beta"):
            Power(beta=beta)
