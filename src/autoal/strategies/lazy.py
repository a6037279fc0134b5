"""Greedy selection by gains that only shrink: an old gain is an upper bound, so few are computed anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from autoal.errors import InputError

BLOCK = 32  # rows brought up to date at first; twice as many each time that does not settle the pick


class Gains(Protocol):
    """What each row would add to the picks so far, never negative."""

    bounds: Tensor  # (n,) upper bounds of the gains; -inf once picked

    def refresh(self, rows: Tensor) -> None:
        """Make the bounds of these rows exact."""
        ...

    def add(self, row: int) -> None:
        """Pick a row."""
        ...


def lazy_greedy(gains: Gains, n: int, factors: Callable[[], Tensor] | None = None, least: float = -torch.inf) -> Tensor:
    """At most `n` distinct rows, each the one with the highest gain (times its factor) given those before it.

    Equal to evaluating all gains before each pick (Minoux 1978), at a fraction of the evaluations.

    Args:
        gains: is changed.
        n: at most the number of rows.
        factors: called before each pick for positive numbers (n_rows,); default: ones.
        least: stop where no gain is above this.

    Raises:
        InputError: a gain is NaN.
    """
    picks: list[int] = []
    while len(picks) < n:
        best = _best(gains, None if factors is None else factors())
        if float(gains.bounds[best]) <= least:
            break
        picks.append(best)
        gains.add(best)
        gains.bounds[best] = -torch.inf
    return torch.tensor(picks, dtype=torch.int64)


def _best(gains: Gains, factor: Tensor | None) -> int:
    """The row with the highest exact gain times its factor; of those as high but for rounding, the first found."""
    keys = gains.bounds.clone() if factor is None else gains.bounds * factor
    size = min(BLOCK, len(keys))
    while True:
        block = keys.topk(size).indices.sort().values
        gains.refresh(block)
        keys[block] = gains.bounds[block] if factor is None else gains.bounds[block] * factor[block]
        best = keys[block].max()
        if bool(best.isnan()):
            raise InputError("gains that are numbers", "NaN", "a snapshot and weights without NaN")
        if bool(best >= keys.max()):
            return int(block[(keys[block] >= best * (1 - _rounding(keys))).nonzero()[0]])
        size = min(2 * size, len(keys))


def _rounding(keys: Tensor) -> float:
    """The relative difference that the order of additions may make."""
    return float(torch.finfo(keys.dtype).eps ** 0.75)
