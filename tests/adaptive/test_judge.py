"""The judge against retraining without each sample, written out."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from autoal import Snapshot
from autoal.adaptive.judge import PENALTY, Judge, stands_for
from conftest import make_snapshot


def slow(judge: Judge, rows: list[int]) -> np.ndarray:
    """Ridge regression on one-hot targets, fitted once for each sample."""
    C, predicted = judge.y.shape[1], []
    for i in range(len(judge.y)):
        train = [row for row in rows if row != i]
        x, y = judge.x[train], judge.y[train] - 1 / C
        W = np.linalg.solve(x.T @ x + PENALTY * np.eye(x.shape[1]), x.T @ y)
        predicted.append(judge.x[i] @ W + 1 / C)
    return np.array(predicted)


@pytest.mark.parametrize("rows", [list(range(40)), [3, 1, 30], [7], []])
def test_no_prediction_has_seen_its_label(rows: list[int]) -> None:
    """More labels than features, and fewer."""
    judge = Judge.of(make_snapshot(m=40, n_features=6))
    assert np.allclose(judge.predictions(np.array(rows, dtype=np.int64)), slow(judge, rows), atol=1e-9)


def test_a_labelled_sample_stands_for_the_samples_it_is_nearest_to() -> None:
    pool, labelled = torch.tensor([[0.0], [1.0], [2.0], [9.0]]), torch.tensor([[0.4], [8.0], [30.0]])
    snapshot = Snapshot.from_arrays(torch.full((4, 2), 0.5).log(), pool, labelled, [0, 1, 1])
    assert stands_for(snapshot).tolist() == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    empty = Snapshot.from_arrays(torch.full((4, 2), 0.5).log(), pool)
    assert stands_for(empty).tolist() == []


def test_of_a_large_pool_a_sample_counts_for_all() -> None:
    g = torch.Generator().manual_seed(0)
    pool, labelled = torch.randn(30_000, 2, generator=g), torch.tensor([[3.0, 0.0], [-1.0, 0.0]])
    snapshot = Snapshot.from_arrays(torch.full((30_000, 2), 0.5).log(), pool, labelled, [0, 1])
    share = float((torch.cdist(pool, labelled).argmin(dim=1) == 0).double().mean())
    assert stands_for(snapshot)[0] == pytest.approx(share, abs=0.03)
    assert stands_for(snapshot).sum() == pytest.approx(1)


def test_gain_is_the_difference_of_the_accuracies_and_evidence_is_weighted_mcnemar() -> None:
    snapshot = make_snapshot(m=60, n_features=4)
    judge, rows = Judge.of(snapshot), np.arange(0, 60, 3)
    rest = [row for row in range(60) if row not in rows]
    with_, without = (slow(judge, some).argmax(axis=1) == snapshot.labels.numpy() for some in (list(range(60)), rest))
    assert judge.accuracy(np.array(rest)) == pytest.approx(judge.weights[without].sum())
    assert judge.gain(rows) == pytest.approx(judge.weights[with_].sum() - judge.weights[without].sum())
    changed = judge.weights[with_ != without]
    assert len(changed) > 3
    assert judge.evidence(rows) == pytest.approx(judge.gain(rows) / np.sqrt((changed**2).sum()))
    assert judge.evidence(np.array([], dtype=np.int64)) == 0


def test_labels_that_teach_a_class_gain_and_wrong_ones_lose() -> None:
    """Three classes, one of which only some samples teach; then labels of the other classes, swapped."""
    g = torch.Generator().manual_seed(0)
    y = torch.arange(90) % 3
    x = 4.0 * torch.nn.functional.one_hot(y) + torch.randn(90, 3, generator=g)
    pool = 4.0 * torch.nn.functional.one_hot(torch.arange(300) % 3) + torch.randn(300, 3, generator=g)
    log_probs = torch.full((300, 3), 1 / 3).log()
    taught = Judge.of(Snapshot.from_arrays(log_probs, pool, x, y))
    assert taught.gain(np.flatnonzero(y == 2)) > 0.2
    assert taught.evidence(np.flatnonzero(y == 2)) > 2
    swapped = torch.where(torch.arange(90) < 40, (y + 1) % 3, y)
    misled = Judge.of(Snapshot.from_arrays(log_probs, pool, x, swapped))
    assert misled.gain(np.arange(40)) < -0.05


@pytest.mark.parametrize("value", [0.0, 1.0, 1e4, 1e-20])
def test_features_that_are_all_alike_say_nothing(value: float) -> None:
    pool, labelled = torch.full((5, 3), value), torch.full((8, 3), value)
    judge = Judge.of(Snapshot.from_arrays(torch.full((5, 2), 0.5).log(), pool, labelled, [0] * 6 + [1] * 2))
    assert np.abs(judge.x[:, :-1]).max() < 1e-3
    assert judge.accuracy(np.arange(8)) == pytest.approx(judge.weights[:6].sum())
