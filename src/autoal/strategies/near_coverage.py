"""Coverage of pools too large for all pairs, by kernels of a short reach: only nearby cells are looked at."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from autoal.errors import AutoALWarning
from autoal.snapshot import Snapshot
from autoal.strategies.clusters import assigned, k_means
from autoal.strategies.coverage import FILL, Coverage, normed
from autoal.strategies.draws import shuffled, topped_up
from autoal.strategies.kernels import CHUNK, Kernel, covered, unit_norm
from autoal.strategies.lazy import lazy_greedy
from autoal.strategies.reach import PER_CANDIDATE, Reach

PER_CELL, PROBED = 20, 48  # rows a cell that its centre is found from; cells in which neighbours are looked for
STEPS = 5  # of Lloyd
PROBES, SAMPLE = 128, 20_000  # rows whose reach is looked at beforehand, and the rows that are looked at for it


class NearCoverage(Coverage):
    """`Coverage` in which a row covers references of the nearest cells only, and all reaches are kept.

    2 sqrt(n) cells of a k-means divide the rows, and a row's neighbours are looked for in the 48 cells whose centres
    are nearest to that of its own: O(n^1.5) kernels rather than O(n^2).
    """

    def __init__(self, snapshot: Snapshot, order: Tensor, kernel: Kernel, rng: np.random.Generator) -> None:
        n, dtype = len(order), unit_norm(snapshot.embedding[:1]).dtype
        self.candidates, self.kernel = normed(snapshot.embedding, order), kernel
        self.u, self.m = torch.ones(n, dtype=dtype), torch.empty(n, dtype=dtype)
        anchors = unit_norm(snapshot.anchors)
        for rows in torch.arange(n).split(CHUNK):
            self.m[rows] = covered(self.candidates(rows), anchors, kernel)
        self.reach, self.bounds = Reach(n, self.m), torch.empty(n, dtype=dtype)
        self._divide(snapshot, order, rng)
        for cell in range(len(self.members)):
            self._open(cell)
            for rows in self.members[cell].split(CHUNK):
                self.bounds[rows] = self._kept(rows)
        self.complete = bool(self.reach.known(torch.arange(n)).all())

    def _divide(self, snapshot: Snapshot, order: Tensor, rng: np.random.Generator) -> None:
        n_cells = max(round(2 * len(order) ** 0.5), 1)
        sample = order[: PER_CELL * n_cells]
        centres = k_means(
            snapshot.subset(sample), unit_norm(snapshot.embedding[sample]), n_cells, rng, steps=STEPS
        ).centres
        cell = torch.cat(
            [assigned(self.candidates(rows), centres).assignment for rows in torch.arange(len(order)).split(CHUNK)]
        )
        self.members = cell.argsort(stable=True).split(cell.bincount(minlength=len(centres)).tolist())
        self.nearest = nearest_centres(centres, PROBED)

    def _open(self, cell: int) -> None:
        """Gather the references that rows of this cell may cover."""
        self.near = torch.cat([self.members[other] for other in self.nearest[cell].tolist()])
        self.x = self.candidates(self.near)

    def _references(self, rows: Tensor, step: int) -> Iterator[tuple[Tensor, Tensor]]:
        """The gathered ones."""
        yield from zip(self.near.split(step), self.x.split(step), strict=True)


def nearest_centres(centres: Tensor, k: int) -> Tensor:
    """The `k` nearest centres (c, k) of each centre (c, D), itself among them."""
    norms = centres.square().sum(dim=1)
    return torch.cat(
        [
            (norms - 2 * some @ centres.T).topk(min(k, len(centres)), largest=False).indices
            for some in centres.split(CHUNK)
        ]
    )


def few_neighbours(snapshot: Snapshot, order: Tensor, kernel: Kernel) -> bool:
    """Whether the reach of all rows can be kept, by the look of some."""
    rows = order[:SAMPLE]
    c, x = unit_norm(snapshot.embedding[rows[:PROBES]]), unit_norm(snapshot.embedding[rows])
    m = covered(x, unit_norm(snapshot.anchors), kernel)
    share = float((kernel(c, x) > m).double().mean())
    return share * len(order) <= FILL * PER_CANDIDATE


def cover_near(snapshot: Snapshot, kernel: Kernel, n: int, rng: np.random.Generator) -> Tensor | None:
    """As `cover`, counting neighbours in nearby cells only, with a warning; None where there are too many to keep."""
    order = shuffled(snapshot, rng)
    if not few_neighbours(snapshot, order, kernel):
        return None
    cells = round(2 * len(order) ** 0.5)
    message = f"coverage looks for neighbours in the {PROBED} nearest of {cells:,} cells of {len(order):,} rows"
    warnings.warn(message, AutoALWarning, stacklevel=2)
    gains = NearCoverage(snapshot, order, kernel, rng)
    return topped_up(order[lazy_greedy(gains, n, least=0.0)], n, snapshot, rng) if gains.complete else None
