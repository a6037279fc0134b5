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
    return by_id(snapshot)[torch.from_numpy(rng.permutation(len(snapshot)))]


def uniform(snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
    """A number in [0, 1) for each row (n,), in double."""
    return assigned(snapshot, torch.from_numpy(rng.random(len(snapshot))))


def exponential(snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
    """A standard exponential variable for each row (n,), float32 and positive.

    argmax_i w_i / E_i draws row i with probability w_i / sum w.
    """
    # drawn in double: of a million rows the smallest few decide, where single precision is coarse
    drawn = torch.from_numpy(rng.standard_exponential(len(snapshot))).float().clamp_min_(1e-20)
    return assigned(snapshot, drawn)


def gumbel(snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
    """A standard Gumbel variable for each row (n,), in double; the n highest of s + G are a draw without replacement.

    Source: Kool, van Hoof and Welling, ICML 2019.
    """
    return assigned(snapshot, torch.from_numpy(rng.gumbel(size=len(snapshot))))


def topped_up(picks: Tensor, n: int, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
    """`picks`, and random other rows until there are `n`."""
    if len(picks) >= n:
        return picks[:n]
    free = torch.ones(len(snapshot), dtype=torch.bool)
    free[picks] = False
    rows = shuffled(snapshot, rng)
    return torch.cat([picks, rows[free[rows]][: n - len(picks)]])


def by_id(snapshot: Snapshot) -> Tensor:
    """Rows (n,) in ascending order of id."""
    ids = snapshot.ids
    return torch.arange(len(ids)) if _ascending(ids) else ids.argsort()


def assigned(snapshot: Snapshot, drawn: Tensor) -> Tensor:
    """The k-th of the draws (n, ...) for the row with the k-th lowest id."""
    return drawn if _ascending(snapshot.ids) else torch.empty_like(drawn).index_copy_(0, by_id(snapshot), drawn)


def _ascending(ids: Tensor) -> bool:
    return bool((ids[1:] > ids[:-1]).all())
