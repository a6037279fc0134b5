"""BatchBALD against joint entropies over all labellings, pick by pick."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from autoal import AutoALError, Snapshot
from autoal.strategies import Bald, BatchBald
from conftest import make_snapshot


def random_passes(seed: int, n: int, n_classes: int, n_passes: int = 4) -> Tensor:
    g = torch.Generator().manual_seed(seed)
    return torch.log_softmax(3 * torch.randn(n_passes, n, n_classes, generator=g, dtype=torch.float64), dim=2)


def of(passes: Tensor) -> Snapshot:
    n, n_classes = passes.shape[1:]
    return Snapshot.from_arrays(
        torch.full((n, n_classes), 1 / n_classes).log(), torch.zeros(n, 1), stochastic_log_probs=passes
    )


def joint_information(q: Tensor, batch: list[int]) -> float:
    """H(mean over passes of p(y_1 .. y_b)) - mean over passes of sum_i H(y_i), over all C^b labellings."""
    n_passes, _, n_classes = q.shape
    entropy = 0.0
    for labelling in itertools.product(range(n_classes), repeat=len(batch)):
        p = sum(float(np.prod([q[t, i, c] for i, c in zip(batch, labelling, strict=True)])) for t in range(n_passes))
        entropy -= p / n_passes * np.log(p / n_passes)
    return entropy - float(torch.special.entr(q[:, batch]).sum() / n_passes)


@given(st.integers(0, 10_000), st.integers(3, 9), st.integers(2, 3))
def test_equal_to_the_slow_form_pick_by_pick(seed: int, n_rows: int, n_classes: int) -> None:
    passes = random_passes(seed, n_rows, n_classes)
    picks = BatchBald().select(of(passes), 3, np.random.default_rng(seed)).tolist()
    q, batch = passes.exp(), []
    for pick in picks:
        gains = {i: joint_information(q, [*batch, i]) for i in range(n_rows) if i not in batch}
        assert gains[pick] >= max(gains.values()) - 1e-7
        batch.append(pick)


def test_the_first_pick_is_bald_s_and_copies_of_it_are_not_the_second() -> None:
    passes = random_passes(1, 12, 3)
    best = int(of(passes).stochastic.mutual_information.argmax())  # type: ignore[union-attr]
    passes = torch.cat([passes, passes[:, [best] * 5]], dim=1)
    first = {best, 12, 13, 14, 15, 16}
    batch = BatchBald().select(of(passes), 2, np.random.default_rng(0)).tolist()
    alone = Bald().select(of(passes), 2, np.random.default_rng(0)).tolist()
    assert set(alone) <= first
    assert len(first & set(batch)) == 1


def test_sampled_labellings_lose_little_against_all_of_them() -> None:
    passes = random_passes(2, 30, 3, n_passes=8)
    q = passes.exp()
    sampled, exact = (
        BatchBald(labellings=k).select(of(passes), 5, np.random.default_rng(0)).tolist() for k in (30, 999)
    )
    assert joint_information(q, sampled) > 0.97 * joint_information(q, exact)


def test_the_batch_is_filled_where_nothing_is_left_to_learn() -> None:
    passes = random_passes(3, 40, 3, n_passes=2)
    picks = BatchBald().select(of(passes), 40, np.random.default_rng(0))
    assert sorted(picks.tolist()) == list(range(40))
    same = passes[:1].expand(3, -1, -1)
    assert len(set(BatchBald().select(of(same), 7, np.random.default_rng(0)).tolist())) == 7


def test_without_passes_the_snapshot_is_refused(rng: np.random.Generator) -> None:
    snapshot = make_snapshot()
    with pytest.raises(AutoALError, match="stochastic for BatchBald"):
        BatchBald().select(Snapshot.from_arrays(snapshot.log_probs, snapshot.embedding), 3, rng)
