"""Pools with samples of no class, and cells that are run on them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from autoal import OUTSIDE, tasks
from autoal.bench.cell import Cell, run
from autoal.errors import InputError
from autoal.random import SeedTree
from autoal.tasks import Budget, DataSet
from autoal.tasks.open_set import n_held_out, n_known, open_set, outside_rows

SEEDS = SeedTree(3)


def numbered(n_classes: int) -> DataSet:
    """Ten samples of each class for training and four for testing; a sample's one feature is its class."""
    y_train, y_test = np.repeat(np.arange(n_classes), 10), np.repeat(np.arange(n_classes), 4)
    x_train, x_test = (y[:, None].astype(np.float32) for y in (y_train, y_test))
    return DataSet("numbered", x_train, y_train, x_test, y_test, tuple(f"class {k}" for k in range(n_classes)))


def test_the_share_of_the_classes_is_held_out_and_two_are_left() -> None:
    assert [n_held_out(10, share) for share in (0, 0.01, 0.14, 0.6, 0.99)] == [0, 1, 1, 6, 8]
    assert n_held_out(3, 0.9) == 1
    with pytest.raises(InputError, match="at least three classes"):
        n_held_out(2, 0.5)


def test_labels_are_numbered_anew_and_the_test_part_has_known_classes_alone() -> None:
    whole, made = numbered(7), open_set(numbered(7), 0.4, SEEDS)
    assert len(made.classes) == 4
    for x, y in ((made.x_train, made.y_train), (made.x_test, made.y_test)):
        for value, label in zip(x[:, 0].astype(int), y, strict=True):
            name = whole.classes[value]
            assert (label == OUTSIDE and name not in made.classes) or made.classes[label] == name
    assert (made.y_train == OUTSIDE).sum() == 30
    assert len(made.y_test) == 16
    assert made.classes == tuple(sorted(made.classes))
    drawn = {open_set(numbered(7), 0.4, SeedTree(seed)).classes for seed in range(20)}
    assert len(drawn) > 8


def test_the_share_of_the_pool_is_exact_or_both_kinds_shrink() -> None:
    y = np.repeat([0, 1, OUTSIDE], [40, 40, 120])
    assert n_known(y, 0.6, 100) == 40
    assert n_known(y, 0.6, 1000) == 80
    assert n_known(y, 0.75, 1000) == 40
    assert n_known(y[:80], 0, 1000) == 80
    rows = outside_rows(y, 0.6, 40, SEEDS)
    assert len(set(rows.tolist())) == 60
    assert (y[rows] == OUTSIDE).all()
    assert len(outside_rows(y, 0, 40, SEEDS)) == 0


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
def test_a_task_has_that_share_and_goes_with_the_other_options(share: float) -> None:
    task = tasks.get(f"digits/linear/tiny/outside={share}")
    data = task.split(None, SeedTree(1))
    n_classes = 10 - round(10 * share)
    assert len(data.classes) == n_classes
    assert task.budget == Budget(n_classes, n_classes, 10)
    assert (data.y_train == OUTSIDE).mean() == pytest.approx(share, abs=0.002)
    assert len(data.y_train) > 850
    assert set(data.y_train.tolist()) == {OUTSIDE, *range(n_classes)}
    assert set(data.y_test.tolist()) == set(range(n_classes))
    again = task.split(None, SeedTree(1))
    assert np.array_equal(again.x_train, data.x_train)
    assert np.array_equal(again.y_train, data.y_train)

    spoilt = tasks.get(f"digits/outside={share}/noise=0.2/duplicates=0.1/imbalance=3").split(None, SeedTree(1))
    assert spoilt.classes == data.classes
    assert (spoilt.y_train == OUTSIDE).mean() == pytest.approx(share, abs=0.06)  # copies fall on either kind
    noisy = tasks.get(f"digits/outside={share}/noise=0.2").split(None, SeedTree(1))
    wrong = noisy.y_train != data.y_train
    assert wrong.sum() == round(0.2 * (data.y_train != OUTSIDE).sum())
    assert not (wrong & (data.y_train == OUTSIDE)).any()
    tail = tasks.get(f"digits/outside={share}/imbalance=3").split(None, SeedTree(1))
    counts = np.bincount(tail.y_train[tail.y_train >= 0])
    assert counts.max() / counts.min() == pytest.approx(3, rel=0.1)
    assert (tail.y_train == OUTSIDE).mean() == pytest.approx(share, abs=0.002)


def test_a_test_label_outside_is_refused() -> None:
    x, y = np.zeros((2, 1), np.float32), np.array([0, OUTSIDE])
    assert DataSet("x", x, y, x[:1], y[:1], ("a",)).y_train.tolist() == [0, OUTSIDE]
    with pytest.raises(InputError, match="labels of x test from 0 to 0"):
        DataSet("x", x, y, x, y, ("a",))
    with pytest.raises(InputError, match="labels of x train from 0 to 0; got none"):
        DataSet("x", x[1:], y[1:], x[:1], y[:1], ("a",))


@pytest.mark.parametrize("strategy", ["entropy", "class_balanced", "tailor"])
def test_a_strategy_that_knows_nothing_of_it_wastes_labels_and_goes_on(strategy: str) -> None:
    task = tasks.get("digits/linear/tiny/outside=0.6")
    cell = Cell(task.name, {"name": strategy}, 0, Budget(8, 10, 3))
    data = task.split(None, SeedTree(0))
    lines = list(run(cell))
    assert [line["labels"] for line in lines] == [8, 18, 28, 38]
    asked: list[int] = []
    for line in lines:
        asked += line["ids"]
        counts = np.bincount(data.y_train[asked][data.y_train[asked] != OUTSIDE], minlength=4)
        assert line["class_counts"] == counts.tolist()
    assert sum(lines[0]["class_counts"]) == 8  # the initial set has a class
    assert sum(lines[-1]["class_counts"]) < 38
    assert len(set(asked)) == 38
    resumed = list(run(cell, json.loads(json.dumps(lines[:2]))))
    assert [line["ids"] for line in resumed] == [line["ids"] for line in lines[2:]]
