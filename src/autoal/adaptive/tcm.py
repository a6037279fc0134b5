"""TCM: typical samples while there are few labels, then the smallest margins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.draws import topped_up
from autoal.strategies.guard import tolerant_select
from autoal.strategies.resolve import Composed
from autoal.strategies.settings import require_whole


@dataclass(frozen=True)
class Tcm(Composed):
    """Select by `first` until so many labels are known, and by `then` from there on.

    The paper counts rounds, which no strategy sees; the labels known and the batch wanted tell them. With fewer labels
    than `rounds` batches and one more, which stands for the initial set, `first` selects: where the initial set is as
    large as a batch, in the first `rounds` queries; where it is larger, in fewer. Another size of the batch moves the
    switch, unless `until` fixes it.

    Args:
        first: a strategy for few labels, or its name.
        then: a strategy for many, or its name.
        rounds: of `first`, where the initial set is as large as a batch.
        until: the number of labels from which `then` selects; default: (1 + rounds) times the batch.

    Source: Doucet et al., ICLR 2024 workshop.
    """

    name = "tcm"
    reference = "Doucet et al. 2024"
    needs = frozenset({"log_probs", "embedding"})

    first: Strategy | str = "typiclust"
    then: Strategy | str = "margin"
    rounds: int = 3
    until: int | None = None

    @property
    def given(self) -> tuple[Strategy | str, ...]:
        """The one for few labels and the one for many."""
        return self.first, self.then

    def __post_init__(self) -> None:
        require_whole(self, "rounds", "until")
        super().__post_init__()

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """What the strategy whose turn it is selects (n,)."""
        self.require(snapshot)
        first, then = self.parts
        until = (1 + self.rounds) * n if self.until is None else self.until
        strategy = first if len(snapshot.labels) < until else then
        return topped_up(tolerant_select(strategy, snapshot, n, rng), n, snapshot, rng)
