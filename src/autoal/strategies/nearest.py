"""Distance to the nearest pick: k-center greedy and k-means++ on any points, in O(n) memory."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.draws import shuffled
from autoal.strategies.lazy import lazy_greedy
from autoal.strategies.origin import near_origin
from autoal.strategies.points import CHUNK, Points, sq_distances

EAGER = 1 / 16  # of the rows: where a pick needs more than this brought up to date, all are, in one product


class NearestPick:
    """min_p |x_i - x_p|^2 over the picks p, as gains of `lazy_greedy`: more picks only make it smaller.

    Args:
        points: n points.
        start: (n,) an upper bound before any pick, e.g. the squared distance to what is labelled; it is changed.
    """

    def __init__(self, points: Points, start: Tensor) -> None:
        self.points, self.bounds = points, start
        self.picks: list[int] = []
        self.synced = 0  # picks that all bounds know of

    def refresh(self, rows: Tensor) -> None:
        """Make the bounds of these rows exact."""
        pending = torch.tensor(self.picks[self.synced :], dtype=torch.int64)
        if len(pending) == 0:
            return
        if len(rows) > EAGER * len(self.bounds):
            for start in range(0, len(self.bounds), CHUNK):
                self._lower(slice(start, start + CHUNK), pending)
            self.synced = len(self.picks)
        else:
            self._lower(rows, pending)

    def add(self, row: int) -> None:
        """Pick a row."""
        self.picks.append(row)

    def _lower(self, rows: Tensor | slice, picks: Tensor) -> None:
        nearest = sq_distances(self.points, rows, picks).amin(dim=1)
        self.bounds[rows] = torch.minimum(self.bounds[rows], nearest)


def k_center(points: Points, n: int, start: Tensor) -> Tensor:
    """At most `n` rows, each farthest from its nearest neighbour among what was there and the picks before it.

    Fewer are returned where every other row coincides with one of these.

    Args:
        points: of the rows.
        n: the number of picks.
        start: (n_rows,) squared distance to the nearest of what is there already.

    Source: Gonzalez 1985; Sener and Savarese, ICLR 2018.
    """
    return lazy_greedy(NearestPick(points, start), n, least=0.0)


def k_means_pp(points: Points, n: int, start: Tensor, noise: Callable[[], Tensor]) -> Tensor:
    """At most `n` rows, each drawn with probability proportional to the squared distance to those before it.

    The draw is argmax d_i^2 / E_i with exponential E_i, so that lazily bounded distances give the exact distribution.

    Args:
        points: of the rows.
        n: the number of picks.
        start: (n_rows,) squared distance to what is there already.
        noise: draws E (n_rows,), anew for each pick.

    Source: Arthur and Vassilvitskii, SODA 2007.
    """
    return lazy_greedy(NearestPick(points, start), n, lambda: noise().reciprocal_(), least=0.0)


def beginning(snapshot: Snapshot, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """The picks (0 or 1,) that must come first, and the squared distance (n,) of each embedding to what is there then.

    Where nothing is labelled or pending a random row comes first.
    """
    x, anchors = snapshot.embedding, snapshot.anchors
    if len(anchors):
        return torch.empty(0, dtype=torch.int64), sq_distance_to_nearest(x, anchors)
    first = shuffled(snapshot, rng)[:1]
    start = sq_distance_to_nearest(x, x[first])
    start[first] = -torch.inf
    return first, start


def sq_distance_to_nearest(x: Tensor, anchors: Tensor) -> Tensor:
    """min_a |x_i - a|^2 (n,) of the rows of x (n, D) to anchors (m, D); infinite where there are none."""
    nearest = x.new_full((len(x),), torch.inf)
    if len(anchors) == 0:
        return nearest
    x, anchors = near_origin(x, anchors)
    norms = anchors.square().sum(dim=1)
    for start in range(0, len(x), CHUNK):
        chunk = x[start : start + CHUNK]
        for some, sq in zip(anchors.split(CHUNK // 4), norms.split(CHUNK // 4), strict=True):
            closest = (sq - 2 * (chunk @ some.T)).amin(dim=1) + chunk.square().sum(dim=1)
            nearest[start : start + CHUNK] = torch.minimum(nearest[start : start + CHUNK], closest.clamp_min(0))
    return nearest
