"""Any score, spread over the pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.coverage import herding
from autoal.strategies.draws import by_id
from autoal.strategies.guard import guarded_scores
from autoal.strategies.ranks import percentile_ranks
from autoal.strategies.resolve import Composed
from autoal.strategies.settings import require_not_negative


@dataclass(frozen=True)
class Diversified(Composed):
    """Cover with the batch as much of the pool as possible, weighted by what the scorer would label first.

    The weight of a row is its percentile rank to the power of `sharpness`. See `herding` for the coverage, which is
    counted on a random sample of the pool.

    Args:
        scorer: which scores the rows, or its name; one that only selects is scored by its order of choice.
        sharpness: at least 0; 0 forgets the scores, and more gives the highest more of the weight.

    Source: Bae et al., ICLR 2025 (there the weight is the uncertainty itself).
    """

    name = "diversified"
    reference = "Bae et al. 2025"
    needs = frozenset({"log_probs", "embedding"})
    own_needs = frozenset({"embedding"})

    scorer: Strategy | str = "margin"
    sharpness: float = 2.0

    @property
    def given(self) -> tuple[Strategy | str, ...]:
        """The scorer."""
        return (self.scorer,)

    def __post_init__(self) -> None:
        require_not_negative(self, "sharpness")
        super().__post_init__()

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """Rows (n,) in the order of the weighted coverage they add."""
        utility = percentile_ranks(guarded_scores(self.parts[0], snapshot, n, rng)) ** self.sharpness
        return herding(snapshot.embedding, utility, n, rng, snapshot.anchors, order=by_id(snapshot))
