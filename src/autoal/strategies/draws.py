"""Random draws that belong to the samples and not to their rows: other orders of a pool get the same samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from autoal.snapshot import Snapshot


def shuffled(snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
    """All rows (n,) in random order."""
    drawn = torch.from_numpy(rng.permutation(len(snapshot)))
    order = _by_id(snapshot)
    return drawn if order is None else order[drawn]


def uniform(snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
    """A number in [0, 1) for each row (n,), in double."""
    return _assigned(snapshot, torch.from_numpy(rng.random(len(snapshot))))


def exponential(snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
    """A standard exponential variable for each row (n,), float32 and positive.

    argmax_i w_i / E_i draws row i with probability w_i / sum w.
    """
    drawn = torch.from_numpy(rng.standard_exponential(len(snapshot), dtype=np.float32))
    return _assigned(snapshot, drawn).clamp_min_(torch.finfo(torch.float32).tiny)


def gumbel(snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
    """A standard Gumbel variable for each row (n,), in double; the n highest of s + G are a draw without replacement.

    Source: Kool, van Hoof and Welling, ICML 2019.
    """
    return _assigned(snapshot, torch.from_numpy(rng.gumbel(size=len(snapshot))))


def topped_up(picks: Tensor, n: int, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
    """`picks`, and random other rows until there are `n`."""
    if len(picks) >= n:
        return picks[:n]
    free = torch.ones(len(snapshot), dtype=torch.bool)
    free[picks] = False
    rows = shuffled(snapshot, rng)
    return torch.cat([picks, rows[free[rows]][: n - len(picks)]])


def _by_id(snapshot: Snapshot) -> Tensor | None:
    """Rows in ascending order of id; None where they are in that order already."""
    ids = snapshot.ids
    return None if bool((ids[1:] > ids[:-1]).all()) else ids.argsort()


def _assigned(snapshot: Snapshot, drawn: Tensor) -> Tensor:
    """The k-th draw for the row with the k-th lowest id."""
    order = _by_id(snapshot)
    return drawn if order is None else torch.empty_like(drawn).index_copy_(0, order, drawn)
