"""`max_candidates`: any strategy on a random sample of the rows, said aloud."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from autoal.errors import AutoALWarning, InputError
from autoal.strategies.answers import as_rows
from autoal.strategies.draws import shuffled

if TYPE_CHECKING:
    from autoal.snapshot import Snapshot

Select = Callable[..., Any]


def sampled(snapshot: Snapshot, size: int, rng: np.random.Generator, who: str) -> Tensor:
    """`size` rows in random order, of a snapshot that has more, with a warning that says `who` replaces it by them."""
    message = f"{who} a random sample of {size:,} of {len(snapshot):,} rows"
    warnings.warn(message, AutoALWarning, stacklevel=2)
    return shuffled(snapshot, rng)[:size]


def limited(select: Select) -> Select:
    """`select`, asked for 1 to n_rows rows of at most `max_candidates`, a random sample of the snapshot's rows."""

    @functools.wraps(select)
    def within(self: Any, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        limit, n = self.max_candidates, min(n, len(snapshot))
        if limit is not None and limit < 1:
            raise InputError("max_candidates of at least 1, or None for all rows", str(limit), "max_candidates=10_000")
        if n < 1:
            return torch.empty(0, dtype=torch.int64)
        if limit is None or len(snapshot) <= max(limit, n):
            return select(self, snapshot, n, rng)  # type: ignore[no-any-return]  # foreign answers are checked later
        rows = sampled(snapshot, max(limit, n), rng, f"{type(self).__name__} considers (max_candidates={limit:,})")
        picks = as_rows(answer := select(self, snapshot.subset(rows), n, rng))
        if picks is None:
            return answer  # type: ignore[no-any-return]  # as above
        return torch.where((picks >= 0) & (picks < len(rows)), rows[picks.clamp(0, len(rows) - 1)], -1)

    return within
