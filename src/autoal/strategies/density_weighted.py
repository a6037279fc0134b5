"""Information density: uncertain, and like much of the pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.kernels import unit_norm
from autoal.strategies.log_space import FLOOR
from autoal.strategies.points import CHUNK, by_chunks
from autoal.strategies.power import log_scores
from autoal.strategies.resolve import Scored
from autoal.strategies.settings import require_not_negative


@dataclass(frozen=True)
class DensityWeighted(Scored):
    """Any score, times the mean similarity of a row to the pool to the power of beta: outliers count less.

    The similarity is (1 + cosine) / 2 of the embeddings, so that its mean needs only the mean direction: O(n_rows D).

    Args:
        scorer: which scores the rows, none below 0, or its name; one that only selects is scored by its order of
            choice.
        beta: how much the density counts, at least 0.

    Source: Settles and Craven, EMNLP 2008.
    """

    name = "density_weighted"
    reference = "Settles and Craven 2008"
    needs = frozenset({"log_probs", "embedding"})
    own_needs = frozenset({"embedding"})
    log_scale = True

    scorer: Strategy | str = "entropy"
    beta: float = 1.0

    @property
    def given(self) -> tuple[Strategy | str, ...]:
        """The scorer."""
        return (self.scorer,)

    def __post_init__(self) -> None:
        require_not_negative(self, "beta")
        super().__post_init__()

    def batch_scores(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """log(score) + beta log(density) (n_rows,), in double."""
        log_score = log_scores(self.parts[0], snapshot, n, rng).clamp_min(FLOOR)
        return log_score + self.beta * density(snapshot.embedding).log()


def density(embedding: Tensor) -> Tensor:
    """The mean of (1 + cosine) / 2 of each row with all rows (n,), itself included; in double, and positive.

    A row of zeros has the cosine 0 with every row.
    """
    mean = torch.zeros(embedding.shape[1], dtype=torch.float64)
    for x in embedding.split(CHUNK):
        mean += unit_norm(x).double().sum(dim=0) / len(embedding)
    shares = by_chunks(lambda x: (1 + unit_norm(x).double() @ mean) / 2, embedding)
    return shares.clamp_min_(torch.finfo(shares.dtype).tiny)  # rounding, where all other rows lie opposite
