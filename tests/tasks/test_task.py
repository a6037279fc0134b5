"""What a task gives a benchmark: the same pool for every strategy, a test set, a budget and a model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autoal import AutoALError, AutoALWarning, tasks
from autoal.inputs import ArrayInputs
from autoal.random import SeedTree
from autoal.tasks import Budget, DataSet
from autoal.tasks.regimes import REGIMES

RNG = np.random.default_rng(0)


def test_the_pool_of_a_seed_is_always_the_same_and_of_another_is_not() -> None:
    task = tasks.get("digits")
    first, second, other = (task.split(None, SeedTree(seed)) for seed in (0, 0, 1))
    assert len(first.x_train) == task.source.pool_size == 1000
    assert np.array_equal(first.x_train, second.x_train)
    assert not np.array_equal(first.x_train, other.x_train)
    assert len(task.split(None, SeedTree(0), pool_size=50).x_train) == 50


def test_variants_change_the_pool_alone() -> None:
    plain = tasks.get("digits").split(None, SeedTree(5))
    spoilt = tasks.get("digits/noise=0.1/duplicates=0.2").split(None, SeedTree(5))
    assert np.array_equal(plain.x_test, spoilt.x_test)
    assert np.array_equal(plain.y_test, spoilt.y_test)
    assert ((plain.x_train != spoilt.x_train).any(axis=1)).sum() == 200
    noisy = tasks.get("digits/noise=0.1").split(None, SeedTree(5))
    assert np.array_equal(plain.x_train, noisy.x_train)
    assert (plain.y_train != noisy.y_train).sum() == 100
    tailed = tasks.get("digits/imbalance=10").split(None, SeedTree(5))
    counts = np.bincount(tailed.y_train, minlength=10)
    assert counts.max() / counts.min() == pytest.approx(10, rel=0.1)
    assert np.array_equal(plain.y_test, tailed.y_test)


def test_pixels_and_features_of_a_seed_are_of_the_same_samples() -> None:
    features, pixels = (tasks.get(f"digits/{arm}").split(None, SeedTree(2)) for arm in ("mlp", "cnn"))
    assert pixels.x_train.shape == (1000, 1, 8, 8)
    assert np.array_equal(pixels.x_train.reshape(1000, 64), features.x_train)
    assert np.array_equal(pixels.y_test, features.y_test)


def test_a_tail_that_the_budget_cannot_be_paid_from_is_refused() -> None:
    with pytest.raises(AutoALError, match=r"a pool of at least 550 samples, for digits/linear/low/imbalance=50"):
        tasks.get("digits/linear/low/imbalance=50").split(None, SeedTree(0))


@pytest.mark.parametrize("arm", ["linear", "mlp", "cnn", "resnet18"])
def test_every_arm_trains_and_gives_what_strategies_need(arm: str) -> None:
    task = tasks.get(f"digits/{arm}")
    data = task.split(None, SeedTree(0), pool_size=60)
    model = task.make_model(data)
    if arm in ("cnn", "resnet18"):
        model.settings.update(epochs=1, min_steps=2)  # type: ignore[attr-defined]
    labels = ArrayInputs(data.y_train).take(np.arange(60))
    model.fit(ArrayInputs(data.x_train), labels, 10, np.random.default_rng(0))
    batch = ArrayInputs(data.x_test).take(np.arange(20))
    log_probs, embedding = model.predict(batch)
    assert log_probs.shape == (20, 10)
    passes = model.stochastic_head(3, np.random.default_rng(0))(embedding)
    assert passes.shape == (3, 20, 10)
    assert not np.allclose(passes[0], passes[1])


def test_networks_for_images_refuse_features() -> None:
    x, y = np.zeros((4, 5), np.float32), np.zeros(4, np.int64)
    with pytest.raises(AutoALError, match=r"samples of shape \(5,\).*linear and mlp"):
        tasks.get("digits/cnn").make_model(DataSet("x", x, y, x, y, ("a",)))


def test_regimes_depend_on_the_classes_and_on_what_the_pool_can_pay() -> None:
    assert REGIMES["tiny"].budget(26) == Budget(26, 26, 10)
    assert REGIMES["low"].budget(26) == Budget(50, 50, 10)
    assert REGIMES["mid"].budget(26, 5000) == Budget(500, 250, 10)
    assert REGIMES["mid"].budget(10, 1000) == Budget(500, 250, 2)
    assert REGIMES["paper"].budget(11, 12_975) == Budget(2000, 1000, 10)
    assert Budget(20, 10, 3).final == 50
    with pytest.raises(AutoALError, match="at least 750 samples; got 700"):
        REGIMES["mid"].budget(10, 700)
    with pytest.raises(AutoALError, match="at least 1"):
        Budget(0, 1, 1)


def test_the_paper_regime_takes_everything() -> None:
    task = tasks.get("letter/linear/paper")
    assert task.regime.whole
    assert task.budget == Budget(2000, 1000, 14)  # of 16,000 rows


def test_impossible_data_are_refused() -> None:
    y = np.zeros(1, dtype=np.int64)
    with pytest.raises(AutoALError, match="as many labels as samples"):
        DataSet("x", np.zeros((3, 1)), np.zeros(2, dtype=int), np.zeros((1, 1)), y, ("a",))
    with pytest.raises(AutoALError, match="labels of x test from 0 to 0"):
        DataSet("x", np.zeros((1, 1)), y, np.zeros((1, 1)), np.ones(1, dtype=int), ("a",))
    with pytest.raises(AutoALError, match="got int64 and int64"):
        DataSet("x", y[:, None], y, y[:, None], y, ("a",))
    narrow, wide = np.zeros((1, 1), np.float32), np.zeros((1, 2), np.float32)
    with pytest.raises(AutoALError, match="of one shape"):
        DataSet("x", narrow, y, wide, y, ("a",))


@pytest.mark.shared
def test_questions_become_features_once_and_are_read_again(shared: Path, tmp_path: Path) -> None:
    (tmp_path / "trec").mkdir()
    for name in ("train.txt", "test.txt"):
        lines = (shared / "data" / "trec" / name).read_bytes().splitlines(keepends=True)[:120]
        (tmp_path / "trec" / name).write_bytes(b"".join(lines))
    task = tasks.get("trec/linear/tiny")
    with pytest.warns(AutoALWarning, match=r"train\.txt, test\.txt"):  # there are fewer questions
        first = task.split(tmp_path, SeedTree(0))
    kept = next((tmp_path / "features").iterdir())
    written = {path.name: path.stat().st_mtime_ns for path in kept.iterdir()}
    assert first.x_train.shape == (120, 120)  # as many components as samples allow
    again = task.split(tmp_path, SeedTree(0))
    assert np.array_equal(first.x_train, again.x_train)
    assert {path.name: path.stat().st_mtime_ns for path in kept.iterdir()} == written
