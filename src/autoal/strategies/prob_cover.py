"""Cover as much of the pool as possible with balls of one radius."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.clusters import k_means
from autoal.strategies.coverage import cover
from autoal.strategies.draws import shuffled
from autoal.strategies.kernels import CHUNK, top_hat, unit_norm
from autoal.strategies.near_coverage import cover_near
from autoal.strategies.settings import require_fraction, require_positive, require_whole

EXACT_ROWS = 200_000  # of larger pools neighbours are looked for nearby; a sample of them would miss most of a ball
PROBES = 1000  # rows whose ball's purity is looked at


@dataclass(frozen=True)
class ProbCover(Strategy):
    """Label next what has most samples within `delta` that nothing labelled or picked is near to, on unit features.

    Args:
        delta: radius; default: the largest for which the balls of a share `purity` of the samples lie in one cluster
            of a k-means with as many clusters as classes.
        purity: of the default radius.
        references: pool rows whose coverage is counted; see `cover`.
    """

    name = "prob_cover"
    reference = "Yehuda et al. 2022"
    needs = frozenset({"embedding"})

    delta: float | None = None
    purity: float = 0.95
    references: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        require_positive(self, "delta")
        require_whole(self, "references")
        require_fraction(self, "purity")

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """Rows (n,) in the order of the number of samples they cover anew."""
        delta = pure_radius(snapshot, self.purity, rng) if self.delta is None else self.delta
        if len(snapshot) > EXACT_ROWS and self.references is None:
            picks = cover_near(snapshot, top_hat(delta), n, rng)
            if picks is not None:
                return picks
        return cover(snapshot, None, top_hat(delta), n, rng, self.references)


def pure_radius(snapshot: Snapshot, purity: float, rng: np.random.Generator) -> float:
    """The largest radius whose balls are pure for a share `purity` of (a sample of) the rows.

    A ball is pure if its radius is below the distance to the nearest row of another cluster, so the answer is a
    quantile of these distances. 1, the distance of rows 60 degrees apart, where all rows lie in one cluster.
    """
    clusters = k_means(snapshot, snapshot.embedding, snapshot.n_classes, rng)
    probes = shuffled(snapshot, rng)[:PROBES]
    x, own = unit_norm(snapshot.embedding[probes]), clusters.assignment[probes]
    cosine = x.new_full((len(x),), -torch.inf)  # of the nearest row of another cluster
    for rows in torch.arange(len(snapshot)).split(CHUNK):
        some = x @ unit_norm(snapshot.embedding[rows]).T
        some[own[:, None] == clusters.assignment[rows]] = -torch.inf
        cosine = torch.maximum(cosine, some.amax(dim=1))
    distances = (2 - 2 * cosine[cosine > -torch.inf]).clamp_min(0).sqrt()
    return max((1 - 1e-4) * float(distances.quantile(1 - purity)), 1e-3) if len(distances) else 1.0
