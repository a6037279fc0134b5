"""CLUE: clusters that gather where the model is unsure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.clusters import k_means
from autoal.strategies.draws import topped_up
from autoal.strategies.log_space import log_entropy
from autoal.strategies.points import by_chunks
from autoal.strategies.settings import require_positive


@dataclass(frozen=True)
class Clue(Strategy):
    """Cluster the embedding with each row weighted by its entropy, and take the row nearest to each centre.

    Clusters come in order of size, largest first. Where fewer distinct rows than clusters exist, the rest is random.

    Args:
        temperature: above 0; the log-probabilities are divided by it first. Below 1 it gives sure rows less weight.

    Source: Prabhu et al., ICCV 2021.
    """

    name = "clue"
    reference = "Prabhu et al. 2021"
    needs = frozenset({"log_probs", "embedding"})

    temperature: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require_positive(self, "temperature")

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """The nearest row to the centre of each cluster (n,)."""
        weights = relative_entropy(snapshot.log_probs, self.temperature)
        clusters = k_means(snapshot, snapshot.embedding, n, rng, weights)
        return topped_up(clusters.nearest_rows(snapshot.ids), n, snapshot, rng)


def relative_entropy(log_probs: Tensor, temperature: float) -> Tensor:
    """The entropy of p^(1 / temperature), scaled to sum one, over the greatest of all rows (n,); in double.

    1 for every row where all are sure.
    """

    def log_weight(part: Tensor) -> Tensor:
        below_top = part.double() - part.amax(dim=1, keepdim=True)  # 0 for the top class at any temperature
        return log_entropy((below_top / temperature).log_softmax(dim=1))

    logs = by_chunks(log_weight, log_probs)
    return (logs - logs.max()).exp()
