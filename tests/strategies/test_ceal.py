"""Ceal: confident rows are kept back, the others follow the measure."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from autoal import AutoALError, Snapshot
from autoal.strategies.ceal import Ceal, confident

RNG = np.random.default_rng(0)
STRATEGY = Ceal(delta=0.3)
SIZES = [(1, 0, 3, 4), (1, 1, 1, 1), (2, 1, 3, 2), (30, 2, 5, 1), (30, 12, 3, 3)]


def of(log_probs: Tensor) -> Snapshot:
    return Snapshot.from_arrays(log_probs, torch.zeros(len(log_probs), 1))


def textbook(measure: str, p: Tensor) -> Tensor:
    ordered = p.sort(dim=1, descending=True).values
    return {
        "entropy": torch.special.entr(p).sum(dim=1),
        "margin": 1 - (ordered[:, 0] - ordered[:, 1]),
        "least_confidence": 1 - ordered[:, 0],
    }[measure]


@given(
    st.integers(0, 10_000),
    st.integers(2, 6),
    st.floats(0.05, 1.5),
    st.sampled_from(["entropy", "margin", "least_confidence"]),
)
def test_equal_to_two_sorted_lists(seed: int, n_classes: int, delta: float, measure: str) -> None:
    g = torch.Generator().manual_seed(seed)
    log_probs = torch.log_softmax(4 * torch.randn(30, n_classes, generator=g, dtype=torch.float64), dim=1)
    p = log_probs.exp()
    entropy, uncertainty = textbook("entropy", p), textbook(measure, p)
    order = sorted(range(30), key=lambda i: (bool(entropy[i] < delta), -float(uncertainty[i])))
    strategy = Ceal(measure=measure, delta=delta)
    picks = strategy.select(of(log_probs), 30, RNG)
    assert torch.allclose(uncertainty[picks], uncertainty[order], atol=1e-12)  # margins of two classes may tie
    rows, classes = strategy.pseudo_labels(of(log_probs))
    assert rows.tolist() == [i for i in range(30) if entropy[i] < delta]
    assert classes.tolist() == [int(p[i].argmax()) for i in rows]


def test_confident_by_hand() -> None:
    """0.9 and 0.1 have an entropy of 0.32508 nats; gaps of 12 and 13 in logits one of 8e-5 and 3.2e-5."""
    log_probs = torch.log_softmax(torch.tensor([[9.0, 1.0]]).log(), dim=1)
    assert [bool(confident(log_probs, delta)) for delta in (0.3250, 0.3252)] == [False, True]
    gaps = torch.log_softmax(torch.tensor([[0.0, 12.0], [0.0, 13.0]]), dim=1)
    assert confident(gaps, Ceal().delta).tolist() == [False, True]
    rows, classes = Ceal().pseudo_labels(of(gaps))
    assert (rows.tolist(), classes.tolist()) == ([1], [1])


def test_confident_rows_come_last_and_by_their_own_uncertainty() -> None:
    log_probs = torch.log_softmax(torch.tensor([[0.0, 30.0], [0.0, 1.0], [0.0, 20.0], [0.0, 0.1]]), dim=1)
    assert Ceal().select(of(log_probs), 4, RNG).tolist() == [3, 1, 2, 0]
    assert Ceal(delta=0).select(of(log_probs), 4, RNG).tolist() == [3, 1, 2, 0]
    assert len(Ceal(delta=0).pseudo_labels(of(log_probs))[0]) == 0


def test_keeping_back_matters_where_the_measures_disagree() -> None:
    """By margin the second row is the more uncertain, by entropy it is below 0.8."""
    p = torch.tensor([[0.6, 0.2, 0.2], [0.5, 0.499, 0.001]])
    assert Ceal(measure="margin", delta=0.6).select(of(p.log()), 2, RNG).tolist() == [1, 0]
    assert Ceal(measure="margin", delta=0.8).select(of(p.log()), 2, RNG).tolist() == [0, 1]


@pytest.mark.parametrize("settings", [{"measure": "gini"}, {"delta": -1e-9}, {"delta": float("nan")}])
def test_bad_settings_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(AutoALError, match=r"expected .* got .* Try"):
        Ceal(**settings)  # type: ignore[arg-type]
