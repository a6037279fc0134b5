"""A weighted vote of strategies, on ranks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autoal.errors import InputError
from autoal.numeric import is_finite
from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.guard import guarded_scores
from autoal.strategies.ranks import percentile_ranks
from autoal.strategies.resolve import Scored, is_several, several


@dataclass(frozen=True)
class Weighted(Scored):
    """Label first what the strategies together rank highest: the weighted mean of their percentile ranks.

    Ranks do not depend on the units of the scores. Rows that a strategy scores alike share their mean rank; one that
    only selects is scored by its order of choice, and all that it leaves shares one rank.

    Args:
        strategies: or their names.
        weights: how much each counts, at least 0, of any sum; default: all the same.

    Source: the count of Borda 1781, with weights.
    """

    name = "weighted"
    reference = "Borda 1781"
    needs = frozenset({"log_probs", "embedding"})

    strategies: tuple[Strategy | str, ...] = ("margin", "core_set")
    weights: tuple[float, ...] | None = None

    @property
    def given(self) -> tuple[Strategy | str, ...]:
        """The strategies that vote."""
        return self.strategies

    def __post_init__(self) -> None:
        default = "strategies=('margin', 'core_set')"
        object.__setattr__(self, "strategies", several(self.strategies, "strategies", default))
        if self.weights is not None:
            weights: Any = self.weights
            object.__setattr__(self, "weights", tuple(weights) if is_several(weights) else (weights,))
            _check(self.weights, len(self.strategies))
        super().__post_init__()

    def batch_scores(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """The weighted mean of the percentile ranks (n_rows,), in (0, 1)."""
        weights = [1.0] * len(self.parts) if self.weights is None else list(self.weights)
        total = torch.zeros(len(snapshot), dtype=torch.float64)
        for part, weight in zip(self.parts, weights, strict=True):
            total += weight / sum(weights) * percentile_ranks(guarded_scores(part, snapshot, n, rng))
        return total


def _check(weights: tuple[float, ...], n_strategies: int) -> None:
    """Refuse what is not one non-negative number for each strategy; written so that NaN is bad."""
    hint = "weights=None counts all the same"
    if len(weights) != n_strategies:
        raise InputError(f"{n_strategies} weights, one for each strategy", f"{len(weights)}", hint)
    if not (all(is_finite(weight) and weight >= 0 for weight in weights) and 0 < sum(weights) < math.inf):
        raise InputError("weights of at least 0, not all of them 0", str(weights), hint)
