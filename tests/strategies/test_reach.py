"""Sparse rows say what full rows say, however many were pushed out in between."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from autoal.strategies import reach
from autoal.strategies.reach import Reach


def keep(rows: Reach, candidates: Tensor, K: Tensor, m: Tensor) -> None:
    some = K[candidates]
    lengths = (some > m).sum(dim=1)
    where = (some > m).nonzero()
    rows.keep(candidates, lengths, where[:, 1], some[some > m])


@given(
    asked=st.lists(st.sets(st.integers(0, 29), min_size=1, max_size=6), max_size=20),
    room=st.integers(0, 12),
    covered=st.floats(0, 0.9),
)
def test_gains_are_those_of_full_rows(asked: list[set[int]], room: int, covered: float) -> None:
    g = torch.Generator().manual_seed(0)
    K, u, m = torch.rand(30, 9, generator=g), torch.rand(9, generator=g), torch.full((9,), covered)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reach, "PER_CANDIDATE", room)
        rows = Reach(30, K)
    for some in asked:
        wanted = torch.tensor(sorted(some))
        new = wanted[~rows.known(wanted)]
        keep(rows, new, K, m)
        known = wanted[rows.known(wanted)]
        m = torch.maximum(m, K[wanted[0]] - 0.1)  # coverage grows after rows were kept
        slow = torch.stack([(u * (K[c] - m).clamp_min(0)).sum() for c in known]) if len(known) else torch.empty(0)
        assert torch.allclose(rows.gain(known, m, u), slow, atol=1e-6)
        for c in known.tolist():
            x, k = rows.row(c)
            assert torch.equal(k, K[c, x])


def test_what_does_not_fit_makes_room_or_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "PER_CANDIDATE", 2)
    K, nothing = torch.ones(10, 9), torch.zeros(9)
    rows, all_ = Reach(10, K), torch.arange(10)  # room for twenty entries: two full rows
    keep(rows, all_[:2], K, nothing)
    assert rows.known(all_).nonzero().flatten().tolist() == [0, 1]
    keep(rows, all_[2:3], K, nothing)
    assert rows.known(all_).nonzero().flatten().tolist() == [2]
    keep(rows, all_[3:6], K, nothing)  # 27 entries: never
    assert rows.known(all_).nonzero().flatten().tolist() == [2]
