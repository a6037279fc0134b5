"""Long tails, wrong labels and near-duplicates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoal.errors import InputError
from autoal.random import SeedTree
from autoal.tasks.variants import long_tail, near_duplicates, wrong_labels

SEEDS = SeedTree(3)


def test_the_classes_of_a_long_tail_shrink_by_equal_factors_to_the_ratio_asked_for() -> None:
    y = np.repeat(np.arange(10), 5000)
    rows = long_tail(y, 5000, 50, 10, SEEDS)
    counts = np.sort(np.bincount(y[rows], minlength=10))[::-1]
    assert abs(counts.sum() - 5000) <= 5
    assert counts[0] / counts[-1] == pytest.approx(50, rel=0.02)
    assert counts[:-1] / counts[1:] == pytest.approx(50 ** (1 / 9), rel=0.03)
    assert len(set(rows.tolist())) == len(rows)
    assert np.array_equal(rows, long_tail(y, 5000, 50, 10, SEEDS))


def test_the_order_of_the_classes_is_drawn_anew_for_each_seed() -> None:
    y = np.repeat(np.arange(10), 500)
    largest = {int(np.bincount(y[long_tail(y, 1000, 10, 10, SeedTree(seed))]).argmax()) for seed in range(20)}
    assert len(largest) > 4


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=6),
    st.integers(1, 100),
    st.floats(1, 60),
    st.integers(0, 5),
)
def test_no_class_is_lost_or_overdrawn(have: list[int], size: int, ratio: float, seed: int) -> None:
    y = np.repeat(np.arange(len(have)), have)
    rows = long_tail(y, size, ratio, len(have), SeedTree(seed))
    counts = np.bincount(y[rows], minlength=len(have))
    assert (counts >= 1).all()
    assert (counts <= np.array(have)).all()
    assert len(rows) <= max(size, len(have)) + len(have)


def test_a_long_tail_needs_every_class() -> None:
    with pytest.raises(InputError, match="none of class 1"):
        long_tail(np.array([0, 2]), 2, 2, 3, SEEDS)


@pytest.mark.parametrize("n_classes", [2, 7])
def test_exactly_the_share_of_labels_is_wrong_and_all_other_classes_are_as_likely(n_classes: int) -> None:
    y = np.arange(7000) % n_classes
    noisy = wrong_labels(y, 0.2, n_classes, SEEDS)
    assert (noisy != y).sum() == 1400
    moved = np.bincount((noisy - y)[noisy != y] % n_classes, minlength=n_classes)[1:]
    assert moved.min() > 0.75 * 1400 / (n_classes - 1)
    assert np.array_equal(y, np.arange(7000) % n_classes)  # the labels given are left alone
    with pytest.raises(InputError, match="at least two classes"):
        wrong_labels(np.zeros(10, dtype=np.int64), 0.5, 1, SEEDS)


def test_near_duplicates_of_features_are_near_their_originals_and_have_their_labels() -> None:
    rng = np.random.default_rng(0)
    x, y = (rng.normal(size=(400, 8)) * np.arange(1, 9)).astype(np.float32), np.arange(400) % 5
    made, labels = near_duplicates(x, y, 0.25, SEEDS)
    copies = np.flatnonzero((made != x).any(axis=1))
    kept = np.setdiff1d(np.arange(400), copies)
    assert len(copies) == 100
    scaled, originals = made[copies] / np.arange(1, 9), x[kept] / np.arange(1, 9)
    distance = np.linalg.norm(scaled[:, None] - originals[None], axis=2)
    nearest = kept[distance.argmin(axis=1)]
    assert np.array_equal(labels[copies], y[nearest])
    assert np.sqrt((distance.min(axis=1) ** 2).mean() / 8) == pytest.approx(0.1, rel=0.1)
    assert np.array_equal(labels[kept], y[kept])


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_near_duplicates_of_images_are_shifted_by_at_most_two_pixels(dtype: type) -> None:
    rng = np.random.default_rng(0)
    high = 255 if dtype is np.uint8 else 1.0
    x = (rng.random((60, 3, 12, 12)) * high).astype(dtype)
    made, labels = near_duplicates(x, np.arange(60), 0.5, SEEDS)
    assert made.dtype == dtype
    copies = np.flatnonzero(labels != np.arange(60))
    assert len(copies) == 30
    for row in copies:
        original, copy = x[labels[row]].astype(float), made[row].astype(float)
        shifts = [(dy, dx) for dy in range(-2, 3) for dx in range(-2, 3)]
        errors = [
            np.abs(copy[:, 2:-2, 2:-2] - original[:, 2 + dy : 10 + dy, 2 + dx : 10 + dx]).mean() for dy, dx in shifts
        ]
        assert 0 < min(errors) < 0.03 * high
