"""CEAL, the query side: what the model is sure of labels itself, and is not asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from autoal.errors import InputError
from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.log_space import log_closeness, log_doubt, log_entropy
from autoal.strategies.settings import is_one_of, require_not_negative

MEASURES = {"least_confidence": log_doubt, "margin": log_closeness, "entropy": log_entropy}


@dataclass(frozen=True)
class Ceal(Strategy):
    """Label the most uncertain rows; those whose entropy is below `delta` would get their predicted class instead.

    The paper trains on these pseudo-labels and lowers delta round by round. A strategy trains nothing here: the rows
    are only kept back until no others are left, `pseudo_labels` tells which they are, and delta stays as given.

    Args:
        measure: of uncertainty: "least_confidence", "margin" or "entropy".
        delta: entropy in nats below which a prediction is taken for the label.

    Source: Wang et al., IEEE TCSVT 27(12), 2017.
    """

    name = "ceal"
    reference = "Wang et al. 2017"
    log_scale = True

    measure: str = "entropy"
    delta: float = 5e-5

    def __post_init__(self) -> None:
        super().__post_init__()
        if not is_one_of(self.measure, MEASURES):
            raise InputError(f"measure to be one of {', '.join(MEASURES)}", repr(self.measure), "measure='entropy'")
        require_not_negative(self, "delta")

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """log of the measure (n,); confident rows follow all others, in the same order among themselves."""
        uncertainty = MEASURES[self.measure](snapshot.log_probs)
        if len(uncertainty) == 0:
            return uncertainty
        step = 1 + uncertainty.max() - uncertainty.min()
        return uncertainty - step * confident(snapshot.log_probs, self.delta)

    def pseudo_labels(self, snapshot: Snapshot) -> tuple[Tensor, Tensor]:
        """The confident rows (k,) in ascending order, and their most probable classes (k,), both int64."""
        rows = confident(snapshot.log_probs, self.delta).nonzero().squeeze(1)
        return rows, snapshot.log_probs[rows].argmax(dim=1)


def confident(log_probs: Tensor, delta: float) -> Tensor:
    """Whether the entropy in nats is below delta (n,); compared as logarithms, where a tiny entropy is still exact."""
    return log_entropy(log_probs) < (math.log(delta) if delta > 0 else -math.inf)
