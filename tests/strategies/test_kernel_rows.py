"""Kept rows are the rows themselves, however many were pushed out in between."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from autoal.strategies import kernel_rows
from autoal.strategies.kernel_rows import KernelRows


@given(asked=st.lists(st.sets(st.integers(0, 29), min_size=1, max_size=6), max_size=20))
def test_rows_are_those_asked_for(asked: list[set[int]]) -> None:
    K = torch.randn(30, 9, generator=torch.Generator().manual_seed(0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel_rows, "LEAST", 8)
        patch.setattr(kernel_rows, "KEPT", 8 * 9)
        patch.setattr(kernel_rows, "AT_ONCE", 2 * 9)
        rows = KernelRows(lambda some: K[some], 30, K.T)
    assert rows.room == 8
    for some in asked:
        wanted = torch.tensor(sorted(some))
        assert torch.equal(rows.kept[rows.slots(wanted)], K[wanted])


def test_what_was_asked_for_lately_is_not_computed_again() -> None:
    computed: list[int] = []

    def kernel(rows: torch.Tensor) -> torch.Tensor:
        computed.extend(rows.tolist())
        return torch.zeros(len(rows), 2)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel_rows, "LEAST", 3)
        patch.setattr(kernel_rows, "KEPT", 1)
        rows = KernelRows(kernel, 10, torch.zeros(2, 1))
    for asked in ([0, 1, 2], [0, 2], [3], [0, 2, 3], [1]):
        rows.slots(torch.tensor(asked))
    assert computed == [0, 1, 2, 3, 1]  # 1 was the longest unused when 3 came
