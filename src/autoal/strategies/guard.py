"""Strategies are not trusted: whatever one returns becomes distinct rows, or finite scores, with a warning."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from autoal.errors import AutoALWarning
from autoal.snapshot import Snapshot
from autoal.strategies.answers import as_rows, as_scores, complain
from autoal.strategies.base import Strategy, has_scores


def guarded_select(strategy: Strategy, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
    """`n` distinct rows chosen by `strategy`; what it repeats, invents or withholds is replaced at random."""
    n = min(n, len(snapshot))
    return repaired(strategy, strategy.select(snapshot, n, rng), snapshot, n, rng)


def repaired(strategy: Strategy, answer: Any, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
    """`n` distinct rows (n,): what the strategy answered, and random others in place of what cannot be used."""
    given = as_rows(answer)
    rows = torch.empty(0, dtype=torch.int64) if given is None else given
    valid = rows[(rows >= 0) & (rows < len(snapshot))]
    picks = torch.from_numpy(_distinct(valid.numpy()))[:n]
    if len(rows) == len(picks) == n:
        return picks
    got = f"a {type(answer).__name__}" if given is None else f"{len(rows)} rows, {len(picks)} of them usable"
    complain(strategy, f"{n} distinct rows of {len(snapshot)}", got)
    others = np.setdiff1d(np.arange(len(snapshot)), picks.numpy())
    return torch.cat([picks, torch.from_numpy(rng.permutation(others)[: n - len(picks)])])


def guarded_scores(strategy: Strategy, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
    """Finite scores (n_rows,) in double; a strategy that only selects is scored by its order of choice.

    The k rows it picks get (k - rank) / k, all others 0.
    """
    if not has_scores(strategy):
        picks = guarded_select(strategy, snapshot, n, rng)
        scores = torch.zeros(len(snapshot), dtype=torch.float64)
        scores[picks] = 1 - torch.arange(len(picks), dtype=torch.float64) / max(len(picks), 1)
        return scores
    scores = as_scores(strategy, strategy.scores(snapshot, rng), len(snapshot))
    finite = scores[torch.isfinite(scores)]
    if len(finite) < len(scores):
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
        scores = torch.nan_to_num(scores, nan=low, neginf=low, posinf=high)
    return scores


def tolerant_select(strategy: Strategy, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
    """`guarded_select`, and no rows of a strategy that raises."""
    return spared(strategy, lambda: guarded_select(strategy, snapshot, n, rng), torch.empty(0, dtype=torch.int64))


def spared(strategy: Strategy, ask: Callable[[], Tensor], otherwise: Tensor) -> Tensor:
    """What `ask` returns; or `otherwise`, with a warning, if it raises: no candidate of many sinks a query."""
    try:
        return ask()
    except Exception as error:
        message = f"{type(strategy).__name__} raised {type(error).__name__} ({error}), and was left out."
        warnings.warn(message, AutoALWarning, stacklevel=3)
        return otherwise


def _distinct(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The first occurrence of each row, in order."""
    _, first = np.unique(rows, return_index=True)
    return rows[np.sort(first)]
