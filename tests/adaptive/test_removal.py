"""Removal experiments: what is removed, and the accuracy of what is left, computed another way."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from autoal.adaptive.removal import Removal, accuracies, at_random, dealt, least_typical, most_typical, remaining

labellings = st.lists(st.integers(0, 4), min_size=1, max_size=60).map(torch.tensor)


def first(x: Tensor, count: int, rng: np.random.Generator) -> Tensor:
    return torch.arange(count)


@given(labellings, st.integers(2, 7), st.integers(0, 100))
def test_folds_share_the_samples_and_each_class_evenly(labels: Tensor, folds: int, seed: int) -> None:
    fold = dealt(labels, folds, np.random.default_rng(seed))
    for some in (fold, *(fold[labels == c] for c in labels.unique())):
        sizes = some.bincount(minlength=folds)
        assert len(sizes) == folds
        assert int(sizes.max() - sizes.min()) <= 1


def test_folds_are_dealt_anew() -> None:
    labels = torch.zeros(40, dtype=torch.int64)
    folds = [dealt(labels, 4, np.random.default_rng(seed)).tolist() for seed in range(2)]
    assert folds[0] != folds[1]


@pytest.mark.parametrize("removal", [first, at_random, most_typical, least_typical])
def test_a_share_of_each_class_is_removed_and_never_its_last_sample(removal: Removal, rng: np.random.Generator) -> None:
    g = torch.Generator().manual_seed(0)
    labels = torch.tensor([0] * 1 + [1] * 2 + [2] * 10 + [3] * 100)[torch.randperm(113, generator=g)]
    left = remaining(torch.randn(113, 3, generator=g), labels, 0.05, removal, rng)
    assert labels[left].bincount().tolist() == [1, 1, 9, 95]


def test_the_typical_and_the_atypical(rng: np.random.Generator) -> None:
    """Two tight groups about 0 and 10, and one sample far from both."""
    near = 0.1 * torch.randn(2, 15, 2, generator=torch.Generator().manual_seed(0))
    x = torch.cat([near[0], near[1] + 10, torch.tensor([[50.0, -50.0]])])
    assert least_typical(x, 1, rng).tolist() == [30]
    typical = most_typical(x[:30], 2, rng)
    assert sorted((typical >= 15).tolist()) == [False, True]  # one of each group
    for row, centre in zip(typical.sort().values, (x[:15].mean(dim=0), x[15:30].mean(dim=0)), strict=True):
        assert float((x[row] - centre).norm()) < 0.15


def test_accuracies_equal_to_cross_validation_by_hand() -> None:
    g = torch.Generator().manual_seed(0)
    labels = torch.arange(3).repeat(20)
    x = torch.randn(60, 4, generator=g) + labels[:, None]
    found = accuracies(
        x, labels, 0.1, 4, 1, np.random.default_rng(5), {"first": first, "most": lambda x, k, _: first(x, k, _)}
    )
    fold, correct = dealt(labels, 4, np.random.default_rng(5)), 0
    for held in range(4):
        train = (fold != held).nonzero().squeeze(1).tolist()
        for c in range(3):
            of_class = [row for row in train if labels[row] == c]
            train = [row for row in train if row not in of_class[: round(0.1 * len(of_class))]]
        test = fold == held
        model = LogisticRegression().fit(x[train].numpy(), labels[train].numpy())
        correct += int((model.predict(x[test].numpy()) == labels[test].numpy()).sum())
    assert found["first"] == found["most"] == pytest.approx(correct / 60)
    assert 0.4 < found["first"] < 1


def test_what_a_removal_takes_is_missed() -> None:
    """Three of each class's 30 samples lie beyond the other class, which feature 1 gives away if any is known."""
    labels, rare = torch.arange(60) % 2, torch.arange(60) < 6
    side = 2.0 * labels - 1
    x = torch.stack([torch.where(rare, -3 * side, 3 * side), torch.where(rare, 6 * side, 0 * side)], dim=1)

    def rarest(x: Tensor, count: int, rng: np.random.Generator) -> Tensor:
        return x[:, 1].abs().topk(count).indices

    found = accuracies(x, labels, 0.15, 5, 4, np.random.default_rng(0), {"rarest": rarest})
    assert found["rarest"] == pytest.approx(0.9)
    few = accuracies(x, labels, 0.01, 5, 4, np.random.default_rng(0), {"at_random": at_random})
    assert few["at_random"] > 0.95
