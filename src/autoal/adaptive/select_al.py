"""SelectAL: removal experiments on the labelled set name the regime of the budget, and the regime the strategy."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from threadpoolctl import threadpool_limits
from torch import Tensor

from autoal.adaptive.removal import accuracies
from autoal.search.space import Standardised
from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.draws import topped_up
from autoal.strategies.guard import tolerant_select
from autoal.strategies.resolve import Composed
from autoal.strategies.settings import require_fraction, require_positive, require_whole


@dataclass
class Regime:
    """What the last query of a `SelectAL` found; it changes with each query, the strategy does not."""

    name: str = ""  # "random", "low" or "high"; "" before the first query
    accuracies: dict[str, float] = field(default_factory=dict)  # after each removal; none were made with few labels


@dataclass(frozen=True)
class SelectAL(Composed):
    """Query as the samples that the labelled set would miss most were queried: typical, atypical or random ones.

    For each of these kinds, some labelled samples of each class are removed, and a softmax regression on the embedding
    is trained again and judged on held-out labels. The removal that lowers its accuracy most names the regime, and in a
    tie for the lowest, in which the labels decide nothing, it is random. With few labels, where nothing can be held out
    or removed, the regime is low, without an experiment.

    Args:
        low: queries in the low-budget regime, or its name.
        high: queries in the high-budget regime, or its name.
        share: of the labels of each class that is removed, epsilon; at least one label is.
        folds: parts of the labels, of which each is held out once.
        repeats: how often the labels are dealt to folds anew.
        least: labels for each class of the task, on average, that experiments are made with.

    Source: Hacohen and Weinshall, NeurIPS 2023. The high-budget surrogate is inverse typicality.
    """

    name = "select_al"
    reference = "Hacohen and Weinshall 2023"
    needs = frozenset({"log_probs", "embedding"})
    own_needs = frozenset({"embedding"})

    low: Strategy | str = "typiclust"
    high: Strategy | str = "margin"
    share: float = 0.05
    folds: int = 5
    repeats: int = 3
    least: float = 4.0

    regime: Regime = field(init=False, repr=False, compare=False, default_factory=Regime)

    @property
    def given(self) -> tuple[Strategy | str, ...]:
        """The strategies of the regimes low, high and random."""
        return self.low, self.high, "random"

    @property
    def regime_(self) -> Regime:
        """The regime that the last query named, and what it was named by."""
        return self.regime

    def __post_init__(self) -> None:
        require_whole(self, "repeats")
        require_positive(self, "least")
        require_fraction(self, "share")
        require_whole(self, "folds", least=2)
        super().__post_init__()

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """What the strategy of the regime selects (n,). Sets `regime_`."""
        self.require(snapshot)
        experiment, rng = rng.spawn(2)
        self._name_regime(snapshot, experiment)
        strategy = dict(zip(("low", "high", "random"), self.parts, strict=True))[self.regime.name]
        return topped_up(tolerant_select(strategy, snapshot, n, rng), n, snapshot, rng)

    def _name_regime(self, snapshot: Snapshot, rng: np.random.Generator) -> None:
        if len(snapshot.labels) < max(self.least * snapshot.n_classes, self.folds):
            self.regime.name, self.regime.accuracies = "low", {}
            return
        x = Standardised.of(snapshot.embedding)(snapshot.labelled_embedding)
        with threadpool_limits(1, "blas"):  # the fits are small: threads would wait longer than they work
            found = accuracies(x, snapshot.labels, self.share, self.folds, self.repeats, rng)
        lowest = [name for name, accuracy in found.items() if accuracy == min(found.values())]
        self.regime.name = lowest[0] if len(lowest) == 1 else "random"
        self.regime.accuracies = found
