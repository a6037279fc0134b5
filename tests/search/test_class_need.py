from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from autoal import Snapshot
from autoal.adaptive import UniformWeights
from autoal.search.class_need import class_need


def drawn(seed: int, n: int, n_classes: int) -> Tensor:
    return (3 * torch.randn(n, n_classes, generator=torch.Generator().manual_seed(seed))).log_softmax(dim=1)


def test_by_hand() -> None:
    """Shares of 3/4 and 1/4 after 20 labels: 15 + 5 and 5 + 5, so a sure sample of the rare class counts twice."""
    log_probs = torch.tensor([[1.0, 0.0]] * 3 + [[0.0, 1.0]]).log()
    assert class_need(log_probs, 20).tolist() == pytest.approx([0.8, 0.8, 0.8, 1.6])


@given(st.integers(0, 2**31), st.integers(1, 30), st.integers(2, 6), st.integers(0, 500))
def test_as_the_formula_says(seed: int, n: int, n_classes: int, m: int) -> None:
    log_probs = drawn(seed, n, n_classes)
    p = log_probs.double().exp()
    share = (m * p.mean(dim=0) + 5) / (m + 5 * n_classes)
    need = (p / share).sum(dim=1)
    assert torch.allclose(class_need(log_probs, m), need / need.mean(), rtol=1e-5)


def test_without_labels_all_classes_are_needed_alike() -> None:
    assert torch.allclose(class_need(drawn(0, 50, 4), 0), torch.ones(50, dtype=torch.float64), atol=1e-6)


def test_the_order_of_the_rows_does_not_matter_and_large_pools_are_read_in_parts() -> None:
    log_probs = drawn(1, 20_000, 3)
    order = torch.randperm(20_000, generator=torch.Generator().manual_seed(2))
    assert torch.allclose(class_need(log_probs, 60)[order], class_need(log_probs[order], 60), rtol=1e-9)


def test_a_balanced_vote_asks_for_more_of_a_rare_class() -> None:
    g = torch.Generator().manual_seed(0)
    rare = torch.arange(300) < 30
    logits = torch.where(rare, 1.0, -1.0) + 0.3 * torch.randn(300, generator=g)
    log_probs = torch.stack([-logits, logits], dim=1).log_softmax(dim=1)
    x = torch.randn(320, 4, generator=g) + 2 * torch.cat([rare, torch.arange(20) < 2])[:, None]
    labels = [1, 1, *[0] * 18] * 5
    snapshot = Snapshot.from_arrays(log_probs, x[:300], x[300:].repeat(5, 1), labels)

    def rare_picks(balanced: bool) -> int:
        vote = UniformWeights(["margin", "entropy"], balanced=balanced)
        return int(rare[vote.select(snapshot, 20, np.random.default_rng(0))].sum())

    assert rare_picks(True) > rare_picks(False)
