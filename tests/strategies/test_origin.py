from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from autoal import Snapshot, strategies
from autoal.strategies.origin import near_origin


def snapshot(offset: float) -> Snapshot:
    """Eighths, so that the offset can be added without rounding."""
    g = torch.Generator().manual_seed(0)
    z: Tensor = (8 * torch.randn(220, 6, generator=g)).round() / 8 + offset
    log_probs = torch.randn(200, 3, generator=g).log_softmax(dim=1)
    return Snapshot.from_arrays(log_probs, z[:200], z[200:], torch.arange(20) % 3)


@pytest.mark.parametrize("name", ["core_set", "kmeans", "kmeans_pp", "typiclust", "clue"])
def test_what_all_rows_have_in_common_changes_no_distance(name: str) -> None:
    near, far = (
        strategies.get(name)().select(snapshot(offset), 8, np.random.default_rng(0)) for offset in (0.0, 20_000.0)
    )
    assert len(set(near.tolist()) & set(far.tolist())) >= 7  # equal distances may still round to either side


def test_only_what_lies_far_away_is_moved() -> None:
    near, far = snapshot(3.0).embedding, snapshot(20_000.0).embedding
    assert near_origin(near)[0] is near
    x, other = near_origin(far, far[:5])
    assert x.mean(dim=0).abs().max() < 0.01
    assert torch.equal(other, x[:5])


def test_many_rows_are_looked_at_in_part() -> None:
    far = torch.randn(50_000, 3, generator=torch.Generator().manual_seed(0)) + 20_000
    assert near_origin(far)[0].mean(dim=0).abs().max() < 0.2
    assert len(near_origin(far[:0])[0]) == 0
