"""One strategy chooses among what another would label."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy, has_scores, top_rows
from autoal.strategies.guard import guarded_scores, guarded_select
from autoal.strategies.resolve import Composed
from autoal.strategies.settings import require_share

ROUNDING = 1e-9  # of a row: 0.07 * 100 is slightly more than 7


@dataclass(frozen=True)
class Filtered(Composed):
    """Keep the share of the rows that `by` scores highest, at least as many as are wanted; `strategy` selects of them.

    Margin, then k-center: `Filtered("core_set", by="margin")`. A pool filtered by several strategies, once, and then
    covered by weight: `Filtered("u_herding", by=Weighted(("margin", "badge", "typiclust")))`.

    Args:
        strategy: which selects the batch among the rows kept, or its name.
        by: which decides the rows kept, or its name; of one that only selects, its picks are kept. Such a one is asked
            for as many picks, which can take minutes: k-center of every second row of 50,000 does.
        keep: the share of the rows kept, above 0 and at most 1.

    Source: Wei, Iyer and Bilmes, ICML 2015 (a submodular choice among the most uncertain).
    """

    name = "filtered"
    reference = "Wei et al. 2015"
    needs = frozenset({"log_probs", "embedding"})

    strategy: Strategy | str = "core_set"
    by: Strategy | str = "margin"
    keep: float = 0.1

    @property
    def given(self) -> tuple[Strategy | str, ...]:
        """The one that selects and the one that filters."""
        return self.strategy, self.by

    def __post_init__(self) -> None:
        require_share(self, "keep")
        super().__post_init__()

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """What `strategy` selects (n,) among the rows kept."""
        strategy, by = self.parts
        rows = kept(by, snapshot, max(math.ceil(self.keep * len(snapshot) - ROUNDING), n), rng)
        return rows[guarded_select(strategy, snapshot.subset(rows), n, rng)]


def kept(by: Strategy, snapshot: Snapshot, count: int, rng: np.random.Generator) -> Tensor:
    """The `count` rows (count,) that `by` scores highest or selects, in ascending order."""
    if not has_scores(by):
        return guarded_select(by, snapshot, count, rng).sort().values
    return top_rows(guarded_scores(by, snapshot, count, rng), count, snapshot, rng).sort().values
