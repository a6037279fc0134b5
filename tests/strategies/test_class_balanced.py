"""ClassBalanced: shares against giving out one label at a time, the batch's order by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autoal import Snapshot
from autoal.strategies import Margin
from autoal.strategies.class_balanced import ClassBalanced, water_fill
from autoal.testing import StrategyContract
from conftest import make_snapshot


class TestOfSelection(StrategyContract):
    strategy = ClassBalanced("badge")


def one_at_a_time(counts: list[int], available: list[int], n: int) -> list[int]:
    given_out = [0] * len(counts)
    for _ in range(n):
        room = [c for c in range(len(counts)) if given_out[c] < available[c]]
        if room:
            given_out[min(room, key=lambda c: counts[c] + given_out[c])] += 1
    return given_out


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=8), st.integers(0, 60))
def test_water_fill_equals_one_at_a_time(classes: list[tuple[int, int]], n: int) -> None:
    counts, available = ([int(pair[i]) for pair in classes] for i in (0, 1))
    allocation = water_fill(torch.tensor(counts), torch.tensor(available), n)
    assert allocation.tolist() == one_at_a_time(counts, available, n)


def test_water_fill_by_hand() -> None:
    """Class 0 has plenty; class 1 has no rows; class 2 takes its one; class 3 gets the rest, up to 6 labels."""
    allocation = water_fill(torch.tensor([9, 0, 1, 2]), torch.tensor([5, 0, 1, 90]), 5)
    assert allocation.tolist() == [0, 0, 1, 4]
    assert water_fill(torch.tensor([9, 0]), torch.tensor([3, 2]), 50).tolist() == [3, 2]  # all there is


def test_the_scarcest_class_comes_first_and_classes_take_turns() -> None:
    """Labels: 4, 0 and 2. With three rows predicted as each class, the six go 3 to class 1, 2 to class 2, 1 to 0."""
    p = torch.full((9, 3), 0.1)
    p[torch.arange(9), torch.arange(9) % 3] = 0.8
    snapshot = Snapshot.from_arrays(p.log(), torch.zeros(9, 1), torch.zeros(6, 1), torch.tensor([0, 0, 0, 0, 2, 2]))
    picks = ClassBalanced("random").select(snapshot, 6, np.random.default_rng(0))
    assert (picks % 3).tolist() == [1, 2, 0, 1, 2, 1]


@given(st.integers(0, 1000), st.integers(1, 40), st.integers(0, 30), st.integers(2, 5))
@settings(max_examples=30)
def test_within_a_class_the_strategy_decides(seed: int, n_rows: int, m: int, n_classes: int) -> None:
    snapshot, n = make_snapshot(n_rows, m, n_classes, seed=seed), 1 + n_rows // 3
    picks = ClassBalanced(Margin()).select(snapshot, n, np.random.default_rng(seed))
    predicted, margins = snapshot.log_probs.argmax(dim=1), Margin().scores(snapshot, np.random.default_rng(0))
    counts, available = (x.bincount(minlength=n_classes).tolist() for x in (snapshot.labels, predicted))
    for c, share in enumerate(one_at_a_time(counts, available, n)):
        rows = (predicted == c).nonzero().squeeze(1)
        best = rows[margins[rows].argsort(descending=True)][:share].tolist()
        assert [row for row in picks.tolist() if predicted[row] == c] == best


def test_a_long_tail_is_corrected() -> None:
    """90 % of rows and labels are of class 0; the batch is not."""
    g = torch.Generator().manual_seed(0)
    snapshot = make_snapshot(n=500, m=50, n_classes=3)
    tail = torch.tensor([3.0, 0.0, 0.0]) + torch.randn(500, 3, generator=g)
    snapshot = replace(snapshot, log_probs=tail.log_softmax(dim=1), labels=torch.zeros(50, dtype=torch.int64))
    picks = ClassBalanced("core_set").select(snapshot, 6, np.random.default_rng(0))
    assert snapshot.log_probs[picks].argmax(dim=1).bincount(minlength=3).tolist() == [0, 3, 3]
