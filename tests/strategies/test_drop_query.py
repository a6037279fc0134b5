"""DropQuery: who is clustered, and what is taken."""

from __future__ import annotations

import numpy as np
import torch

from autoal import Snapshot
from autoal.strategies import DropQuery
from autoal.strategies.drop_query import level


def test_rows_that_most_passes_leave_or_as_many_as_are_needed() -> None:
    disagreement = torch.tensor([0.9, 0.6, 0.5, 0.2, 0.0])
    assert (disagreement >= level(disagreement, 1)).tolist() == [True, True, False, False, False]
    assert (disagreement >= level(disagreement, 3)).tolist() == [True, True, True, False, False]
    assert (disagreement >= level(disagreement, 5)).all()


def test_one_of_each_direction_among_the_rows_that_change(rng: np.random.Generator) -> None:
    g = torch.Generator().manual_seed(0)
    x = torch.eye(4).repeat_interleave(25, dim=0) + 0.02 * torch.randn(100, 4, generator=g)
    stable = torch.tensor([0.9, 0.1]).log().expand(4, 100, 2).clone()
    stable[:3, :50] = torch.tensor([0.1, 0.9]).log()  # three of four passes change the class of the first two blobs
    snapshot = Snapshot.from_arrays(torch.tensor([0.9, 0.1]).log().expand(100, 2), x, stochastic_log_probs=stable)
    picks = DropQuery(enough=1).select(snapshot, 2, rng)
    assert set((picks // 25).tolist()) == {0, 1}
