from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autoal.models.batches import batch_size_for, batches


@given(st.integers(1, 5000), st.integers(1, 1000))
def test_batch_sizes_are_powers_of_two_within_reason(n: int, n_classes: int) -> None:
    size = batch_size_for(n, n_classes)
    assert 2 <= size <= 256
    assert size <= max(n, 2)
    assert size == n or size & (size - 1) == 0 or size == 2


def test_batch_sizes_make_room_for_every_class() -> None:
    assert batch_size_for(100, 10) == 32
    assert batch_size_for(100, 2) == 16
    assert batch_size_for(5000, 2) == 256
    assert batch_size_for(5000, 100) == 256
    assert batch_size_for(7, 10) == 7


@given(st.integers(1, 100), st.integers(2, 40), st.integers(1, 30), st.integers(0, 99))
def test_batches_have_distinct_rows_of_full_size(n: int, size: int, steps: int, seed: int) -> None:
    made = list(batches(n, min(size, max(n, 2)), steps, np.random.default_rng(seed)))
    assert len(made) == steps
    for rows in made:
        assert len(rows) == min(size, max(n, 2))
        assert n == 1 or len(set(rows.tolist())) == len(rows)
        assert rows.max() < n
