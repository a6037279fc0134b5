"""Any strategy, with the batch shared among the predicted classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.guard import guarded_select
from autoal.strategies.resolve import Composed


@dataclass(frozen=True)
class ClassBalanced(Composed):
    """Correct a strategy for long tails: the batch should leave as many labels of each class as possible alike.

    It is shared among the predicted classes by `water_fill`, and of each class the strategy selects among the rows
    predicted as that class. The batch takes turns: the class with fewest labels first, then the next, and again.

    Args:
        strategy: which selects within each class, or its name.

    Source: the aim is that of Bengar et al., WACV 2022, who solve an integer programme with the predicted
    probabilities instead.
    """

    name = "class_balanced"
    reference = "Bengar et al. 2022"
    needs = frozenset({"log_probs"})
    own_needs = frozenset({"log_probs"})

    strategy: Strategy | str = "margin"

    @property
    def given(self) -> tuple[Strategy | str, ...]:
        """The strategy that selects within a class."""
        return (self.strategy,)

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """Rows (n,), the classes taking turns, the scarcest first."""
        predicted = snapshot.log_probs.argmax(dim=1)
        counts = snapshot.labels.bincount(minlength=snapshot.n_classes)
        allocation = water_fill(counts, predicted.bincount(minlength=snapshot.n_classes), n)
        picks, turns = [], []
        for c in counts.argsort(stable=True).tolist():
            share = int(allocation[c])
            if share:
                rows = (predicted == c).nonzero().squeeze(1)
                picks.append(rows[guarded_select(self.parts[0], snapshot.subset(rows), share, rng)])
                turns.append(torch.arange(share))
        return torch.cat(picks)[torch.cat(turns).argsort(stable=True)]


def water_fill(counts: Tensor, available: Tensor, n: int) -> Tensor:
    """How many of `n` new labels go to each class (C,), so that old and new together are as equal as possible.

    As if each label went to the class with fewest so far among those with rows left, the first of them in a tie.

    Args:
        counts: (C,) labels there are, int64.
        available: (C,) rows that can be labelled, int64.
        n: labels to give; what cannot be placed is left out.
    """
    low, high = 0, int((counts + available).max())  # the level up to which all classes can be filled
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if int(_filled(counts, available, middle).sum()) <= n else (low, middle - 1)
    allocation = _filled(counts, available, low)
    at_level = ((counts + allocation == low) & (allocation < available)).nonzero().squeeze(1)
    allocation[at_level[: n - int(allocation.sum())]] += 1
    return allocation


def _filled(counts: Tensor, available: Tensor, level: int) -> Tensor:
    """What brings each class up to the level, or as near as its rows allow."""
    return torch.minimum((level - counts).clamp_min(0), available)
